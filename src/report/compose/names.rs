//! The names that captures give to addresses.

use std::borrow::Borrow;

use crate::capture::CaptureSummary;
use crate::flow::{self, Sides};
use crate::tcp::Summary;

use super::super::view::Endpoint;

/// The ends of a connection, with the names that the captures which hold its packets give them.
///
/// Other captures are not asked: there a private address may be another host's.
pub(super) fn ends(tcp: &Summary, captures: &[impl Borrow<CaptureSummary>]) -> Sides<Endpoint> {
    let (first, last) = (tcp.first.packet.file() as usize, tcp.last.packet.file() as usize);
    let asked = captures.get(first..captures.len().min(last.saturating_add(1))).unwrap_or_default();
    let end = |end: flow::Endpoint| Endpoint {
        ip: end.ip,
        port: end.port,
        name: asked.iter().find_map(|capture| capture.borrow().remarks.name_of(end.ip)).map(str::to_owned),
    };
    Sides { client: end(tcp.endpoints.client), server: end(tcp.endpoints.server) }
}
