//! A capture that was written in parts gives the same report as one that was not.

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use common::compress::METHODS;

/// Cuts a little-endian pcap file in parts of `packets` packets each.
fn cut(capture: &[u8], packets: usize) -> Vec<Vec<u8>> {
    let (header, mut rest) = capture.split_at(24);
    let mut records = Vec::new();
    while let Some(len) = rest.get(8..12) {
        let len = u32::from_le_bytes(len.try_into().unwrap()) as usize;
        let (record, behind) = rest.split_at(16 + len);
        records.push(record);
        rest = behind;
    }
    records.chunks(packets).map(|records| [&[header], records].concat().concat()).collect()
}

fn connections(files: &[PathBuf]) -> Vec<Value> {
    let program = env!("CARGO_BIN_EXE_whoclosed");
    let output = Command::new(program).args(["--format", "json"]).args(files).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    report["connections"].as_array().unwrap().clone()
}

/// What does not depend on where a packet stands.
fn essence(connections: &[Value]) -> Vec<[Value; 6]> {
    let fields = ["kind", "signature", "frames", "duration_s", "close_handshake", "tcp"];
    connections.iter().map(|connection| fields.map(|field| connection[field].clone())).collect()
}

fn written(folder: &Path, parts: &[Vec<u8>], name: impl Fn(usize) -> String) -> Vec<PathBuf> {
    let write = |(index, part): (usize, &Vec<u8>)| {
        let path = folder.join(name(index));
        std::fs::write(&path, part).unwrap();
        path
    };
    parts.iter().enumerate().map(write).collect()
}

#[test]
fn parts_in_any_order_make_one_capture() {
    for case in ["close-1000-by-client", "nginx-idle-at-client", "fragments-with-pings"] {
        let whole = PathBuf::from(format!("samples/{case}/capture.pcap"));
        let parts = cut(&std::fs::read(&whole).unwrap(), 5);
        assert!(parts.len() > 2, "{case} is too short for this test");
        let folder = tempfile::tempdir().unwrap();
        let mut files = written(folder.path(), &parts, |index| format!("ring.pcap{index}"));
        files.reverse();
        assert_eq!(essence(&connections(&files)), essence(&connections(&[whole])), "{case}");
    }
}

#[test]
fn some_parts_may_be_compressed() {
    let whole = PathBuf::from("samples/nginx-idle-at-client/capture.pcap");
    let parts = cut(&std::fs::read(&whole).unwrap(), 5);
    let folder = tempfile::tempdir().unwrap();
    let gzip = METHODS.iter().find(|method| method.name == "gzip").unwrap();
    let packed = |(index, part): (usize, &Vec<u8>)| {
        if index % 2 == 0 { (gzip.compress)(part) } else { part.clone() }
    };
    let parts: Vec<_> = parts.iter().enumerate().map(packed).collect();
    let name = |index| format!("ring{index}.pcap{}", if index % 2 == 0 { ".gz" } else { "" });
    let mut files = written(folder.path(), &parts, name);
    files.reverse();
    assert_eq!(essence(&connections(&files)), essence(&connections(&[whole])));
}

#[test]
fn files_with_other_names_stay_apart() {
    let whole = PathBuf::from("samples/close-1000-by-client/capture.pcap");
    let parts = cut(&std::fs::read(&whole).unwrap(), 12);
    let folder = tempfile::tempdir().unwrap();
    let files = written(folder.path(), &parts, |index| format!("{}.pcap", "x".repeat(index + 1)));
    assert_ne!(essence(&connections(&files)), essence(&connections(&[whole])));
}

/// The capture with every time moved by some seconds.
fn later(capture: &[u8], seconds: u32) -> Vec<u8> {
    let mut moved = capture.to_vec();
    let mut at = 24;
    while let Some(len) = moved.get(at + 8..at + 12) {
        let len = u32::from_le_bytes(len.try_into().unwrap()) as usize;
        let time = u32::from_le_bytes(moved[at..at + 4].try_into().unwrap()) + seconds;
        moved[at..at + 4].copy_from_slice(&time.to_le_bytes());
        at += 16 + len;
    }
    moved
}

#[test]
fn the_same_packets_in_two_files_are_reported_once() {
    let capture = std::fs::read("samples/close-1000-by-client/capture.pcap").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let files = written(folder.path(), &[capture.clone(), capture], |index| format!("host{index}.pcap"));
    assert_eq!(connections(&files).len(), 1);
}

#[test]
fn flows_of_other_hosts_and_clocks_that_look_alike_stay_apart() {
    let capture = std::fs::read("samples/nginx-idle-at-client/capture.pcap").unwrap();
    for seconds in [1, 3600, 1_000_000] {
        let folder = tempfile::tempdir().unwrap();
        let both = [capture.clone(), later(&capture, seconds)];
        let files = written(folder.path(), &both, |index| format!("host{index}.pcap"));
        let found = connections(&files);
        let essence = essence(&found);
        assert_eq!(found.len(), 2, "{seconds}");
        assert_eq!(essence[0], essence[1], "{seconds}");
    }
}

#[test]
fn parts_that_overlap_hold_each_packet_once() {
    for case in ["close-1000-by-client", "nginx-idle-at-client", "fragments-with-pings"] {
        let whole = PathBuf::from(format!("samples/{case}/capture.pcap"));
        let capture = std::fs::read(&whole).unwrap();
        let single = cut(&capture, 1);
        let part = |from: usize, to: usize| {
            let records = single[from..to.min(single.len())].iter().flat_map(|file| file[24..].to_vec());
            capture[..24].iter().copied().chain(records).collect::<Vec<u8>>()
        };
        let parts = [part(0, 9), part(5, 12), part(6, single.len())];
        let folder = tempfile::tempdir().unwrap();
        let files = written(folder.path(), &parts, |index| format!("ring{index}.pcap"));
        assert_eq!(essence(&connections(&files)), essence(&connections(&[whole])), "{case}");
    }
}

#[test]
fn a_folder_and_a_pattern_stand_for_their_captures() {
    let whole = PathBuf::from("samples/close-1000-by-client/capture.pcap");
    let parts = cut(&std::fs::read(&whole).unwrap(), 5);
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), &parts, |index| format!("ring.pcap{index}"));
    std::fs::write(folder.path().join("README"), "This is no capture, and not to be read.").unwrap();
    let expected = essence(&connections(&[whole]));
    assert_eq!(essence(&connections(&[folder.path().to_owned()])), expected);
    assert_eq!(essence(&connections(&[folder.path().join("ring.*")])), expected);
}
