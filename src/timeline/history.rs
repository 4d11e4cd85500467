//! A connection's events under a bound: the first ones and the last ones are kept.

use std::mem;

use serde::{Deserialize, Serialize};

use crate::flow::{Side, Stamp};

use super::event::{Event, EventKind, Messages};
use super::packed::Rows;

/// Events in the order they were told, with a count of those left out between start and end.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[repr(C)]
pub struct History {
    /// The last one, which may be a run that goes on.
    newest: Option<Event>,
    /// Those before it: the first ones, until there are enough of them; the last ones from then on.
    rows: Rows,
    /// What stands before `rows`, once those are the last ones.
    before: Option<Box<Before>>,
    bound: usize,
}

/// The first events, and what becomes of those that are neither first nor last.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Before {
    first: Rows,
    /// Some of these may be among the last that are wanted; they are let go together.
    older: Rows,
    /// How many were let go.
    omitted: u64,
}

impl History {
    /// Bytes at the beginning that every event touches.
    #[cfg(test)]
    pub(super) const TOUCHED: usize = mem::offset_of!(Self, bound);

    /// Keeps at most `bound` events.
    pub(crate) fn new(bound: usize) -> Self {
        Self { newest: None, rows: Rows::with_room(bound / 2), before: None, bound }
    }

    /// Adds an event.
    // The event is put together in its place: the processor would wait for bytes that are written and read again at
    // another width.
    #[inline(always)]
    pub(crate) fn push(&mut self, at: Stamp, from: Option<Side>, kind: EventKind) {
        self.store_newest();
        self.newest = Some(Event { at, from, kind });
    }

    #[inline(never)]
    fn store_newest(&mut self) {
        if self.rows.is_full() && self.newest.is_some() {
            self.begin_rows();
        }
        if let Some(event) = &self.newest {
            self.rows.push(event);
        }
    }

    /// Begins with rows for the last events, or with new ones.
    #[cold]
    fn begin_rows(&mut self) {
        let last = self.bound - self.bound / 2;
        match &mut self.before {
            None => {
                let first = mem::replace(&mut self.rows, Rows::with_room(last));
                self.before = Some(Box::new(Before { first, ..Before::default() }));
            }
            Some(before) => {
                before.omitted += before.older.len() as u64;
                mem::swap(&mut self.rows, &mut before.older);
                self.rows.clear(last);
            }
        }
    }

    /// Keeps at most `bound` events of those that were told, the first and the last ones.
    pub(crate) fn trim(&mut self, bound: usize) {
        if self.len() > bound {
            let left_out = bound / 2..self.len() - (bound - bound / 2);
            *self = self.with(bound, |index, event| (!left_out.contains(&index)).then_some(event));
        }
    }

    /// The kept events again, changed one by one or left out, under another bound.
    fn with(&self, bound: usize, mut change: impl FnMut(usize, Event) -> Option<Event>) -> Self {
        let mut changed = Self::new(bound);
        let mut omitted = self.omitted();
        self.kept().enumerate().for_each(|(index, event)| match change(index, event) {
            Some(event) => changed.push(event.at, event.from, event.kind),
            None => omitted += 1,
        });
        if omitted > 0 && changed.before.is_none() {
            changed.begin_rows();
        }
        if let Some(before) = &mut changed.before {
            before.omitted = omitted;
        }
        changed
    }

    /// Whether events are missing that `bound` would have kept.
    pub(crate) const fn is_short_of(&self, bound: usize) -> bool {
        self.omitted() > 0 && self.bound < bound
    }

    /// Adds a data frame, to the run before it where nothing came between.
    pub(crate) fn data(&mut self, at: Stamp, from: Side, completes: bool, bytes: u64) {
        let count = u32::from(completes);
        if let Some(Event { from: Some(side), kind: EventKind::Messages(run), .. }) = &mut self.newest
            && *side == from
        {
            run.count = run.count.saturating_add(count);
            run.frames = run.frames.saturating_add(1);
            run.bytes = run.bytes.saturating_add(bytes);
            run.last = at;
            return;
        }
        self.push(at, Some(from), EventKind::Messages(Messages { count, frames: 1, bytes, last: at }));
    }

    /// Adds a record of application data that was not opened, to the run before it where nothing came
    /// between.
    pub(crate) fn sealed(&mut self, at: Stamp, from: Side, bytes: u64) {
        if let Some(Event { from: Some(side), kind: EventKind::TlsData(run), .. }) = &mut self.newest
            && *side == from
        {
            run.count = run.count.saturating_add(1);
            run.frames = run.frames.saturating_add(1);
            run.bytes = run.bytes.saturating_add(bytes);
            run.last = at;
            return;
        }
        let run = Messages { count: 1, frames: 1, bytes, last: at };
        self.push(at, Some(from), EventKind::TlsData(run));
    }

    /// How many events are kept.
    pub fn len(&self) -> usize {
        self.told() - self.surplus()
    }

    /// Whether nothing happened.
    pub const fn is_empty(&self) -> bool {
        self.told() == 0
    }

    /// How many events are not kept.
    pub const fn omitted(&self) -> u64 {
        let let_go = match &self.before {
            Some(before) => before.omitted,
            None => 0,
        };
        let_go.saturating_add(self.surplus() as u64)
    }

    /// How many kept events come before those that were left out.
    pub const fn kept_before_omission(&self) -> usize {
        let (told, first) = (self.told(), self.bound / 2);
        if told < first { told } else { first }
    }

    /// The kept events as they were told.
    pub fn kept(&self) -> impl Iterator<Item = Event> {
        let before = self.before.as_deref();
        let first = before.into_iter().flat_map(|before| before.first.iter());
        let older = before.into_iter().flat_map(|before| before.older.iter());
        first.chain(older.chain(self.rows.iter()).chain(self.newest.clone()).skip(self.surplus()))
    }

    /// The kept events of kinds that are rare, those that have no form of their own in the rows; where there are
    /// none, this costs nothing.
    pub fn rare(&self, wanted: impl Fn(&EventKind) -> bool + Copy) -> impl Iterator<Item = Event> {
        let in_before = |before: &Before| before.first.has_other(wanted) || before.older.has_other(wanted);
        let is_there = self.newest.as_ref().is_some_and(|event| wanted(&event.kind))
            || self.rows.has_other(wanted)
            || self.before.as_deref().is_some_and(in_before);
        let kept = is_there.then(|| self.kept()).into_iter().flatten();
        kept.filter(move |event| wanted(&event.kind))
    }

    /// The kept events in the order of the capture.
    pub fn events(&self) -> Vec<Event> {
        let mut events = Vec::with_capacity(self.len());
        events.extend(self.kept());
        events.sort_by_key(|event| event.at.packet);
        events
    }

    /// Exchanges the sides of what was told so far.
    pub(crate) fn swap_sides(&mut self) {
        *self = self.with(self.bound, |_, event| Some(Event { from: event.from.map(Side::other), ..event }));
    }

    /// How many events there are, those included that will be left out.
    const fn told(&self) -> usize {
        let before = match &self.before {
            Some(before) => before.first.len() + before.older.len(),
            None => 0,
        };
        before + self.rows.len() + self.newest.is_some() as usize
    }

    /// How many of those behind the first ones are more than are to be kept.
    const fn surplus(&self) -> usize {
        self.told().saturating_sub(if self.bound > 0 { self.bound } else { 1 })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::flow::PacketRef;
    use crate::tcp::GapReason;
    use crate::time::Timestamp;

    fn at(packet: u64) -> Stamp {
        Stamp { packet: PacketRef::new(0, packet), time: Timestamp::from_nanos(packet as i64) }
    }

    #[test]
    fn start_and_end_are_kept() {
        let mut history = History::new(4);
        (1..=9).for_each(|packet| history.push(at(packet), Some(Side::Client), EventKind::Fin));
        let packets: Vec<_> = history.events().iter().map(|event| event.at.packet.packet()).collect();
        assert_eq!((packets, history.omitted()), (vec![1, 2, 8, 9], 5));
    }

    /// What `history` keeps, and how many it says that it does not.
    fn told(history: &History) -> (Vec<u64>, usize, u64) {
        let packets: Vec<_> = history.kept().map(|event| event.at.packet.packet()).collect();
        assert_eq!((packets.len(), packets.is_empty()), (history.len(), history.is_empty()));
        (packets, history.kept_before_omission(), history.omitted())
    }

    /// The same of `told` events of which `bound` are kept, by counting.
    fn counted(told: u64, bound: u64) -> (Vec<u64>, usize, u64) {
        let first = told.min(bound / 2);
        let last = (told - first).min(bound - bound / 2);
        let packets = (1..=first).chain(told - last + 1..=told).collect();
        (packets, first as usize, told - first - last)
    }

    proptest! {
        #[test]
        fn the_first_and_the_last_are_kept_however_many_come(
            number in 0..90_u64,
            bound in 1..30_usize,
            trimmed in 1..30_usize,
        ) {
            let mut history = History::new(bound);
            (1..=number).for_each(|packet| history.push(at(packet), Some(Side::Client), EventKind::Fin));
            let expected = counted(number, bound as u64);
            prop_assert_eq!(told(&history), expected.clone());
            let packed = postcard::to_stdvec(&history).unwrap();
            prop_assert_eq!(told(&postcard::from_bytes(&packed).unwrap()), expected.clone());
            history.swap_sides();
            prop_assert_eq!(told(&history), expected);
            prop_assert!(history.kept().all(|event| event.from == Some(Side::Server)));
            history.trim(trimmed);
            let kept = counted(number, bound.min(trimmed) as u64);
            prop_assert_eq!((told(&history).0, told(&history).2), (kept.0, kept.2));
        }
    }

    #[test]
    fn rare_kinds_are_found_wherever_they_stand() {
        let gap = || EventKind::Gap { bytes: 9, why: GapReason::CaptureGap };
        for (place, number) in (1..=20).flat_map(|number| (1..=number).map(move |place| (place, number))) {
            let mut history = History::new(8);
            for packet in 1..=number {
                let kind = if packet == place { gap() } else { EventKind::Fin };
                history.push(at(packet), Some(Side::Client), kind);
            }
            let found: Vec<_> = history.rare(|kind| matches!(kind, EventKind::Gap { .. })).collect();
            let is_kept = told(&history).0.contains(&place);
            assert_eq!(found.iter().map(|event| event.at).eq([at(place)]), is_kept, "{place} of {number}");
        }
    }

    #[test]
    fn trimming_keeps_start_and_end_too() {
        let packets = |told: u64, bound: usize, trimmed: usize| {
            let mut history = History::new(bound);
            (1..=told).for_each(|packet| history.push(at(packet), Some(Side::Client), EventKind::Fin));
            history.trim(trimmed);
            let packets: Vec<_> = history.kept().map(|event| event.at.packet.packet()).collect();
            (packets, history.kept_before_omission(), history.omitted())
        };
        assert_eq!(packets(3, 8, 4), (vec![1, 2, 3], 3, 0));
        assert_eq!(packets(8, 8, 5), (vec![1, 2, 6, 7, 8], 2, 3));
        assert_eq!(packets(9, 20, 4), (vec![1, 2, 8, 9], 2, 5));
        assert_eq!(packets(30, 8, 4), (vec![1, 2, 29, 30], 2, 26));
    }

    #[test]
    fn runs_of_messages_are_folded_per_side() {
        let mut history = History::new(8);
        for (packet, side) in [(1, Side::Client), (2, Side::Client), (3, Side::Server), (4, Side::Client)] {
            history.data(at(packet), side, packet != 1, 10);
        }
        let runs: Vec<_> = history
            .events()
            .iter()
            .filter_map(|event| match event.kind {
                EventKind::Messages(run) => Some((run.count, run.frames, run.bytes)),
                _ => None,
            })
            .collect();
        assert_eq!(runs, [(1, 2, 20), (1, 1, 10), (1, 1, 10)]);
    }
}
