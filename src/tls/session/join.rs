//! A session of which a part of the handshake is not in the capture: which secrets are its own, and
//! which number a record has, is found by trying.
//!
//! In TLS 1.3 a traffic secret is all that records need. The keys of TLS 1.2 depend on the randoms of
//! both hellos: with the `ServerHello` seen, the sessions of the key log give the other; without it,
//! nothing can be done.

use std::collections::VecDeque;
use std::ops::Range;

use super::Session;
use crate::flow::{Side, Stamp};
use crate::tls::cipher::{Agreed, Opener, find_tls13};
use crate::tls::epoch::{Epoch, NEAR, Stage, label, whole_cost};
use crate::tls::event::{Event, Why};
use crate::tls::framing::Search;
use crate::tls::hello::ServerHello;
use crate::tls::keylog::{KeyLog, Label, Logged, Random};
use crate::tls::record::{ContentType, Record};
use crate::tls::schedule::updated;
use crate::tls::suite::{CipherSuite, Version};

/// Records that are tried with the secrets of all sessions.
const MOST_RECORDS: u32 = 8;

/// Records that are tried with the secrets of one session.
const MOST_RECORDS_OF_ONE: u32 = 64;

/// Records that a side protects with its handshake keys, at most.
const MOST_OF_HANDSHAKE: u64 = 32;

/// Places in [`epochs13`]: handshake keys, traffic keys, and those after a key update.
const PLACES: [usize; 3] = [1, 0, 2];

/// What is known of a session without its whole handshake.
#[derive(Debug)]
pub(super) struct Joining {
    /// Which side is the client is not certain.
    may_turn: bool,
    /// A part of the handshake is missing; otherwise it may still come.
    pub(super) is_certain: bool,
    /// The `ServerHello`, where it was seen without its `ClientHello`.
    pub(super) hello: Option<ServerHello>,
    /// Records tried.
    tried: u32,
}

impl Joining {
    pub(super) const fn new(may_turn: bool) -> Self {
        Self { may_turn, is_certain: true, hello: None, tried: 0 }
    }
}

/// One way in which a record may be protected.
#[derive(Clone, Copy, Debug)]
struct Way {
    cipher: CipherSuite,
    side: Side,
    /// The place of its keys among those that the side has one after the other.
    place: usize,
}

impl Way {
    const fn stage(self) -> Stage {
        if self.place == 0 { Stage::Handshake } else { Stage::Application }
    }
}

/// Whose record it is, and how it is protected.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    way: Way,
    random: Random,
    number: u64,
}

impl Session {
    /// Notes that a part of the handshake is missing.
    pub(super) fn miss_handshake(&mut self) -> &mut Joining {
        let joining = self.joining.get_or_insert_with(|| Joining::new(false));
        joining.is_certain = true;
        joining
    }

    /// Takes application data under keys that are not known.
    pub(super) fn join(
        &mut self,
        side: Side,
        record: &Record<'_>,
        at: Stamp,
        keys: &KeyLog,
        sink: &mut impl FnMut(Event<'_>),
    ) {
        match self.identify(side, record, keys) {
            Ok(Some(found)) => self.enter(found, record, at, keys, sink),
            Ok(None) => {}
            Err(why) => self.stop(why, at, sink),
        }
    }

    /// Takes bytes while neither the session nor where its records begin is known.
    pub(super) fn join_by(
        &mut self,
        side: Side,
        mut search: Search,
        bytes: &[u8],
        at: Stamp,
        keys: &KeyLog,
        sink: &mut impl FnMut(Event<'_>),
    ) {
        let mut came_to = Ok(None);
        let rest = search.push(bytes, &mut |record, _| {
            if record.kind == ContentType::APPLICATION_DATA && came_to.is_ok() {
                let identified = self.identify(side, record, keys);
                came_to = identified.map(|found| found.map(|found| (found, record.to_bytes())));
            }
            matches!(came_to, Ok(Some(_)))
        });
        match (came_to, rest) {
            (Err(why), _) => self.stop(why, at, sink),
            (Ok(Some((found, record))), Some(rest)) => {
                let client = found.way.side;
                if client != side {
                    self.sides.swap();
                    sink(Event::Turned);
                }
                if let Some(record) = Record::whole(&record) {
                    self.enter(found, &record, at, keys, sink);
                }
                self.push(client, &rest, at, keys, sink);
            }
            _ => self.sides.get_mut(side).search = Some(search),
        }
    }

    /// Goes on with the secrets that were found for `record`.
    fn enter(
        &mut self,
        found: Found,
        record: &Record<'_>,
        at: Stamp,
        keys: &KeyLog,
        sink: &mut impl FnMut(Event<'_>),
    ) {
        let Found { way, random, number } = found;
        let hello = self.joining.take().and_then(|joining| joining.hello);
        let agreed = hello.filter(|_| self.is_tls12()).and_then(|hello| agreed(&hello, random));
        self.client_random = Some(random);
        self.negotiated.cipher = Some(way.cipher);
        self.negotiated.version.get_or_insert(Version::TLS13);
        for side in [Side::Client, Side::Server] {
            let mut epochs = match &agreed {
                Some(agreed) => VecDeque::from([Epoch::tls12(keys, agreed, side)]),
                None => epochs13(keys, &random, way.cipher, side),
            };
            if side == way.side {
                epochs.drain(..way.place.min(epochs.len() - 1));
                epochs[0].start_at(number);
            }
            self.sides.get_mut(side).join(epochs);
        }
        self.protected(way.side, record, at, keys, sink);
    }

    /// Finds whose record it is; `None` where another record may tell.
    fn identify(&mut self, side: Side, record: &Record<'_>, keys: &KeyLog) -> Result<Option<Found>, Why> {
        let is_one = self.client_random.is_some();
        let unfound = self.unfound(keys);
        let may_open = !matches!(unfound, Why::HandshakeMissing | Why::ServerHelloMissing);
        let joining =
            self.joining.get_or_insert_with(|| Joining { is_certain: false, ..Joining::new(false) });
        joining.tried = joining.tried.saturating_add(1);
        let is_last = joining.tried >= if is_one { MOST_RECORDS_OF_ONE } else { MOST_RECORDS };
        let is_certain = joining.is_certain;
        let found =
            if may_open && (!is_last || is_certain) { self.search_for(side, record, keys) } else { None };
        match found {
            Some(found) => Ok(Some(found)),
            None if is_certain && keys.search().is_exhausted() => Err(Why::SearchGivenUp),
            None if is_certain && (is_last || !may_open) => Err(unfound),
            None => Ok(None),
        }
    }

    /// Why nothing opens the session where nothing does.
    fn unfound(&self, keys: &KeyLog) -> Why {
        let is_tls12 =
            self.joining.as_ref().is_some_and(|joining| joining.hello.is_some()) && self.is_tls12();
        let logged =
            |label| self.client_random.is_some_and(|random| keys.secrets(&random, label).next().is_some());
        match self.client_random {
            _ if keys.search().numbers() == 0 => Why::HandshakeMissing,
            Some(_) if logged(Label::ClientTraffic) || logged(Label::ServerTraffic) => Why::WrongKeys,
            Some(_) if logged(Label::Master) => Why::ServerHelloMissing,
            None if is_tls12 || keys.has_traffic() => Why::NotFound,
            _ => Why::HandshakeMissing,
        }
    }

    /// Tries the secrets of the session, or of all sessions, on a record.
    fn search_for(&self, side: Side, record: &Record<'_>, keys: &KeyLog) -> Option<Found> {
        let joining = self.joining.as_ref()?;
        let sessions = if self.client_random.is_some() { 1 } else { keys.sessions() };
        let hello = joining.hello.as_ref().filter(|_| self.is_tls12());
        let ways =
            if hello.is_some() { vec![self.way12(side)?] } else { self.ways13(side, joining.may_turn) };
        let guess = |index: usize| {
            let random = self.client_random.or_else(|| keys.session(index % sessions).copied())?;
            Some((random, *ways.get(index / sessions)?))
        };
        let cost = |index| {
            let Some((random, way)) = guess(index) else { return 0 };
            match hello {
                Some(_) => whole_cost(record) * keys.secrets(&random, Label::Master).count() as u64,
                None => cost13(keys, &random, way),
            }
        };
        let look = |index, numbers: Range<u64>| {
            let (random, way) = guess(index)?;
            let number = match hello {
                Some(hello) => number12(keys, &agreed(hello, random)?, side, record, &numbers),
                None => number13(keys, &random, way, record, &numbers),
            };
            Some(Found { way, random, number: number? })
        };
        // What may be early data is no reason to search far.
        let far = keys.search().numbers();
        let end = if joining.is_certain { far } else { far.min(NEAR) };
        keys.search().find(sessions * ways.len(), &(0..end), &cost, &look)
    }

    fn way12(&self, side: Side) -> Option<Way> {
        Some(Way { cipher: self.negotiated.cipher?, side, place: 0 })
    }

    /// The ways of TLS 1.3, the likely ones first.
    fn ways13(&self, side: Side, may_turn: bool) -> Vec<Way> {
        let sides = if may_turn { &[side, side.other()][..] } else { &[side][..] };
        let ciphers =
            self.negotiated.cipher.map_or_else(|| CipherSuite::ALL_TLS13.to_vec(), |cipher| vec![cipher]);
        let ways = PLACES.into_iter().flat_map(|place| {
            ciphers.iter().flat_map(move |cipher| {
                sides.iter().map(move |side| Way { cipher: *cipher, side: *side, place })
            })
        });
        ways.collect()
    }
}

/// What a try costs with all secrets that a way has.
fn cost13(keys: &KeyLog, random: &Random, way: Way) -> u64 {
    let Some(suite) = way.cipher.suite() else { return 0 };
    match way.stage() {
        Stage::Application => secrets13(keys, random, way).count() as u64 * suite.bulk.peek_cost(),
        // So few that they do not count.
        Stage::Handshake | Stage::Early => 0,
    }
}

/// The secrets of a way whose length fits its hash.
fn secrets13<'k>(keys: &'k KeyLog, random: &Random, way: Way) -> impl Iterator<Item = &'k Logged> {
    let len = way.cipher.suite().map(|suite| suite.hash.len());
    let logged = keys.secrets(random, label(way.side, way.stage()));
    logged.filter(move |logged| Some(logged.secret.bytes().len()) == len)
}

fn number13(
    keys: &KeyLog,
    random: &Random,
    way: Way,
    record: &Record<'_>,
    numbers: &Range<u64>,
) -> Option<u64> {
    let suite = way.cipher.suite()?;
    let end = if way.place == 0 { numbers.end.min(MOST_OF_HANDSHAKE) } else { numbers.end };
    secrets13(keys, random, way).find_map(|logged| {
        let mut secret = logged.secret.clone();
        for _ in 1..way.place {
            secret = updated(suite.hash, &secret);
        }
        let found = find_tls13(&suite, &secret, record, numbers.start..end, &mut Vec::new());
        found.map(|(number, _)| number)
    })
}

fn number12(
    keys: &KeyLog,
    agreed: &Agreed,
    side: Side,
    record: &Record<'_>,
    numbers: &Range<u64>,
) -> Option<u64> {
    keys.secrets(&agreed.client_random, Label::Master).find_map(|logged| {
        let opener = Opener::tls12(agreed, &logged.secret, side)?;
        opener.find(record, numbers.clone(), &mut Vec::new()).map(|(number, _)| number)
    })
}

/// What a `ServerHello` and a client's random give to the keys of TLS 1.2.
fn agreed(hello: &ServerHello, client_random: Random) -> Option<Agreed> {
    let (server_random, encrypt_then_mac) = (hello.random, hello.encrypt_then_mac);
    Some(Agreed { suite: hello.cipher.suite()?, client_random, server_random, encrypt_then_mac })
}

/// The keys of a side of TLS 1.3, one after the other.
fn epochs13(keys: &KeyLog, random: &Random, cipher: CipherSuite, side: Side) -> VecDeque<Epoch> {
    let Some(suite) = cipher.suite() else { return VecDeque::new() };
    let stages = [Stage::Handshake, Stage::Application];
    let mut epochs: VecDeque<_> = stages.map(|stage| Epoch::tls13(keys, random, suite, side, stage)).into();
    epochs.extend(epochs[1].updated());
    epochs
}
