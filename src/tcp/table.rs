//! The connections being tracked: a hash table over slots that bounds how many there are.

use foldhash::quality::RandomState;
use hashbrown::HashTable;
use std::collections::VecDeque;
use std::hash::BuildHasher;

use crate::flow::FlowKey;
use crate::prefetch::prefetch;
use crate::time::{Span, Timestamp};

/// How long an ended connection stays, so that late segments (an RST answering the last data) are
/// still told as its own.
const LINGER: Span = Span::from_secs(60);

/// Later than any packet.
const NEVER: Timestamp = Timestamp::from_nanos(i64::MAX);

/// Places for hints that each connection has at least, so that few share one.
const HINTS_EACH: usize = 8;

/// The most places for hints: 1 MiB of them.
const MOST_HINTS: usize = 1 << 18;

/// How many slots an eviction compares to find one that has been quiet for long.
const EVICTION_SAMPLE: usize = 16;

/// Connections by their endpoints, at most a given number.
#[derive(Debug)]
pub struct Table<T> {
    hasher: RandomState,
    index: HashTable<Place>,
    /// The slot of a connection whose hash ends in this number; a power of two of them.
    hints: Vec<SlotId>,
    slots: Vec<Option<Slot<T>>>,
    free: Vec<u32>,
    ended: VecDeque<Ended>,
    /// When the first of them is to be looked at.
    due: Timestamp,
    capacity: usize,
    hand: usize,
    generation: u32,
}

/// Where a connection stands whose key has this hash.
#[derive(Clone, Copy, Debug)]
struct Place {
    hash: u32,
    slot: u32,
}

impl Place {
    /// The hash for the index, which takes a place in it from the lower bits and tells neighbours apart by the
    /// uppermost ones.
    const fn spread(hash: u32) -> u64 {
        (hash as u64) << 32 | hash as u64
    }
}

/// A connection; what every segment touches of it, and where its value begins, is one cache line.
#[derive(Debug)]
#[repr(C, align(64))]
struct Slot<T> {
    key: FlowKey,
    active: Timestamp,
    value: T,
    generation: u32,
}

#[derive(Debug)]
struct Ended {
    slot: u32,
    generation: u32,
    due: Timestamp,
}

/// Where a connection stands in the table until it is removed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SlotId(u32);

impl SlotId {
    /// A place where none stands: there are never so many.
    pub const NOWHERE: Self = Self(u32::MAX);
}

/// Where it is noted in which slot a connection probably stands.
#[derive(Clone, Copy, Debug)]
pub struct HintId(u32);

impl HintId {
    /// A place where nothing is noted: there are never so many.
    pub const NONE: Self = Self(u32::MAX);
}

impl<T> Table<T> {
    /// An empty table for at most `capacity` connections.
    pub fn new(capacity: usize) -> Self {
        Self {
            hasher: RandomState::default(),
            index: HashTable::new(),
            hints: vec![SlotId::NOWHERE; 1024],
            slots: Vec::new(),
            free: Vec::new(),
            ended: VecDeque::new(),
            due: NEVER,
            capacity: capacity.clamp(1, u32::MAX as usize),
            hand: 0,
            generation: 0,
        }
    }

    /// The slot of `key`, if it is tracked.
    #[inline(always)]
    pub fn find(&self, key: &FlowKey) -> Option<SlotId> {
        let (hash, slots) = (self.hash(key), &self.slots);
        let is_it = |place: &Place| place.hash == hash && key_at(slots, place.slot) == Some(key);
        self.index.find(Place::spread(hash), is_it).map(|place| SlotId(place.slot))
    }

    /// Where it stands which slot is most probably the one of `key`: that is not looked at, but asked for.
    #[inline(always)]
    pub fn hint(&self, key: &FlowKey) -> HintId {
        let place = self.hint_of(self.hash(key));
        prefetch(&self.hints[place]);
        HintId(place as u32)
    }

    /// The slot that is most probably the one of a key: the slot itself is not looked at, but asked for.
    #[inline(always)]
    pub fn find_likely(&self, hint: HintId) -> SlotId {
        let hint = self.hints.get(hint.0 as usize).copied().unwrap_or(SlotId::NOWHERE);
        if let Some(slot) = self.slots.get(hint.0 as usize) {
            prefetch(slot);
        }
        hint
    }

    const fn hint_of(&self, hash: u32) -> usize {
        hash as usize & (self.hints.len() - 1)
    }

    /// Notes where the connection with this hash stands, instead of one that shares its place.
    fn note_hint(&mut self, hash: u32, id: SlotId) {
        let place = self.hint_of(hash);
        self.hints[place] = id;
    }

    /// Makes room for the hints of more connections.
    #[cold]
    fn spread_hints(&mut self) {
        self.hints = vec![SlotId::NOWHERE; self.hints.len() * 4];
        for &Place { hash, slot } in &self.index {
            let place = self.hint_of(hash);
            self.hints[place] = SlotId(slot);
        }
    }

    #[inline(always)]
    fn hash(&self, key: &FlowKey) -> u32 {
        self.hasher.hash_one(key) as u32
    }

    /// The connection of `key` with its slot, which is probably `likely`, noted as active at `now`, if it is
    /// tracked.
    #[inline(always)]
    pub fn find_active(&mut self, key: &FlowKey, likely: SlotId, now: Timestamp) -> Option<(SlotId, &mut T)> {
        let is_it = key_at(&self.slots, likely.0) == Some(key);
        let id = if is_it { likely } else { self.find_unexpected(key)? };
        self.touch(id, now).map(|value| (id, value))
    }

    #[inline(never)]
    fn find_unexpected(&mut self, key: &FlowKey) -> Option<SlotId> {
        let id = self.find(key)?;
        self.note_hint(self.hash(key), id);
        Some(id)
    }

    /// The connection in a slot, noted as active at `now`.
    #[inline]
    pub fn touch(&mut self, id: SlotId, now: Timestamp) -> Option<&mut T> {
        let slot = self.slots.get_mut(id.0 as usize)?.as_mut()?;
        slot.active = now;
        Some(&mut slot.value)
    }

    /// The connection in a slot, and when it was active last.
    #[inline]
    pub fn look(&self, id: SlotId) -> Option<(&T, Timestamp)> {
        let slot = self.slots.get(id.0 as usize)?.as_ref()?;
        Some((&slot.value, slot.active))
    }

    /// Adds a connection; `key` must not be tracked, and there must be room (see [`Self::is_full`]).
    pub fn insert(&mut self, key: FlowKey, value: T, now: Timestamp) -> SlotId {
        self.generation = self.generation.wrapping_add(1);
        let slot = Slot { key, value, active: now, generation: self.generation };
        let id = if let Some(id) = self.free.pop() {
            self.slots[id as usize] = Some(slot);
            id
        } else {
            self.slots.push(Some(slot));
            (self.slots.len() - 1) as u32
        };
        let hash = self.hash(&key);
        self.index
            .insert_unique(Place::spread(hash), Place { hash, slot: id }, |place| Place::spread(place.hash));
        self.note_hint(hash, SlotId(id));
        if self.index.len() * HINTS_EACH > self.hints.len() && self.hints.len() < MOST_HINTS {
            self.spread_hints();
        }
        SlotId(id)
    }

    /// Whether an insertion needs an eviction first.
    pub fn is_full(&self) -> bool {
        self.index.len() >= self.capacity
    }

    /// Takes a connection out.
    pub fn remove(&mut self, id: SlotId) -> Option<T> {
        let slot = self.slots.get_mut(id.0 as usize)?.take()?;
        let hash = self.hash(&slot.key);
        if let Ok(entry) = self.index.find_entry(Place::spread(hash), |place| place.slot == id.0) {
            entry.remove();
        }
        self.free.push(id.0);
        Some(slot.value)
    }

    /// Takes out the longest quiet one of a sample of the connections that `may_go`, to make room.
    pub fn evict(&mut self, may_go: impl Fn(&T) -> bool) -> Option<T> {
        let count = self.slots.len();
        let sample = (0..count).map(|step| (self.hand + step) % count);
        let goes = |at: usize| {
            self.slots[at].as_ref().filter(|slot| may_go(&slot.value)).map(|slot| (slot.active, at))
        };
        let sampled: Vec<_> = sample.filter_map(goes).take(EVICTION_SAMPLE).collect();
        let (_, quietest) = sampled.iter().min().copied()?;
        self.hand = (sampled.last()?.1 + 1) % count;
        self.remove(SlotId(quietest as u32))
    }

    /// Notes that a connection has ended, so that [`Self::take_expired`] lets it go later.
    pub fn mark_ended(&mut self, id: SlotId, now: Timestamp) {
        if let Some(Some(slot)) = self.slots.get(id.0 as usize) {
            let due = after(now, LINGER);
            self.ended.push_back(Ended { slot: id.0, generation: slot.generation, due });
        }
        // Notes of connections that are gone already may not pile up while the clock stands still.
        if self.ended.len() > self.capacity.saturating_mul(2) {
            self.ended.pop_front();
        }
        self.note_due();
    }

    fn note_due(&mut self) {
        self.due = self.ended.front().map_or(NEVER, |ended| ended.due);
    }

    /// Whether [`Self::take_expired`] has something to look at.
    #[inline]
    pub fn has_due(&self, now: Timestamp) -> bool {
        self.due <= now
    }

    /// Takes out one connection that ended and has been quiet since.
    pub fn take_expired(&mut self, now: Timestamp) -> Option<T> {
        while self.has_due(now) {
            let ended = self.ended.pop_front()?;
            self.note_due();
            let Some(Some(slot)) = self.slots.get(ended.slot as usize) else { continue };
            if slot.generation != ended.generation {
                continue;
            }
            let due = after(slot.active, LINGER);
            if due <= now {
                return self.remove(SlotId(ended.slot));
            }
            self.ended.push_back(Ended { due, ..ended });
            self.note_due();
        }
        None
    }

    /// Takes out everything that is left.
    pub fn drain(&mut self) -> impl Iterator<Item = T> + '_ {
        self.index.clear();
        self.free.clear();
        self.ended.clear();
        self.due = NEVER;
        self.slots.drain(..).flatten().map(|slot| slot.value)
    }
}

fn key_at<T>(slots: &[Option<Slot<T>>], slot: u32) -> Option<&FlowKey> {
    slots.get(slot as usize)?.as_ref().map(|slot| &slot.key)
}

const fn after(time: Timestamp, span: Span) -> Timestamp {
    Timestamp::from_nanos(time.as_nanos().saturating_add(span.as_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Endpoint;
    use std::net::{IpAddr, Ipv4Addr};

    fn key(port: u16) -> FlowKey {
        let endpoint = |port| Endpoint { ip: IpAddr::V4(Ipv4Addr::LOCALHOST), port };
        FlowKey::new(endpoint(port), endpoint(80))
    }

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_nanos(seconds * 1_000_000_000)
    }

    #[test]
    fn finds_what_was_inserted_and_forgets_what_was_removed() {
        let mut table = Table::new(10);
        let id = table.insert(key(1), "one", at(0));
        table.insert(key(2), "two", at(0));
        assert_eq!(table.find(&key(1)), Some(id));
        assert_eq!(table.remove(id), Some("one"));
        assert_eq!(table.find(&key(1)), None);
        assert_eq!(table.drain().collect::<Vec<_>>(), ["two"]);
    }

    #[test]
    fn the_likely_slot_is_the_one_found_last_of_those_that_share_its_place() {
        let mut table = Table::new(2000);
        let ids: Vec<_> = (0..2000).map(|port| (port, table.insert(key(port), port, at(0)))).collect();
        let told = |table: &Table<u16>| {
            ids.iter().filter(|(port, id)| table.find_likely(table.hint(&key(*port))) == *id).count()
        };
        assert!(told(&table) > 1600, "{} of 2000", told(&table));
        for &(port, id) in &ids {
            let likely = table.find_likely(table.hint(&key(port)));
            assert_eq!(table.find_active(&key(port), likely, at(1)), Some((id, &mut { port })));
            assert_eq!((table.find_likely(table.hint(&key(port))), table.find(&key(port))), (id, Some(id)));
        }
        assert_eq!((table.find(&key(2000)), table.look(SlotId::NOWHERE)), (None, None));
    }

    #[test]
    fn hints_have_a_bound() {
        let mut table = Table::new(1_000_000);
        for port in 0..u16::MAX {
            table.insert(key(port), (), at(0));
        }
        assert!(table.hints.len().is_power_of_two() && table.hints.len() == MOST_HINTS);
    }

    #[test]
    fn a_slot_that_is_not_the_likely_one_any_more_is_not_taken_for_it() {
        let mut table = Table::new(10);
        let id = table.insert(key(1), "one", at(0));
        assert_eq!(table.find_active(&key(1), id, at(1)), Some((id, &mut "one")));
        table.remove(id);
        assert_eq!(table.find_active(&key(1), id, at(2)), None);
        let reused = table.insert(key(2), "two", at(3));
        assert_eq!(reused, id);
        assert_eq!(table.find_active(&key(1), id, at(4)), None);
        let moved = table.insert(key(1), "one", at(5));
        assert_eq!(table.find_active(&key(1), id, at(6)), Some((moved, &mut "one")));
    }

    #[test]
    fn evicts_the_longest_quiet() {
        let mut table = Table::new(3);
        let first = table.insert(key(1), 1, at(1));
        table.insert(key(2), 2, at(2));
        table.insert(key(3), 3, at(3));
        assert!(table.is_full());
        table.touch(first, at(4));
        assert_eq!(table.evict(|_| true), Some(2));
        assert!(!table.is_full());
    }

    #[test]
    fn an_ended_connection_goes_after_its_linger() {
        let mut table = Table::new(3);
        let id = table.insert(key(1), 1, at(0));
        table.mark_ended(id, at(0));
        assert_eq!(table.take_expired(at(59)), None);
        table.touch(id, at(30));
        assert_eq!(table.take_expired(at(61)), None);
        assert_eq!(table.take_expired(at(90)), Some(1));
        assert_eq!(table.find(&key(1)), None);
    }

    #[test]
    fn a_reused_slot_does_not_expire_for_its_predecessor() {
        let mut table = Table::new(3);
        let id = table.insert(key(1), 1, at(0));
        table.mark_ended(id, at(0));
        table.remove(id);
        table.insert(key(2), 2, at(1));
        assert_eq!(table.take_expired(at(500)), None);
    }
}
