//! The report as data: exactly what `--format json` prints, field by field.
//!
//! Fields are added, never renamed or given another meaning, within one schema version. No field is
//! ever left out: what is not present or not known is `null`. Text that came from the wire stands
//! here as it was; each format escapes it for its own reader.

mod capture;
mod connection;
mod connections;
mod detail;
mod redaction;
#[cfg(test)]
mod round_trip;
mod session;
mod tcp;
mod time;
mod timeline;
mod traffic;
mod value;
mod verdict;
mod wireshark;

use std::collections::{BTreeMap, HashMap};

use schemars::JsonSchema;
use serde::Serialize;

pub use capture::{Capture, Comment, Interface};
pub use connection::{
    CloseFrame, Connection, Endpoint, Handshake, Http2End, Http2EndFrame, NotDecrypted, Tls, TlsAlert,
    TlsInferred, Vantage,
};
pub(super) use connections::Compose;
pub use connections::{Connections, Outline};
pub use detail::Detail;
pub use redaction::{Pseudonym, Redaction};
pub use session::{Finding, Session};
pub use tcp::{EndAct, Fin, Reset, ResetFacts, Tcp, TcpEnd, TcpSide};
pub(super) use time::Clock;
pub use time::Time;
pub(in crate::report) use timeline::COMMENT;
pub use timeline::TimelineEvent;
pub use traffic::{Bucket, FrameCounts, Gap, Heartbeat, Idle, Silences, Unparsed, Violation};
pub use value::{PacketRef, Seconds, Spread, Stamp};
pub use verdict::{Alternative, CAUSES, Candidate, Evidence, Observed, PARTIES, Verdict};
pub use wireshark::{PacketFilter, Wireshark};

pub use crate::flow::Sides;

/// A word of a closed vocabulary, lower snake case; the stage that decides it owns the list.
pub type Word = &'static str;

/// The name and version of the report's schema.
pub const SCHEMA: &str = "whoclosed/report/v1";

/// A whole report.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct View {
    /// Always [`SCHEMA`].
    pub schema: Word,
    /// What made the report.
    pub tool: Tool,
    /// The capture files, in the order given.
    pub captures: Vec<Capture>,
    /// Counts over everything.
    pub summary: Summary,
    /// What only the whole set of connections shows.
    pub findings: Vec<Finding>,
    /// WebSocket sessions seen on more than one leg or in more than one capture.
    pub sessions: Vec<Session>,
    /// One entry per connection that carried, or tried to carry, a WebSocket.
    #[schemars(with = "Vec<Connection>")]
    pub connections: Connections,
    /// The ids of all connections in the order in which a reader wants to see them: the worst first, and of
    /// each kind of trouble one before the second of any.
    pub worst_first: Vec<u32>,
    /// What was replaced for sharing; `None` where the report shows everything.
    pub redaction: Option<Redaction>,
}

impl Default for View {
    fn default() -> Self {
        Self {
            schema: SCHEMA,
            tool: Tool::default(),
            captures: Vec::new(),
            summary: Summary::default(),
            findings: Vec::new(),
            sessions: Vec::new(),
            connections: Connections::default(),
            worst_first: Vec::new(),
            redaction: None,
        }
    }
}

impl View {
    /// The connections in the order of `worst_first`.
    pub fn worst(&self) -> Vec<&Connection> {
        let by_id: HashMap<u32, &Connection> = self.connections.iter().map(|each| (each.id, each)).collect();
        self.worst_first.iter().filter_map(|id| by_id.get(id).copied()).collect()
    }

    /// Leaves only the connection `id`; what is said of all of them stays. False where there is none.
    pub fn keep_only(&mut self, id: u32) -> bool {
        self.connections.keep_only(id);
        self.worst_first.retain(|&each| each == id);
        !self.connections.is_empty()
    }
}

/// The program that made the report.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Tool {
    /// Its name.
    pub name: Word,
    /// Its version.
    pub version: Word,
}

impl Default for Tool {
    fn default() -> Self {
        Self { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") }
    }
}

/// Counts over all captures and connections.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Summary {
    /// Connections in the report.
    pub connections: u64,
    /// Connections by the party that ended them.
    pub by_party: BTreeMap<Word, u64>,
    /// Connections by cause.
    pub by_cause: BTreeMap<Word, u64>,
    /// Close frames by code.
    pub close_codes: BTreeMap<u16, u64>,
    /// How long ended connections had been silent.
    pub silence_before_end: Silences,
    /// TLS connections that no key opened, those among `connections` included.
    pub opaque_tls: u64,
    /// Upgrade requests that were answered with something else than 101.
    pub refused_upgrades: u64,
    /// TCP connections that carried no WebSocket.
    pub other_tcp_flows: u64,
    /// Packets that were not read further, by reason.
    pub skipped_packets: BTreeMap<String, u64>,
    /// IP packets that were sent in parts.
    pub ip_fragments: IpFragments,
    /// Bounds that were crossed, so that something was not kept.
    pub limits_hit: Vec<String>,
}

/// What became of IP packets that were sent in parts.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct IpFragments {
    /// Packets put together from all their parts.
    pub reassembled: u64,
    /// Packets with parts missing, which are not read.
    pub dropped: u64,
    /// Parts that contradict another one of the same packet.
    pub overlapping: u64,
}
