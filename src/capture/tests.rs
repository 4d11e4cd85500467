//! Whole capture files in, packets and summaries out.

use proptest::prelude::*;

use crate::limits::Limits;

use super::testing::*;
use super::*;

fn data(seen: &[Seen]) -> Vec<&[u8]> {
    seen.iter().map(|packet| packet.data.as_slice()).collect()
}

#[test]
fn pcap_of_every_kind() {
    for order in [Little, Big] {
        for (magic, nanos) in [(0xa1b2_c3d4, 7_000_008_000), (0xa1b2_3c4d, 7_000_000_008)] {
            let mut file = pcap_header(order, magic, 96, 0xf000_0001);
            file.extend(pcap_record(order, (7, 8), b"abc", 1500));
            let (seen, summary) = read(&file);
            let expected =
                Seen { number: 1, nanos, link: LinkType::ETHERNET, data: b"abc".to_vec(), wire_len: 1500 };
            assert_eq!(seen, [expected]);
            assert_eq!(summary.link_types, [LinkType::ETHERNET]);
            assert_eq!(summary.snaplen, Some(96));
            assert_eq!(summary.bytes, file.len() as u64);
            assert!(summary.complete && summary.warnings.is_empty());
        }
    }
}

#[test]
fn pcap_with_modified_records() {
    for order in [Little, Big] {
        let mut file = pcap_header(order, 0xa1b2_cd34, 65535, 1);
        for data in [b"abc", b"def"] {
            let mut record = pcap_record(order, (7, 8), data, 3);
            record.splice(16..16, [0xee; 8]);
            file.extend(record);
        }
        let (seen, summary) = read(&file);
        assert_eq!(data(&seen), [b"abc", b"def"]);
        assert!(summary.complete);
    }
}

#[test]
fn pcap_times_do_not_overflow() {
    let mut file = pcap_header(Little, 0xa1b2_c3d4, 0, 1);
    file.extend(pcap_record(Little, (u32::MAX, u32::MAX), b"", 0));
    let (seen, summary) = read(&file);
    assert_eq!(seen[0].nanos, (i64::from(u32::MAX) * 1_000_000 + i64::from(u32::MAX)) * 1000);
    assert_eq!(summary.snaplen, None);
}

#[test]
fn pcap_cut_anywhere_keeps_what_is_whole() {
    let file = small_pcap(3);
    let whole = read(&file).0;
    for cut in 24..file.len() {
        let (seen, summary) = read(&file[..cut]);
        assert_eq!(seen, whole[..seen.len()]);
        let boundary = [24, 24 + 26, 24 + 26 + 27].contains(&cut);
        assert_eq!(summary.complete, boundary, "cut at {cut}");
        assert_eq!(summary.warnings.len(), usize::from(!boundary));
    }
    let (_, summary) = read(&file[..60]);
    assert_eq!(
        summary.warnings,
        [
            "t.pcap: packet 2 at byte 50: the file is cut short: the record header needs 16 bytes, 10 are there; \
          only the packets before it are reported"
        ]
    );
}

#[test]
fn pcap_with_a_damaged_length_stops_there() {
    let mut file = small_pcap(2);
    file.extend(pcap_record(Little, (1, 1), &[], 0));
    let length = file.len() - 8;
    file[length..length + 4].copy_from_slice(&0xffff_fff0_u32.to_le_bytes());
    file.extend([0; 1000]);
    let (seen, summary) = read(&file);
    assert_eq!(seen.len(), 2);
    assert!(!summary.complete);
    assert!(summary.warnings[0].starts_with("t.pcap: packet 3 at byte 77: the record is damaged"));
    assert!(summary.warnings[0].contains("4294967280 captured bytes, at most 262144"));
}

#[test]
fn pcapng_with_everything() {
    let (seen, summary) = read(&mixed_pcapng());
    assert_eq!(data(&seen), [b"first" as &[u8], b"two", b"third!!", b"first", b"two", b"third!!"]);
    let nanos: Vec<i64> = seen.iter().map(|packet| packet.nanos).collect();
    let (five, three) = (5_000_000_000, 3_000_000_000);
    assert_eq!(nanos, [five, five, three, five, five, three]);
    assert_eq!(summary.link_types, [LinkType::ETHERNET, LinkType::LINUX_SLL]);
    assert_eq!(summary.format, CaptureFormat::PcapNg);
    assert_eq!((summary.packets, summary.snaplen), (6, None));
    assert!(summary.complete && summary.warnings.is_empty());
}

#[test]
fn pcapng_options_end_at_option_zero() {
    for order in [Little, Big] {
        let mut options = option(order, 0, &[]);
        options.extend(option(order, 9, &[9]));
        let file =
            [section(order), interface(order, 1, 0, &options), enhanced(order, 0, 5, b"x", &[])].concat();
        assert_eq!(read(&file).0[0].nanos, 5_000);
    }
}

#[test]
fn pcapng_simple_packets_are_cut_to_the_snap_length() {
    let mut body = 1000_u32.to_le_bytes().to_vec();
    body.extend(b"abcdefgh");
    let file = [section(Little), interface(Little, 1, 6, &[]), block(Little, 3, &body)].concat();
    let seen = read(&file).0;
    assert_eq!((seen[0].data.as_slice(), seen[0].wire_len), (b"abcdef" as &[u8], 1000));
}

#[test]
fn pcapng_obsolete_packets() {
    let mut body = Vec::new();
    body.extend(Big.put16(1));
    body.extend(Big.put16(99));
    for field in [0, 5, 3, 60] {
        body.extend(Big.put32(field));
    }
    body.extend(b"abc");
    let interfaces = [interface(Big, 113, 0, &[]), interface(Big, 1, 0, &[])].concat();
    let (seen, _) = read(&[section(Big), interfaces, block(Big, 2, &body)].concat());
    assert_eq!((seen[0].nanos, seen[0].wire_len, seen[0].link), (5000, 60, LinkType::ETHERNET));
    assert_eq!(seen[0].data, b"abc");
}

#[test]
fn pcapng_packets_that_cannot_be_read_are_numbered() {
    let mut oversized = enhanced(Little, 0, 1, b"oversized", &[]);
    oversized[20..24].copy_from_slice(&500_u32.to_le_bytes());
    let mut mismatched = enhanced(Little, 0, 1, b"mismatch", &[]);
    *mismatched.last_mut().unwrap() = 1;
    let file = [
        section(Little),
        interface(Little, 1, 0, &[]),
        oversized,
        enhanced(Little, 7, 1, b"which", &[]),
        mismatched,
        block(Little, 6, b"short"),
        block(Little, 0x0bad, &[0; 8]),
        enhanced(Little, 0, 1, b"good", &[]),
    ]
    .concat();
    let (seen, summary) = read(&file);
    assert_eq!(data(&seen), [b"good"]);
    assert_eq!((seen[0].number, summary.packets), (6, 6));
    assert_eq!(summary.warnings.len(), 4);
    assert_eq!(
        summary.warnings[0],
        "t.pcap: packet 1 at byte 48 is skipped: it states 500 captured bytes, its block has room for 12"
    );
    assert!(summary.warnings[1].ends_with("its interface 7 is not described"));
    assert!(summary.complete);
}

#[test]
fn pcapng_damaged_interface_keeps_its_number() {
    let mut damaged = interface(Little, 1, 0, &[]);
    *damaged.last_mut().unwrap() = 1;
    let file = [
        section(Little),
        damaged,
        interface(Little, 113, 0, &[]),
        enhanced(Little, 0, 1, b"lost", &[]),
        enhanced(Little, 1, 1, b"kept", &[]),
    ]
    .concat();
    let (seen, summary) = read(&file);
    assert_eq!((data(&seen), seen[0].link), (vec![b"kept" as &[u8]], LinkType::LINUX_SLL));
    assert_eq!(summary.warnings.len(), 2);
}

#[test]
fn pcapng_bounds_hold() {
    let limits = Limits { capture_interfaces: 1, capture_options: 64, ..Limits::default() };
    let file = [
        section(Little),
        interface(Little, 1, 0, &[]),
        interface(Little, 113, 0, &[]),
        enhanced(Little, 1, 1, b"beyond", &[]),
        enhanced(Little, 0, 1, b"options", &[0; 100]),
        enhanced(Little, 0, 1, b"good", &[]),
    ]
    .concat();
    let (seen, summary) = read_all(open_with(Box::new(std::io::Cursor::new(file)), &limits).unwrap());
    assert_eq!(data(&seen), [b"good"]);
    assert_eq!(summary.packets, 3);
}

#[test]
fn pcapng_with_a_damaged_block_length_stops_there() {
    for length in [0_u32, 8, 15, 0x7fff_fff0] {
        let mut file =
            [section(Little), interface(Little, 1, 0, &[]), enhanced(Little, 0, 1, b"good", &[])].concat();
        let damaged = file.len() + 4;
        file.extend(enhanced(Little, 0, 1, b"bad", &[]));
        file[damaged..damaged + 4].copy_from_slice(&length.to_le_bytes());
        let (seen, summary) = read(&file);
        assert_eq!(data(&seen), [b"good"]);
        assert!(!summary.complete);
        let expected =
            format!("t.pcap: packet 2 at byte 84: the block is damaged: it states a length of {length}");
        assert!(summary.warnings[0].starts_with(&expected), "{}", summary.warnings[0]);
    }
}

#[test]
fn pcapng_cut_anywhere_keeps_what_is_whole() {
    let file = mixed_pcapng();
    let whole = read(&file).0;
    for cut in 28..file.len() {
        let (seen, summary) = read(&file[..cut]);
        assert_eq!(seen, whole[..seen.len()]);
        assert_eq!(summary.complete, summary.warnings.is_empty());
    }
}

#[test]
fn a_block_larger_than_the_first_buffer_is_read() {
    let large = vec![7; 200_000];
    let limits = Limits { capture_buffer: 4096, ..Limits::default() };
    let mut pcap = pcap_header(Little, 0xa1b2_c3d4, 262_144, 1);
    pcap.extend(pcap_record(Little, (0, 0), &large, 200_000));
    let pcapng =
        [section(Little), interface(Little, 1, 0, &[]), enhanced(Little, 0, 1, &large, &[])].concat();
    for file in [pcap, pcapng] {
        let (seen, _) = read_all(open_with(Box::new(Pieces::new(&file, &[4000])), &limits).unwrap());
        assert_eq!(seen[0].data, large);
    }
}

#[test]
fn reading_that_fails_midway_is_a_warning() {
    struct Fails(Pieces);
    impl Read for Fails {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            match self.0.read(into)? {
                0 => Err(std::io::Error::other("the disk is gone")),
                got => Ok(got),
            }
        }
    }
    let input = Fails(Pieces::new(&small_pcap(2), &[1000]));
    let (seen, summary) = read_all(open_with(Box::new(input), &Limits::default()).unwrap());
    assert_eq!(seen.len(), 2);
    assert!(!summary.complete);
    assert!(summary.warnings[0].contains("reading failed: the disk is gone"));
}

fn error_of(bytes: &[u8]) -> String {
    open(bytes).err().unwrap().to_string()
}

#[test]
fn what_is_no_capture_is_told() {
    assert!(error_of(b"").starts_with("t.pcap: is empty"));
    assert!(error_of(b"\x1f\x8b\x08\0").contains("decompress first: zcat t.pcap | whoclosed -"));
    assert!(error_of(b"snoop\0\0\0\0\0\0\x02").contains("editcap -F pcapng"));
    assert!(error_of(b"<html><body>404").contains("is an HTML page"));
    assert!(error_of(b"\x01\x02\x03\x04").contains("starts with 01 02 03 04"));
    assert_eq!(
        error_of(&small_pcap(0)[..20]),
        "t.pcap: is cut short inside its pcap header: 24 bytes needed, 20 found; copy or capture it again"
    );
    let mut magic = section(Little);
    magic[8] = 0;
    assert!(error_of(&magic).contains("byte-order magic is 00 3c 2b 1a"));
    assert!(error_of(&section(Big)[..20]).contains("28 bytes needed, 20 found"));
}

#[test]
fn what_cannot_be_opened_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits::default();
    let error = |path: &Path| Capture::open_path(path, 0, &limits).err().unwrap().to_string();
    assert!(error(folder.path()).ends_with("is a directory; name the capture files in it"));
    assert!(error(&folder.path().join("none.pcap")).contains("no such file"));
    let path = folder.path().join("x.pcap");
    std::fs::write(&path, small_pcap(2)).unwrap();
    let (seen, summary) = read_all(Capture::open_path(&path, 3, &limits).unwrap());
    assert_eq!(seen.len(), 2);
    assert_eq!(summary.path, path.display().to_string());
}

/// A change at one place of a good file.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let file = prop_oneof![Just(small_pcap(5)), Just(mixed_pcapng())];
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    (file, changes, any::<prop::sample::Index>()).prop_map(|(mut file, changes, cut)| {
        for (place, value) in changes {
            let place = place.index(file.len());
            file[place] = value;
        }
        let kept = file.len() / 2 + cut.index(file.len() / 2 + 1);
        file.truncate(kept);
        file
    })
}

proptest! {
    #[test]
    fn any_bytes_end(start in 0..6_usize, bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let mut file = match start {
            0 => Vec::new(),
            1 => pcap_header(Little, 0xa1b2_c3d4, 0, 1),
            2 => pcap_header(Big, 0xa1b2_cd34, 0, 1),
            3 => section(Little),
            4 => [section(Big), interface(Big, 1, 0, &[])].concat(),
            _ => b"\x0a\x0d\x0d\x0a".to_vec(),
        };
        file.extend(bytes);
        if let Ok(capture) = open(&file) {
            let (seen, summary) = read_all(capture);
            prop_assert!(seen.len() as u64 <= summary.packets);
            prop_assert!(summary.packets <= file.len() as u64);
        }
    }

    #[test]
    fn damaged_files_read_the_same_in_any_pieces(
        file in damaged(),
        sizes in prop::collection::vec(1..70_usize, 1..5),
    ) {
        let limits = Limits { capture_buffer: 64, capture_block: 4096, ..Limits::default() };
        let whole = open_with(Box::new(std::io::Cursor::new(file.clone())), &limits).map(read_all);
        let pieces = open_with(Box::new(Pieces::new(&file, &sizes)), &limits).map(read_all);
        match (whole, pieces) {
            (Ok((seen, summary)), Ok((again, same))) => {
                prop_assert_eq!(seen, again);
                prop_assert_eq!(summary.warnings, same.warnings);
                prop_assert_eq!(summary.complete, same.complete);
            }
            (Err(error), Err(same)) => prop_assert_eq!(error.to_string(), same.to_string()),
            _ => prop_assert!(false, "opened in one way only"),
        }
    }
}
