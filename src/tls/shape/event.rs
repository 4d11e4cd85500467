//! What a connection without secrets tells, and what it suggests.

use super::beat::Beat;
use super::ending::Close;
use super::likely::Upgrade;
use crate::flow::{Side, Stamp};
use crate::tls::alert::Alert;

/// A record of application data.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Record {
    /// The side that sent it.
    pub side: Side,
    /// Bytes of its protected content.
    pub len: u16,
    /// The packet that completed it.
    pub at: Stamp,
    /// Where it ends in its sender's stream.
    pub end: i64,
}

/// Something that is seen without secrets.
#[derive(Clone, Copy, Debug)]
pub enum ShapeEvent {
    /// A side's hello is complete.
    Hello {
        /// Its sender.
        side: Side,
        /// The packet that completed it.
        at: Stamp,
    },
    /// The handshake is complete: both sides' Finished were seen, or what comes only after them.
    Established {
        /// The packet that shows it.
        at: Stamp,
    },
    /// A record of application data; the last ones are told when it is clear that they are none of alerts.
    Data(Record),
    /// An alert.
    Alert {
        /// Its sender.
        side: Side,
        /// What it says; `None` where it is encrypted.
        alert: Option<Alert>,
        /// The packet that completed it.
        at: Stamp,
        /// Only its length and its place say that it is one.
        inferred: bool,
    },
    /// A side sent what is no TLS.
    NotTls {
        /// Its sender.
        side: Side,
        /// The packet.
        at: Stamp,
        /// It begins as an HTTP answer does.
        is_http: bool,
    },
}

/// What lengths and times suggest; none of it was read.
#[derive(Clone, Debug, Default)]
pub struct Inferred {
    /// Heartbeats.
    pub beats: Vec<Beat>,
    /// The 101.
    pub upgrade: Option<Upgrade>,
    /// The Close.
    pub close: Option<Close>,
}
