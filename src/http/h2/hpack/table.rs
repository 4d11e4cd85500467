//! The fields that the two ends of one direction remember (RFC 7541 §2.3).

use std::collections::VecDeque;

use super::known::FIELDS;

/// The size that a table has until it is told another (RFC 9113 §6.5.2).
const INITIAL_SIZE: usize = 4096;

/// What a field takes beside its strings (RFC 7541 §4.1).
const OVERHEAD: usize = 32;

/// A field that was remembered; strings that a hole hides are not known.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Entry {
    pub(super) name: Option<Box<[u8]>>,
    pub(super) value: Option<Box<[u8]>>,
}

impl Entry {
    fn size(&self) -> usize {
        let len = |text: &Option<Box<[u8]>>| text.as_ref().map_or(0, |text| text.len());
        len(&self.name) + len(&self.value) + OVERHEAD
    }
}

/// Name and value of a field, each where it is known.
pub(super) type Known<'t> = (Option<&'t [u8]>, Option<&'t [u8]>);

/// The dynamic table, newest field first.
#[derive(Debug)]
pub(super) struct Table {
    entries: VecDeque<Entry>,
    size: usize,
    /// The size that the sender announced, up to `bound`.
    max: usize,
    bound: usize,
}

impl Table {
    /// A table that never takes more than `bound` bytes, whatever its sender announces.
    pub(super) fn new(bound: usize) -> Self {
        Self { entries: VecDeque::new(), size: 0, max: INITIAL_SIZE.min(bound), bound }
    }

    /// The field with this index, of the known ones first; `None` where it was not seen.
    pub(super) fn get(&self, index: u32) -> Option<Known<'_>> {
        let index = (index as usize).checked_sub(1)?;
        if let Some((name, value)) = FIELDS.get(index) {
            return Some((Some(name), Some(value)));
        }
        let entry = self.entries.get(index - FIELDS.len())?;
        Some((entry.name.as_deref(), entry.value.as_deref()))
    }

    /// Remembers a field and lets the oldest go.
    pub(super) fn insert(&mut self, entry: Entry) {
        let size = entry.size();
        self.evict(self.max.saturating_sub(size));
        if size <= self.max {
            self.size += size;
            self.entries.push_front(entry);
        }
    }

    /// The sender announces another size.
    pub(super) fn resize(&mut self, max: usize) {
        self.max = max.min(self.bound);
        self.evict(self.max);
    }

    /// Fields may have been missed: what was remembered stands at indices that are not known.
    pub(super) fn forget(&mut self) {
        self.entries.clear();
        self.size = 0;
    }

    fn evict(&mut self, room: usize) {
        while self.size > room {
            let Some(oldest) = self.entries.pop_back() else { return };
            self.size = self.size.saturating_sub(oldest.size());
        }
    }
}
