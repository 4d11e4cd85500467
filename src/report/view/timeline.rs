//! An event of a connection.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Detail, PacketRef, Time, Word};

/// The event that is no act of a side but a comment that the capture has on a packet.
pub(in crate::report) const COMMENT: Word = "comment";

/// One event of a connection.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct TimelineEvent {
    /// When it was.
    pub time: Time,
    /// The packet that shows it; `None` where it is the absence of packets.
    pub packet: Option<PacketRef>,
    /// The side that sent it; `None` where neither did.
    pub from: Option<Word>,
    /// `syn`, `upgrade_request`, `message`, `ping`, `idle`, `fin` …; `comment` is what a pcapng file says of a
    /// packet.
    pub event: Word,
    /// What a reader wants to know of it, in words.
    #[schemars(with = "String")]
    pub detail: Detail,
    /// When the last one of a run of messages or TLS records was, or when a silence was over.
    pub until: Option<Time>,
    /// Messages of a run that were completed; of TLS records that were not opened, how many.
    pub count: Option<u64>,
    /// The ping that a pong answers.
    pub answers: Option<PacketRef>,
}
