//! The end: whether the last records may have been a Close and its echo.
//!
//! A Close is echoed with the code that it brought (RFC 6455 §5.5.1), and most libraries echo the reason too:
//! the last two records, one of each side, differ by the masking key, and nothing but the end follows.

use serde::{Deserialize, Serialize};

use super::sizes::{MASKED, Sizes, UNMASKED};
use super::{Record, beat::Beats};
use crate::flow::{Side, Stamp};
use crate::time::Span;

/// How much longer than two round trips an echo may take.
const SLACK: Span = Span::from_millis(1_000);

/// The same of the end behind it, which is the library's own doing, where the lengths are those of the plainest
/// Close.
const PLAIN_SLACK: Span = Span::from_millis(500);

/// The same where they are also those of many a message with its answer.
const OTHER_SLACK: Span = Span::from_millis(50);

/// Payload of a Close with a code and no reason.
const CODE: u16 = 2;

/// The newest records.
#[derive(Clone, Debug, Default)]
pub(super) struct Last {
    before: Option<Record>,
    newest: Option<Record>,
}

/// A Close that lengths and times suggest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Close {
    /// The side that closed.
    pub from: Side,
    /// Its record.
    pub at: Stamp,
    /// The record of the echo; `None` where there was none.
    pub echo: Option<Stamp>,
    /// The lengths are those of a code without a reason.
    pub is_plain: bool,
    /// What led to it.
    pub why: String,
}

impl Last {
    pub(super) const fn record(&mut self, record: Record) {
        (self.before, self.newest) = (self.newest, Some(record));
    }

    /// Exchanges the sides.
    pub(super) fn swap_sides(&mut self) {
        for record in [&mut self.before, &mut self.newest].into_iter().flatten() {
            record.side = record.side.other();
        }
    }

    /// What the records before the end at `end` suggest; `ender` ended the connection's bytes there.
    pub(super) fn close(
        &self,
        sizes: Sizes,
        beats: &Beats,
        rtt: Span,
        ender: Side,
        end: Stamp,
    ) -> Option<Close> {
        let newest = self.newest?;
        let within = |from: Stamp, to: Stamp, slack: Span| {
            let most = rtt.as_nanos().saturating_mul(2).saturating_add(slack.as_nanos());
            to.time - from.time <= Span::from_nanos(most)
        };
        let before = self.before.filter(|before| before.side != newest.side);
        let before = before.filter(|before| within(before.at, newest.at, SLACK));
        let found = match before {
            Some(first) => echoed(&first, &newest, sizes, beats, end)
                .or_else(|| alone(&newest, Some(&first), sizes, ender, end)),
            None => alone(&newest, None, sizes, ender, end),
        };
        found.filter(|close| within(newest.at, end, if close.is_plain { PLAIN_SLACK } else { OTHER_SLACK }))
    }
}

/// A Close and its echo.
fn echoed(first: &Record, echo: &Record, sizes: Sizes, beats: &Beats, end: Stamp) -> Option<Close> {
    let (client, server) = by_side(first, echo);
    let payload = sizes.pair(server, client)?;
    // A body of one byte is none (RFC 6455 §5.5.1).
    let fits = *payload.end() >= CODE || *payload.start() == 0;
    if !fits || (payload.start() == payload.end() && *payload.start() == 1) || beats.knows(client, server) {
        return None;
    }
    let is_plain = payload.start() == payload.end() && matches!(*payload.start(), 0 | CODE);
    let body = match (payload.start() == payload.end(), *payload.start()) {
        (true, 0) => "no code".to_owned(),
        (true, CODE) => "a code and no reason".to_owned(),
        (true, bytes) => format!("a code and a reason of {} bytes", bytes - CODE),
        (false, _) => "a code".to_owned(),
    };
    let why = format!(
        "the last record of the {} has {} bytes, that of the {} {} later {}, which fits a Close with {body} and its echo, the \
         client's masked; the end came {} after",
        first.side,
        first.len,
        echo.side,
        echo.at.time - first.at.time,
        echo.len,
        end.time - echo.at.time,
    );
    Some(Close { from: first.side, at: first.at, echo: Some(echo.at), is_plain, why })
}

/// A Close that nobody answered: only the plainest is told from a message.
fn alone(newest: &Record, before: Option<&Record>, sizes: Sizes, ender: Side, end: Stamp) -> Option<Close> {
    let header = if newest.side == Side::Client { MASKED } else { UNMASKED };
    let is_code = sizes.plain(newest.len).is_some_and(|plain| plain == (header + CODE..=header + CODE));
    let is_answer = before.is_some_and(|before| {
        let (client, server) = by_side(before, newest);
        sizes.pair(server, client).is_some()
    });
    if !is_code || is_answer || newest.side != ender {
        return None;
    }
    let why = format!(
        "the last record of the {} has {} bytes, which fits a Close with a code and no reason, and it ended the \
         connection {} later",
        newest.side,
        newest.len,
        end.time - newest.at.time,
    );
    Some(Close { from: newest.side, at: newest.at, echo: None, is_plain: true, why })
}

/// The lengths of the client's and the server's record.
const fn by_side(one: &Record, other: &Record) -> (u16, u16) {
    match one.side {
        Side::Client => (one.len, other.len),
        Side::Server => (other.len, one.len),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{TLS13, at, record};
    use super::*;

    const RTT: Span = Span::from_millis(20);

    fn close(records: &[(Side, u16, i64)], ender: Side, end: i64) -> Option<Close> {
        let (mut last, mut beats) = (Last::default(), Beats::default());
        for &(side, len, millis) in records {
            beats.record(&record(side, len, millis), TLS13, RTT);
            last.record(record(side, len, millis));
        }
        last.close(TLS13, &beats, RTT, ender, at(end))
    }

    #[test]
    fn a_close_and_its_echo() {
        let hello = [(Side::Client, 28, 10), (Side::Server, 24, 20)];
        let records = [&hello[..], &[(Side::Client, 25, 1000), (Side::Server, 21, 1020)]].concat();
        let found = close(&records, Side::Server, 1021).unwrap();
        assert_eq!((found.from, found.is_plain, found.echo), (Side::Client, true, Some(at(1020))));
        let records = [(Side::Server, 31, 1000), (Side::Client, 35, 1020)];
        let found = close(&records, Side::Client, 1040).unwrap();
        assert_eq!((found.from, found.is_plain), (Side::Server, false));
        assert!(found.why.contains("a reason of 10 bytes"), "{}", found.why);
    }

    #[test]
    fn the_end_must_follow_and_the_lengths_fit() {
        let records = [(Side::Client, 25, 1000), (Side::Server, 21, 1020)];
        assert!(close(&records, Side::Server, 4000).is_none());
        let texts = [(Side::Client, 31, 1000), (Side::Server, 27, 1020)];
        assert!(close(&texts, Side::Server, 1100).is_some() && close(&texts, Side::Server, 1200).is_none());
        assert!(close(&[(Side::Client, 25, 1000), (Side::Server, 22, 1020)], Side::Server, 1021).is_none());
        assert!(close(&[(Side::Client, 24, 1000), (Side::Server, 20, 1020)], Side::Server, 1021).is_none());
    }

    #[test]
    fn a_heartbeat_is_no_close() {
        let round = |n: i64| [(Side::Server, 21, n * 5000), (Side::Client, 25, n * 5000 + 20)];
        let records: Vec<_> = (1..=4).flat_map(round).collect();
        assert!(close(&records, Side::Server, 20_040).is_none());
    }

    #[test]
    fn one_that_nobody_answers() {
        let records = [(Side::Server, 300, 10), (Side::Server, 21, 5000)];
        assert!(close(&records, Side::Server, 5001).is_some_and(|close| close.echo.is_none()));
        assert!(close(&records, Side::Client, 5001).is_none());
        assert!(close(&[(Side::Server, 300, 5000)], Side::Server, 5001).is_none());
    }
}
