//! ICMP errors about the segments of a connection.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::decode::{IcmpError, IcmpKind};
use crate::flow::{Endpoint, Side};

use super::flow::Flow;

/// How far beyond what was seen of a stream a quoted segment may lie: some may not be captured.
const AHEAD: i64 = 1 << 20;

/// What a router says of a side's segments.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct PathError {
    /// Who says so.
    pub router: IpAddr,
    /// What it says.
    pub kind: IcmpKind,
}

impl Flow {
    /// The side whose segment an ICMP error quotes, where that segment can be one of this connection.
    ///
    /// Anyone can write such an error; who does not see the connection does not know its numbers.
    pub fn quoted(&mut self, error: &IcmpError) -> Option<Side> {
        let side = self.side_at(error.source)?;
        let (first, next) = self.sent(side);
        let offset = self.offset(side, error.seq)?;
        (first <= offset && offset <= next.saturating_add(AHEAD)).then_some(side)
    }

    fn side_at(&self, source: Endpoint) -> Option<Side> {
        let ends = self.endpoints();
        [Side::Client, Side::Server].into_iter().find(|side| *ends.get(*side) == source)
    }
}
