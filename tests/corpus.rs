//! Replays the fuzz corpus, and every input that once found something, without a fuzzer.

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use whoclosed::fuzzing;

/// Runs one target on all its stored inputs, and on each of them cut short, to even and odd lengths.
fn replay(target: &str, run: fn(&[u8])) {
    let inputs = [files("corpus", target), files("regressions", target)].concat();
    assert!(!inputs.is_empty(), "no input for {target}");
    for path in inputs {
        let data = fs::read(&path).unwrap();
        let len = data.len();
        for cut in [0, 1, len / 7, len / 2, len / 2 + 1] {
            let part = &data[..len.saturating_sub(cut)];
            let held = catch_unwind(|| run(part)).is_ok();
            assert!(held, "{target} fails on the first {} bytes of {}", part.len(), path.display());
        }
    }
}

fn files(kind: &str, target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(kind).join(target);
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn capture() {
    replay("capture", fuzzing::capture);
}

#[test]
fn decode() {
    replay("decode", fuzzing::decode);
}

#[test]
fn tcp_assembler() {
    replay("tcp_assembler", fuzzing::tcp_assembler);
}

#[test]
fn http_upgrade() {
    replay("http_upgrade", fuzzing::http_upgrade);
}

#[test]
fn http2() {
    replay("http2", fuzzing::http2);
}

#[test]
fn ws_frames() {
    replay("ws_frames", fuzzing::ws_frames);
}

#[test]
fn pipeline() {
    replay("pipeline", fuzzing::pipeline);
}

#[test]
fn tls_records() {
    replay("tls_records", fuzzing::tls_records);
}

#[test]
fn tls_handshake() {
    replay("tls_handshake", fuzzing::tls_handshake);
}

#[test]
fn keylog() {
    replay("keylog", fuzzing::keylog);
}

#[test]
fn dsb() {
    replay("dsb", fuzzing::dsb);
}

#[test]
fn heartbeats() {
    replay("heartbeats", fuzzing::heartbeats);
}

#[test]
fn overlap() {
    replay("overlap", fuzzing::overlap);
}

/// Each target has its line in the fuzz folder and its test here.
#[test]
fn every_target_is_replayed() {
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets");
    for entry in fs::read_dir(targets).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(
            include_str!("corpus.rs").contains(&format!("replay(\"{name}\", fuzzing::{name})")),
            "{name}"
        );
        assert!(fs::read_to_string(&path).unwrap().contains(&format!("fuzzing::{name}(data)")), "{name}");
    }
}
