//! What to change: the advice on several connections, each piece once.

use std::collections::{HashMap, HashSet};

use super::super::view::{Connection, Session};

/// Something to change, and the connections that it would help.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::report) struct Change {
    /// What to do.
    pub(in crate::report) text: String,
    /// The connections that it is about.
    pub(in crate::report) connections: Vec<u32>,
}

/// The advice on sessions, then on `connections` in their order; of a single connection all of it, of
/// several what helps each most.
pub(in crate::report) fn changes(sessions: &[&Session], connections: &[&Connection]) -> Vec<Change> {
    let mut found = Found::default();
    for session in sessions {
        session.verdict.advice.iter().for_each(|text| found.add(text, &session.legs));
    }
    let most = if connections.len() == 1 { usize::MAX } else { 1 };
    for each in connections {
        each.verdict.advice.iter().take(most).for_each(|text| found.add(text, &[each.id]));
    }
    found.changes
}

/// The changes so far; a report may have very many connections.
#[derive(Default)]
struct Found<'a> {
    changes: Vec<Change>,
    places: HashMap<&'a str, usize>,
    /// Connections that a change names already: a leg of a session has the session's advice, too.
    named: HashSet<(usize, u32)>,
}

impl<'a> Found<'a> {
    fn add(&mut self, text: &'a str, ids: &[u32]) {
        let place = *self.places.entry(text).or_insert(self.changes.len());
        if place == self.changes.len() {
            self.changes.push(Change { text: text.to_owned(), connections: Vec::new() });
        }
        let new = ids.iter().copied().filter(|&id| self.named.insert((place, id)));
        self.changes[place].connections.extend(new);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    #[test]
    fn the_same_advice_is_given_once() {
        let (one, two, other) = (fixture::idle_kill(1), fixture::idle_kill(2), fixture::clean_close(3));
        let all = changes(&[], &[&one, &other, &two]);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].connections, [1, 2]);
        assert_eq!(changes(&[], &[&one]).len(), one.verdict.advice.len());
    }

    #[test]
    fn a_connection_is_named_once() {
        let (one, two) = (fixture::idle_kill(1), fixture::idle_kill(2));
        let session = Session {
            legs: vec![1, 2],
            joined_by: "timing",
            clock_offset_s: None,
            verdict: one.verdict.clone(),
        };
        let all = changes(&[&session], &[&one, &two]);
        assert_eq!(all[0].connections, [1, 2]);
    }
}
