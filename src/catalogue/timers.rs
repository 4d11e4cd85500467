//! Rows of `timers.toml`.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};

use crate::time::Span;

use super::{List, Text};

// `BUILT_IN`: the rows that come with the program.
include!(concat!(env!("OUT_DIR"), "/timers.rs"));

/// A timer of a product.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timer {
    /// A stable name.
    pub id: Text,
    /// The product.
    pub product: Text,
    /// The setting, in the product's own words.
    pub setting: Text,
    /// What it bounds.
    pub kind: TimerKind,
    /// Where the product stands.
    #[serde(default)]
    pub stands: Stands,
    /// The value that the product comes with, in seconds; absent where it has none.
    #[serde(default, deserialize_with = "seconds")]
    seconds: Option<Span>,
    /// Other values of the same timer, in seconds.
    #[serde(default, deserialize_with = "several_seconds")]
    also_seconds: List<Span>,
    /// How often the product pings, in seconds.
    #[serde(default, deserialize_with = "seconds")]
    ping_every: Option<Span>,
    /// How long it waits for the pong, in seconds.
    #[serde(default, deserialize_with = "seconds")]
    pong_within: Option<Span>,
    /// Seconds that it may fire early.
    #[serde(default, deserialize_with = "seconds")]
    early: Option<Span>,
    /// Seconds that it may fire late.
    #[serde(default, deserialize_with = "seconds")]
    late: Option<Span>,
    /// What starts it anew.
    #[serde(default)]
    pub reset_by: ResetBy,
    /// What the wire shows when it fires.
    pub ends_with: List<Ending>,
    /// The code of the Close that it sends.
    pub close_code: Option<u16>,
    /// The reason of that Close.
    pub close_reason: Option<Text>,
    /// The product family, as [`Mark`](super::Mark)s name it.
    pub family: Option<Text>,
    /// How to change it.
    pub fix: Text,
    /// What else is to be known.
    pub note: Option<Text>,
    /// Where the value is stated.
    #[serde(default)]
    pub sources: List<Text>,
    /// How well the value is grounded.
    #[serde(default)]
    pub confidence: Grounds,
    /// How well it is grounded what the wire shows.
    pub wire_confidence: Option<Grounds>,
}

/// What a timer bounds.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum TimerKind {
    /// Silence.
    Idle,
    /// Silence of one side.
    OneDirectionIdle,
    /// The life of a connection, silent or not.
    Lifetime,
    /// How often something is sent to keep it alive.
    Heartbeat,
    /// The wait for the answer to a ping.
    PongTimeout,
    /// A write that the peer does not take.
    WriteStall,
    /// A connection that one side has closed.
    HalfClosedIdle,
    /// The time until the first message.
    Handshake,
    /// The wait for the answer to a Close.
    CloseHandshake,
    /// TCP's keep-alive.
    Keepalive,
    /// TCP's retransmission.
    Retransmission,
    /// It does not count for an open WebSocket, whatever its name suggests.
    NotApplicable,
}

impl TimerKind {
    /// Whether it is silence that sets it off, so that a heartbeat helps.
    pub const fn is_silence(self) -> bool {
        matches!(self, Self::Idle | Self::OneDirectionIdle)
    }

    /// What it bounds, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Idle => "silence of both sides",
            Self::OneDirectionIdle => "silence of one side",
            Self::Lifetime => "the whole life of a connection, silent or not",
            Self::Heartbeat => "how often something is sent to keep the connection alive",
            Self::PongTimeout => "the wait for the answer to a ping",
            Self::WriteStall => "a write that the peer does not take",
            Self::HalfClosedIdle => "silence after one side has sent its FIN",
            Self::Handshake => "the wait for the first message",
            Self::CloseHandshake => "the wait for the answer to a Close",
            Self::Keepalive => "the silence before TCP's keep-alive probes",
            Self::Retransmission => "TCP's attempts to send again",
            Self::NotApplicable => "nothing on an open WebSocket",
        }
    }
}

/// Where a product stands.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Stands {
    /// Between the ends.
    #[default]
    Between,
    /// At the client.
    Client,
    /// At the server.
    Server,
    /// At either end.
    Either,
}

/// What starts a timer anew.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum ResetBy {
    /// Payload of either side.
    Either,
    /// Payload of either side, and no keep-alive of TCP.
    PayloadEither,
    /// Any TCP segment.
    AnySegment,
    /// What the client sends.
    ClientToServer,
    /// What the server sends.
    ServerToClient,
    /// Whatever the owner of the timer receives.
    ReceivedBySender,
    /// A pong.
    PongOnly,
    /// A message of the application.
    AppMessageOnly,
    /// An acknowledgement.
    Ack,
    /// Nothing.
    None,
    /// It is not known.
    #[default]
    Unknown,
}

impl ResetBy {
    /// The same in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Either => "data of either side",
            Self::PayloadEither => "data of either side; TCP keep-alives do not count",
            Self::AnySegment => "any TCP segment, keep-alives included",
            Self::ClientToServer => "what the client sends",
            Self::ServerToClient => "what the server sends",
            Self::ReceivedBySender => "whatever arrives at the side that has the timer",
            Self::PongOnly => "a pong",
            Self::AppMessageOnly => "a message of the application; pings do not count",
            Self::Ack => "an acknowledgement",
            Self::None => "nothing",
            Self::Unknown => "it is not known what",
        }
    }
}

/// What the wire shows when a timer fires.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// A FIN.
    Fin,
    /// An RST at once.
    Rst,
    /// A FIN in one direction, while the other stays open.
    HalfClose,
    /// An RST in answer to the next packet.
    RstOnNextPacket,
    /// Nothing.
    SilentDrop,
    /// A Close frame.
    CloseFrame,
    /// A message, and then a Close frame.
    MessageThenClose,
    /// It is not known.
    Unknown,
}

impl Ending {
    /// The same in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Fin => "a FIN",
            Self::Rst => "an RST",
            Self::HalfClose => "a FIN to one side",
            Self::RstOnNextPacket => "an RST in answer to the next packet",
            Self::SilentDrop => "nothing: packets are dropped from then on",
            Self::CloseFrame => "a Close frame",
            Self::MessageThenClose => "a message and then a Close frame",
            Self::Unknown => "it is not known how",
        }
    }
}

/// How well a row is grounded, best first.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "snake_case")]
pub enum Grounds {
    /// The user says so.
    #[default]
    User,
    /// Seen on the wire.
    Experiment,
    /// The product's source says so.
    SourceCode,
    /// The product's documentation says so.
    Documented,
    /// Others say so.
    Hearsay,
}

impl Grounds {
    /// The same in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::User => "from your own catalogue",
            Self::Experiment => "seen on the wire",
            Self::SourceCode => "read in the product's source",
            Self::Documented => "documented",
            Self::Hearsay => "reported by others, not verified",
        }
    }
}

impl Timer {
    /// How much a timer may fire early or late where its row does not say.
    const EARLY: Span = Span::from_millis(50);
    const LATE: Span = Span::from_millis(150);
    /// A life of hours is not measured by milliseconds, and the handshake of the other leg comes first.
    const LATE_LIFE: Span = Span::from_millis(1_000);

    /// What seems to fire earlier than this takes no notice of what comes soon after its start.
    const LAZY: Span = Span::from_millis(250);

    /// The value that the product comes with.
    pub const fn value(&self) -> Option<Span> {
        self.seconds
    }

    /// That value and the other ones that are known.
    pub fn values(&self) -> impl Iterator<Item = Span> + '_ {
        self.seconds.into_iter().chain(self.also_seconds.iter().copied())
    }

    /// The known value that is nearest to what was measured.
    pub fn nearest(&self, measured: Span) -> Option<Span> {
        self.values().min_by_key(|value| (measured - *value).abs())
    }

    /// How often the product pings.
    pub const fn ping_every(&self) -> Option<Span> {
        self.ping_every
    }

    /// How long it waits for the pong.
    pub const fn pong_within(&self) -> Option<Span> {
        self.pong_within
    }

    /// How much it may fire before its value.
    pub fn early(&self) -> Span {
        self.early.unwrap_or(Self::EARLY)
    }

    /// Whether it takes no notice of what comes soon after its start, so that it seems to fire early.
    pub fn is_lazy(&self) -> bool {
        self.early.is_some_and(|early| early >= Self::LAZY)
    }

    /// How much it may fire after its value.
    pub fn late(&self) -> Span {
        let usual = if self.kind == TimerKind::Lifetime { Self::LATE_LIFE } else { Self::LATE };
        self.late.unwrap_or(usual)
    }

    /// What is wrong with the row, if anything.
    pub(super) fn fault(&self) -> Option<String> {
        let parts = [self.ping_every, self.pong_within];
        let mut values = self.seconds.iter().chain(&*self.also_seconds).chain(parts.iter().flatten());
        let tolerances = [self.early, self.late];
        if values.any(|value| !(SHORTEST..=LONGEST).contains(value)) {
            Some("a value must be above 0 and at most 31622400 seconds (a year)".to_owned())
        } else if tolerances.iter().flatten().any(|value| !(Span::ZERO..=HOUR).contains(value)) {
            Some("`early` and `late` must be 0 to 3600 seconds".to_owned())
        } else if self.ends_with.is_empty() {
            Some("`ends_with` must name at least one end, or \"unknown\"".to_owned())
        } else if self.fix.is_empty() || self.setting.is_empty() {
            Some("`setting` and `fix` must not be empty".to_owned())
        } else {
            None
        }
    }
}

/// A millisecond.
const SHORTEST: Span = Span::from_millis(1);

/// An hour.
const HOUR: Span = Span::from_secs(3_600);

/// A year.
const LONGEST: Span = Span::from_secs(31_622_400);

/// Seconds of a row as a span; what is no number is below all that is sane.
pub(super) fn span(seconds: f64) -> Span {
    Span::from_nanos(if seconds.is_nan() { i64::MIN } else { (seconds * 1e9).round() as i64 })
}

fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Span>, D::Error> {
    Ok(Option::<f64>::deserialize(from)?.map(span))
}

fn several_seconds<'de, D: Deserializer<'de>>(from: D) -> Result<List<Span>, D::Error> {
    Ok(Vec::<f64>::deserialize(from)?.into_iter().map(span).collect())
}
