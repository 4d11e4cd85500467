//! A stream that asks for a WebSocket (RFC 8441 §5).

use crate::flow::{Side, Sides, Stamp};

/// A stream that asked for a WebSocket.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) id: u32,
    pub(super) state: State,
    /// Which sides said that they send no more.
    pub(super) ended: Sides<bool>,
    /// What the client sent before the answer, with its packet.
    pub(super) early: Vec<u8>,
    pub(super) early_at: Stamp,
}

/// Where a stream stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum State {
    /// The answer is to come.
    Asked,
    /// It is a WebSocket.
    Open,
    /// It is none.
    Refused,
    /// Its start was not seen: it may be anything.
    Unknown,
}

impl Stream {
    pub(super) fn new(id: u32, state: State) -> Self {
        let ended = Sides::default();
        Self { id, state, ended, early: Vec::new(), early_at: Stamp::default() }
    }

    /// Notes that a side sends no more; whether that is new.
    pub(super) fn end(&mut self, side: Side) -> bool {
        !std::mem::replace(self.ended.get_mut(side), true)
    }

    /// Whether it may make room for another: its start was not seen, and a side has ended it.
    pub(super) const fn is_spent(&self) -> bool {
        matches!(self.state, State::Unknown) && (self.ended.client || self.ended.server)
    }

    /// Whether nothing more can come.
    pub(super) const fn is_over(&self) -> bool {
        self.ended.client && self.ended.server
    }
}
