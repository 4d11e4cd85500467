//! Rows of `heartbeats.toml`.

use std::borrow::Cow;

use serde::Deserialize;

use crate::time::Span;

use super::timers::{Grounds, span};
use super::wordings::Pattern;
use super::{List, Text};

// `BUILT_IN`: the rows that come with the program.
include!(concat!(env!("OUT_DIR"), "/heartbeats.rs"));

/// What a library sends to keep a WebSocket alive.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownHeartbeat {
    /// A stable name.
    pub id: Text,
    /// What sends it.
    pub name: Text,
    /// The report's word for such a heartbeat inside messages.
    pub kind: Option<Text>,
    /// The frame that carries it: `text`, `binary`, `ping` or `pong`.
    pub frame: Text,
    /// What its payload looks like.
    pub pattern: Option<Pattern>,
    /// `hex` where the pattern is one of hexadecimal digits.
    pub bytes: Option<Text>,
    /// Who sends it: `client`, `server` or `either`.
    pub from: Text,
    /// What the answer looks like.
    pub reply: Option<Pattern>,
    /// Seconds between two of them.
    every: Option<f64>,
    /// Seconds that the sender waits for a sign of life.
    within: Option<f64>,
    /// What else is to be known.
    pub note: Option<Text>,
    /// Where it is stated.
    #[serde(default)]
    pub sources: List<Text>,
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
        if !["text", "binary", "ping", "pong"].contains(&&*self.frame) {
            Some("`frame` must be text, binary, ping or pong".to_owned())
        } else if !["client", "server", "either"].contains(&&*self.from) {
            Some("`from` must be client, server or either".to_owned())
        } else if self.every.iter().chain(&self.within).any(|value| !(0.001..=86_400.0).contains(value)) {
            Some("`every` and `within` must be above 0 and at most 86400 seconds".to_owned())
        } else {
            self.pattern.iter().chain(&self.reply).find_map(Pattern::fault)
        }
    }
}
