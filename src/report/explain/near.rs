//! Names that are nearly what was asked for.

use crate::catalogue::{Catalogue, causes, rules};

/// Names given at most.
const SHOWN: usize = 8;

/// Longer words are no names; it also bounds the work.
const LONGEST: usize = 80;

/// A name as it is compared: in lower case, with one way to join words.
pub(super) fn plain(name: &str) -> String {
    name.to_lowercase().replace(['_', ' '], "-")
}

/// The names nearest to what was asked for: those that hold it first, then by the letters that differ.
pub(super) fn names(catalogue: &Catalogue, asked: &str) -> Vec<String> {
    let asked = plain(asked);
    if asked.is_empty() || asked.len() > LONGEST {
        return Vec::new();
    }
    let causes = causes().iter().map(|cause| (cause.id.as_str(), ""));
    let rules = rules().iter().map(|rule| (rule.id.as_str(), rule.title.as_str()));
    let timers = catalogue.timers().iter().map(|timer| (&*timer.id, &*timer.setting));
    let heartbeats = catalogue.heartbeats().iter().map(|beat| (&*beat.id, ""));
    let wordings = catalogue.wordings().iter().map(|wording| (&*wording.id, ""));
    let all = causes.chain(rules).chain(timers).chain(heartbeats).chain(wordings);
    let mut near: Vec<_> = all.filter_map(|(id, also)| Some((distance(&asked, id, also)?, id))).collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter().take(SHOWN).map(|(_, id)| id.to_owned()).collect()
}

/// How far a name is from what was asked for; `None` where it is too far to be meant.
fn distance(asked: &str, id: &str, also: &str) -> Option<usize> {
    let id = plain(id);
    if id.contains(asked) || plain(also).contains(asked) {
        return Some(0);
    }
    let words = id.split('-').filter(|word| word.len() > 3);
    if asked.len() > 3 && words.into_iter().any(|word| edits(asked, word) <= 1) {
        return Some(1);
    }
    let edits = edits(asked, &id);
    (edits <= 1 + asked.chars().count() / 4).then_some(edits)
}

/// Letters to add, leave out or change (Levenshtein).
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (slot, y) in row.iter_mut().skip(1).zip(&b) {
            let change = diagonal + usize::from(x != *y);
            diagonal = *slot;
            left = change.min(*slot + 1).min(left + 1);
            *slot = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("abc", "abc"), 0);
    }
}
