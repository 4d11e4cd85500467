//! What each frame adds to a connection's record.

use crate::flow::Side;
use crate::heartbeat::{self, Beat};
use crate::timeline::beats;
use crate::timeline::event::EventKind;
use crate::timeline::record::{Close, CloseBody};
use crate::ws::{self, Frame, Opcode};

use super::Timeline;

impl Timeline {
    /// A frame was completed that ends at `end` of its sender's stream, in a packet that
    /// acknowledges the other side's stream up to `acked`.
    #[inline(never)]
    pub fn frame(&mut self, from: Side, frame: &Frame<'_>, end: i64, acked: i64) {
        let at = frame.at;
        if self.opened.is_none() {
            self.open(frame.first);
        }
        let opcode = frame.header.opcode;
        let counts = self.frames.get_mut(from);
        counts.bytes = counts.bytes.saturating_add(frame.header.payload_len);
        // Which of them it is cannot be foreseen: to add nothing costs less than to guess wrong.
        counts.text += u64::from(opcode == Opcode::TEXT);
        counts.binary += u64::from(opcode == Opcode::BINARY);
        counts.continuation += u64::from(opcode == Opcode::CONTINUATION);
        let is_data = matches!(opcode, Opcode::TEXT | Opcode::BINARY | Opcode::CONTINUATION);
        if !is_data {
            match opcode {
                Opcode::CLOSE => return self.close(from, frame, end, acked),
                Opcode::PING => counts.ping += 1,
                Opcode::PONG => counts.pong += 1,
                _ => counts.other = counts.other.saturating_add(1),
            }
        }
        let completes = frame.header.ends_message();
        counts.messages += u64::from(completes);
        if self.masks_wanted && from == Side::Client {
            self.masks_wanted = self.masks.frame(frame.header, at.time);
        }
        let ending = self.ending;
        self.told_gap(|idle, _| idle.frame(from, at, ending));
        if is_data {
            return self.data(from, frame, end, completes);
        }
        match opcode {
            Opcode::PING => self.ping(from, frame, end),
            Opcode::PONG => self.pong(from, frame),
            opcode => self.history.push(at, Some(from), EventKind::OtherFrame { opcode }),
        }
    }

    #[inline]
    fn data(&mut self, from: Side, frame: &Frame<'_>, end: i64, completes: bool) {
        let (at, bytes) = (frame.at, frame.header.payload_len);
        match self.beat(from, frame, end).filter(|_| completes) {
            Some((kind, beat)) => {
                self.history.push(at, Some(from), EventKind::Heartbeat { kind, beat, bytes });
            }
            None => self.history.data(at, from, completes, bytes),
        }
    }

    fn close(&mut self, from: Side, frame: &Frame<'_>, end: i64, acked: i64) {
        let at = frame.at;
        let closes = &mut self.frames.get_mut(from).close;
        *closes = closes.saturating_add(1);
        self.ending = true;
        self.told_gap(|idle, before| idle.close(at, before));
        let body = match frame.close() {
            Some(ws::Close { code: Some(code), reason, .. }) => {
                CloseBody::Code(code, reason.unwrap_or_default().into_owned())
            }
            Some(ws::Close { captured: true, .. }) => CloseBody::Empty,
            _ => CloseBody::NotCaptured,
        };
        let close = Close { from, at, body, end, acked, acked_at: None, masked: frame.header.mask.is_some() };
        self.history.push(at, Some(from), EventKind::Close(close.body.clone()));
        if self.closes.len() < self.bounds.listed {
            self.closes.push(close);
        }
    }

    /// Reads a message as a heartbeat of the application.
    fn beat(&mut self, from: Side, frame: &Frame<'_>, end: i64) -> Option<(heartbeat::Kind, Beat)> {
        let message = beats::message(from, frame)?;
        if self.beats.is_none() && self.beats_sought > 0 {
            self.beats_sought -= 1;
            self.set_beats(heartbeat::Kind::of_message(&message));
        }
        let beats = self.beats.as_mut()?;
        let beat = beats.message(&message, frame.at, end, self.bounds.pings, self.ending)?;
        Some((beats.kind, beat))
    }

    fn ping(&mut self, from: Side, frame: &Frame<'_>, end: i64) {
        self.pings.get_mut(from).ping(
            frame.at,
            end,
            frame.control_payload().unwrap_or_default(),
            self.bounds.pings,
        );
        self.history.push(frame.at, Some(from), EventKind::Ping { bytes: frame.header.payload_len });
    }

    fn pong(&mut self, from: Side, frame: &Frame<'_>) {
        let payload = frame.control_payload().unwrap_or_default();
        let answers = self.pings.get_mut(from.other()).pong(frame.at, payload, self.ending);
        if answers.is_none() {
            self.pings.get_mut(from).unsolicited(frame.at);
        }
        self.history.push(frame.at, Some(from), EventKind::Pong { answers });
    }
}
