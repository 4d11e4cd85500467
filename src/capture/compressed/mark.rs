//! How compressed streams start.

use crate::capture::summary::Compression;

/// Bytes of the longest mark; one that may be skipped has its length there as well.
pub(super) const LONGEST: usize = 8;

/// What each kind of compression starts with.
const MARKS: [(Compression, &[u8]); 5] = [
    (Compression::Gzip, b"\x1f\x8b\x08"),
    (Compression::Zstd, b"\x28\xb5\x2f\xfd"),
    (Compression::Lz4, b"\x04\x22\x4d\x18"),
    (Compression::Bzip2, b"BZh"),
    (Compression::Xz, b"\xfd7zXZ\0"),
];

/// How something that starts like this is compressed; a frame to skip may stand in front of lz4 as well.
pub(in crate::capture) fn recognise(start: &[u8]) -> Option<Compression> {
    if let [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] = start {
        return Some(Compression::Zstd);
    }
    MARKS.iter().find(|(_, mark)| start.starts_with(mark)).map(|(method, _)| *method)
}

/// Whether a file that holds these bytes alone ends within a mark.
pub(in crate::capture) fn ends_within_one(bytes: &[u8]) -> bool {
    MARKS.iter().any(|(_, mark)| mark.starts_with(bytes))
}

/// The bytes to skip of a frame that holds nothing to decompress.
pub(super) fn skippable(start: &[u8]) -> Option<u64> {
    match *start {
        [0x50..=0x5f, 0x2a, 0x4d, 0x18, a, b, c, d, ..] => {
            Some(LONGEST as u64 + u64::from(u32::from_le_bytes([a, b, c, d])))
        }
        _ => None,
    }
}

/// Whether these few bytes are the beginning of such a start.
pub(super) fn may_begin(method: Compression, bytes: &[u8]) -> bool {
    let skippable = matches!(method, Compression::Zstd | Compression::Lz4)
        && matches!(bytes, [0x50..=0x5f] | [0x50..=0x5f, 0x2a] | [0x50..=0x5f, 0x2a, 0x4d, ..]);
    skippable || MARKS.iter().any(|(each, mark)| *each == method && mark.starts_with(bytes))
}
