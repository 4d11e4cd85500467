//! What is known of products: timers, heartbeats, Close codes, the words of Close reasons, and the headers
//! that name them.
//!
//! The rows are data in TOML files, one per table, each row with its sources and how well it is grounded.
//! `build.rs` makes them a part of the program. A user's file has the same format as ours: its rows replace those
//! with the same key and add to the others.

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

use std::borrow::Cow;

/// A text of a row: the program's own, or read from a user's file.
pub type Text = Cow<'static, str>;

/// What a row or a table has several of.
pub type List<T> = Cow<'static, [T]>;

/// All tables.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    timers: List<Timer>,
    heartbeats: List<KnownHeartbeat>,
    codes: List<KnownCode>,
    wordings: List<Wording>,
    marks: List<Mark>,
}

impl Catalogue {
    /// The catalogue that comes with the program.
    pub fn built_in() -> &'static Self {
        static BUILT_IN: Catalogue = Catalogue {
            timers: Cow::Borrowed(&timers::BUILT_IN),
            heartbeats: Cow::Borrowed(&heartbeats::BUILT_IN),
            codes: Cow::Borrowed(&codes::BUILT_IN),
            wordings: Cow::Borrowed(&wordings::BUILT_IN),
            marks: Cow::Borrowed(&marks::BUILT_IN),
        };
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
