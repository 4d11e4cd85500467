//! Both sides of a connection that speaks TLS.

mod hellos;
mod protected;

use super::alert::Alert;
use super::direction::Direction;
use super::event::{Event, Negotiated, Why};
use super::framing::{Framing, Search, Step};
use super::keylog::{KeyLog, Random};
use super::record::{ContentType, Record};
use super::suite::Version;
use crate::flow::{Side, Sides, Stamp};
use crate::limits::Limits;

/// Follows a session from its `ClientHello` and tells what the known secrets open.
///
/// Chunks may be split anywhere; at most one record and one handshake message of each side are
/// held. After a hole the session goes on where a record opens again.
#[derive(Debug)]
pub struct Session {
    sides: Sides<Direction>,
    negotiated: Negotiated,
    client_random: Option<Random>,
    early: Early,
    /// Tries left until a record opens, so that a hostile capture costs little.
    tries: u64,
    limits: Limits,
    scratch: Vec<u8>,
    over: bool,
}

/// Early data, which counts only once the server accepts it (RFC 8446 §4.2.10).
#[derive(Debug, Default)]
struct Early {
    accepted: bool,
    held: Vec<(Vec<u8>, Stamp)>,
    bytes: usize,
}

impl Session {
    /// A session of which nothing was seen.
    pub fn new(limits: &Limits) -> Self {
        Self {
            sides: Sides::default(),
            negotiated: Negotiated::default(),
            client_random: None,
            early: Early::default(),
            tries: limits.tls_tries,
            limits: *limits,
            scratch: Vec::new(),
            over: false,
        }
    }

    /// Whether the session is not followed any further.
    pub const fn is_over(&self) -> bool {
        self.over
    }

    /// Takes the next bytes of a side, which packet `at` carried.
    pub fn push(
        &mut self,
        side: Side,
        bytes: &[u8],
        at: Stamp,
        keys: &KeyLog,
        sink: &mut impl FnMut(Event<'_>),
    ) {
        if self.over || bytes.is_empty() {
            return;
        }
        match self.sides.get_mut(side).search.take() {
            None => self.framed(side, bytes, at, keys, sink),
            Some(search) => self.search(side, search, bytes, at, keys, sink),
        }
    }

    /// Goes over a hole of `bytes` bytes, which packet `at` revealed.
    pub fn gap(&mut self, side: Side, bytes: u64, at: Stamp, sink: &mut impl FnMut(Event<'_>)) {
        if self.over || bytes == 0 {
            return;
        }
        let direction = self.sides.get_mut(side);
        if let Some(search) = &mut direction.search {
            return search.gap(bytes);
        }
        let Err(passed) = direction.framing.gap(bytes) else { return };
        if !direction.has_keys() {
            return self.stop(Why::HandshakeMissing, at, sink);
        }
        direction.messages.lose();
        direction.pass(passed, at);
        direction.framing = Framing::default();
        direction.search = Some(Search::new(0));
    }

    /// The streams have ended.
    pub fn finish(&mut self, sink: &mut impl FnMut(Event<'_>)) {
        for side in [Side::Client, Side::Server] {
            if let Some(at) = self.sides.get(side).unfinished().filter(|_| !self.over) {
                sink(Event::PlainHole { side, bytes: None, at });
            }
        }
        self.over = true;
    }

    /// Takes bytes while it is known where records begin.
    fn framed(
        &mut self,
        side: Side,
        mut bytes: &[u8],
        at: Stamp,
        keys: &KeyLog,
        sink: &mut impl FnMut(Event<'_>),
    ) {
        let mut framing = std::mem::take(&mut self.sides.get_mut(side).framing);
        while !self.over {
            match framing.next(&mut bytes) {
                Step::Record(record) => self.record(side, &record, at, keys, sink),
                Step::Damaged(len) => self.damaged(side, len, at, sink),
                Step::More => break,
                Step::NotARecord => return self.stop(self.broken(side), at, sink),
            }
        }
        self.sides.get_mut(side).framing = framing;
    }

    /// Looks for the first record behind a hole.
    fn search(
        &mut self,
        side: Side,
        mut search: Search,
        bytes: &[u8],
        at: Stamp,
        keys: &KeyLog,
        sink: &mut impl FnMut(Event<'_>),
    ) {
        let mut out = std::mem::take(&mut self.scratch);
        let is_tls13 = self.is_tls13();
        let Self { sides, tries, .. } = self;
        let direction = sides.get_mut(side);
        let mut content = None;
        let rest = search.push(bytes, &mut |record, passed| {
            let may_fit = record.kind == ContentType::APPLICATION_DATA || !is_tls13;
            content = if may_fit { direction.open(record, passed, tries, &mut out) } else { None };
            content.is_some()
        });
        match (rest, content) {
            (Some(rest), Some(content)) => {
                self.content(side, content, &out, at, keys, sink);
                self.scratch = out;
                self.push(side, &rest, at, keys, sink);
            }
            _ if *tries == 0 => self.stop(Why::Lost, at, sink),
            _ => {
                direction.search = Some(search);
                self.scratch = out;
            }
        }
    }

    /// Takes one whole record.
    fn record(
        &mut self,
        side: Side,
        record: &Record<'_>,
        at: Stamp,
        keys: &KeyLog,
        sink: &mut impl FnMut(Event<'_>),
    ) {
        if self.is_protected(side, record) {
            return self.protected(side, record, at, keys, sink);
        }
        match record.kind {
            ContentType::HANDSHAKE => self.handshake(side, record.body, at, keys, sink),
            ContentType::ALERT => sink(Event::Alert { side, alert: Alert::read(record.body), at }),
            ContentType::CHANGE_CIPHER_SPEC if self.is_tls12() => self.sides.get_mut(side).promote(),
            // Early data of which no secret is known, or a client that speaks before its server.
            ContentType::APPLICATION_DATA if self.negotiated.version.is_some() => {
                self.stop(Why::HandshakeMissing, at, sink);
            }
            _ => {}
        }
    }

    /// Whether a record has to be opened: in TLS 1.3 its type tells, in TLS 1.2 what came before it.
    fn is_protected(&self, side: Side, record: &Record<'_>) -> bool {
        let has_keys = self.sides.get(side).current.is_some();
        match self.negotiated.version {
            Some(Version::TLS13) | None => has_keys && record.kind == ContentType::APPLICATION_DATA,
            Some(_) => has_keys,
        }
    }

    /// A record lies partly in a hole.
    fn damaged(&mut self, side: Side, len: usize, at: Stamp, sink: &mut impl FnMut(Event<'_>)) {
        let direction = self.sides.get_mut(side);
        if !direction.has_keys() {
            return self.stop(Why::HandshakeMissing, at, sink);
        }
        direction.messages.lose();
        if direction.current.is_some() {
            direction.pass(len as u64, at);
        }
    }

    fn stop(&mut self, why: Why, at: Stamp, sink: &mut impl FnMut(Event<'_>)) {
        self.over = true;
        self.sides = Sides::default();
        self.early = Early::default();
        sink(Event::Undecryptable { why, at });
    }

    /// Why a side's bytes are no records.
    fn broken(&self, side: Side) -> Why {
        if self.sides.get(side).has_opened() { Why::Lost } else { Why::NotTls }
    }

    fn is_tls12(&self) -> bool {
        self.negotiated.version == Some(Version::TLS12)
    }

    fn is_tls13(&self) -> bool {
        self.negotiated.version == Some(Version::TLS13)
    }
}

#[cfg(test)]
mod tests;
