//! Records under keys.

use super::Session;
use crate::flow::{Side, Stamp};
use crate::tls::alert::Alert;
use crate::tls::direction::Content;
use crate::tls::epoch::Stage;
use crate::tls::event::{Event, Why};
use crate::tls::keylog::KeyLog;
use crate::tls::record::{ContentType, Record};

impl Session {
    /// Opens a record and takes its content.
    pub(super) fn protected(
        &mut self,
        side: Side,
        record: &Record<'_>,
        at: Stamp,
        keys: &KeyLog,
        sink: &mut impl FnMut(Event<'_>),
    ) {
        let mut out = std::mem::take(&mut self.scratch);
        let direction = self.sides.get_mut(side);
        match direction.open(record, 0, keys.search(), &mut self.tries, &mut out) {
            Some(content) => self.content(side, content, &out, at, keys, sink),
            None if self.is_early(side) => {}
            None => self.failed(side, record, at, sink),
        }
        self.scratch = out;
    }

    /// Takes the content of a record that was opened.
    pub(super) fn content(
        &mut self,
        side: Side,
        content: Content,
        bytes: &[u8],
        at: Stamp,
        keys: &KeyLog,
        sink: &mut impl FnMut(Event<'_>),
    ) {
        self.tries = self.limits.tls_tries;
        if self.negotiated.keys_from.is_none() || content.number.is_some() {
            self.negotiated.keys_from = Some(content.source);
            *self.negotiated.found_at.get_mut(side) = content.number;
            sink(Event::Negotiated(&self.negotiated));
        }
        if let Some(bytes) = content.hole {
            sink(Event::PlainHole { side, bytes, at });
        }
        match content.kind {
            ContentType::APPLICATION_DATA if content.stage == Stage::Early => self.early(bytes, at, sink),
            ContentType::APPLICATION_DATA if !bytes.is_empty() => sink(Event::Plain { side, bytes, at }),
            ContentType::HANDSHAKE => self.handshake(side, bytes, at, keys, sink),
            ContentType::ALERT => sink(Event::Alert { side, alert: Alert::read(bytes), at }),
            ContentType::CHANGE_CIPHER_SPEC => self.sides.get_mut(side).promote(),
            _ => {}
        }
    }

    /// Tells the early data that was held, which the server accepts.
    pub(super) fn accept_early(&mut self, sink: &mut impl FnMut(Event<'_>)) {
        self.early.accepted = true;
        for (bytes, at) in std::mem::take(&mut self.early.held) {
            sink(Event::Plain { side: Side::Client, bytes: &bytes, at });
        }
    }

    /// Whether a client's record is under early keys that are not known to fit.
    fn is_early(&self, side: Side) -> bool {
        side == Side::Client && self.negotiated.version.is_none()
    }

    fn early(&mut self, bytes: &[u8], at: Stamp, sink: &mut impl FnMut(Event<'_>)) {
        if self.early.accepted {
            return sink(Event::Plain { side: Side::Client, bytes, at });
        }
        self.early.bytes += bytes.len();
        if self.early.bytes <= self.limits.early_data {
            self.early.held.push((bytes.to_vec(), at));
        }
    }

    /// A record does not open.
    fn failed(&mut self, side: Side, record: &Record<'_>, at: Stamp, sink: &mut impl FnMut(Event<'_>)) {
        if record.kind == ContentType::ALERT {
            sink(Event::Alert { side, alert: None, at });
        }
        let direction = self.sides.get_mut(side);
        let why = if direction.has_opened() { Why::Lost } else { Why::WrongKeys };
        if !direction.fail(record, at) || self.tries == 0 {
            self.stop(why, at, sink);
        }
    }
}
