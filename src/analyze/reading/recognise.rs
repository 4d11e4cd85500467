//! What a connection carries: told by its first bytes, or found within it where its start is missing.

use crate::flow::{Side, Sides};
use crate::http::Exchange;
use crate::tcp::Data;
use crate::timeline::Kind;
use crate::ws::Reader;

use super::{Layer, Reading};
use crate::analyze::detect::{First, first, proxy_header};
use crate::analyze::framing::{Place, frames, new_timeline};
use crate::analyze::midstream::{Found, Midstream};
use crate::analyze::multiplexed::Multiplexed;
use crate::analyze::tracked::Context;

/// Chunks that a negotiation before the first request may take: SOCKS needs four.
const NEGOTIATION: u8 = 6;

/// Bytes that one of them may have.
const NEGOTIATED: usize = 600;

impl Reading {
    /// Tells from the first bytes what the connection carries.
    pub(super) fn detect(&mut self, data: &Data<'_>, unknown: u8, context: &Context) {
        let skipped = proxy_header(data.bytes);
        let data = &Data { bytes: &data.bytes[skipped..], offset: data.offset + skipped as i64, ..*data };
        if data.bytes.is_empty() {
            return;
        }
        let has_start = self.starts.is_known(data.side) && !self.starts_inside;
        self.is_patchy = !(self.starts.are_known() && has_start);
        match (first(data.bytes), data.side) {
            (First::HttpRequest, side) => {
                let data = self.with_client(side, data);
                self.layer = Layer::Http(Box::new(Exchange::new(&context.limits)));
                self.http(&data, context);
            }
            (First::HttpResponse, side) => {
                // Its request is not in the capture: a 101 opens a WebSocket all the same.
                let data = self.with_client(side.other(), data);
                self.layer = Layer::Http(Box::new(Exchange::new(&context.limits)));
                self.http(&data, context);
            }
            (First::Tls, side) => self.begin_tls(side, data, context),
            (First::Http2(sender), side) => {
                let client = if sender == Side::Client { side } else { side.other() };
                let data = self.with_client(client, data);
                self.layer = Layer::Http2(Box::new(Multiplexed::new(&context.limits)));
                self.plain(&data, context);
            }
            _ if has_start && unknown < NEGOTIATION && data.bytes.len() <= NEGOTIATED => {
                self.layer = Layer::Detecting { unknown: unknown + 1 };
            }
            _ if has_start => self.layer = Layer::Other { is_tls: false },
            _ => {
                let mut search = Box::<Midstream>::default();
                let found = search.push(data, &context.limits);
                self.layer = Layer::Midstream(search);
                self.found(found, data, context);
            }
        }
    }

    /// Makes `client` the client, and gives `data` with its side as it is then.
    pub(in crate::analyze) fn with_client<'a>(&mut self, client: Side, data: &Data<'a>) -> Data<'a> {
        if client == Side::Client || self.sides_known {
            return *data;
        }
        self.swapped = !self.swapped;
        self.sides_known = true;
        self.begin_record();
        if let Some(timeline) = &mut self.timeline {
            timeline.swap_sides();
        }
        if let Some(opaque) = &mut self.opaque {
            opaque.swap_sides();
        }
        Data { side: data.side.other(), ..*data }
    }

    /// Goes on with what a search without the connection's start came to.
    pub(super) fn found(&mut self, found: Found, data: &Data<'_>, context: &Context) {
        let client = match found {
            Found::Nothing => return,
            Found::Other => return self.layer = Layer::Other { is_tls: false },
            Found::Http(Side::Server) if self.sides_known => return,
            Found::Http(client) => {
                let data = self.with_client(client, data);
                if let Layer::Midstream(search) = std::mem::replace(&mut self.layer, Layer::NEW) {
                    self.layer = Layer::Http(search.into_exchange(&context.limits));
                }
                return self.http(&data, context);
            }
            Found::Http2 => return self.join_http2(data, context),
            Found::WebSocket(client) => client,
        };
        let Layer::Midstream(search) = std::mem::replace(&mut self.layer, Layer::NEW) else { return };
        let limits = &context.limits;
        let readers = [Side::Client, Side::Server].map(|side| Reader::midstream(side, limits));
        let [client_reader, server_reader] = readers;
        self.layer = Layer::WebSocket(Box::new(Sides { client: client_reader, server: server_reader }));
        self.kind = Kind::Midstream;
        let new = || new_timeline(context, self.segments);
        let mut timeline = self.timeline.take().unwrap_or_else(new);
        let swap = client == Side::Server && !self.sides_known;
        self.swapped ^= swap;
        self.sides_known = true;
        let Layer::WebSocket(readers) = &mut self.layer else { return };
        for held in search.into_held() {
            let side = if swap { held.side.other() } else { held.side };
            let place = Place { end: held.end, acked: held.acked };
            frames(readers, &mut timeline, side, &held.bytes, held.at, place);
        }
        self.timeline = Some(timeline);
    }
}
