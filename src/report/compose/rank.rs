//! Which connections a reader wants to see first.

use std::collections::HashMap;

use super::super::view::{Outline, Word};

/// How much a connection asks for attention; the first is the worst.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Concern {
    /// Something went wrong, and what is known.
    Failed,
    /// It ended, and why is not known.
    Unexplained,
    /// It had not ended.
    Open,
    /// One side said that it goes away.
    Leaving,
    /// All was said and done.
    Normal,
}

/// What of a connection its place depends on.
#[derive(Clone, Copy, Debug)]
pub(in crate::report) struct Entry {
    pub(in crate::report) id: u32,
    pub(in crate::report) party: Word,
    pub(in crate::report) cause: Word,
    pub(in crate::report) confidence: Word,
}

impl From<Outline> for Entry {
    fn from(outline: Outline) -> Self {
        let Outline { id, party, cause, confidence, .. } = outline;
        Self { id, party, cause, confidence }
    }
}

impl Entry {
    fn concern(&self) -> Concern {
        match (self.party, self.cause) {
            ("none", _) => Concern::Open,
            (_, "normal") => Concern::Normal,
            (_, "going_away") => Concern::Leaving,
            ("unknown", _) | (_, "unknown") => Concern::Unexplained,
            _ => Concern::Failed,
        }
    }

    fn doubt(&self) -> u8 {
        match self.confidence {
            "high" => 0,
            "medium" => 1,
            _ => 2,
        }
    }
}

/// The ids of the connections with the worst first.
///
/// Of those that failed, one of each kind (party and cause together) comes before the second of any: who
/// shows only the first of many shows every kind of trouble. Within a kind, the surer verdict and then
/// the earlier connection comes first.
pub(in crate::report) fn worst_first(entries: impl IntoIterator<Item = Entry>) -> Vec<u32> {
    // There may be very many of them, of few kinds.
    let mut kinds: HashMap<(Word, Word), u16> = HashMap::new();
    let mut ranked: Vec<Rank> = Vec::new();
    for each in entries {
        let next = u16::try_from(kinds.len()).unwrap_or(u16::MAX);
        let kind = *kinds.entry((each.party, each.cause)).or_insert(next);
        ranked.push(Rank { concern: each.concern(), nth: 0, doubt: each.doubt(), id: each.id, kind });
    }
    ranked.sort_unstable();
    let mut seen = vec![0; kinds.len()];
    for each in &mut ranked {
        if let Some(seen) = seen.get_mut(usize::from(each.kind)) {
            *seen += 1;
            each.nth = *seen;
        }
    }
    // Those of one kind are in their order by now, and of each `nth` there is one of a kind.
    ranked.sort_unstable();
    ranked.into_iter().map(|each| each.id).collect()
}

/// The place of a connection, the worst one's first.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
struct Rank {
    concern: Concern,
    /// How many of its kind are no better.
    nth: u32,
    doubt: u8,
    id: u32,
    kind: u16,
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture::{self, entry};
    use super::super::super::view::Connection;
    use super::*;

    fn order(connections: &[Connection]) -> Vec<u32> {
        worst_first(connections.iter().map(entry))
    }

    #[test]
    fn each_kind_of_trouble_comes_before_the_second_of_any() {
        let connections = [
            fixture::clean_close(1),
            fixture::idle_kill(2),
            fixture::still_open(3),
            fixture::idle_kill(4),
            fixture::idle_kill(5),
            fixture::refused(6),
        ];
        // Two kinds failed: the refusal is the surer one.
        assert_eq!(order(&connections), [6, 2, 4, 5, 3, 1]);
    }

    #[test]
    fn what_is_not_known_is_worse_than_what_is_open() {
        let mut unknown = fixture::idle_kill(1);
        (unknown.verdict.party, unknown.verdict.cause) = ("unknown", "unknown");
        assert_eq!(order(&[fixture::still_open(2), unknown, fixture::idle_kill(3)]), [3, 1, 2]);
        assert_eq!(order(&[]), [0_u32; 0]);
    }
}
