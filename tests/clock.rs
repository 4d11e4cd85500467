//! Captures whose clock was set in their middle, by any time and in any place.

mod common;

use std::fs;

use serde_json::Value;

use common::memory::report;
use common::sample::Sample;

/// Bytes of a pcap file before its first packet, and of a packet before its bytes.
const HEADER: usize = 24;
const RECORD: usize = 16;

/// The number at a place of a little-endian file.
fn number(file: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(file[at..at + 4].try_into().unwrap())
}

/// The file with another second in every packet from the one with the index `from` on.
fn set(file: &[u8], from: usize, second: impl Fn(u32) -> u32) -> Vec<u8> {
    let (mut file, mut at, mut index) = (file.to_vec(), HEADER, 0);
    while at + RECORD <= file.len() {
        if index >= from {
            let now = second(number(&file, at)).to_le_bytes();
            file[at..at + 4].copy_from_slice(&now);
        }
        at += RECORD + number(&file, at + 8) as usize;
        index += 1;
    }
    file
}

/// What the clock must not change: the connections and their Close codes.
fn essence(report: &Value) -> Vec<Value> {
    let connections = report["connections"].as_array().unwrap();
    let mut all: Vec<_> = connections
        .iter()
        .map(|each| serde_json::json!([each["client"]["port"], each["frames"], each["close_handshake"]]))
        .collect();
    all.sort_by_key(ToString::to_string);
    all
}

#[test]
fn a_clock_that_is_set_changes_no_frame() {
    let shifts: [fn(u32) -> u32; 6] = [
        |second| second.saturating_sub(3600),
        |second| second.saturating_add(3600),
        |second| second.saturating_add(40 * 365 * 86_400),
        |_| 0,
        |_| u32::MAX,
        |second| second.wrapping_mul(2_654_435_761),
    ];
    for name in ["nginx-idle-three-clients", "lifetime-three-at-client", "fin-terminate-idle"] {
        let file = fs::read(Sample::named(name).path()).unwrap();
        let known = essence(&report(&file));
        assert!(!known.is_empty());
        let packets = set(&file, 0, |second| second).len() / 200;
        for from in (0..packets).step_by(3) {
            for (index, shift) in shifts.iter().enumerate() {
                let told = essence(&report(&set(&file, from, shift)));
                assert_eq!(told, known, "{name}, shift {index} from packet {from}");
            }
        }
    }
}

/// Where each packet of the file begins.
fn packets(file: &[u8]) -> Vec<usize> {
    let mut at = HEADER;
    std::iter::from_fn(|| {
        let start = (at + RECORD <= file.len()).then_some(at)?;
        at += RECORD + number(file, start + 8) as usize;
        Some(start)
    })
    .collect()
}

#[test]
fn the_filter_of_a_connection_leaves_no_packet_out() {
    let whole = fs::read(Sample::named("fin-terminate-idle").path()).unwrap();
    let starts = packets(&whole);
    for begins in 0..starts.len().min(9) {
        let cut = [&whole[..HEADER], &whole[starts[begins]..]].concat();
        for from in 1..4 {
            let file = set(&cut, from, |second| second - 3600);
            let report = report(&file);
            for connection in report["connections"].as_array().unwrap() {
                let filter = connection["wireshark"]["filter"].as_str().unwrap();
                let bound = |comparison| -> f64 {
                    let (_, rest) = filter.split_once(comparison).unwrap();
                    rest.split(' ').next().unwrap().parse().unwrap()
                };
                let (least, most) = (bound("time_epoch >= "), bound("time_epoch <= "));
                for at in packets(&file) {
                    let time = f64::from(number(&file, at)) + f64::from(number(&file, at + 4)) / 1e6;
                    assert!(
                        (least - 1e-6..=most + 1e-6).contains(&time),
                        "{begins} {from}: {time} in {filter}"
                    );
                }
            }
        }
    }
}
