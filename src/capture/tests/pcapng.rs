//! pcapng files, good, cut and damaged.

use crate::capture::bytes::ByteOrder;
use crate::capture::testing::*;
use crate::capture::{CaptureFormat, Direction, LinkType};
use crate::limits::Limits;

use super::data;

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

/// Interface statistics with these options.
fn statistics(order: ByteOrder, interface: u32, options: &[u8]) -> Vec<u8> {
    block(order, 5, &[order.put32(interface).as_slice(), &[0; 8], options].concat())
}

#[test]
fn what_the_capture_lost_is_told() {
    for order in [Little, Big] {
        let count = |code, count| option(order, code, &order.put64(count));
        let start = [section(order), interface(order, 1, 0, &[]), interface(order, 1, 0, &[])].concat();
        let lost = |blocks: &[Vec<u8>]| {
            let (_, summary) = read(&[start.clone(), blocks.concat()].concat());
            assert!(summary.complete);
            (summary.dropped, summary.warnings)
        };
        assert_eq!(lost(&[]), (None, vec![]));
        assert_eq!(lost(&[statistics(order, 0, &count(4, 9))]), (None, vec![]));
        assert_eq!(lost(&[statistics(order, 0, &count(5, 0))]), (Some(0), vec![]));
        let warning = |text: &str| {
            vec![format!("t.pcap: the capture lost {text}: what is missing may have been there")]
        };
        let later = [count(5, 2), count(7, 3)].concat();
        let both = [
            statistics(order, 1, &count(5, 1)),
            statistics(order, 1, &later),
            statistics(order, 0, &count(7, 1)),
            statistics(order, 2, &count(7, 100)),
        ];
        assert_eq!(lost(&both), (Some(6), warning("6 packets")));
        let with_packets = [
            enhanced(order, 0, 1, b"a", &count(4, 4)),
            enhanced(order, 0, 1, b"a", &count(4, 3)),
            statistics(order, 1, &count(5, 1)),
            start.clone(),
            statistics(order, 1, &count(5, 1)),
        ];
        assert_eq!(lost(&with_packets), (Some(8), warning("8 packets")));
        assert_eq!(lost(&[statistics(order, 0, &count(5, 1))]), (Some(1), warning("1 packet")));
        let most = [statistics(order, 0, &count(5, -1)), statistics(order, 1, &count(5, -1))];
        assert_eq!(lost(&most).0, Some(u64::MAX));
    }
}

#[test]
fn packets_tell_their_direction() {
    for order in [Little, Big] {
        let flags = |flags: u32| option(order, 2, &order.put32(flags));
        let mut file = [section(order), interface(order, 1, 0, &[])].concat();
        let expected = [(1, Some(Direction::In)), (0x22, Some(Direction::Out)), (0, None), (3, None)];
        for (value, _) in expected {
            file.extend(enhanced(order, 0, 1, b"a", &flags(value)));
        }
        let mut capture = open(&file).unwrap();
        for (_, direction) in expected {
            assert_eq!(capture.next().unwrap().unwrap().direction, direction);
        }
    }
}
