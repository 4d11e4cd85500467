//! Goes over the records that are in memory and need nothing but to be read: nearly all are of that kind.

use crate::flow::PacketRef;

use super::Record;
use super::packet::{AHEAD, Packet};
use super::summary::CaptureSummary;

/// Records of one file format.
pub(super) trait Records {
    /// The record at the beginning of `bytes`, with its whole length, which may be more than is there; `None` where
    /// it is not known, or not all that is to be done.
    fn usual(&mut self, bytes: &[u8]) -> Option<(Record, usize)>;

    /// The length of what is at the beginning of `bytes`, as far as it states one.
    fn len(&self, bytes: &[u8]) -> Option<usize>;
}

/// Gives the packets at the beginning of `filled`, which are of the file with the index `file`, to `take`; tells how
/// many bytes they took.
#[inline(always)]
pub(super) fn walk(
    records: &mut impl Records,
    filled: &[u8],
    summary: &mut CaptureSummary,
    file: u32,
    take: &mut impl FnMut(&Packet<'_>),
) -> usize {
    let mut ahead = (0..AHEAD).fold(filled, |rest, _| behind(records, rest));
    let mut rest = filled;
    while let Some((record, len)) = records.usual(rest) {
        let Some((taken, next)) = rest.split_at_checked(len) else { break };
        let Some(data) = taken.get(record.start..).and_then(|data| data.get(..record.captured)) else {
            break;
        };
        summary.count(record.time);
        let at = PacketRef::new(file, summary.packets);
        take(&record.packet(at, data, ahead.get(record.start..).unwrap_or_default()));
        rest = next;
        ahead = behind(records, ahead);
    }
    filled.len() - rest.len()
}

/// What is behind the record at the beginning of `bytes`.
#[inline(always)]
fn behind<'a>(records: &impl Records, bytes: &'a [u8]) -> &'a [u8] {
    records.len(bytes).and_then(|len| bytes.get(len..)).unwrap_or_default()
}
