//! What sessions and findings look at of every connection, in few bytes: there may be very many.

use std::num::NonZeroU64;

use crate::catalogue::Catalogue;
use crate::facts::{Act, ActKind, Class, Facts, Mechanism};
use crate::flow::{Endpoint, Side, Sides, Stamp};
use crate::time::{Span, Timestamp};
use crate::timeline::{Close, Kind};
use crate::verdict::{Cause, Confidence, Party, Verdict};

/// The essence of one connection and its verdict.
#[derive(Clone, Copy, Debug)]
pub struct Digest {
    /// Its first packet.
    pub first: Stamp,
    /// The capture that holds its last packet.
    pub last_file: u32,
    /// What it turned out to be.
    pub kind: Kind,
    /// Its ends.
    pub endpoints: Sides<Endpoint>,
    /// When it opened.
    pub opened: Timestamp,
    /// The first FIN or RST, or end of its stream.
    over: Maybe,
    /// The first end act that counts.
    pub act: Option<EndAct>,
    /// How the end looks.
    pub mechanism: Mechanism,
    /// Who ended it.
    pub party: Party,
    /// Why.
    pub cause: Cause,
    /// How sure that is.
    pub confidence: Confidence,
    /// The silence before the end.
    pub silence: Span,
    /// Its silences were counted: the WebSocket opened.
    pub has_opened: bool,
    pub(super) syn_seen: bool,
    /// An end as those of a proxy's restart look, on a connection on which a header names a proxy.
    pub(super) hung_up: bool,
    /// When an upgrade was answered with a gateway's error.
    failed: Maybe,
    /// When the client was heard last, where it fell silent.
    client_heard: Maybe,
    /// The usual time between the pings of the side that pings more.
    interval: Maybe,
    /// The TTL of an RST that was forged.
    pub(super) forged_ttl: Option<u8>,
    /// The key of the upgrade that was granted.
    pub(super) key: Option<NonZeroU64>,
    /// The masking key and the like of the client's first frame.
    pub(super) mask: Option<NonZeroU64>,
}

/// The first end act that counts.
#[derive(Clone, Copy, Debug)]
pub struct EndAct {
    /// When it was seen.
    pub at: Timestamp,
    /// The side whose address it carries.
    pub from: Side,
    /// What it is.
    pub how: How,
}

/// How an end looks.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum How {
    /// A Close, with its code where it has one.
    Close(Option<u16>),
    /// A FIN.
    Fin,
    /// An RST.
    Rst,
    /// The end of an HTTP/2 stream.
    StreamEnd,
}

impl Digest {
    /// The essence of a connection; the catalogue knows the headers that name proxies.
    pub fn new(facts: &Facts, verdict: &Verdict, catalogue: &Catalogue) -> Self {
        let connection = &facts.connection;
        let (record, tcp) = (&connection.timeline, &connection.tcp);
        Self {
            first: tcp.first,
            last_file: tcp.last.packet.file(),
            kind: connection.kind,
            endpoints: tcp.endpoints,
            opened: connection.opened().time,
            over: Maybe::at(record.first_end().map(|(_, at, _)| at.time)),
            act: facts.act.and_then(|act| end_act(facts, act)),
            mechanism: facts.mechanism,
            party: verdict.party,
            cause: verdict.cause,
            confidence: verdict.confidence,
            silence: facts.silence_before_end(),
            has_opened: record.idle.is_some(),
            syn_seen: tcp.syn_seen,
            hung_up: hung_up(facts, catalogue),
            failed: Maybe::at(failed(facts)),
            client_heard: Maybe::at(client_heard(facts)),
            interval: Maybe::of(interval(facts).map(Span::as_nanos)),
            forged_ttl: forged_ttl(facts),
            key: key(facts),
            mask: record.masks.first().and_then(NonZeroU64::new),
        }
    }

    /// Takes in that the verdict was corrected.
    pub const fn correct(&mut self, verdict: &Verdict) {
        (self.party, self.cause, self.confidence) = (verdict.party, verdict.cause, verdict.confidence);
    }

    /// When the first FIN or RST, or end of its stream, was seen.
    pub fn over(&self) -> Option<Timestamp> {
        self.over.time()
    }

    /// When an upgrade was answered with a gateway's error.
    pub(super) fn failed(&self) -> Option<Timestamp> {
        self.failed.time()
    }

    /// When the client was heard last, where it fell silent.
    pub(super) fn client_heard(&self) -> Option<Timestamp> {
        self.client_heard.time()
    }

    /// The usual time between the pings of the side that pings more.
    pub(super) fn interval(&self) -> Option<Span> {
        self.interval.nanos().map(Span::from_nanos)
    }

    pub(super) const fn end(&self, side: Side) -> Endpoint {
        *self.endpoints.get(side)
    }

    /// When its end began.
    pub(super) fn ended(&self) -> Option<Timestamp> {
        self.act.map(|act| act.at)
    }

    /// How long it was open.
    pub(super) fn age(&self) -> Option<Span> {
        self.ended().map(|ended| ended - self.opened)
    }

    /// Whether it ended with a FIN or RST and no Close.
    pub(super) const fn ended_without_close(&self) -> bool {
        matches!(
            self.mechanism,
            Mechanism::FinWithoutClose | Mechanism::RstWithoutClose | Mechanism::Http2StreamReset
        )
    }
}

/// Nanoseconds that may be missing, in one word: most connections lack most of them.
#[derive(Clone, Copy, Debug)]
struct Maybe(i64);

impl Maybe {
    /// No capture has a time three centuries ago.
    const NOTHING: i64 = i64::MIN;

    fn of(nanos: Option<i64>) -> Self {
        Self(nanos.unwrap_or(Self::NOTHING))
    }

    fn at(time: Option<Timestamp>) -> Self {
        Self::of(time.map(Timestamp::as_nanos))
    }

    fn nanos(self) -> Option<i64> {
        Some(self.0).filter(|nanos| *nanos != Self::NOTHING)
    }

    fn time(self) -> Option<Timestamp> {
        self.nanos().map(Timestamp::from_nanos)
    }
}

impl std::fmt::Display for How {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Close(Some(code)) => write!(f, "a Close with code {code}"),
            Self::Close(None) => f.write_str("a Close without a code"),
            Self::Fin => f.write_str("a FIN and no Close"),
            Self::Rst => f.write_str("an RST and no Close"),
            Self::StreamEnd => f.write_str("an end of its HTTP/2 stream and no Close"),
        }
    }
}

fn end_act(facts: &Facts, act: Act) -> Option<EndAct> {
    let how = match act.kind {
        ActKind::Close(index) => {
            let close = facts.connection.timeline.closes.get(index)?;
            How::Close(Close::code(close).map(|code| code.0))
        }
        ActKind::Fin(_) => How::Fin,
        ActKind::Reset(_) => How::Rst,
        ActKind::Stream(_) => How::StreamEnd,
    };
    Some(EndAct { at: act.at.time, from: act.from, how })
}

fn hung_up(facts: &Facts, catalogue: &Catalogue) -> bool {
    let abrupt = matches!(facts.mechanism, Mechanism::FinWithoutClose | Mechanism::RstWithoutClose);
    let by_server = |act: Act| act.from == Side::Server && !matches!(act.kind, ActKind::Close(_));
    let mut headers = facts.connection.timeline.response.iter().flat_map(|response| &response.via);
    abrupt
        && facts.act.is_some_and(by_server)
        && headers.any(|header| catalogue.names_proxy(&header.to_string()))
}

fn failed(facts: &Facts) -> Option<Timestamp> {
    let response = facts.connection.timeline.response.as_ref()?;
    let failed = facts.connection.kind == Kind::RefusedUpgrade && matches!(response.status, 502..=504);
    failed.then_some(response.at.time)
}

fn client_heard(facts: &Facts) -> Option<Timestamp> {
    let quiet = facts.quiet.filter(|quiet| quiet.side == Side::Client)?;
    let heard = quiet.last_heard?.time;
    (facts.mechanism == Mechanism::Silence).then_some(heard)
}

fn interval(facts: &Facts) -> Option<Span> {
    let pings = &facts.connection.timeline.pings;
    let more = if pings.client.sent >= pings.server.sent { &pings.client } else { &pings.server };
    more.interval.median()
}

fn forged_ttl(facts: &Facts) -> Option<u8> {
    let forged = facts.resets.iter().find(|judged| judged.class == Class::Injected)?;
    Some(forged.reset.facts.ttl)
}

/// The first 64 bits of the key's hash.
fn key(facts: &Facts) -> Option<NonZeroU64> {
    let request = facts.connection.timeline.request.as_ref()?;
    let hash = request.key_hash.filter(|_| facts.connection.kind == Kind::WebSocket)?;
    NonZeroU64::new(hash.0)
}
