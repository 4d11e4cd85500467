//! Captures that are cut or damaged anywhere: what stands before the place is reported, and a warning tells where
//! that is.

mod common;

use serde_json::Value;
use whoclosed::capture::{Capture, CaptureSummary};

use common::compress::METHODS;
use common::encode::{Encoding, Kind};
use common::memory::{open, report};
use common::session::{Packet, Session, Side, close, frame};
use common::wrap::{ethernet, ipv4, udp};

/// A short session.
fn packets() -> Vec<Packet> {
    let mut session = Session::open(&|whole| vec![whole]);
    session.say(Side::Client, &frame(Side::Client, 0x81, b"hello"));
    session.say(Side::Server, &frame(Side::Server, 0x89, b"there?"));
    session.say(Side::Server, &frame(Side::Server, 0x88, &close(1001, "over")));
    session.fin(Side::Server);
    session.into_packets()
}

/// Where the records of a plain file end, and how many packets stand before each such place.
///
/// Walked here by the formats' own rules, apart from the program's reader.
fn places(encoding: Encoding, file: &[u8]) -> Vec<(usize, usize)> {
    let u32_at = |at: usize| {
        let bytes = file[at..at + 4].try_into().unwrap();
        (if encoding.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }) as usize
    };
    let mut places = Vec::new();
    let (mut at, mut packets) = (0, 0);
    while at < file.len() {
        match encoding.kind {
            Kind::Pcap { .. } if at == 0 => at = 24,
            Kind::Pcap { .. } => (at, packets) = (at + 16 + u32_at(at + 8), packets + 1),
            Kind::PcapNg { .. } => {
                packets += usize::from(u32_at(at) == 6);
                at += u32_at(at + 4);
            }
        }
        places.push((at, packets));
    }
    assert_eq!(at, file.len());
    places
}

/// Reads a file that breaks off: its packets are the first ones of `packets`.
#[track_caller]
fn read(mut capture: Capture, packets: &[Packet], what: &str) -> CaptureSummary {
    let mut rest = packets.iter();
    while let Some(packet) = capture.next().unwrap() {
        let expected = rest.next().unwrap();
        assert_eq!((packet.data, packet.time.as_nanos() as u64), (&*expected.data, expected.nanos), "{what}");
    }
    let summary = capture.into_summary();
    assert_eq!(summary.packets as usize, packets.len() - rest.len(), "{what}");
    summary
}

/// A file breaks off behind so many packets, and a warning tells the place.
#[track_caller]
fn assert_stops(summary: &CaptureSummary, (offset, before): (usize, usize), whence: &str, what: &str) {
    assert_eq!((summary.packets as usize, summary.complete), (before, false), "{what}");
    let (warning, packet) = (&summary.warnings[0], before + 1);
    let place = format!("t.pcap: packet {packet} at byte {offset}{whence}: ");
    assert!(warning.starts_with(&place), "{what}: {warning}, not {place}");
    assert!(warning.ends_with("; only the packets before it are reported"), "{what}: {warning}");
}

/// The connections that the first packets of the session make, by how many they are.
fn expected(encoding: Encoding, packets: &[Packet]) -> Vec<Value> {
    let first = |count| report(&encoding.file(&packets[..count]))["connections"].clone();
    (0..=packets.len()).map(first).collect()
}

#[test]
fn a_plain_file_cut_at_any_byte() {
    let packets = packets();
    for encoding in Encoding::all() {
        let file = encoding.file(&packets);
        let (places, expected) = (places(encoding, &file), expected(encoding, &packets));
        for cut in 0..file.len() {
            let what = format!("{encoding:?} cut at {cut}");
            let before = places.iter().rev().find(|(end, _)| *end <= cut);
            let Some(&place) = before else {
                let error = open(&file[..cut]).err().unwrap().to_string();
                let of_mark = format!("is cut short after {cut} byte");
                let tells = ["is empty", &of_mark, &format!("needed, {cut} found")];
                assert!(tells.iter().any(|tells| error.contains(tells)), "{what}: {error}");
                continue;
            };
            let summary = read(open(&file[..cut]).unwrap(), &packets, &what);
            match place.0 == cut {
                // Nothing shows that more was to come.
                true => {
                    assert_eq!((summary.packets as usize, summary.complete), (place.1, true), "{what}");
                    assert_eq!(summary.warnings, [""; 0], "{what}");
                }
                false => assert_stops(&summary, place, "", &what),
            }
            let next = places.iter().find(|(end, _)| *end > cut).unwrap().0;
            if cut <= place.0 + 1 || cut + 1 == next {
                let connections = &report(&file[..cut])["connections"];
                assert!(*connections == expected[place.1], "{what}: other connections");
            }
        }
    }
}

#[test]
fn a_compressed_file_cut_at_any_byte() {
    const PART: usize = 200;
    let (packets, encoding) = (packets(), Encoding::USUAL);
    let file = encoding.file(&packets);
    let (places, expected) = (places(encoding, &file), expected(encoding, &packets));
    for method in &METHODS {
        let parts: Vec<Vec<u8>> = file.chunks(PART).map(method.compress).collect();
        let compressed = parts.concat();
        let mut least = 0;
        for cut in 0..compressed.len() {
            let what = format!("{} cut at {cut}", method.name);
            // Whole streams before the cut lose nothing.
            let ends = parts.iter().scan(0, |end, part| {
                *end += part.len();
                Some(*end)
            });
            let whole = ends.take_while(|&end| end <= cut).count() * PART;
            let sure = places.iter().rev().find(|(end, _)| *end <= whole);
            match (open(&compressed[..cut]), sure) {
                (Err(error), None) => {
                    let error = error.to_string();
                    let too_early = format!("its {} data end too early, at byte {cut}", method.name);
                    let of_mark = format!("is cut short after {cut} byte");
                    let tells = ["is empty", &of_mark, &too_early, "24 bytes needed, "];
                    assert!(tells.iter().any(|tells| error.contains(tells)), "{what}: {error}");
                }
                (Err(error), Some(_)) => panic!("{what}: {error}"),
                (Ok(capture), sure) => {
                    let summary = read(capture, &packets, &what);
                    let found = summary.packets as usize;
                    assert!(found >= sure.map_or(0, |sure| sure.1).max(least), "{what}: {found} packets");
                    let place = *places.iter().rev().find(|place| place.1 == found).unwrap();
                    assert_stops(&summary, place, " of the decompressed capture", &what);
                    if found > least || cut % 20 == 0 {
                        let connections = &report(&compressed[..cut])["connections"];
                        assert!(*connections == expected[found], "{what}: other connections");
                    }
                    least = found;
                }
            }
        }
        assert!(least + 2 >= packets.len(), "{}: {least} packets at most", method.name);
    }
}

/// Numbers that look random and are the same in every run.
fn random() -> impl FnMut() -> u64 {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    }
}

/// Whether a warning names a packet and a byte.
fn names_a_place(warning: &str) -> bool {
    let behind = |text: &str, word: &str| {
        text.split(word).skip(1).any(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
    };
    behind(warning, "packet ") && behind(warning, " at byte ")
}

#[test]
fn random_bytes_behind_a_good_start() {
    let (packets, mut random) = (packets(), random());
    for encoding in Encoding::all() {
        let file = encoding.file(&packets);
        let places = places(encoding, &file);
        let mut damaged_ones = 0;
        for _ in 0..120 {
            let &(kept, before) = &places[random() as usize % places.len()];
            let noise: Vec<u8> = (0..20 + random() % 600).map(|_| random() as u8).collect();
            let what = format!("{encoding:?}, {} random bytes from {kept} on", noise.len());
            let damaged = [&file[..kept], &noise].concat();
            let mut capture = open(&damaged).unwrap();
            for packet in &packets[..before] {
                assert_eq!(capture.next().unwrap().unwrap().data, packet.data, "{what}");
            }
            let report = report(&damaged);
            let capture = &report["captures"][0];
            if capture["complete"] == false {
                damaged_ones += 1;
                let warnings: Vec<_> = capture["warnings"].as_array().unwrap().iter().collect();
                let names = warnings.iter().any(|warning| names_a_place(warning.as_str().unwrap()));
                assert!(names, "{what}: {warnings:?}");
            }
        }
        assert!(damaged_ones > 100, "{encoding:?}: {damaged_ones}");
    }
}

#[test]
fn random_bytes_in_the_place_of_compressed_ones() {
    let (packets, mut random) = (packets(), random());
    let file = Encoding::USUAL.file(&packets);
    let places = places(Encoding::USUAL, &file);
    for method in &METHODS {
        let (first, rest) = (&file[..600], &file[600..]);
        let (first, rest) = ((method.compress)(first), (method.compress)(rest));
        let sure = places.iter().rev().find(|place| place.0 <= 600).unwrap().1;
        for kept in 0..rest.len() {
            let noise: Vec<u8> = (0..rest.len() - kept + 40).map(|_| random() as u8).collect();
            let report = report(&[&first, &rest[..kept], &noise].concat());
            let what = format!("{} with {kept} good bytes in its second stream", method.name);
            let capture = &report["captures"][0];
            assert!(capture["packets"].as_u64().unwrap() as usize >= sure, "{what}: {capture}");
            assert_eq!(capture["complete"], false, "{what}");
            let warnings = capture["warnings"].as_array().unwrap();
            let names = warnings.iter().any(|warning| names_a_place(warning.as_str().unwrap()));
            assert!(names, "{what}: {warnings:?}");
        }
        // From the first byte behind the mark on, nothing can be read, and the message says where.
        let noise: Vec<u8> = (0..300).map(|_| random() as u8).collect();
        let error = open(&[&first[..6], &noise].concat()).err().map(|error| error.to_string());
        let error = error.unwrap_or_else(|| panic!("{}: noise was opened", method.name));
        assert!(error.starts_with("t.pcap: ") && error.contains(method.name), "{error}");
    }
}

/// The summary of a whole file.
fn summary(file: &[u8]) -> CaptureSummary {
    let mut capture = open(file).unwrap();
    while capture.next().unwrap().is_some() {}
    capture.into_summary()
}

/// The summary of a pcapng file with a field of its third packet's block set.
fn with_field(big_endian: bool, offset: usize, value: u32) -> CaptureSummary {
    let encoding = Encoding { big_endian, kind: Kind::PcapNg { resolution: None, strange_blocks: false } };
    let packets = packets();
    let before = encoding.file(&packets[..2]).len();
    let mut file = encoding.file(&packets);
    let value = if big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
    file[before + offset..before + offset + 4].copy_from_slice(&value);
    summary(&file)
}

#[test]
fn lengths_and_interfaces_that_cannot_be() {
    let packets = packets();
    for big_endian in [false, true] {
        for len in [0, 1, 11, u32::MAX, u32::MAX - 3] {
            let kind = Kind::PcapNg { resolution: None, strange_blocks: false };
            let place = Encoding { big_endian, kind }.file(&packets[..2]).len();
            let found = with_field(big_endian, 4, len);
            assert_stops(&found, (place, 2), "", &format!("a block length of {len}"));
        }
        // The shortest block that can be: it holds no packet, and what follows it is no block.
        let found = with_field(big_endian, 4, 12);
        assert!(!found.complete && found.warnings.iter().all(|warning| names_a_place(warning)), "{found:?}");
        for (offset, value) in [(8, 1), (8, u32::MAX), (20, u32::MAX), (20, 100_000)] {
            let found = with_field(big_endian, offset, value);
            assert_eq!((found.packets as usize, found.complete), (packets.len(), true));
            let warning = &found.warnings[0];
            assert!(warning.contains("packet 3 at byte ") && warning.contains("is skipped"), "{warning}");
        }
        for captured in [u32::MAX, 1_u32 << 30, 300_000] {
            let encoding = Encoding { big_endian, kind: Kind::Pcap { nanoseconds: false } };
            let before = encoding.file(&packets[..2]).len();
            let mut file = encoding.file(&packets);
            let field: [u8; 4] = if big_endian { captured.to_be_bytes() } else { captured.to_le_bytes() };
            file[before + 8..before + 12].copy_from_slice(&field);
            assert_stops(&summary(&file), (before, 2), "", &format!("{captured} captured bytes"));
        }
    }
}

/// An IP packet with one tunnel more around it.
type Wrap = fn(&[u8]) -> Vec<u8>;

/// Tunnels that can hold themselves, in few enough bytes for a thousand of them.
const NESTED: [(&str, Wrap); 7] = [
    ("IP in IP", |inner| ipv4(4, inner)),
    ("GRE", |inner| ipv4(47, &[&[0, 0, 8, 0], inner].concat())),
    ("GRE with Ethernet", |inner| ipv4(47, &[&[0, 0, 0x65, 0x58], &ethernet(0x0800, inner)[..]].concat())),
    ("ERSPAN", |inner| {
        let header = [0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 1, 0, 100, 0, 0, 0, 0];
        ipv4(47, &[&header, &ethernet(0x0800, inner)[..]].concat())
    }),
    ("VXLAN", |inner| udp(4789, &[&[8, 0, 0, 0, 0, 0, 5, 0], &ethernet(0x0800, inner)[..]].concat())),
    ("Geneve", |inner| udp(6081, &[&[0, 0, 8, 0, 0, 0, 5, 0], inner].concat())),
    ("GTP-U", |inner| udp(2152, &[&[0x30, 0xff, 0, 0, 0, 0, 0, 6], inner].concat())),
];

#[test]
fn a_thousand_tunnels_in_one_another_are_told_and_left() {
    let packets = packets();
    let usual = report(&Encoding::USUAL.file(&packets))["connections"].clone();
    let last = packets.last().unwrap();
    let ip = &last.data[14..];
    let tags = [0x81, 0, 0, 7].repeat(999);
    let labels = [0, 0, 0x10, 64].repeat(1000);
    let mut nested = vec![
        ("VLAN", ethernet(0x8100, &[&[0, 7], &tags[..], &[8, 0], ip].concat())),
        ("MPLS", ethernet(0x8847, &[&labels[..], &[0, 0, 0x11, 64], ip].concat())),
    ];
    let wrapped = |wrap: Wrap| ethernet(0x0800, &(0..1000).fold(ip.to_vec(), |inner, _| wrap(&inner)));
    nested.extend(NESTED.map(|(name, wrap)| (name, wrapped(wrap))));
    for (name, data) in nested {
        let mut packets = packets.clone();
        let number = packets.len() + 1;
        packets.extend(vec![Packet { nanos: last.nanos, data }; 2]);
        let report = report(&Encoding::USUAL.file(&packets));
        assert_eq!(
            report["summary"]["skipped_packets"]["nested_too_deep"], 2,
            "{name}: {}",
            report["summary"]
        );
        let warning = report["captures"][0]["warnings"][0].as_str().unwrap();
        assert!(
            warning.contains(&format!("packet {number} ")) && warning.contains("1 more"),
            "{name}: {warning}"
        );
        assert!(report["connections"] == usual, "{name}");
    }
}
