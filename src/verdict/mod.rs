//! FACTS → VERDICT: who ended it, by what, why, and how sure that is.
//!
//! [`judge`] asks an ordered list of small rules; the first that applies gives the verdict. A rule
//! that cannot be certain names the other readings and what would settle it.

mod close;
mod fin;
mod heartbeat;
mod idle;
mod open;
mod proxies;
mod quiet;
mod refused;
mod reset;
mod slow;
mod unanswered;
mod words;

pub use words::{Cause, Confidence, Party};

use crate::catalogue::Catalogue;
use crate::facts::{Facts, Mechanism};
use crate::flow::{Side, Stamp};
use crate::time::Span;

/// Who ended a connection, and why.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// How the end looks.
    pub mechanism: Mechanism,
    /// The side whose address sent the first end act.
    pub closer: Option<Side>,
    /// Who ended it.
    pub party: Party,
    /// Why.
    pub cause: Cause,
    /// How sure that is.
    pub confidence: Confidence,
    /// One sentence.
    pub summary: String,
    /// The facts that decide.
    pub evidence: Vec<Evidence>,
    /// Other readings.
    pub alternatives: Vec<Alternative>,
    /// What would turn this into certainty.
    pub would_settle: Option<String>,
    /// Known timers that fit.
    pub candidates: Vec<Candidate>,
    /// What to change, most useful first.
    pub advice: Vec<String>,
}

/// A fact, tied to the packet that shows it.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// Packet and time.
    pub at: Stamp,
    /// What it shows.
    pub fact: String,
}

/// Another reading that fits the packets.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// The reading.
    pub reading: String,
    /// Whether the fact speaks for it.
    pub speaks_for: bool,
    /// The fact.
    pub fact: String,
}

/// A known timer that fits.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Its id in the catalogue.
    pub id: String,
    /// The product.
    pub product: String,
    /// The setting.
    pub setting: String,
    /// The setting's default.
    pub seconds: Option<i64>,
    /// What was measured.
    pub measured: Span,
    /// How it fits, in the report's word.
    pub fit: &'static str,
    /// How to change it.
    pub fix: String,
}

type Rule = fn(&Facts, &Catalogue) -> Option<Verdict>;

/// First match wins: what certainly happened goes before what it may have been.
const RULES: &[Rule] = &[
    refused::upgrade,
    open::still_open,
    reset::gave_up,
    quiet::unheard,
    reset::injected,
    close::invented,
    close::by_endpoint,
    reset::lost_state,
    heartbeat::missed,
    slow::reader,
    idle::timeout,
    reset::abort,
    fin::without_close,
];

/// The verdict on a connection.
pub fn judge(facts: &Facts, catalogue: &Catalogue) -> Verdict {
    let verdict = RULES.iter().find_map(|rule| rule(facts, catalogue));
    verdict.unwrap_or_else(|| {
        Verdict::new(facts, Party::Unknown, Cause::Unknown, Confidence::Low)
            .summary("The capture does not show who ended the connection.")
            .settled_by("A capture at both ends, from before the connection opens until after it ends.")
    })
}

impl Verdict {
    /// A verdict without words yet.
    fn new(facts: &Facts, party: Party, cause: Cause, confidence: Confidence) -> Self {
        Self {
            mechanism: facts.mechanism,
            closer: facts.closer(),
            party,
            cause,
            confidence,
            summary: String::new(),
            evidence: Vec::new(),
            alternatives: Vec::new(),
            would_settle: None,
            candidates: Vec::new(),
            advice: Vec::new(),
        }
    }

    fn summary(mut self, text: impl Into<String>) -> Self {
        self.summary = text.into();
        self
    }

    fn shown_by(mut self, at: Stamp, fact: impl Into<String>) -> Self {
        self.evidence.push(Evidence { at, fact: fact.into() });
        self
    }

    fn or_else(mut self, reading: impl Into<String>, speaks_for: bool, fact: impl Into<String>) -> Self {
        self.alternatives.push(Alternative { reading: reading.into(), speaks_for, fact: fact.into() });
        self
    }

    fn settled_by(mut self, text: impl Into<String>) -> Self {
        self.would_settle = Some(text.into());
        self
    }

    fn advise(mut self, text: impl Into<String>) -> Self {
        self.advice.push(text.into());
        self
    }
}
