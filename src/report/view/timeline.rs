//! An event of a connection.

use schemars::JsonSchema;
use serde::Serialize;

use super::{PacketRef, Time, Word};

/// One event of a connection.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TimelineEvent {
    /// When it was.
    pub time: Time,
    /// The packet that shows it; `None` where it is the absence of packets.
    pub packet: Option<PacketRef>,
    /// The side that sent it; `None` where neither did.
    pub from: Option<Word>,
    /// `syn`, `upgrade_request`, `message`, `ping`, `idle`, `fin` …
    pub event: Word,
    /// What a reader wants to know of it, in words.
    pub detail: String,
}
