//! What joins several connections.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Seconds, Verdict, Word};

/// Something that only the whole set of connections shows.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Finding {
    /// `shared_timeout`, `mass_disconnect`, `reconnect_storm` …
    pub kind: Word,
    /// The finding in a sentence.
    pub text: String,
    /// The connections it is about.
    pub connections: Vec<u32>,
    /// The duration it is about, where it is about one.
    pub seconds: Option<Seconds>,
    /// The number it is about, where it is about one.
    pub count: Option<u64>,
    /// `high`, `medium` or `low`.
    pub confidence: Word,
    /// What to change.
    pub advice: Option<String>,
}

/// One WebSocket session, seen on more than one leg.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Session {
    /// Connection ids in path order, the client's end first.
    pub legs: Vec<u32>,
    /// `same_flow`, `sec_websocket_key` or `timing`.
    pub joined_by: Word,
    /// How far the second capture's clock is ahead of the first.
    pub clock_offset_s: Option<Seconds>,
    /// Who ended the session as a whole, and why.
    pub verdict: Verdict,
}
