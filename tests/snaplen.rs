//! Captures that keep only the start of each packet show what their bytes hold, and nothing else.

mod common;

use serde_json::Value;

use common::memory::report;
use common::sample::Sample;

const OPCODES: [&str; 7] = ["text", "binary", "continuation", "ping", "pong", "close", "other"];

fn named(name: &str) -> Value {
    report(&std::fs::read(Sample::named(name).path()).unwrap())
}

/// How many frames of each kind each side sent.
fn counts(connection: &Value) -> Vec<u64> {
    let frames = &connection["frames"];
    let sides = ["client", "server"].into_iter();
    sides.flat_map(|side| OPCODES.map(|opcode| frames[side][opcode].as_u64().unwrap())).collect()
}

/// Who closed with which code, in which packet.
fn closes(connection: &Value) -> Vec<[Value; 4]> {
    let part = |close: &Value| ["from", "code", "reason", "packet"].map(|field| close[field].clone());
    connection["close_frames"].as_array().unwrap().iter().map(part).collect()
}

/// One real session that three tcpdumps have seen at the same time.
#[test]
fn a_session_captured_whole_and_cut_has_the_same_frames() {
    let whole = &named("cut-whole")["connections"][0];
    assert_eq!(closes(whole).len(), 2);
    assert!(counts(whole).iter().sum::<u64>() >= 20);
    let both = |opcode: &str| {
        ["client", "server"].iter().filter_map(|side| whole["frames"][side][opcode].as_u64()).sum()
    };
    let controls: [u64; 3] = ["ping", "pong", "close"].map(both);
    assert!(controls.iter().all(|&count| count >= 2), "pings, pongs and Closes are among them: {controls:?}");
    for name in ["cut-128", "cut-96"] {
        let report = named(name);
        let cut = &report["connections"][0];
        assert_eq!(counts(cut), counts(whole), "{name}");
        assert_eq!(closes(cut), closes(whole), "{name}");
        for field in ["kind", "client", "server", "close_handshake", "violations"] {
            assert_eq!(cut[field], whole[field], "{name} {field}");
        }
        assert_eq!(cut["verdict"]["party"], whole["verdict"]["party"], "{name}");
        let warnings = report["captures"][0]["warnings"].to_string();
        assert!(warnings.contains("snap length"), "{name}: {warnings}");
    }
}

/// A little-endian pcap file of which each packet keeps at most so many bytes; `None` for other files.
fn cut(file: &[u8], snaplen: u32) -> Option<Vec<u8>> {
    let (header, mut rest) = file.split_at_checked(24)?;
    let mut cut = header.to_vec();
    if !file.starts_with(&[0xd4, 0xc3, 0xb2, 0xa1]) {
        return None;
    }
    cut[16..20].copy_from_slice(&snaplen.to_le_bytes());
    while let Some((head, behind)) = rest.split_at_checked(16) {
        let captured = u32::from_le_bytes(head[8..12].try_into().unwrap());
        let (packet, behind) = behind.split_at_checked(captured as usize)?;
        let kept = captured.min(snaplen);
        cut.extend_from_slice(&head[..8]);
        cut.extend(kept.to_le_bytes());
        cut.extend_from_slice(&head[12..16]);
        cut.extend_from_slice(&packet[..kept as usize]);
        rest = behind;
    }
    Some(cut)
}

#[test]
fn no_sample_gains_a_frame_or_a_close_by_being_cut() {
    let mut compared = 0;
    for sample in Sample::all() {
        let file = std::fs::read(sample.path()).unwrap();
        let Some(uncut) = cut(&file, u32::MAX) else { continue };
        let whole = report(&uncut);
        for snaplen in [60, 96, 128] {
            let report = report(&cut(&file, snaplen).unwrap());
            for found in report["connections"].as_array().unwrap() {
                let same = |each: &&Value| ["client", "server"].iter().all(|end| each[end] == found[end]);
                let at = format!("{} at -s {snaplen}", sample.name);
                let of: Vec<&Value> = whole["connections"].as_array().unwrap().iter().filter(same).collect();
                let sum = |index: usize| of.iter().map(|each| counts(each)[index]).sum::<u64>();
                let more = counts(found).iter().enumerate().any(|(index, count)| *count > sum(index));
                assert!(!more, "{at}: {:?}", counts(found));
                let known: Vec<[Value; 4]> = of.iter().flat_map(|each| closes(each)).collect();
                for close in closes(found).iter().filter(|close| !close[1].is_null()) {
                    let is_known = known.iter().any(|each| each[0] == close[0] && each[1] == close[1]);
                    assert!(is_known, "{at}: {close:?}");
                }
                compared += 1;
            }
        }
    }
    assert!(compared > 150, "{compared}");
}
