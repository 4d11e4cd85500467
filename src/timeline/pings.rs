//! Pings and the pongs that answer them (RFC 6455 §5.5.2, §5.5.3).

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::flow::Stamp;
use crate::time::Span;

use super::payload::Payload;
use super::spread::Spread;

/// What one side's pings and the other side's pongs amount to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Pings {
    /// Pings sent.
    pub sent: u64,
    /// Pings whose pong came.
    pub answered: u64,
    /// Pongs of this side that answer no ping.
    pub unsolicited: u64,
    /// Time between neighbouring pings; between unsolicited pongs where there are only those.
    pub interval: Spread,
    /// Time from ping to pong.
    pub rtt: Spread,
    /// The last ping, or unsolicited pong.
    pub last: Option<Stamp>,
    waiting: VecDeque<WaitingPing>,
    late: Option<Box<LatePong>>,
}

/// The first pong that came when the end had begun.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct LatePong {
    /// The oldest ping that still waited when it came.
    pub ping: WaitingPing,
    /// When it came.
    pub at: Stamp,
    /// The slowest pong before it.
    pub slowest: Option<Span>,
}

/// A ping without its pong.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct WaitingPing {
    /// When it was sent.
    pub at: Stamp,
    /// Where its frame ends in the sender's stream, to tell whether the peer's host received it.
    pub end: i64,
    /// Of use only while its pong may come.
    #[serde(skip)]
    payload: Payload,
}

impl WaitingPing {
    /// One whose payload was not read.
    pub(crate) const fn unread(at: Stamp, end: i64) -> Self {
        Self { at, end, payload: Payload::EMPTY }
    }
}

impl Pings {
    /// This side sent a ping; at most `bound` are remembered as waiting.
    pub(crate) fn ping(&mut self, at: Stamp, end: i64, payload: &[u8], bound: usize) {
        self.sent += 1;
        self.beat(at);
        if self.waiting.len() >= bound {
            self.waiting.pop_front();
        }
        self.waiting.push_back(WaitingPing { at, end, payload: Payload::new(payload) });
    }

    /// The other side sent a pong; gives the ping of this side that it answers.
    ///
    /// It answers the oldest waiting ping with its payload. A ping that was sent before that one
    /// stays without its own pong: a peer may answer only the newest (RFC 6455 §5.5.3).
    ///
    /// Where the end had begun before, the oldest ping that waited for it then is kept as well: no pong had
    /// come when somebody lost patience.
    pub(crate) fn pong(&mut self, at: Stamp, payload: &[u8], ending: bool) -> Option<Stamp> {
        let index = self.waiting.iter().position(|ping| ping.payload.is(payload))?;
        if ending && self.late.is_none() {
            let slowest = self.rtt.max();
            self.late =
                self.waiting.front().map(|ping| Box::new(LatePong { ping: ping.clone(), at, slowest }));
        }
        let ping = self.waiting.drain(..=index).next_back()?;
        self.answered += 1;
        self.rtt.add(at.time - ping.at.time);
        Some(ping.at)
    }

    /// This side sent a pong that answers nothing: a one-way heartbeat.
    pub(crate) fn unsolicited(&mut self, at: Stamp) {
        self.unsolicited += 1;
        if self.sent == 0 {
            self.beat(at);
        }
    }

    /// Pings without their pong.
    pub const fn unanswered(&self) -> u64 {
        self.sent.saturating_sub(self.answered)
    }

    /// The newest pings without their pong, after the last one that has it; oldest first.
    pub fn waiting(&self) -> impl ExactSizeIterator<Item = &WaitingPing> {
        self.waiting.iter()
    }

    /// The pong that came only when the end had begun.
    pub fn late(&self) -> Option<&LatePong> {
        self.late.as_deref()
    }

    /// The oldest ping that had no pong when the end began.
    pub fn oldest_waiting(&self) -> Option<&WaitingPing> {
        self.late().map(|late| &late.ping).or_else(|| self.waiting.front())
    }

    /// The slowest pong that came before the end began.
    pub fn slowest(&self) -> Option<Span> {
        self.late().map_or_else(|| self.rtt.max(), |late| late.slowest)
    }

    /// Keeps only what is told of the pings; none comes any more.
    pub(crate) fn settle(&mut self) {
        self.interval.settle();
        self.rtt.settle();
        self.waiting.shrink_to_fit();
    }

    fn beat(&mut self, at: Stamp) {
        if let Some(last) = self.last {
            self.interval.add(at.time - last.time);
        }
        self.last = Some(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::PacketRef;
    use crate::time::Timestamp;

    fn at(second: i64) -> Stamp {
        let packet = PacketRef::new(0, second as u64);
        Stamp { packet, time: Timestamp::from_nanos(second * 1_000_000_000) }
    }

    #[test]
    fn a_pong_answers_by_payload_and_order() {
        let mut pings = Pings::default();
        pings.ping(at(1), 0, b"a", 8);
        pings.ping(at(2), 0, b"", 8);
        pings.ping(at(3), 0, b"", 8);
        assert_eq!(pings.pong(at(4), b"a", false), Some(at(1)));
        assert_eq!(pings.pong(at(4), b"", false), Some(at(2)));
        assert_eq!(pings.pong(at(4), b"?", false), None);
        assert_eq!((pings.sent, pings.answered, pings.unanswered()), (3, 2, 1));
        assert_eq!(pings.waiting().map(|ping| ping.at).collect::<Vec<_>>(), [at(3)]);
    }

    #[test]
    fn skipped_pings_stay_unanswered_and_stop_waiting() {
        let mut pings = Pings::default();
        pings.ping(at(1), 0, b"1", 8);
        pings.ping(at(2), 0, b"2", 8);
        assert_eq!(pings.pong(at(3), b"2", false), Some(at(2)));
        assert_eq!((pings.unanswered(), pings.waiting().len()), (1, 0));
    }

    #[test]
    fn payloads_of_any_length_are_told_apart() {
        let mut pings = Pings::default();
        let lengths = [0, 1, 21, 22, 23, 125];
        for (length, second) in lengths.into_iter().zip(0..) {
            pings.ping(at(second), 0, &vec![7; length], 8);
        }
        for (length, second) in lengths.into_iter().zip(0..) {
            assert_eq!(pings.pong(at(9), &vec![7; length], false), Some(at(second)), "{length}");
        }
    }

    #[test]
    fn a_pong_after_the_end_began_is_late() {
        let mut pings = Pings::default();
        pings.ping(at(1), 0, b"1", 8);
        pings.ping(at(2), 0, b"2", 8);
        assert_eq!(pings.pong(at(9), b"2", true), Some(at(2)));
        let late = pings.late().unwrap();
        assert_eq!((late.ping.at, late.at, pings.answered), (at(1), at(9), 1));
        assert_eq!(pings.oldest_waiting().map(|ping| ping.at), Some(at(1)));
    }

    #[test]
    fn waiting_pings_are_bounded() {
        let mut pings = Pings::default();
        (0..100).for_each(|second| pings.ping(at(second), 0, b"", 4));
        assert_eq!((pings.waiting().len(), pings.unanswered()), (4, 100));
        assert_eq!(pings.interval.median(), Some(Span::from_secs(1)));
    }

    #[test]
    fn unsolicited_pongs_are_a_heartbeat_of_their_own() {
        let mut pings = Pings::default();
        pings.unsolicited(at(1));
        pings.unsolicited(at(31));
        assert_eq!((pings.unsolicited, pings.interval.median()), (2, Some(Span::from_secs(30))));
    }
}
