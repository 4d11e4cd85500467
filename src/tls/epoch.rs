//! The keys of one side between two changes of keys.

use std::ops::Range;

use super::cipher::{Agreed, Opener, find_tls13};
use super::keylog::{KeyLog, KeySource, Label, Logged, Random};
use super::record::{ContentType, Record};
use super::schedule::updated;
use super::search::RecordSearch;
use super::secret::Secret;
use super::suite::{CipherSuite, Suite};
use crate::flow::Side;

/// Missing records after which the number of the next one is searched, rather than just tried.
pub(super) const NEAR: u64 = 64;

/// What an epoch's records carry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Stage {
    /// Early data (RFC 8446 §2.3).
    Early,
    /// The protected part of the handshake of TLS 1.3.
    Handshake,
    /// Application data; in TLS 1.2 everything after `ChangeCipherSpec`.
    Application,
}

/// Keys and the number of the next record; several keys until a record tells which of them fits.
#[derive(Debug)]
pub(super) struct Epoch {
    pub(super) stage: Stage,
    candidates: Vec<Candidate>,
    seq: u64,
}

#[derive(Debug)]
struct Candidate {
    opener: Opener,
    source: KeySource,
    /// The traffic secret of TLS 1.3, to follow a `KeyUpdate`.
    traffic: Option<(Suite, Secret)>,
}

/// Records of an epoch that may be missing before the next one: from the fewest to the most.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) fewest: u64,
    pub(super) most: u64,
}

/// A record that was opened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opened {
    pub(super) kind: ContentType,
    pub(super) source: KeySource,
    /// Records of the epoch that are missing before it.
    pub(super) skipped: u64,
    /// Bytes that records are longer than their application data.
    pub(super) overhead: Option<u64>,
}

impl Epoch {
    /// The epoch that a master secret of TLS 1.2 gives.
    pub(super) fn tls12(keys: &KeyLog, agreed: &Agreed, side: Side) -> Self {
        let logged = keys.secrets(&agreed.client_random, Label::Master);
        let candidates = logged.filter_map(|logged| {
            let opener = Opener::tls12(agreed, &logged.secret, side)?;
            Some(Candidate { opener, source: logged.source, traffic: None })
        });
        Self { stage: Stage::Application, candidates: candidates.collect(), seq: 0 }
    }

    /// An epoch of TLS 1.3.
    pub(super) fn tls13(keys: &KeyLog, random: &Random, suite: Suite, side: Side, stage: Stage) -> Self {
        let logged = keys.secrets(random, label(side, stage));
        let candidates = logged.filter_map(|logged| Candidate::tls13(suite, logged)).collect();
        Self { stage, candidates, seq: 0 }
    }

    /// The epoch of early data, whose suite is that of a session before.
    pub(super) fn early(keys: &KeyLog, random: &Random) -> Option<Self> {
        let logged = keys.secrets(random, Label::ClientEarly);
        let each = |logged| CipherSuite::all_tls13().filter_map(move |suite| Candidate::tls13(suite, logged));
        let candidates: Vec<_> = logged.flat_map(each).collect();
        (!candidates.is_empty()).then_some(Self { stage: Stage::Early, candidates, seq: 0 })
    }

    /// The epoch after a `KeyUpdate` (RFC 8446 §7.2).
    pub(super) fn updated(&self) -> Option<Self> {
        let next = |candidate: &Candidate| {
            let (suite, secret) = candidate.traffic.as_ref()?;
            let secret = updated(suite.hash, secret);
            Candidate::tls13(
                *suite,
                &Logged { label: Label::ClientTraffic, secret, source: candidate.source },
            )
        };
        let candidates: Vec<_> = self.candidates.iter().filter_map(next).collect();
        (!candidates.is_empty()).then_some(Self { stage: self.stage, candidates, seq: 0 })
    }

    /// Whether its keys are those of TLS 1.2.
    pub(super) fn is_tls12(&self) -> bool {
        self.candidates.iter().all(|candidate| candidate.traffic.is_none())
    }

    /// Whether there is no key.
    pub(super) const fn is_empty(&self) -> bool {
        self.candidates.is_empty()
    }

    /// Of its records `number` are over.
    pub(super) const fn start_at(&mut self, number: u64) {
        self.seq = number;
    }

    /// The number of the next record.
    pub(super) const fn number(&self) -> u64 {
        self.seq
    }

    /// Opens a record that is the next one or follows some missing ones; its content is in `out`.
    ///
    /// Each try is taken from `tries`, or from what `search` may take.
    pub(super) fn open(
        &mut self,
        record: &Record<'_>,
        span: Span,
        search: &RecordSearch,
        tries: &mut u64,
        out: &mut Vec<u8>,
    ) -> Option<Opened> {
        for skipped in 0..=span.most.min(NEAR) {
            let seq = self.seq.wrapping_add(skipped);
            for (index, candidate) in self.candidates.iter().enumerate() {
                *tries = tries.checked_sub(1)?;
                if let Some(kind) = candidate.opener.open(seq, record, out) {
                    return Some(self.opened(index, seq, kind));
                }
            }
        }
        if span.most <= NEAR { None } else { self.find(record, span, search, out) }
    }

    /// Opens a record behind many missing ones.
    fn find(
        &mut self,
        record: &Record<'_>,
        span: Span,
        search: &RecordSearch,
        out: &mut Vec<u8>,
    ) -> Option<Opened> {
        let start = self.seq.saturating_add(span.fewest.max(NEAR + 1));
        let end = self.seq.saturating_add(span.most).saturating_add(1);
        let numbers = start..end.min(start.saturating_add(search.reach()));
        let cost = |index: usize| self.candidates[index].cost(record);
        let look = |index: usize, range| {
            let found = self.candidates[index].find(record, range, &mut Vec::new());
            found.map(|(number, _)| (index, number))
        };
        let (index, number) = search.find(self.candidates.len(), &numbers, &cost, &look)?;
        let kind = self.candidates[index].opener.open(number, record, out)?;
        Some(self.opened(index, number, kind))
    }

    /// Notes that the key with this index opened the record with this number.
    fn opened(&mut self, index: usize, number: u64, kind: ContentType) -> Opened {
        self.candidates.swap(0, index);
        self.candidates.truncate(1);
        let skipped = number.wrapping_sub(self.seq);
        self.seq = number.wrapping_add(1);
        let (source, overhead) = (self.candidates[0].source, self.candidates[0].opener.overhead());
        Opened { kind, source, skipped, overhead }
    }
}

impl Candidate {
    /// The first of `numbers` with which a record opens.
    fn find(
        &self,
        record: &Record<'_>,
        numbers: Range<u64>,
        out: &mut Vec<u8>,
    ) -> Option<(u64, ContentType)> {
        match &self.traffic {
            Some((suite, secret)) => find_tls13(suite, secret, record, numbers, out),
            None => self.opener.find(record, numbers, out),
        }
    }

    /// What a try costs, in looks at one block of AES.
    fn cost(&self, record: &Record<'_>) -> u64 {
        match &self.traffic {
            Some((suite, _)) => suite.bulk.peek_cost(),
            None => whole_cost(record),
        }
    }

    fn tls13(suite: Suite, logged: &Logged) -> Option<Self> {
        let opener = Opener::tls13(&suite, &logged.secret)?;
        Some(Self { opener, source: logged.source, traffic: Some((suite, logged.secret.clone())) })
    }
}

/// What it costs to open a record as a whole, in looks at one block of AES.
pub(super) const fn whole_cost(record: &Record<'_>) -> u64 {
    8 + record.body.len() as u64 / 16
}

/// The label under which an epoch's secret is logged.
pub(super) const fn label(side: Side, stage: Stage) -> Label {
    match (side, stage) {
        (_, Stage::Early) => Label::ClientEarly,
        (Side::Client, Stage::Handshake) => Label::ClientHandshake,
        (Side::Server, Stage::Handshake) => Label::ServerHandshake,
        (Side::Client, Stage::Application) => Label::ClientTraffic,
        (Side::Server, Stage::Application) => Label::ServerTraffic,
    }
}
