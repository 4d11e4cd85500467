//! A capture that was written in parts gives the same report as one that was not.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

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
fn files_with_other_names_stay_apart() {
    let whole = PathBuf::from("samples/close-1000-by-client/capture.pcap");
    let parts = cut(&std::fs::read(&whole).unwrap(), 12);
    let folder = tempfile::tempdir().unwrap();
    let files = written(folder.path(), &parts, |index| format!("{}.pcap", "x".repeat(index + 1)));
    assert_ne!(essence(&connections(&files)), essence(&connections(&[whole])));
}

#[test]
fn the_same_capture_under_two_names_is_reported_twice() {
    let capture = std::fs::read("samples/close-1000-by-client/capture.pcap").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let files = written(folder.path(), &[capture.clone(), capture], |index| format!("host{index}.pcap"));
    let found = connections(&files);
    let essence = essence(&found);
    assert_eq!(found.len(), 2);
    assert_eq!(essence[0], essence[1]);
}
