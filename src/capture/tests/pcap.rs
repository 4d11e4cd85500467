//! Classic pcap files, good, cut and damaged.

use crate::capture::LinkType;
use crate::capture::testing::*;

use super::data;

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
