//! The connections that are done: of each its essence at hand, the rest packed away until the report wants it.

use std::collections::{BTreeMap, BTreeSet};

use postcard::ser_flavors::Flavor;
use postcard::serialize_with_flavor;

use crate::catalogue::Catalogue;
use crate::facts::Facts;
use crate::flow::PacketRef;
use crate::sessions::{Digest, Members};
use crate::store::{Place, Store};
use crate::timeline::{Close, Connection};
use crate::verdict::Verdict;

use super::{Judged, Remarked};

/// Connections with their facts and verdicts, which are read one at a time.
#[derive(Debug, Default)]
pub struct Records {
    entries: Vec<Entry>,
    store: Store,
    /// Close frames of all of them, by code.
    close_codes: BTreeMap<u16, u64>,
    /// The captures whose snap length took bytes of one of them.
    cut: BTreeSet<u32>,
    /// Where a record is packed.
    packed: Vec<u8>,
}

#[derive(Debug)]
struct Entry {
    digest: Digest,
    place: Place,
    number: Option<u32>,
}

impl Records {
    /// Keeps about `bound` bytes of what is packed in memory.
    pub(super) fn new(bound: usize) -> Self {
        Self { store: Store::new(bound), ..Self::default() }
    }

    /// The number of a connection, where the report has told of it already.
    pub fn number(&self, index: usize) -> Option<u32> {
        self.entries.get(index).and_then(|entry| entry.number)
    }

    /// The first packet of a connection.
    pub fn first(&self, index: usize) -> PacketRef {
        self.digest(index).first.packet
    }

    /// A connection with all that is known of it.
    pub fn judged(&self, index: usize) -> Option<Judged> {
        let (connection, verdict, remarked) = self.unpack(index)?;
        Some(Judged { facts: Facts::gather(connection), verdict, remarked, number: self.number(index) })
    }

    /// The essence of each.
    pub fn digests(&self) -> impl ExactSizeIterator<Item = &Digest> {
        self.entries.iter().map(|entry| &entry.digest)
    }

    /// Close frames of all of them, by code.
    pub const fn close_codes(&self) -> &BTreeMap<u16, u64> {
        &self.close_codes
    }

    /// Whether the snap length of a capture took bytes of one of them.
    pub fn are_cut(&self, file: u32) -> bool {
        self.cut.contains(&file)
    }

    /// Why some could not be read back.
    pub fn failure(&self) -> Option<&str> {
        self.store.failure()
    }

    /// Bytes of memory that they take.
    pub fn held(&self) -> usize {
        self.store.held() + self.entries.capacity() * size_of::<Entry>()
    }

    /// Whether more is in memory than was wanted, as there is no room for a temporary file.
    pub(super) const fn is_stuck(&self) -> bool {
        self.store.is_stuck()
    }

    pub(super) fn push(&mut self, judged: &Judged, catalogue: &Catalogue) {
        let Judged { facts, verdict, remarked, number } = judged;
        for code in facts.connection.timeline.closes.iter().filter_map(Close::code) {
            *self.close_codes.entry(code.0).or_default() += 1;
        }
        self.cut.extend(facts.connection.timeline.cut_by_snaplen().map(|at| at.packet.file()));
        let digest = Digest::new(facts, verdict, catalogue);
        let place = self.pack(&facts.connection, verdict, remarked);
        self.entries.push(Entry { digest, place, number: *number });
    }

    /// Gives all of them, in the order in which they came, and keeps none.
    pub(super) fn take(&mut self) -> Vec<Judged> {
        let all = (0..self.len()).filter_map(|index| self.judged(index)).collect();
        self.entries.clear();
        self.close_codes.clear();
        self.cut.clear();
        self.store.clear();
        all
    }

    /// Puts them in the order of their first packets.
    pub(super) fn sort(&mut self) {
        self.entries.sort_by_cached_key(|entry| entry.digest.first.packet);
        self.entries.shrink_to_fit();
    }

    fn unpack(&self, index: usize) -> Option<Packed> {
        let unpacked =
            self.store.get(self.entries.get(index)?.place, |packed| postcard::from_bytes(packed))?;
        unpacked.map_err(|error| self.store.fail(format!("a connection cannot be unpacked: {error}"))).ok()
    }

    fn pack(&mut self, connection: &Connection, verdict: &Verdict, remarked: &[Remarked]) -> Place {
        self.packed.clear();
        match serialize_with_flavor(&(connection, verdict, remarked), Packing(&mut self.packed)) {
            Ok(()) => self.store.put(&self.packed),
            Err(error) => {
                self.store.fail(format!("a connection cannot be packed: {error}"));
                Place::default()
            }
        }
    }
}

/// Takes what is packed: nearly all of it are numbers of one byte, for which postcard's own way by an iterator costs
/// twice as much.
struct Packing<'v>(&'v mut Vec<u8>);

impl Flavor for Packing<'_> {
    type Output = ();

    #[inline]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        match bytes {
            [byte] => self.0.push(*byte),
            _ => self.0.extend_from_slice(bytes),
        }
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

/// What is packed of a connection.
type Packed = (Box<Connection>, Verdict, Vec<Remarked>);

impl Members for Records {
    fn len(&self) -> usize {
        self.entries.len()
    }

    fn digest(&self, index: usize) -> &Digest {
        &self.entries[index].digest
    }

    fn read(&self, index: usize) -> Option<(Facts, Verdict)> {
        let (connection, verdict, _) = self.unpack(index)?;
        Some((Facts::gather(connection), verdict))
    }

    fn correct(&mut self, index: usize, facts: Facts, verdict: Verdict) {
        let remarked = self.unpack(index).map_or_else(Vec::new, |(_, _, remarked)| remarked);
        let place = self.pack(&facts.connection, &verdict, &remarked);
        if let Some(entry) = self.entries.get_mut(index) {
            entry.digest.correct(&verdict);
            entry.place = place;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_waits_takes_few_bytes_and_no_heap() {
        const fn has_no_heap<T: Copy>() {}
        has_no_heap::<Digest>();
        assert!(size_of::<Entry>() <= 184, "{}", size_of::<Entry>());
    }
}
