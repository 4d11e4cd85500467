//! Heartbeats: small records of one length at a steady interval, each answered by one of a matching length.
//!
//! A Pong carries what its Ping carried (RFC 6455 §5.5.3), and the client's frame has a masking key: the
//! client's record is four bytes longer than the server's, whoever pings. No HTTP request and its answer
//! are so small and so alike.

use serde::{Deserialize, Serialize};

use super::Record;
use super::series::Series;
use super::sizes::Sizes;
use crate::flow::{Side, Sides, Stamp};
use crate::time::Span;

/// Lengths that are watched at once, for each side.
const WATCHED: usize = 4;

/// Records of one length nearer to each other are one heartbeat.
const SHORTEST: Span = Span::from_millis(500);

/// How much longer than a round trip an answer may take: the program that answers has other things to do.
const SLACK: Span = Span::from_millis(500);

/// By how much of itself an interval may differ from another.
const JITTER: i64 = 20;

/// By how much it may at least.
const LEAST_JITTER: Span = Span::from_millis(100);

/// Heartbeats that make two equal intervals.
const FEWEST: u32 = 3;

/// Answers without which nothing is concluded.
const FEWEST_ANSWERS: u32 = 2;

/// Payload up to which two lengths of padded records are taken for a pair: everything of HTTP is longer.
const PADDED: u16 = 16;

/// The lengths that may be heartbeats.
#[derive(Clone, Debug, Default)]
pub(super) struct Beats {
    /// As many of each side as are watched at once.
    watched: Sides<Vec<Watched>>,
    /// One of them is a heartbeat.
    any: bool,
}

/// Records of one length from one side.
#[derive(Clone, Debug)]
struct Watched {
    len: u16,
    answer: u16,
    sent: u32,
    answered: u32,
    /// What the intervals so far have in common.
    usual: Option<Span>,
    steady: u32,
    odd: u32,
    intervals: Series,
    rtts: Series,
    last: (Stamp, i64),
    /// The newest, as long as it may be answered, and whether it counts.
    open: Option<(Stamp, bool)>,
    /// The oldest without an answer, since the last that had one.
    waiting: Option<(Stamp, i64)>,
}

/// A heartbeat that lengths and times suggest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Beat {
    /// The side that sends it.
    pub from: Side,
    /// How many were sent.
    pub sent: u64,
    /// How many were answered.
    pub answered: u64,
    /// The time between two.
    pub interval: Series,
    /// The time until the answer.
    pub rtt: Series,
    /// The last one.
    pub last: Stamp,
    /// The oldest that still had no answer, and where it ends in its sender's stream.
    pub waiting: Option<(Stamp, i64)>,
    /// Nothing in between was of its length, and it was seen often.
    pub is_clear: bool,
    /// The lengths of the records, its own and the answer's.
    pub lens: (u16, u16),
    /// What led to it.
    pub why: String,
}

impl Beats {
    /// The next record.
    pub(super) fn record(&mut self, record: &Record, sizes: Sizes, rtt: Span) {
        // A larger one is neither a heartbeat nor the answer to one.
        if !sizes.is_small(record.len, header(record.side)) {
            return;
        }
        if !self.answer(record, sizes, rtt) {
            self.beat(record);
        }
        let any = self.all().any(Watched::is_steady);
        self.any = any;
    }

    /// Whether any heartbeat is seen.
    pub(super) const fn any(&self) -> bool {
        self.any
    }

    fn all(&self) -> impl Iterator<Item = &Watched> {
        self.watched.client.iter().chain(&self.watched.server)
    }

    /// Whether records of these lengths were a heartbeat and its answer before.
    pub(super) fn knows(&self, client: u16, server: u16) -> bool {
        let either = |watched: &Watched| [(client, server), (server, client)].contains(&watched.lens());
        self.all().filter(|watched| watched.answered >= FEWEST_ANSWERS).any(either)
    }

    /// What was found, the client's first.
    pub(super) fn found(&self, sizes: Sizes) -> Vec<Beat> {
        let of = |side: Side| {
            let watched = self.watched.get(side).iter().filter(|watched| watched.is_steady());
            watched.map(move |watched| watched.told(side, sizes))
        };
        of(Side::Client).chain(of(Side::Server)).collect()
    }

    /// Exchanges the sides.
    pub(super) const fn swap_sides(&mut self) {
        self.watched.swap();
    }

    /// Takes a record for the answer to one of the other side.
    fn answer(&mut self, record: &Record, sizes: Sizes, rtt: Span) -> bool {
        let latest = Span::from_nanos(rtt.as_nanos().saturating_add(SLACK.as_nanos()));
        let fits = |watched: &&mut Watched| {
            let in_time = watched.open.is_some_and(|(at, _)| record.at.time - at.time <= latest);
            let known = watched.answered == 0 || watched.answer == record.len;
            in_time && known && is_pair(sizes, record.side, record.len, watched.len)
        };
        let open = self.watched.get_mut(record.side.other()).iter_mut().filter(fits);
        let Some(watched) = open.max_by_key(|watched| watched.last.0.packet) else { return false };
        let Some((at, counts)) = watched.open.take() else { return false };
        if counts {
            watched.answered += 1;
            watched.answer = record.len;
            watched.rtts.add(record.at.time - at.time);
            watched.waiting = None;
        }
        true
    }

    /// Takes a record for a heartbeat.
    fn beat(&mut self, record: &Record) {
        let all = self.watched.get_mut(record.side);
        if let Some(watched) = all.iter_mut().find(|watched| watched.len == record.len) {
            watched.again(record);
        } else if all.len() < WATCHED {
            // Few connections have more than one such length.
            all.reserve_exact(1);
            all.push(Watched::new(record));
        } else {
            // The one that tells least makes room.
            let key = |watched: &&mut Watched| (watched.is_steady(), watched.sent, watched.last.0.packet);
            if let Some(least) = all.iter_mut().min_by_key(key) {
                *least = Watched::new(record);
            }
        }
    }
}

impl Watched {
    fn new(record: &Record) -> Self {
        Self {
            len: record.len,
            answer: 0,
            sent: 1,
            answered: 0,
            usual: None,
            steady: 0,
            odd: 0,
            intervals: Series::default(),
            rtts: Series::default(),
            last: (record.at, record.end),
            open: Some((record.at, true)),
            waiting: Some((record.at, record.end)),
        }
    }

    const fn lens(&self) -> (u16, u16) {
        (self.len, self.answer)
    }

    fn again(&mut self, record: &Record) {
        let interval = record.at.time - self.last.0.time;
        if interval < SHORTEST {
            self.open = Some((record.at, false));
            return;
        }
        match self.usual {
            Some(usual) if is_near(interval, usual) => self.steady += 1,
            // Another message of this length between two heartbeats.
            Some(usual) if interval < usual && self.odd <= self.steady => {
                self.odd += 1;
                self.open = Some((record.at, false));
                return;
            }
            Some(_) if self.odd < self.steady => {
                self.odd += 1;
                return self.take(record);
            }
            _ => {
                (self.usual, self.steady, self.odd) = (Some(interval), 0, 0);
                (self.sent, self.answered) = (1, self.answered.min(1));
                self.intervals = Series::default();
            }
        }
        self.intervals.add(interval);
        self.take(record);
    }

    fn take(&mut self, record: &Record) {
        self.sent += 1;
        self.last = (record.at, record.end);
        self.open = Some((record.at, true));
        self.waiting.get_or_insert((record.at, record.end));
    }

    const fn is_steady(&self) -> bool {
        let beats = self.steady + 2;
        self.steady > 0 && beats >= FEWEST && self.answered >= FEWEST_ANSWERS && self.odd <= self.steady
    }

    fn told(&self, from: Side, sizes: Sizes) -> Beat {
        let answered = self.answered.min(self.sent);
        Beat {
            from,
            sent: self.sent.into(),
            answered: answered.into(),
            interval: self.intervals.clone(),
            rtt: self.rtts.clone(),
            last: self.last.0,
            waiting: self.waiting,
            is_clear: self.odd == 0 && self.steady >= 2 && answered >= FEWEST,
            lens: self.lens(),
            why: self.why(from, sizes),
        }
    }

    fn why(&self, from: Side, sizes: Sizes) -> String {
        let Some(median) = self.intervals.median() else { return String::new() };
        let (server, client) = match from {
            Side::Server => (self.len, self.answer),
            Side::Client => (self.answer, self.len),
        };
        let payload = sizes.pair(server, client).filter(|payload| payload.start() == payload.end());
        let payload = payload.map_or_else(String::new, |payload| {
            let bytes = *payload.start();
            format!(", which fits frames with {bytes} bytes of payload, the client's masked")
        });
        format!(
            "{} records of {} bytes from the {from}, one every {median}, {} of them answered by one of {} bytes; {}{payload}: a \
             Ping and its Pong, or a heartbeat of the application",
            self.sent,
            self.len,
            self.answered.min(self.sent),
            self.answer,
            sizes.in_words(),
        )
    }
}

/// Whether a record of `side` and one of the other side may hold the same payload.
fn is_pair(sizes: Sizes, side: Side, len: u16, other: u16) -> bool {
    let (unmasked, masked) = match side {
        Side::Server => (len, other),
        Side::Client => (other, len),
    };
    let payload = sizes.pair(unmasked, masked);
    payload.is_some_and(|payload| payload.start() == payload.end() || is_short(sizes, *payload.start()))
}

/// Padded records tell less: only the shortest are believed.
const fn is_short(sizes: Sizes, payload: u16) -> bool {
    matches!(sizes, Sizes::Unknown) || payload <= PADDED
}

const fn header(side: Side) -> u16 {
    match side {
        Side::Client => super::sizes::MASKED,
        Side::Server => super::sizes::UNMASKED,
    }
}

fn is_near(interval: Span, usual: Span) -> bool {
    let jitter = Span::from_nanos(usual.as_nanos() / JITTER).max(LEAST_JITTER);
    (interval - usual).abs() <= jitter
}

#[cfg(test)]
mod tests {
    use super::super::testing::{TLS13, record};
    use super::*;

    fn played(records: &[(Side, u16, i64)]) -> Beats {
        let mut beats = Beats::default();
        for &(side, len, millis) in records {
            beats.record(&record(side, len, millis), TLS13, Span::from_millis(20));
        }
        beats
    }

    fn pinged(every: i64, times: i64) -> Vec<(Side, u16, i64)> {
        let round = |n| [(Side::Server, 19, n * every), (Side::Client, 23, n * every + 20)];
        (1..=times).flat_map(round).collect()
    }

    #[test]
    fn pings_of_the_server_are_found() {
        let beats = played(&pinged(30_000, 4));
        let found = beats.found(TLS13);
        let [beat] = &found[..] else { panic!("{found:?}") };
        assert_eq!((beat.from, beat.sent, beat.answered, beat.is_clear), (Side::Server, 4, 4, true));
        assert_eq!(beat.interval.median(), Some(Span::from_secs(30)));
        assert_eq!(beat.rtt.median(), Some(Span::from_millis(20)));
        assert!(beats.knows(23, 19) && !beats.knows(25, 21));
        assert!(beat.why.contains("0 bytes of payload"), "{}", beat.why);
    }

    #[test]
    fn two_are_not_enough() {
        assert!(!played(&pinged(30_000, 2)).any());
        assert!(played(&pinged(30_000, 3)).any());
    }

    #[test]
    fn lengths_that_do_not_match_are_no_heartbeat() {
        let polls = (1..=20).flat_map(|n| [(Side::Client, 85, n * 2000), (Side::Server, 152, n * 2000 + 5)]);
        assert!(!played(&polls.collect::<Vec<_>>()).any());
        let same = (1..=20).flat_map(|n| [(Side::Client, 34, n * 2000), (Side::Server, 34, n * 2000 + 5)]);
        assert!(!played(&same.collect::<Vec<_>>()).any());
    }

    #[test]
    fn an_uneven_conversation_is_no_heartbeat() {
        let times = [1, 4, 9, 11, 20, 22, 37, 40, 41, 60];
        let echoed =
            times.iter().flat_map(|n| [(Side::Client, 28, n * 1000), (Side::Server, 24, n * 1000 + 5)]);
        assert!(!played(&echoed.collect::<Vec<_>>()).any());
    }

    #[test]
    fn unanswered_ones_wait() {
        let mut records = pinged(2000, 4);
        records.extend([(Side::Server, 19, 10_000), (Side::Server, 19, 12_000)]);
        let found = played(&records).found(TLS13);
        assert_eq!((found[0].sent, found[0].answered), (6, 4));
        assert_eq!(found[0].waiting.unwrap().0, record(Side::Server, 19, 10_000).at);
    }

    #[test]
    fn both_sides_may_ping_at_once() {
        let round = |n: i64| {
            let at = n * 20_000;
            [
                (Side::Client, 27, at),
                (Side::Server, 23, at + 1),
                (Side::Client, 27, at + 2),
                (Side::Server, 23, at + 3),
            ]
        };
        let beats = played(&(1..=4).flat_map(round).collect::<Vec<_>>());
        let found = beats.found(TLS13);
        assert_eq!((found.len(), found[0].sent, found[0].answered), (1, 4, 4));
        assert_eq!(found[0].interval.median(), Some(Span::from_secs(20)));
    }

    #[test]
    fn a_message_of_the_same_length_in_between_does_not_hide_it() {
        let mut records = pinged(10_000, 8);
        records.extend([(Side::Server, 19, 33_000), (Side::Server, 19, 57_000)]);
        records.sort_by_key(|record| record.2);
        let found = played(&records).found(TLS13);
        assert_eq!(found[0].interval.median(), Some(Span::from_secs(10)));
        assert!(!found[0].is_clear);
    }
}
