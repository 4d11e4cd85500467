//! FACTS → VERDICT: who ended it, by what, why, and how sure that is.
//!
//! [`judge`] asks an ordered list of small rules; the first that applies gives the verdict. A rule
//! that cannot be certain names the other readings and what would settle it.

mod advice;
mod answers;
mod by_proxy;
mod close;
mod dropped;
mod fin;
mod haproxy;
mod heartbeat;
mod idle;
mod lifetime;
mod lost_state;
mod motive;
mod one_sided;
mod opaque;
mod open;
mod pace;
mod quiet;
mod refused;
mod reset;
mod slow;
mod stream;
mod timers;
mod tls;
mod unanswered;
mod words;

pub use words::{Cause, Confidence, Party};

use std::borrow::Cow;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::catalogue::{Catalogue, Fit};
use crate::facts::{Facts, Mechanism};
use crate::flow::{Side, Stamp};
use crate::time::Span;

/// The id of a rule.
pub type RuleId = &'static str;

/// Who ended a connection, and why.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The rule that gave it, by the id that [`rules`] lists; empty where none applied.
    #[serde(deserialize_with = "rule_id")]
    pub rule: RuleId,
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
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Packet and time.
    pub at: Stamp,
    /// What it shows.
    pub fact: String,
}

/// Another reading that fits the packets.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Alternative {
    /// The reading.
    pub reading: String,
    /// Whether the fact speaks for it.
    pub speaks_for: bool,
    /// The fact.
    pub fact: String,
}

/// A known timer that fits.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Its id in the catalogue.
    pub id: String,
    /// The product.
    pub product: String,
    /// The setting.
    pub setting: String,
    /// Its value: as the peers announced it, as the Close of its owner proves it, or the known one that was
    /// matched; else the one that the product comes with.
    pub seconds: Option<Span>,
    /// What was measured.
    pub measured: Span,
    /// How it fits.
    pub fit: Fit,
    /// How to change it.
    pub fix: String,
}

/// A rule, under an id that stays the same from release to release wherever the rule stands.
struct Rule {
    id: &'static str,
    judge: fn(&Facts, &Catalogue) -> Option<Verdict>,
}

const fn rule(id: &'static str, judge: fn(&Facts, &Catalogue) -> Option<Verdict>) -> Rule {
    Rule { id, judge }
}

/// First match wins: what certainly happened goes before what it may have been.
///
/// The ids tell nothing of the order.
const RULES: &[Rule] = &[
    rule("R19", refused::upgrade),
    rule("R9e", pace::broke_off),
    rule("R0", open::still_open),
    rule("R9b", reset::gave_up),
    rule("R9", quiet::unheard),
    rule("R6", reset::injected),
    rule("R23", tls::failure),
    rule("R1", by_proxy::invented),
    rule("R1b", by_proxy::went_down),
    rule("R2", close::by_endpoint),
    rule("R24", opaque::closed),
    rule("R14", lost_state::answered),
    rule("R9c", heartbeat::missed),
    rule("R9d", slow::reader),
    rule("R10c", lifetime::limit),
    rule("R10b", haproxy::hung_up),
    rule("R10", idle::timeout),
    rule("R21", stream::ended),
    rule("R13", reset::abort),
    rule("R11", fin::without_close),
];

/// The ids of the rules, those of joined sessions last.
pub fn rules() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|rule| rule.id).chain([BETWEEN_LEGS, ALL_AT_ONCE, PASSED_ON])
}

/// The rule with an id that was written down.
fn rule_id<'de, D: Deserializer<'de>>(from: D) -> Result<RuleId, D::Error> {
    let id = <Cow<'_, str>>::deserialize(from)?;
    let known = rules().chain([""]).find(|rule| *rule == id);
    known.ok_or_else(|| D::Error::custom("no rule has this id"))
}

/// A proxy ended its connections itself, as both of its legs show.
pub const BETWEEN_LEGS: &str = "R10a";

/// A proxy ended all of its connections at once.
pub const ALL_AT_ONCE: &str = "R10d";

/// A proxy passed on an end of its other leg.
pub const PASSED_ON: &str = "R20";

/// The verdict on a connection.
pub fn judge(facts: &Facts, catalogue: &Catalogue) -> Verdict {
    let apply = |rule: &Rule| Some(Verdict { rule: rule.id, ..(rule.judge)(facts, catalogue)? });
    let verdict = RULES.iter().find_map(apply);
    let verdict = verdict.unwrap_or_else(|| {
        Verdict::new(facts, Party::Unknown, Cause::Unknown, Confidence::Low)
            .summary("The capture does not show who ended the connection.")
            .settled_by("A capture at both ends, from before the connection opens until after it ends.")
    });
    one_sided::admit(facts, opaque::admit(facts, verdict))
}

impl Verdict {
    /// A verdict without words yet.
    fn new(facts: &Facts, party: Party, cause: Cause, confidence: Confidence) -> Self {
        Self {
            rule: "",
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
        self.cite(at, fact);
        self
    }

    /// Ties a fact to the packet that shows it, once.
    pub(crate) fn cite(&mut self, at: Stamp, fact: impl Into<String>) {
        let shown = Evidence { at, fact: fact.into() };
        if !self.evidence.contains(&shown) {
            self.evidence.push(shown);
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn each_rule_has_an_id_of_its_own() {
        let mut seen = HashSet::new();
        for id in rules() {
            let number = id.strip_prefix('R').unwrap_or_default();
            assert!(number.starts_with(|first: char| first.is_ascii_digit()), "{id}");
            assert!(seen.insert(id), "{id} stands twice");
        }
    }
}
