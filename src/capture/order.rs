//! Several captures: which of them are parts of one, written one after another.
//!
//! `tcpdump -C`, `-G` and `-W` and dumpcap's ring buffer write a capture in parts whose names differ in
//! their digits only. Such parts are read in the order of their times, and connections go on from one
//! to the next. Files that are named alike but overlap in time are captures of their own, unless they
//! hold the same packets ([`Overlap`](super::Overlap)).

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::limits::Limits;
use crate::time::{Span, Timestamp};

use super::{Capture, CaptureSummary};

/// A longer time without any packet means that a capture was started anew.
const LONGEST_PAUSE: Span = Span::from_secs(600);

/// How much two parts may overlap without holding the same packets, which are not always written in the
/// order of their times. Captures of several hosts overlap by more, also where their clocks differ.
const OVERLAP: Span = Span::from_millis(100);

/// A capture in the order in which it is to be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Planned {
    /// Where it is; `-` for standard input.
    pub path: PathBuf,
    /// The time of its first packet, where it may be a part of a set.
    first: Option<Timestamp>,
    /// Its name without digits, shared by the parts of a set.
    set: OsString,
}

/// The captures in the order given, but parts of one set together and in the order of their times.
pub fn in_order(paths: &[PathBuf], limits: &Limits) -> Vec<Planned> {
    let mut sets: Vec<Vec<Planned>> = Vec::new();
    let mut places: HashMap<OsString, usize> = HashMap::new();
    for path in paths {
        let set = name_of_set(path);
        let place = *places.entry(set.clone()).or_insert(sets.len());
        if place == sets.len() {
            sets.push(Vec::new());
        }
        sets[place].push(Planned { path: path.clone(), first: None, set });
    }
    for parts in sets.iter_mut().filter(|parts| parts.len() > 1) {
        parts.iter_mut().for_each(|part| part.first = first_time(&part.path, limits));
        parts.sort_by_key(|part| part.first);
    }
    sets.into_iter().flatten().collect()
}

impl Planned {
    /// When its first packet was captured, where it may be a part of a set.
    pub const fn first(&self) -> Option<Timestamp> {
        self.first
    }

    /// Whether both may be parts of one set.
    pub fn is_alike(&self, other: &Self) -> bool {
        self.set == other.set && self.first.is_some() && other.first.is_some()
    }

    /// Whether this capture goes on where `previous`, planned as `before`, ended.
    pub fn continues(&self, before: &Self, previous: &CaptureSummary) -> bool {
        let (Some(first), Some(began), Some(last)) = (self.first, previous.first, previous.last) else {
            return false;
        };
        let pause = first - last;
        let overlap = OVERLAP.as_nanos().min((last - began).as_nanos() / 2);
        let in_turn = -overlap <= pause.as_nanos() && pause <= LONGEST_PAUSE;
        self.set == before.set && before.first.is_some() && in_turn
    }
}

/// Endings of compressed files: those that are done with are compressed (`tcpdump -z gzip`, logrotate), the newest
/// is not.
const COMPRESSED: [&str; 6] = [".gz", ".zst", ".lz4", ".bz2", ".xz", ".zstd"];

/// A path without its digits and the ending of a compressed file; the parts of a set differ in those only.
fn name_of_set(path: &Path) -> OsString {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let plain = COMPRESSED.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name);
    let kept: String = plain.chars().filter(|letter| !letter.is_ascii_digit()).collect();
    path.with_file_name(kept).into_os_string()
}

/// The time of the first packet; only of regular files, since what is read of others is gone.
fn first_time(path: &Path, limits: &Limits) -> Option<Timestamp> {
    if !path.metadata().ok()?.is_file() {
        return None;
    }
    let mut capture = Capture::open_path(path, 0, limits).ok()?;
    capture.next().ok()?.map(|packet| packet.time)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A capture of one empty packet at this second.
    fn pcap(second: u32) -> Vec<u8> {
        let mut bytes = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0];
        bytes.extend([0; 8]);
        bytes.extend([0xff, 0xff, 0, 0, 1, 0, 0, 0]);
        bytes.extend(second.to_le_bytes());
        bytes.extend([0; 12]);
        bytes
    }

    fn plan(files: &[(&str, u32)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<_> = files.iter().map(|(name, _)| folder.path().join(name)).collect();
        for (path, (_, second)) in paths.iter().zip(files) {
            std::fs::write(path, pcap(*second)).unwrap();
        }
        let planned = in_order(&paths, &Limits::default());
        planned
            .iter()
            .map(|planned| planned.path.file_name().unwrap().to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn parts_of_a_set_are_put_in_the_order_of_their_times() {
        let planned = plan(&[("ring.pcap3", 30), ("other.pcap", 5), ("ring.pcap1", 40), ("ring.pcap2", 20)]);
        assert_eq!(planned, ["ring.pcap2", "ring.pcap3", "ring.pcap1", "other.pcap"]);
        // How a file is compressed is told by its content; the name only says whose part it is.
        let planned = plan(&[("r1.pcap.gz", 30), ("r2.pcap", 40), ("r0.pcap.zst", 20), ("gz", 1)]);
        assert_eq!(planned, ["r0.pcap.zst", "r1.pcap.gz", "r2.pcap", "gz"]);
    }

    #[test]
    fn captures_of_their_own_keep_their_order() {
        assert_eq!(plan(&[("b.pcap", 9), ("a.pcap", 1)]), ["b.pcap", "a.pcap"]);
    }

    #[test]
    fn a_part_follows_only_soon_after_the_one_before() {
        let planned = |second: i64| Planned {
            path: PathBuf::new(),
            first: Some(Timestamp::from_nanos(second * 1_000_000_000)),
            set: "x".into(),
        };
        let mut previous = CaptureSummary::new("x1".to_owned(), &Limits::default());
        previous.first = Some(Timestamp::from_nanos(0));
        previous.last = Some(Timestamp::from_nanos(100_000_000_000));
        let continues = |second| planned(second).continues(&planned(0), &previous);
        assert!(continues(100) && continues(400));
        assert!(!continues(99) && !continues(50) && !continues(100_000));
        previous.last = None;
        assert!(!planned(100).continues(&planned(0), &previous));
    }
}
