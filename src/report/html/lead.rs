//! What a reader sees first: the answer, how sure it is, and what to change.

use std::collections::BTreeSet;

use super::super::prose::{self, Inferred, Names, words, words::Mood};
use super::super::view::{Connection, Session, View};
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
            facts: only.map_or_else(Vec::new, |only| key_facts(only, Names::new(view.captures.len()))),
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

fn key_facts(connection: &Connection, names: Names) -> Vec<KeyFact> {
    let concluded = prose::inference(connection, names).into_iter().filter(|each| each.is_conclusion);
    let mut facts: Vec<KeyFact> =
        concluded.map(|each| conclusion(each, connection.verdict.confidence)).collect();
    facts.push(KeyFact {
        name: "How it ended",
        value: capital(&prose::end(connection)),
        note: "what the packets show".to_owned(),
        is_inferred: false,
        sureness: 0,
    });
    facts
}

/// A conclusion; what a confidence means is a note below it.
fn conclusion(Inferred { name, text, .. }: Inferred, confidence: &str) -> KeyFact {
    let (value, note) = text.split_once(": ").unwrap_or((&text, "inferred"));
    let sureness = match confidence {
        _ if name != "Confidence" => 0,
        "high" => 3,
        "medium" => 2,
        _ => 1,
    };
    KeyFact { name, value: capital(value), note: note.to_owned(), is_inferred: true, sureness }
}

/// The text with its first letter in upper case.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What to change, with the connections that it would help; the first `detailed` of `worst` have details.
pub(super) fn changes(view: &View, worst: &[&Connection], detailed: usize) -> Vec<Change> {
    let sessions: Vec<&Session> = view.sessions.iter().collect();
    let is_many = worst.len() > 1;
    let detailed: BTreeSet<u32> = worst[..detailed].iter().map(|each| each.id).collect();
    let change = |change: prose::Change| {
        let mut ids = change.connections;
        let more = ids.len().saturating_sub(NAMED);
        ids.truncate(NAMED);
        ids.sort_unstable();
        Change {
            text: Coded(change.text),
            ids: ids.into_iter().filter(|_| is_many).map(|id| (id, detailed.contains(&id))).collect(),
            more: if more > 0 { format!(" and {more} more") } else { String::new() },
        }
    };
    let most = if is_many { ADVICE } else { usize::MAX };
    prose::changes(&sessions, worst).into_iter().take(most).map(change).collect()
}
