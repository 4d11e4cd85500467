//! The keys of one side between two changes of keys.

use super::cipher::{Agreed, Opener};
use super::keylog::{KeyLog, KeySource, Label, Logged, Random};
use super::record::{ContentType, Record};
use super::schedule::updated;
use super::secret::Secret;
use super::suite::{CipherSuite, Suite};
use crate::flow::Side;

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

    /// Whether there is no key.
    pub(super) const fn is_empty(&self) -> bool {
        self.candidates.is_empty()
    }

    /// Opens a record that is the next one or follows up to `span` missing ones; its content is in `out`.
    ///
    /// Each try is taken from `tries`.
    pub(super) fn open(
        &mut self,
        record: &Record<'_>,
        span: u64,
        tries: &mut u64,
        out: &mut Vec<u8>,
    ) -> Option<Opened> {
        for skipped in 0..=span {
            let seq = self.seq.wrapping_add(skipped);
            for (index, candidate) in self.candidates.iter().enumerate() {
                *tries = tries.checked_sub(1)?;
                let Some(kind) = candidate.opener.open(seq, record, out) else { continue };
                let (source, overhead) = (candidate.source, candidate.opener.overhead());
                self.candidates.swap(0, index);
                self.candidates.truncate(1);
                self.seq = seq.wrapping_add(1);
                return Some(Opened { kind, source, skipped, overhead });
            }
        }
        None
    }
}

impl Candidate {
    fn tls13(suite: Suite, logged: &Logged) -> Option<Self> {
        let opener = Opener::tls13(&suite, &logged.secret)?;
        Some(Self { opener, source: logged.source, traffic: Some((suite, logged.secret.clone())) })
    }
}

/// The label under which an epoch's secret is logged.
const fn label(side: Side, stage: Stage) -> Label {
    match (side, stage) {
        (_, Stage::Early) => Label::ClientEarly,
        (Side::Client, Stage::Handshake) => Label::ClientHandshake,
        (Side::Server, Stage::Handshake) => Label::ServerHandshake,
        (Side::Client, Stage::Application) => Label::ClientTraffic,
        (Side::Server, Stage::Application) => Label::ServerTraffic,
    }
}
