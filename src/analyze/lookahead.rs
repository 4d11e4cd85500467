//! What the next packets will touch is asked for while those before them are read: with many connections open,
//! little of it is in the cache, and each step of the way to it waits for the one before.

use crate::capture::{AHEAD, Packet};
use crate::decode::Decoder;
use crate::tcp::{SlotId, Table};

use super::tracked::Tracked;

/// The next packets that were looked at, the nearest one first.
#[derive(Debug)]
pub(super) struct Lookahead([Coming; AHEAD]);

/// A packet that is to come: the slot where its connection probably stands, the port that it comes from, and
/// whether it carries anything, as one number.
#[derive(Clone, Copy, Debug)]
struct Coming(u64);

impl Coming {
    /// None that is known of; there are not so many slots.
    const UNKNOWN: Self = Self(u32::MAX as u64);

    const fn new(id: SlotId, source_port: u16, has_payload: bool) -> Self {
        Self(id.0 as u64 | (source_port as u64) << 32 | (has_payload as u64) << 48)
    }

    const fn id(self) -> SlotId {
        SlotId(self.0 as u32)
    }

    const fn source_port(self) -> u16 {
        (self.0 >> 32) as u16
    }

    const fn has_payload(self) -> bool {
        self.0 >> 48 != 0
    }
}

impl Lookahead {
    pub(super) const fn new() -> Self {
        Self([Coming::UNKNOWN; AHEAD])
    }

    /// Goes on by one packet; gives where the connection of the one at hand probably stands.
    ///
    /// Each call does one step for each packet on its way, so that what a step asks for is there in the next one:
    /// the slot, the connection's state, what that points to.
    #[inline(always)]
    pub(super) fn step(&mut self, packet: &Packet<'_>, table: &Table<Tracked>) -> SlotId {
        let [at_hand, next, second] = self.0;
        let third = Decoder::ahead(packet, |ahead| {
            let id = table.find_likely(&ahead.flow)?;
            Some(Coming::new(id, ahead.source_port, ahead.has_payload))
        });
        if let Some((tracked, _)) = table.look(second.id()) {
            tracked.prefetch();
        }
        if let Some((tracked, _)) = table.look(next.id()) {
            tracked.prefetch_behind(next.source_port(), next.has_payload());
        }
        self.0 = [next, second, third.unwrap_or(Coming::UNKNOWN)];
        at_hand.id()
    }
}
