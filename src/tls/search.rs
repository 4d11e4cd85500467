//! The search for a record's number where the records before it are not in the capture.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use crate::limits::Limits;

/// Numbers tried at a time: few enough that a find stops the others soon.
const BLOCK: u64 = 1 << 15;

/// Numbers tried behind a hole at least, whatever was asked for.
const BEHIND_HOLE: u64 = 1 << 16;

/// What it costs to look up a guess, in tries.
const LOOKUP: u64 = 4;

/// Tries from which on it is worth to share them between threads.
const WORTH_SHARING: u64 = 1 << 20;

/// How far the numbers of records are searched, and how many tries all searches of a run may take.
///
/// Clones count together.
#[derive(Clone)]
pub struct RecordSearch {
    numbers: u64,
    budget: Arc<Budget>,
}

/// Tries of all searches together.
struct Budget {
    most: u64,
    left: AtomicU64,
    /// A search was not made, or not to its end, as too few were left.
    exceeded: AtomicBool,
}

impl RecordSearch {
    /// A search within the usual bounds.
    pub(super) fn new(limits: &Limits) -> Self {
        Self::of(limits.tls_search_numbers, limits)
    }

    /// A search of the first `numbers` numbers; none where it is 0.
    pub fn of(numbers: u64, limits: &Limits) -> Self {
        let most = numbers.max(limits.tls_search_numbers).saturating_mul(limits.tls_search_sessions);
        let budget = Budget { most, left: AtomicU64::new(most), exceeded: AtomicBool::new(false) };
        Self { numbers, budget: Arc::new(budget) }
    }

    /// The numbers that a session's records are tried with; 0 where sessions are not searched.
    pub const fn numbers(&self) -> u64 {
        self.numbers
    }

    /// The numbers that are tried behind a hole, where the number before it is known.
    pub(super) fn reach(&self) -> u64 {
        self.numbers.max(BEHIND_HOLE)
    }

    /// Tries made by all searches until now.
    pub fn tries(&self) -> u64 {
        self.budget.most.saturating_sub(self.budget.left.load(Ordering::Relaxed))
    }

    /// Whether a search was given up as all together had taken too many tries.
    pub fn is_exhausted(&self) -> bool {
        self.budget.exceeded.load(Ordering::Relaxed)
    }

    /// Looks through `numbers` with each of `guesses` guesses, nearest numbers first, by several threads
    /// where there are many; `cost` tells what a number costs, and `look` what a guess finds in a range.
    pub(super) fn find<T>(
        &self,
        guesses: usize,
        numbers: &Range<u64>,
        cost: &(impl Fn(usize) -> u64 + Sync),
        look: &(impl Fn(usize, Range<u64>) -> Option<T> + Sync),
    ) -> Option<T> {
        let guesses = guesses as u64;
        let blocks = numbers.end.saturating_sub(numbers.start).div_ceil(BLOCK);
        let unit = |index: u64| {
            let start = numbers.start + index / guesses * BLOCK;
            ((index % guesses) as usize, start..numbers.end.min(start.saturating_add(BLOCK)))
        };
        let (next, found) = (AtomicU64::new(0), AtomicU64::new(u64::MAX));
        let units = guesses.saturating_mul(blocks);
        let work = || {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= units.min(found.load(Ordering::Relaxed)) {
                    return;
                }
                let (guess, range) = unit(index);
                if !self
                    .budget
                    .take(cost(guess).saturating_mul(range.end - range.start).saturating_add(LOOKUP))
                {
                    return;
                }
                if look(guess, range).is_some() {
                    found.fetch_min(index, Ordering::Relaxed);
                }
            }
        };
        if units.saturating_mul(BLOCK.min(numbers.end.saturating_sub(numbers.start))) < WORTH_SHARING {
            work();
        } else {
            let threads = thread::available_parallelism().map_or(1, usize::from);
            thread::scope(|scope| (0..threads).for_each(|_| _ = scope.spawn(work)));
        }
        // Which thread is first must not matter: the nearest find counts.
        let index = Some(found.into_inner()).filter(|index| *index < units)?;
        let (guess, range) = unit(index);
        look(guess, range)
    }
}

impl Budget {
    /// Takes tries from what is left.
    fn take(&self, tries: u64) -> bool {
        let took = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(tries))
            .is_ok();
        if !took {
            self.exceeded.store(true, Ordering::Relaxed);
        }
        took
    }
}

impl fmt::Debug for RecordSearch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordSearch").field("numbers", &self.numbers).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(numbers: u64, sessions: u64) -> RecordSearch {
        let limits = Limits { tls_search_numbers: 10, tls_search_sessions: sessions, ..Limits::default() };
        RecordSearch::of(numbers, &limits)
    }

    #[test]
    fn the_nearest_find_counts_however_many_threads_look() {
        let search = search(10_000_000, 50);
        let targets = [(7_usize, 9_000_000_u64), (3, 4_000_000), (90, 4_000_001), (4, 9_999_999)];
        let look = |guess: usize, range: Range<u64>| {
            targets.iter().find(|(who, number)| *who == guess && range.contains(number)).copied()
        };
        assert_eq!(search.find(100, &(0..10_000_000), &|_| 0, &look), Some((3, 4_000_000)));
        assert_eq!(search.find(100, &(4_100_000..9_000_000), &|_| 0, &look), None);
        assert_eq!(search.find(0, &(0..100), &|_| 1, &look), None);
        assert_eq!(search.find(5, &(100..100), &|_| 1, &look), None);
        assert!(!search.is_exhausted());
    }

    #[test]
    fn all_searches_together_take_a_bounded_number_of_tries() {
        let search = search(0, 100);
        let never = |_, _| None::<()>;
        assert_eq!(search.find(1, &(0..900), &|_| 1, &never), None);
        assert_eq!((search.tries(), search.is_exhausted()), (900 + LOOKUP, false));
        let other = search.clone();
        assert_eq!(other.find(1, &(0..200), &|_| 1, &|_, _| Some(())), None);
        assert_eq!((search.tries(), search.is_exhausted()), (900 + LOOKUP, true));
    }
}
