//! HTTP/1.1 up to the upgrade, and what it turns into.

use crate::flow::{Side, Stamp};
use crate::http::Exchange;
use crate::tcp::{Data, Gap};
use crate::timeline::Kind;

use super::{Layer, Reading};
use crate::analyze::framing::Place;
use crate::analyze::midstream::Midstream;
use crate::analyze::tracked::Context;
use crate::analyze::upgrade::{HttpState, HttpStep, Passed};

/// How a TLS alert begins: its content type, and the first byte of any version (RFC 8446 §5.1).
const TLS_ALERT: [u8; 2] = [21, 3];

impl Reading {
    /// Takes bytes of an HTTP exchange.
    pub(super) fn http(&mut self, data: &Data<'_>, context: &Context) {
        if let Layer::Http(exchange) = &mut self.layer
            && exchange.pass_body(data.side, data.bytes)
        {
            return;
        }
        let Some((mut exchange, state)) = self.take_exchange() else { return };
        let place = Place { end: data.offset + data.bytes.len() as i64, acked: data.acked };
        let chunk = (data.side, data.at, place);
        let mut step = self.http_step(state, chunk, context);
        exchange.push(data.side, data.bytes, data.at, &mut |event| step.take(event));
        if data.side == Side::Client && exchange.is_keeping() {
            step.kept.note(data.at, place);
        }
        self.after_http(exchange, step, data, context);
    }

    /// Takes a hole in an HTTP exchange.
    pub(super) fn http_gap(&mut self, gap: &Gap, context: &Context) {
        let Some((mut exchange, state)) = self.take_exchange() else { return };
        let chunk = (gap.side, gap.at, Place { end: 0, acked: 0 });
        let mut step = self.http_step(state, chunk, context);
        step.hole = gap.why;
        let start = gap.end.saturating_sub_unsigned(gap.bytes);
        if gap.side == Side::Server && start < self.asked_at {
            // It hides more than the answer to the upgrade.
            exchange.doubt_answers();
        }
        exchange.gap(gap.side, gap.bytes, gap.at, &mut |event| step.take(event));
        let data = Data { side: gap.side, offset: 0, bytes: &[], at: gap.at, acked: 0 };
        self.after_http(exchange, step, &data, context);
    }

    /// Looks for the place from which on HTTP, or what came of it, can be read again.
    fn lose_http(&mut self, asked: Option<Box<Exchange>>, behind: &[Passed], context: &Context) {
        self.is_patchy = true;
        self.layer = Layer::Midstream(Box::new(Midstream::in_http(asked)));
        for passed in behind {
            self.plain(&passed.data(), context);
        }
    }

    fn http_step<'c>(
        &mut self,
        state: HttpState,
        chunk: (Side, Stamp, Place),
        context: &'c Context,
    ) -> HttpStep<'c> {
        let kept = std::mem::take(&mut self.kept);
        HttpStep::new(self.timeline.take(), state, context, chunk, kept, self.segments)
    }

    /// The exchange, to be put back, and where it stands.
    fn take_exchange(&mut self) -> Option<(Box<Exchange>, HttpState)> {
        match std::mem::replace(&mut self.layer, Layer::NEW) {
            Layer::Http(exchange) => Some((exchange, HttpState::Going)),
            Layer::Late(exchange, readers) => Some((exchange, HttpState::Open(readers))),
            _ => None,
        }
    }

    /// Goes on with what a chunk made of the exchange.
    fn after_http(
        &mut self,
        mut exchange: Box<Exchange>,
        step: HttpStep<'_>,
        data: &Data<'_>,
        context: &Context,
    ) {
        self.timeline = step.timeline;
        self.kept = step.kept;
        if !exchange.is_keeping() {
            self.kept.clear();
        }
        if let Some(acked) = step.asked_at {
            // What a chunk of the server releases was sent before.
            self.asked_at = if data.side == Side::Client { acked } else { i64::MIN };
        }
        match step.state {
            HttpState::Going => self.layer = Layer::Http(exchange),
            HttpState::Open(readers) => {
                let is_asked_for = self.timeline.as_ref().is_some_and(|timeline| timeline.request.is_some());
                self.kind = if is_asked_for || self.began_here { Kind::WebSocket } else { Kind::Midstream };
                self.layer = match exchange.is_passing() {
                    true => Layer::WebSocket(readers),
                    false => Layer::Late(exchange, readers),
                };
            }
            HttpState::Tunnel(inside) => {
                self.sides_known = true;
                for passed in inside {
                    self.inside_tunnel(&passed.data(), context);
                }
            }
            HttpState::GivenUp(behind) if self.is_patchy => {
                self.lose_http(exchange.resumed(), &behind, context);
            }
            HttpState::Lost(behind) => self.lose_http(exchange.resumed(), &behind, context),
            HttpState::GivenUp(_) => {
                let foreign = data.side == Side::Server && !data.bytes.is_empty();
                if let Some(timeline) = self.timeline.as_mut().filter(|_| foreign) {
                    timeline.foreign_answer(data.at, data.bytes.starts_with(&TLS_ALERT));
                }
                self.layer = Layer::Other { is_tls: false };
            }
        }
    }
}
