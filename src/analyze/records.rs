//! The connections that are done: of each its essence at hand, the rest packed away until the report wants it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::mem;

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
    /// None of the first ones, this many, is open.
    settled: usize,
    /// Where a record is packed.
    packed: Vec<u8>,
}

#[derive(Debug)]
struct Entry {
    digest: Digest,
    record: Record,
    number: Option<u32>,
}

/// What is known of a connection beside its essence.
#[derive(Debug)]
enum Record {
    Packed(Place),
    /// Of one that was still open when the newest capture ended: it has its memory already, and of most of them no
    /// more than the essence is asked.
    Open(Box<Judged>),
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
    pub fn judged(&self, index: usize) -> Option<Cow<'_, Judged>> {
        let Entry { record, number, .. } = self.entries.get(index)?;
        match record {
            Record::Open(judged) => Some(Cow::Borrowed(judged)),
            Record::Packed(place) => {
                let (connection, verdict, remarked) = self.unpack(*place)?;
                let facts = Facts::gather(connection);
                Some(Cow::Owned(Judged { facts, verdict, remarked, number: *number }))
            }
        }
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

    /// Bytes of memory that they take, but for those that were open.
    pub fn held(&self) -> usize {
        self.store.held() + self.entries.capacity() * size_of::<Entry>()
    }

    /// Whether more is in memory than was wanted, as there is no room for a temporary file.
    pub(super) const fn is_stuck(&self) -> bool {
        self.store.is_stuck()
    }

    /// Takes a connection that is over.
    pub(super) fn push(&mut self, judged: &Judged, catalogue: &Catalogue) {
        let digest = self.essence(judged, catalogue);
        let record = Record::Packed(self.pack(judged));
        self.entries.push(Entry { digest, record, number: judged.number });
    }

    /// Takes a connection that was still open when its capture ended.
    pub(super) fn push_open(&mut self, judged: Judged, catalogue: &Catalogue) {
        let (digest, number) = (self.essence(&judged, catalogue), judged.number);
        self.entries.push(Entry { digest, record: Record::Open(Box::new(judged)), number });
    }

    /// Packs those that were open, as others will be.
    pub(super) fn settle(&mut self) {
        let mut entries = mem::take(&mut self.entries);
        for Entry { record, .. } in entries.iter_mut().skip(self.settled) {
            if let Record::Open(judged) = record {
                *record = Record::Packed(self.pack(judged));
            }
        }
        self.settled = entries.len();
        self.entries = entries;
    }

    /// Counts what all have together, and gives the essence.
    fn essence(&mut self, Judged { facts, verdict, .. }: &Judged, catalogue: &Catalogue) -> Digest {
        for code in facts.connection.timeline.closes.iter().filter_map(Close::code) {
            *self.close_codes.entry(code.0).or_default() += 1;
        }
        self.cut.extend(facts.connection.timeline.cut_by_snaplen().map(|at| at.packet.file()));
        Digest::new(facts, verdict, catalogue)
    }

    /// Gives all of them, in the order in which they came, and keeps none.
    pub(super) fn take(&mut self) -> Vec<Judged> {
        let all = (0..self.len()).filter_map(|index| self.judged(index).map(Cow::into_owned)).collect();
        self.entries.clear();
        self.settled = 0;
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

    fn unpack(&self, place: Place) -> Option<Packed> {
        let unpacked = self.store.get(place, |packed| postcard::from_bytes(packed))?;
        unpacked.map_err(|error| self.store.fail(format!("a connection cannot be unpacked: {error}"))).ok()
    }

    fn pack(&mut self, Judged { facts, verdict, remarked, .. }: &Judged) -> Place {
        self.packed.clear();
        match serialize_with_flavor(&(&facts.connection, verdict, remarked), Packing(&mut self.packed)) {
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
        let Judged { facts, verdict, .. } = self.judged(index)?.into_owned();
        Some((facts, verdict))
    }

    fn correct(&mut self, index: usize, facts: Facts, verdict: Verdict) {
        let remarked = self.judged(index).map_or_else(Vec::new, |known| known.remarked.clone());
        let judged = Judged { facts, verdict, remarked, number: self.number(index) };
        let place = self.pack(&judged);
        if let Some(entry) = self.entries.get_mut(index) {
            entry.digest.correct(&judged.verdict);
            entry.record = Record::Packed(place);
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
