//! Both sides of a connection that speaks TLS.

mod hellos;
mod join;
mod protected;

use super::alert::Alert;
use super::direction::Direction;
use super::event::{Event, Negotiated, Why};
use super::framing::{Framing, Search, Step};
use super::handshake::is_chain;
use super::keylog::{KeyLog, Random};
use super::record::{ContentType, Record};
use super::suite::Version;
use crate::flow::{Side, Sides, Stamp};
use crate::limits::Limits;
use join::Joining;

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
    /// A part of the handshake is missing, so that secrets are searched.
    joining: Option<Joining>,
    /// The newest packet.
    last: Stamp,
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
            joining: None,
            last: Stamp::default(),
            tries: limits.tls_tries,
            limits: *limits,
            scratch: Vec::new(),
            over: false,
        }
    }

    /// A session whose beginning was not seen; the sides may be the other way round unless they are known.
    pub fn midstream(limits: &Limits, sides_known: bool) -> Self {
        let mut session = Self::new(limits);
        session.joining = Some(Joining::new(!sides_known));
        session.sides.client.search = Some(Search::new(0));
        session.sides.server.search = Some(Search::new(0));
        session
    }

    /// Whether the session is not followed any further.
    pub const fn is_over(&self) -> bool {
        self.over
    }

    /// Follows it no further.
    pub fn give_up(&mut self) {
        self.over = true;
        self.sides = Sides::default();
        self.early = Early::default();
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
        self.last = at;
        match self.sides.get_mut(side).search.take() {
            None => self.framed(side, bytes, at, keys, sink),
            Some(search) if !self.sides.get(side).has_keys() => {
                self.join_by(side, search, bytes, at, keys, sink);
            }
            Some(search) => self.search(side, search, bytes, at, keys, sink),
        }
    }

    /// Goes over a hole of `bytes` bytes, which packet `at` revealed.
    pub fn gap(&mut self, side: Side, bytes: u64, at: Stamp) {
        if self.over || bytes == 0 {
            return;
        }
        let direction = self.sides.get_mut(side);
        if let Some(search) = &mut direction.search {
            return search.gap(bytes);
        }
        let Err(passed) = direction.framing.gap(bytes) else { return };
        direction.messages.lose();
        if direction.has_keys() {
            direction.pass(passed, at);
        } else {
            self.miss_handshake();
        }
        let direction = self.sides.get_mut(side);
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
        let has_opened = [Side::Client, Side::Server].iter().any(|side| self.sides.get(*side).has_opened());
        if !self.over && !has_opened {
            sink(Event::Undecryptable { why: Why::HandshakeUnfinished, at: self.last });
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
                Step::Damaged(len) => self.damaged(side, len, at),
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
        let numbers = keys.search();
        let mut content = None;
        let rest = search.push(bytes, &mut |record, passed| {
            let may_fit = record.kind == ContentType::APPLICATION_DATA || !is_tls13;
            content = if may_fit { direction.open(record, passed, numbers, tries, &mut out) } else { None };
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
            ContentType::HANDSHAKE if self.is_sealed(side, record) => {}
            // Under the keys of TLS 1.3 no message comes in plain text (RFC 8446 §5.1): it is none of this session.
            ContentType::HANDSHAKE if self.is_tls13() && self.sides.get(side).current.is_some() => {}
            ContentType::HANDSHAKE => self.handshake(side, record.body, at, keys, sink),
            ContentType::ALERT => sink(Event::Alert { side, alert: Alert::read(record.body), at }),
            ContentType::CHANGE_CIPHER_SPEC if !self.is_tls13() => {
                let direction = self.sides.get_mut(side);
                if !direction.next.is_empty() {
                    direction.promote();
                }
                direction.is_sealed = direction.current.is_none();
            }
            // In TLS 1.2, a lost `ChangeCipherSpec`.
            ContentType::APPLICATION_DATA if self.sides.get(side).has_keys() => {
                self.protected(side, record, at, keys, sink);
            }
            ContentType::APPLICATION_DATA => self.join(side, record, at, keys, sink),
            _ => {}
        }
    }

    /// Whether a handshake record is under keys that are not known: in TLS 1.3, the second `ClientHello`
    /// follows a `ChangeCipherSpec` too, and is whole.
    fn is_sealed(&self, side: Side, record: &Record<'_>) -> bool {
        self.sides.get(side).is_sealed && (self.is_tls12() || !is_chain(record.body))
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
    fn damaged(&mut self, side: Side, len: usize, at: Stamp) {
        let direction = self.sides.get_mut(side);
        direction.messages.lose();
        if direction.current.is_some() {
            direction.pass(len as u64, at);
        } else if !direction.has_keys() {
            self.miss_handshake();
        }
    }

    fn stop(&mut self, why: Why, at: Stamp, sink: &mut impl FnMut(Event<'_>)) {
        self.give_up();
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
