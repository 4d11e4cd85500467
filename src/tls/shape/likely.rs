//! Whether a TLS connection may carry a WebSocket.
//!
//! An HTTP/1.1 connection is told from a WebSocket by two things that HTTP cannot do. A request line with its
//! Host takes more bytes than a small masked frame, so a client whose turn begins with less is not asking
//! for anything; and a status line takes more than a small unmasked frame, so a server that answers with
//! less is not answering a request. Both ways must be open before: a request large enough to ask for an
//! upgrade, and an answer large enough to grant it.

use serde::{Deserialize, Serialize};

use super::Record;
use super::sizes::Sizes;
use crate::flow::{Side, Stamp};
use crate::time::Span;

/// Bytes of the shortest request for an upgrade (RFC 6455 §4.1).
const REQUEST: u64 = 140;

/// Bytes of the shortest answer that grants it (RFC 6455 §4.2.2).
const ANSWER: u16 = 129;

/// Bytes of the longest such answer that is usual.
const LONG_ANSWER: u16 = 1_400;

/// Bytes below which a client's turn is no HTTP request: `GET / HTTP/1.1` with a Host.
const TURN: u16 = 30;

/// Bytes below which a server's answer is no HTTP answer: its status line.
const STATUS: u16 = 18;

/// Bytes of an alert, which says nothing.
const ALERT: u16 = 2;

/// Signs that are enough at any age.
const SIGNS: u8 = 2;

/// Age from which one sign is enough.
const AGE: Span = Span::from_secs(5);

/// What was seen so far of how the two sides talk.
#[derive(Clone, Debug)]
pub(super) struct Likely {
    stage: Stage,
    signs: u8,
    bytes: u64,
    last: Option<Side>,
    first: Option<Stamp>,
    newest: Option<Stamp>,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    /// The client asks for something, with this many bytes so far.
    Asking(u64),
    /// The server answers.
    Answering(Answer),
    /// Both have spoken as an upgrade needs it, or the start is not in the capture.
    Talking(Option<Answer>),
    /// It cannot be a WebSocket.
    No,
}

/// The records of the server's first turn.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Answer {
    request: u64,
    /// The record that may be the 101.
    probable: Option<(Stamp, u16)>,
    before: u16,
    long_enough: bool,
}

/// The upgrade that lengths suggest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Upgrade {
    /// The record that may hold the 101.
    pub at: Stamp,
    /// What led to it.
    pub why: String,
}

impl Likely {
    pub(super) const fn new(is_midstream: bool) -> Self {
        let stage = if is_midstream { Stage::Talking(None) } else { Stage::Asking(0) };
        Self { stage, signs: 0, bytes: 0, last: None, first: None, newest: None }
    }

    /// The next record of application data.
    pub(super) fn record(&mut self, record: &Record, sizes: Sizes) {
        let plain = sizes.plain(record.len).unwrap_or_else(|| {
            let most = record.len.saturating_sub(16);
            most.saturating_sub(8)..=most
        });
        let most = *plain.end();
        self.stage = match (self.stage, record.side) {
            (Stage::Asking(bytes), Side::Client) => Stage::Asking(bytes + u64::from(most)),
            // Tickets may come before the request (RFC 8446 §4.6.1).
            (Stage::Asking(0), Side::Server) if most > STATUS => Stage::Asking(0),
            (Stage::Asking(request), Side::Server) if request >= REQUEST => {
                Stage::Answering(Answer { request, ..Answer::default() }.then(record, most))
            }
            (Stage::Answering(answer), Side::Server) => Stage::Answering(answer.then(record, most)),
            (Stage::Answering(answer), Side::Client) if answer.long_enough => Stage::Talking(Some(answer)),
            (Stage::Talking(answer), _) => Stage::Talking(answer),
            _ => Stage::No,
        };
        if matches!(self.stage, Stage::Talking(_)) && self.last.is_some_and(|last| last != record.side) {
            let too_small = match record.side {
                Side::Client => most <= TURN && most > ALERT,
                Side::Server => most < STATUS && most > ALERT,
            };
            self.signs = self.signs.saturating_add(u8::from(too_small));
        }
        self.bytes += u64::from(record.len);
        self.last = Some(record.side);
        self.first.get_or_insert(record.at);
        self.newest = Some(record.at);
    }

    /// Whether it may be a WebSocket, as seen until `end`.
    pub(super) fn is_likely(&self, end: Stamp) -> bool {
        let age = self.first.map_or(Span::ZERO, |first| end.time - first.time);
        matches!(self.stage, Stage::Talking(_)) && (self.signs >= SIGNS || (self.signs > 0 && age >= AGE))
    }

    /// Whether nothing that comes can make it one.
    pub(super) const fn is_out(&self) -> bool {
        matches!(self.stage, Stage::No)
    }

    /// Bytes of records so far.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The record that may hold the 101.
    pub(super) fn upgrade(&self) -> Option<Upgrade> {
        let (Stage::Talking(Some(answer)) | Stage::Answering(answer)) = self.stage else { return None };
        let (at, bytes) = answer.probable?;
        let why = format!(
            "the client's first record or records hold {} bytes and this answer {bytes}, as a request for an upgrade and a 101 \
             do; what follows is no HTTP",
            answer.request
        );
        Some(Upgrade { at, why })
    }

    /// Exchanges the sides.
    pub(super) fn swap_sides(&mut self) {
        self.last = self.last.map(Side::other);
    }
}

impl Answer {
    /// With the next record of the server's first turn; two of one length are tickets.
    fn then(mut self, record: &Record, most: u16) -> Self {
        self.long_enough |= most >= ANSWER;
        let repeats = self.before == record.len;
        if repeats && self.probable.is_some_and(|(_, bytes)| bytes == most) {
            self.probable = None;
        } else if !repeats && self.probable.is_none() && (ANSWER..=LONG_ANSWER).contains(&most) {
            self.probable = Some((record.at, most));
        }
        self.before = record.len;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{TLS13, at, record};
    use super::*;

    fn played(records: &[(Side, u16, i64)]) -> Likely {
        let mut likely = Likely::new(false);
        records.iter().for_each(|&(side, len, millis)| likely.record(&record(side, len, millis), TLS13));
        likely
    }

    const UPGRADE: [(Side, u16, i64); 4] =
        [(Side::Client, 239, 1), (Side::Server, 282, 2), (Side::Server, 282, 2), (Side::Server, 146, 2)];

    #[test]
    fn small_frames_both_ways_are_a_websocket() {
        let records = [&UPGRADE[..], &[(Side::Client, 28, 10), (Side::Server, 24, 12)]].concat();
        let likely = played(&records);
        assert!(likely.is_likely(at(13)));
        assert_eq!(likely.upgrade().unwrap().at, at(2));
    }

    #[test]
    fn one_small_frame_needs_time() {
        let likely = played(&[&UPGRADE[..], &[(Side::Client, 28, 10), (Side::Server, 900, 12)]].concat());
        assert!(!likely.is_likely(at(2000)));
        assert!(likely.is_likely(at(6000)));
    }

    #[test]
    fn requests_and_answers_are_not() {
        let polls = (1..=50).flat_map(|n| [(Side::Client, 285, n * 1000), (Side::Server, 182, n * 1000 + 5)]);
        assert!(!played(&polls.collect::<Vec<_>>()).is_likely(at(60_000)));
    }

    #[test]
    fn chunks_and_bodies_in_records_of_their_own_are_not() {
        let post = [(Side::Client, 285, 1000), (Side::Client, 19, 1001), (Side::Server, 400, 1005)];
        let chunked = [(Side::Client, 285, 2000), (Side::Server, 200, 2002), (Side::Server, 22, 3000)];
        let likely = played(&[post, chunked, post, chunked].concat());
        assert!(!likely.is_likely(at(60_000)));
    }

    #[test]
    fn a_download_is_not() {
        let pieces = (1..=90).map(|n| (Side::Server, 2024, n * 1000));
        let records: Vec<_> = [(Side::Client, 239, 1)].into_iter().chain(pieces).collect();
        assert!(!played(&records).is_likely(at(100_000)));
    }

    #[test]
    fn a_server_that_speaks_first_or_a_short_request_is_not() {
        let mail = played(&[(Side::Server, 30, 1), (Side::Client, 30, 2), (Side::Server, 30, 3)]);
        assert!(mail.is_out());
        let mqtt = played(&[(Side::Client, 60, 1), (Side::Server, 21, 2)]);
        assert!(mqtt.is_out());
    }
}
