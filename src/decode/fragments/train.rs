//! The parts of one IP packet that have arrived.

use crate::time::Timestamp;

use super::part::Part;

/// Bytes that a stretch takes in memory beside its own.
pub(super) const STRETCH_COST: usize = 64;

/// Parts of one packet, put in order; where two overlap, the first one counts.
#[derive(Debug)]
pub(super) struct Train {
    /// When its first part came.
    pub(super) since: Timestamp,
    /// Its payload's protocol, once the first part is there.
    pub(super) protocol: Option<u8>,
    /// The payload's true length, once the last part is there.
    total: Option<u32>,
    /// In order, without overlaps.
    stretches: Vec<Stretch>,
    /// `true` where the payload is of no use: its parts are let go.
    unwanted: bool,
}

/// A stretch of the payload.
#[derive(Debug)]
struct Stretch {
    offset: u32,
    len: u32,
    /// The bytes that were captured.
    data: Vec<u8>,
}

impl Stretch {
    const fn end(&self) -> u32 {
        self.offset.saturating_add(self.len)
    }
}

impl Train {
    pub(super) const fn new(since: Timestamp) -> Self {
        Self { since, protocol: None, total: None, stretches: Vec::new(), unwanted: false }
    }

    pub(super) const fn is_unwanted(&self) -> bool {
        self.unwanted
    }

    /// Lets all parts go, those to come as well.
    pub(super) fn unwant(&mut self) {
        self.unwanted = true;
        self.stretches = Vec::new();
    }

    pub(super) const fn stretches(&self) -> usize {
        self.stretches.len()
    }

    /// What it takes in memory beside its place in a table.
    pub(super) fn cost(&self) -> usize {
        self.stretches.iter().map(|stretch| stretch.data.len() + STRETCH_COST).sum()
    }

    /// Takes a part in, and tells whether it contradicts one that is there.
    pub(super) fn add(&mut self, part: &Part<'_>) -> bool {
        let end = part.offset + part.len;
        let mut contradicts = false;
        if part.offset == 0 && self.protocol.is_none() {
            self.protocol = Some(part.protocol);
        }
        if !part.more {
            contradicts = self.total.is_some_and(|total| total != end);
            self.total.get_or_insert(end);
        }
        let mut fresh = Vec::new();
        let mut at = part.offset;
        for stretch in self.stretches.iter().filter(|stretch| stretch.end() > part.offset) {
            if stretch.offset >= end {
                break;
            }
            contradicts |= stretch.offset != part.offset || stretch.data != part.data;
            if stretch.offset > at {
                fresh.push(cut(part, at, stretch.offset));
            }
            at = at.max(stretch.end());
        }
        if at < end {
            fresh.push(cut(part, at, end));
        }
        self.stretches.append(&mut fresh);
        self.stretches.sort_by_key(|stretch| stretch.offset);
        contradicts
    }

    /// The payload's true length, once every part is there.
    pub(super) fn complete(&self) -> Option<u32> {
        let total = self.total?;
        let mut reached = 0;
        for stretch in &self.stretches {
            if stretch.offset > reached {
                break;
            }
            reached = stretch.end();
        }
        (reached >= total).then_some(total)
    }

    /// The payload as far as it was captured, at most `total` bytes of it.
    pub(super) fn into_payload(self, total: u32) -> Vec<u8> {
        let mut payload = Vec::new();
        for stretch in self.stretches {
            payload.extend_from_slice(&stretch.data);
            if stretch.data.len() < stretch.len as usize {
                break;
            }
        }
        payload.truncate(total as usize);
        payload
    }

    /// The first captured bytes of the payload, once the first part is there.
    pub(super) fn start(&self) -> Option<&[u8]> {
        self.stretches.first().filter(|first| first.offset == 0).map(|first| first.data.as_slice())
    }
}

/// The bytes of `part` from payload offset `from` to `to`.
fn cut(part: &Part<'_>, from: u32, to: u32) -> Stretch {
    let place = |offset: u32| ((offset - part.offset) as usize).min(part.data.len());
    let data = part.data.get(place(from)..place(to)).unwrap_or_default();
    Stretch { offset: from, len: to - from, data: data.to_vec() }
}
