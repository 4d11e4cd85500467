//! Any packets in files of a set that overlap.

use std::collections::HashSet;

use crate::capture::{LinkType, Overlap, Packet};
use crate::flow::PacketRef;
use crate::limits::Limits;
use crate::time::Timestamp;

/// Reads `data` as packets of two bytes, a time and a content, in files that a content of 255 ends.
///
/// # Panics
///
/// When a packet is left out that no earlier file holds, one of its own file counts as repeated, or one that
/// both files hold is not found although there is room.
pub fn overlap(data: &[u8]) {
    let Some((&most, data)) = data.split_first() else { return };
    let limits = Limits { overlap_packets: usize::from(most), ..Limits::default() };
    let packets: Vec<(u8, u8)> = data.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
    let files: Vec<&[(u8, u8)]> = packets.split(|(_, content)| *content == u8::MAX).collect();
    let first = |file: &[(u8, u8)]| file.first().map(|(time, _)| at(*time));
    let mut overlap = Overlap::new(&limits);
    let mut before: HashSet<(u8, u8)> = HashSet::new();
    for (index, file) in files.iter().enumerate() {
        let next = files.get(index + 1).and_then(|next| first(next));
        overlap.begin(first(file), next);
        let mut repeated = 0;
        for &(time, content) in *file {
            let bytes = [content];
            let is_repeated = overlap.is_repeated(&packet(time, &bytes));
            assert!(
                !is_repeated || before.contains(&(time, content)),
                "file {index} lost ({time}, {content})"
            );
            repeated += u64::from(is_repeated);
        }
        assert_eq!(overlap.repeated(), repeated);
        // Two files, each in the order of its times: what the second one repeats is found.
        let is_ordered = |file: &[(u8, u8)]| file.is_sorted_by_key(|(time, _)| *time);
        if index == 1 && files[..2].iter().all(|file| is_ordered(file)) && usize::from(most) >= packets.len()
        {
            let same = file.iter().filter(|packet| before.contains(packet)).count() as u64;
            assert_eq!(repeated, same, "in the second file");
        }
        before.extend(file.iter().copied());
    }
}

fn at(time: u8) -> Timestamp {
    Timestamp::from_nanos(i64::from(time))
}

fn packet(time: u8, bytes: &[u8]) -> Packet<'_> {
    Packet {
        at: PacketRef::default(),
        time: at(time),
        link: LinkType::ETHERNET,
        data: bytes,
        wire_len: bytes.len() as u32,
        direction: None,
        is_remarked: false,
    }
}
