//! Any bytes on the whole way from a capture file to the reports.

use std::io::Cursor;

use serde_json::Value;

use crate::analyze::{Analyzer, Options};
use crate::capture::Capture;
use crate::limits::Limits;
use crate::report::terminal::{self, TerminalOptions};
use crate::report::{Contents, View, json};

/// Bounds small enough for short inputs to reach them.
fn tight() -> Limits {
    Limits {
        capture_buffer: 64,
        flows: 2,
        flows_reassembled: 1,
        out_of_order_bytes: 32,
        out_of_order_pieces: 2,
        out_of_order_total: 48,
        http_head: 256,
        early_data: 16,
        resync_buffer: 64,
        timeline_events: 8,
        timeline_total: 16,
        timeline_reported: 24,
        timeline_least: 2,
        records_in_memory: 1024,
        listed: 2,
        midstream_bytes: 64,
        midstream_chunks: 4,
        pings_waiting: 1,
        ..Limits::default()
    }
}

/// Reports on `data` as a capture file; inputs of an odd length are read under tight bounds.
///
/// # Panics
///
/// When the JSON report cannot be read, the terminal report holds a control character, or either
/// names a packet that is not there.
pub fn pipeline(data: &[u8]) {
    let limits = if data.len().is_multiple_of(2) { Limits::default() } else { tight() };
    if let Some(view) = view(data, limits) {
        check(&view);
    }
}

fn view(data: &[u8], limits: Limits) -> Option<View> {
    let input = Box::new(Cursor::new(data.to_vec()));
    let mut capture = Capture::open(input, "fuzz.pcap".to_owned(), 0, &limits).ok()?;
    let mut analyzer = Analyzer::new(Options { limits, ..Options::default() });
    while let Ok(true) = capture.next_packets(|packets| analyzer.push_all(packets)) {}
    Some(View::new(analyzer.finish(), vec![capture.into_summary()], Contents::default()))
}

fn check(view: &View) {
    let mut text = Vec::new();
    json::write(view, &mut text).expect("memory takes every report");
    let report: Value = serde_json::from_slice(&text).expect("the JSON report is JSON");
    assert_eq!(report["summary"]["connections"], report["connections"].as_array().map_or(0, Vec::len));
    let packets = report["captures"][0]["packets"].as_u64().expect("packets are counted");
    packets_exist(&report["connections"], packets);

    let options = TerminalOptions { width: 80, ..TerminalOptions::default() };
    let mut text = Vec::new();
    terminal::write(view, &options, &mut text).expect("memory takes every report");
    let text = String::from_utf8(text).expect("the terminal report is text");
    assert_eq!(text.chars().find(|&c| c.is_control() && c != '\n'), None, "{text}");
}

/// Asserts that every `{"file", "packet"}` within `value` names one of the `packets` packets.
fn packets_exist(value: &Value, packets: u64) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| packets_exist(value, packets)),
        Value::Object(fields) => {
            if let (Some(file), Some(packet)) =
                (fields.get("file"), fields.get("packet").and_then(Value::as_u64))
            {
                assert_eq!(file, 0);
                assert!((1..=packets).contains(&packet), "packet {packet} of {packets}");
            }
            fields.values().for_each(|value| packets_exist(value, packets));
        }
        _ => {}
    }
}
