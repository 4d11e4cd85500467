//! What a reader sees first: the answer, how sure it is, and what to change.

use super::super::prose::{self, words, words::Mood};
use super::super::view::{Connection, View};
use super::escaper::Coded;

/// Advice listed at the top at most; each connection has its own.
const ADVICE: usize = 5;

/// Connections named beside an advice at most.
const NAMED: usize = 6;

/// The answer.
pub(super) struct Lead {
    /// The class of its colour.
    pub(super) mood: &'static str,
    /// The mood in words.
    pub(super) stamp: &'static str,
    pub(super) sentence: String,
    pub(super) more: Option<String>,
    /// Of one connection alone.
    pub(super) facts: Vec<KeyFact>,
}

/// A part of the verdict.
pub(super) struct KeyFact {
    pub(super) name: &'static str,
    pub(super) value: String,
    pub(super) note: String,
    pub(super) is_inferred: bool,
    /// How sure it is, of three, where that is what it tells.
    pub(super) sureness: u8,
}

/// Something to change, and for which connections.
pub(super) struct Change {
    pub(super) text: Coded,
    /// Each with whether the page has its details.
    pub(super) ids: Vec<(u32, bool)>,
    /// What follows the last of them.
    pub(super) more: String,
}

impl Lead {
    pub(super) fn new(view: &View, shown: &[&Connection]) -> Self {
        let mut lines = prose::answer(view, shown, None).into_iter();
        let only = if let [only] = shown { Some(*only) } else { None };
        let (mood, stamp) = match only {
            Some(only) => (class(words::mood(&only.verdict)), stamp(words::mood(&only.verdict))),
            None if shown.is_empty() => ("mixed", "Nothing found"),
            None => ("mixed", "Summary"),
        };
        Self {
            mood,
            stamp,
            sentence: lines.next().unwrap_or_default(),
            more: lines.next(),
            facts: only.map_or_else(Vec::new, key_facts),
        }
    }
}

/// The class of a mood's colour.
pub(super) const fn class(mood: Mood) -> &'static str {
    match mood {
        Mood::Open => "still-open",
        Mood::Good => "good",
        Mood::Unclear => "unclear",
        Mood::Bad => "bad",
    }
}

/// The mood in words, so that its colour is not the only sign of it.
const fn stamp(mood: Mood) -> &'static str {
    match mood {
        Mood::Open => "Still open",
        Mood::Good => "Normal end",
        Mood::Unclear => "Undecided",
        Mood::Bad => "Abnormal end",
    }
}

fn key_facts(connection: &Connection) -> Vec<KeyFact> {
    let verdict = &connection.verdict;
    let fact = |name, value: String, note: &str, is_inferred| KeyFact {
        name,
        value: capital(&value),
        note: note.to_owned(),
        is_inferred,
        sureness: 0,
    };
    let mut facts = vec![fact("Ended by", words::party(verdict.party), "inferred", true)];
    if verdict.party != "none" {
        facts.push(fact("Cause", words::plain(verdict.cause), "inferred", true));
        let confidence = words::confidence(verdict.confidence);
        let (level, meaning) = confidence.split_once(": ").unwrap_or((&confidence, ""));
        let sureness = match verdict.confidence {
            "high" => 3,
            "medium" => 2,
            _ => 1,
        };
        facts.push(KeyFact { sureness, ..fact("Confidence", level.to_owned(), meaning, true) });
    }
    facts.push(fact("How it ended", prose::end(connection), "what the packets show", false));
    facts
}

/// The text with its first letter in upper case.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What to change: of one connection all, of several the first of each of the worst, without repeats.
pub(super) fn changes(shown: &[&Connection], worst: &[&Connection], detailed: usize) -> Vec<Change> {
    if let [only] = shown {
        let all = only.verdict.advice.iter();
        return all
            .map(|text| Change { text: Coded(text.clone()), ids: Vec::new(), more: String::new() })
            .collect();
    }
    let mut changes: Vec<(Change, usize)> = Vec::new();
    for (index, connection) in worst.iter().enumerate() {
        let named = (connection.id, index < detailed);
        let Some(text) = connection.verdict.advice.first() else { continue };
        let is_full = changes.len() == ADVICE;
        match changes.iter_mut().find(|(change, _)| change.text.0 == *text) {
            Some((change, _)) if change.ids.len() < NAMED => change.ids.push(named),
            Some((_, more)) => *more += 1,
            None if is_full => {}
            None => {
                let ids = vec![named];
                changes.push((Change { text: Coded(text.clone()), ids, more: String::new() }, 0));
            }
        }
    }
    let finish = |(mut change, more): (Change, usize)| {
        change.ids.sort_unstable();
        if more > 0 {
            change.more = format!(" and {more} more");
        }
        change
    };
    changes.into_iter().map(finish).collect()
}
