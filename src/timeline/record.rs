//! The parts of a connection's record beside its event list.

use serde::{Deserialize, Serialize};

use crate::flow::{Side, Stamp};
use crate::tcp::{PathError, ResetFacts};
use crate::tls::{Alert, AlertDescription, AlertLevel, Negotiated, Why};
use crate::ws::{self, CloseCode};

use super::sealed::Sealed;

/// Frames of one side by opcode; one cache line.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[repr(C, align(64))]
pub struct FrameCounts {
    /// Text frames.
    pub text: u64,
    /// Binary frames.
    pub binary: u64,
    /// Messages completed.
    pub messages: u64,
    /// Payload bytes of all frames.
    pub bytes: u64,
    /// Continuation frames.
    pub continuation: u64,
    /// Pings.
    pub ping: u64,
    /// Pongs.
    pub pong: u64,
    /// Closes.
    pub close: u32,
    /// Frames with a reserved opcode.
    pub other: u32,
}

impl FrameCounts {
    /// All frames.
    pub const fn total(&self) -> u64 {
        let rare = self.close as u64 + self.other as u64;
        self.text + self.binary + self.continuation + self.ping + self.pong + rare
    }
}

/// A Close frame.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Close {
    /// The side that sent it.
    pub from: Side,
    /// The packet that completed it.
    pub at: Stamp,
    /// What it says.
    pub body: CloseBody,
    /// Where it ends in its sender's stream.
    pub end: i64,
    /// How far its packet acknowledges the other side's stream.
    pub acked: i64,
    /// The packet with which the other side's host acknowledged it.
    pub acked_at: Option<Stamp>,
    /// Whether it was masked.
    pub masked: bool,
}

/// The body of a Close frame.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum CloseBody {
    /// No code.
    Empty,
    /// A code and a reason, which may be empty.
    Code(CloseCode, String),
    /// The capture does not hold it.
    NotCaptured,
}

impl Close {
    /// The code, where there is one.
    pub const fn code(&self) -> Option<CloseCode> {
        match &self.body {
            CloseBody::Code(code, _) => Some(*code),
            CloseBody::Empty | CloseBody::NotCaptured => None,
        }
    }

    /// The reason, where there is one.
    pub fn reason(&self) -> Option<&str> {
        match &self.body {
            CloseBody::Code(_, reason) if !reason.is_empty() => Some(reason),
            _ => None,
        }
    }
}

/// An answer to the upgrade request that is not HTTP.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct ForeignAnswer {
    /// The packet that began it.
    pub at: Stamp,
    /// It is a TLS alert.
    pub is_tls: bool,
}

/// A side's first FIN.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Fin {
    /// The side that sent it.
    pub from: Side,
    /// Its packet.
    pub at: Stamp,
    /// How far it acknowledges the other side's stream.
    pub acked: i64,
    /// Where its sender's stream ends, the FIN's own number included.
    pub end: i64,
}

/// A router's word that a side's segment did not get through.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Undelivered {
    /// The side that sent the segment.
    pub from: Side,
    /// The packet that brought the word.
    pub at: Stamp,
    /// What it says.
    pub error: PathError,
}

/// An RST.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Reset {
    /// The side in whose name it was sent.
    pub from: Side,
    /// Its packet.
    pub at: Stamp,
    /// What it looks like.
    pub facts: ResetFacts,
}

/// Something that breaks RFC 6455.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Violation {
    /// The side that did it.
    pub from: Side,
    /// The packet that shows it.
    pub at: Stamp,
    /// What it breaks.
    pub kind: ws::Violation,
}

/// A stretch of a side's stream that was not read as frames.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Unparsed {
    /// The side whose stream it is.
    pub from: Side,
    /// Its length.
    pub bytes: u64,
    /// Why.
    pub why: Reason,
    /// Where it starts.
    pub at: Stamp,
    /// Where reading went on.
    pub resynced_at: Option<Stamp>,
}

/// Why a stretch was not read as frames.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum Reason {
    /// Where frames begin was lost.
    Framing(ws::GapReason),
    /// It is TLS that could not be opened from there on.
    Undecryptable,
}

impl Reason {
    /// The report's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Framing(why) => why.name(),
            Self::Undecryptable => "undecryptable",
        }
    }
}

/// The TLS around a connection whose secrets are known.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Tls {
    /// What the two sides agreed on.
    pub negotiated: Negotiated,
    /// Alerts in order of sight.
    pub alerts: Vec<TlsAlert>,
    /// Why it is not decrypted, or not to its end.
    pub not_decrypted: Option<Why>,
    /// What was seen of it without secrets, where none opened it.
    pub sealed: Option<Box<Sealed>>,
}

impl Tls {
    /// Whether every alert of a side could be opened, so that the absence of one says something.
    pub fn alerts_are_read(&self, from: Side) -> bool {
        self.sealed.is_none() && self.alerts.iter().all(|alert| alert.from != from || alert.alert.is_some())
    }

    /// The first alert that is no warning, or that only its shape shows.
    pub fn fatal_alert(&self) -> Option<&TlsAlert> {
        let grave = |alert: &&TlsAlert| {
            alert.alert.is_none_or(|alert| {
                alert.level != AlertLevel::WARNING || alert.description == AlertDescription::CLOSE_NOTIFY
            })
        };
        self.alerts.iter().find(grave)
    }

    /// The first alert, up to `end`, that says that the connection is over because something is wrong.
    pub fn broken_by(&self, end: Stamp) -> Option<&TlsAlert> {
        let fatal = |alert: &Alert| {
            alert.level == AlertLevel::FATAL && alert.description != AlertDescription::CLOSE_NOTIFY
        };
        let opened =
            |each: &&TlsAlert| each.alert.as_ref().is_some_and(fatal) && each.at.packet <= end.packet;
        self.alerts.iter().find(opened)
    }

    /// The packet of an alert by which a side of a connection that was not opened probably told, before
    /// `end`, that it will send no more.
    pub fn probable_goodbye(&self, from: Side, end: Stamp) -> Option<&TlsAlert> {
        let hidden =
            |alert: &&TlsAlert| alert.from == from && alert.alert.is_none() && alert.at.packet <= end.packet;
        self.alerts.iter().rfind(hidden)
    }

    /// The packet with which a side told, before `end`, that it will send no more (`close_notify`).
    pub fn goodbye(&self, from: Side, end: Stamp) -> Option<Stamp> {
        let notify = |alert: &&TlsAlert| {
            let closes = alert.alert.is_some_and(|alert| alert.description == AlertDescription::CLOSE_NOTIFY);
            alert.from == from && closes && alert.at.packet <= end.packet
        };
        self.alerts.iter().find(notify).map(|alert| alert.at)
    }
}

/// A TLS alert.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct TlsAlert {
    /// The side that sent it.
    pub from: Side,
    /// The packet that completed it.
    pub at: Stamp,
    /// What it says; `None` where it could not be opened.
    pub alert: Option<Alert>,
    /// Only its length and its place say that it is one.
    pub inferred: bool,
}
