//! A connection's events under a bound: the first ones and the last ones are kept.

use std::collections::VecDeque;

use crate::flow::{Side, Stamp};

use super::event::{Event, EventKind, Messages};

/// Events in the order they were told, with a count of those left out between start and end.
#[derive(Clone, Debug)]
pub struct History {
    bound: usize,
    head: Vec<Event>,
    tail: VecDeque<Event>,
    omitted: u64,
}

impl History {
    /// Keeps at most `bound` events.
    pub(crate) const fn new(bound: usize) -> Self {
        Self { bound, head: Vec::new(), tail: VecDeque::new(), omitted: 0 }
    }

    /// The history of which these events are kept, the first `before` of them from its start.
    pub(super) fn of_kept(bound: usize, mut events: Vec<Event>, before: usize, omitted: u64) -> Self {
        let tail = events.split_off(before.min(events.len())).into();
        Self { bound, head: events, tail, omitted }
    }

    /// How many events it keeps at most.
    pub(super) const fn bound(&self) -> usize {
        self.bound
    }

    /// Adds an event.
    pub(crate) fn push(&mut self, at: Stamp, from: Option<Side>, kind: EventKind) {
        let event = Event { at, from, kind };
        let half = self.bound / 2;
        if self.head.len() < half {
            self.head.push(event);
            return;
        }
        if self.tail.len() >= self.bound - half {
            self.tail.pop_front();
            self.omitted += 1;
        }
        self.tail.push_back(event);
    }

    /// Keeps at most `bound` events of those that were told, the first and the last ones.
    pub(crate) fn trim(&mut self, bound: usize) {
        if self.len() <= bound {
            return;
        }
        self.bound = bound;
        let mut rest = std::mem::take(&mut self.head);
        rest.extend(self.tail.drain(..));
        let mut rest = rest.into_iter();
        self.head = rest.by_ref().take(bound / 2).collect();
        let left_out = rest.len().saturating_sub(bound - bound / 2);
        self.omitted += left_out as u64;
        self.tail = rest.skip(left_out).collect();
    }

    /// Whether events are missing that `bound` would have kept.
    pub(crate) const fn is_short_of(&self, bound: usize) -> bool {
        self.omitted > 0 && self.bound < bound
    }

    /// Gives back the room that further events would take.
    pub(crate) fn settle(&mut self) {
        self.head.shrink_to_fit();
        self.tail.shrink_to_fit();
    }

    /// Adds a data frame, to the run before it where nothing came between.
    pub(crate) fn data(&mut self, at: Stamp, from: Side, completes: bool, bytes: u64) {
        let count = u32::from(completes);
        if let Some(Event { from: Some(side), kind: EventKind::Messages(run), .. }) = self.last_mut()
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
        if let Some(Event { from: Some(side), kind: EventKind::TlsData(run), .. }) = self.last_mut()
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
        self.head.len() + self.tail.len()
    }

    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.head.is_empty()
    }

    /// How many events are not kept.
    pub const fn omitted(&self) -> u64 {
        self.omitted
    }

    /// How many kept events come before those that were left out.
    pub fn kept_before_omission(&self) -> usize {
        self.head.len()
    }

    /// The kept events as they were told.
    pub fn kept(&self) -> impl Iterator<Item = &Event> {
        self.head.iter().chain(&self.tail)
    }

    /// The kept events in the order of the capture.
    pub fn events(&self) -> Vec<&Event> {
        let mut events: Vec<_> = self.head.iter().chain(&self.tail).collect();
        events.sort_by_key(|event| event.at.packet);
        events
    }

    /// Exchanges the sides of what was told so far.
    pub(crate) fn swap_sides(&mut self) {
        for event in self.head.iter_mut().chain(&mut self.tail) {
            event.from = event.from.map(Side::other);
        }
    }

    fn last_mut(&mut self) -> Option<&mut Event> {
        self.tail.back_mut().or_else(|| self.head.last_mut())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::PacketRef;
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
