//! What is known of products: timers, heartbeats, Close codes, the words of Close reasons, and the headers
//! that name them.
//!
//! The rows are data in TOML files, one per table, each row with its sources and how well it is grounded.
//! `build.rs` prepares them; they are read when first asked for, once per process. A user's file has the same
//! format as ours: its rows replace those with the same key and add to the others.

mod causes;
mod codes;
mod heartbeats;
mod load;
mod marks;
mod matching;
mod timers;
mod topics;
mod wordings;

pub use causes::{CloseMeaning, meaning};
pub use codes::KnownCode;
pub use heartbeats::KnownHeartbeat;
pub use load::LoadError;
pub use marks::{Mark, Part};
pub use matching::{Clocks, Fit, Match, near_whole};
pub use timers::{Ending, Grounds, ResetBy, Stands, Timer, TimerKind};
pub use topics::{CauseTopic, RuleTopic, causes, rules};
pub use wordings::{Pattern, Wording};

use std::sync::LazyLock;

use serde::Deserialize;

/// All tables.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Catalogue {
    #[serde(rename = "timer")]
    timers: Vec<Timer>,
    #[serde(rename = "heartbeat")]
    heartbeats: Vec<KnownHeartbeat>,
    #[serde(rename = "close_code")]
    codes: Vec<KnownCode>,
    #[serde(rename = "wording")]
    wordings: Vec<Wording>,
    #[serde(rename = "mark")]
    marks: Vec<Mark>,
}

impl Catalogue {
    /// The catalogue that comes with the program.
    pub fn built_in() -> &'static Self {
        static BUILT_IN: LazyLock<Catalogue> = LazyLock::new(load::built_in);
        &BUILT_IN
    }

    /// All timers.
    pub fn timers(&self) -> &[Timer] {
        &self.timers
    }

    /// All heartbeats.
    pub fn heartbeats(&self) -> &[KnownHeartbeat] {
        &self.heartbeats
    }

    /// All Close codes and ranges of them.
    pub fn codes(&self) -> &[KnownCode] {
        &self.codes
    }

    /// All wordings.
    pub fn wordings(&self) -> &[Wording] {
        &self.wordings
    }

    /// All marks.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// The timer with this id.
    pub fn timer(&self, id: &str) -> Option<&Timer> {
        self.timers.iter().find(|timer| timer.id == id)
    }
}
