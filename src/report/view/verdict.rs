//! Who ended a connection, and why.

use schemars::JsonSchema;
use serde::Serialize;

use super::{PacketRef, Seconds, Time, Word};

/// The parties that a verdict may name.
pub const PARTIES: [Word; 7] = ["client", "server", "intermediary", "injector", "network", "none", "unknown"];

/// The causes that a verdict may name.
pub const CAUSES: [Word; 23] = [
    "normal",
    "going_away",
    "idle_timeout",
    "lifetime_limit",
    "missed_heartbeat",
    "protocol_error",
    "bad_data",
    "message_too_big",
    "policy",
    "internal_error",
    "restart",
    "overload",
    "bad_gateway",
    "application",
    "process_exit",
    "lost_state",
    "firewall_reset",
    "path_lost",
    "upstream_ended",
    "refused",
    "tls_failure",
    "slow_reader",
    "unknown",
];

/// A verdict: `observed` is what the packets show, the rest is inference.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Verdict {
    /// What the packets show at this vantage point.
    pub observed: Observed,
    /// Who ended it.
    #[schemars(extend("enum" = PARTIES))]
    pub party: Word,
    /// Why.
    #[schemars(extend("enum" = CAUSES))]
    pub cause: Word,
    /// `high`, `medium` or `low`.
    #[schemars(extend("enum" = ["high", "medium", "low"]))]
    pub confidence: Word,
    /// The rule that gave it, by its id; null where no rule applied.
    pub rule: Option<Word>,
    /// One sentence for a ticket.
    pub summary: String,
    /// The facts that decide.
    pub evidence: Vec<Evidence>,
    /// Other readings that fit.
    pub alternatives: Vec<Alternative>,
    /// What would turn this into certainty.
    pub would_settle: Option<String>,
    /// Known timers that fit.
    pub candidates: Vec<Candidate>,
    /// What to change, most useful first.
    pub advice: Vec<String>,
}

/// What the packets show.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Observed {
    /// `client`, `server` or `none`: whose address sent the first end act.
    pub closer: Word,
    /// `close_handshake`, `fin_without_close`, `still_open` …
    pub mechanism: Word,
}

/// A fact, tied to the packet that shows it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Evidence {
    /// The packet.
    pub packet: PacketRef,
    /// Its time.
    pub time: Time,
    /// What it shows.
    pub fact: String,
}

/// Another reading that fits the packets.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Alternative {
    /// The other reading.
    pub reading: String,
    /// `for` or `against`: which way the fact speaks.
    pub speaks: Word,
    /// The fact.
    pub fact: String,
}

/// A known timer that fits.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Candidate {
    /// Its id in the catalogue.
    pub id: String,
    /// The product.
    pub product: String,
    /// The setting.
    pub setting: String,
    /// The setting's value: the known one that was matched, else the one that the product comes with.
    pub seconds: Option<Seconds>,
    /// What the capture shows.
    pub measured_s: Option<Seconds>,
    /// `value`, `value_and_wire`, `value_and_header` …: what fits.
    #[serde(rename = "match")]
    pub matched: Word,
    /// How to change it.
    pub fix: String,
}
