//! Rows of `heartbeats.toml`.

use serde::Deserialize;

use crate::time::Span;

use super::timers::{Grounds, span};
use super::wordings::Pattern;

/// What a library sends to keep a WebSocket alive.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownHeartbeat {
    /// A stable name.
    pub id: String,
    /// What sends it.
    pub name: String,
    /// The report's word for such a heartbeat inside messages.
    pub kind: Option<String>,
    /// The frame that carries it: `text`, `binary`, `ping` or `pong`.
    pub frame: String,
    /// What its payload looks like.
    pub pattern: Option<Pattern>,
    /// `hex` where the pattern is one of hexadecimal digits.
    pub bytes: Option<String>,
    /// Who sends it: `client`, `server` or `either`.
    pub from: String,
    /// What the answer looks like.
    pub reply: Option<Pattern>,
    /// Seconds between two of them.
    every: Option<f64>,
    /// Seconds that the sender waits for a sign of life.
    within: Option<f64>,
    /// What else is to be known.
    pub note: Option<String>,
    /// Where it is stated.
    #[serde(default)]
    pub sources: Vec<String>,
    /// How well that is grounded.
    #[serde(default)]
    pub confidence: Grounds,
}

impl KnownHeartbeat {
    /// The usual time between two of them.
    pub fn every(&self) -> Option<Span> {
        self.every.map(span)
    }

    /// The usual wait for a sign of life.
    pub fn within(&self) -> Option<Span> {
        self.within.map(span)
    }

    /// What is wrong with the row, if anything.
    pub(super) fn fault(&self) -> Option<String> {
        if !["text", "binary", "ping", "pong"].contains(&self.frame.as_str()) {
            Some("`frame` must be text, binary, ping or pong".to_owned())
        } else if !["client", "server", "either"].contains(&self.from.as_str()) {
            Some("`from` must be client, server or either".to_owned())
        } else if self.every.iter().chain(&self.within).any(|value| !(0.001..=86_400.0).contains(value)) {
            Some("`every` and `within` must be above 0 and at most 86400 seconds".to_owned())
        } else {
            self.pattern.iter().chain(&self.reply).find_map(Pattern::fault)
        }
    }
}
