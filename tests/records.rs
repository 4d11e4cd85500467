//! Connections that wait for the report: what they are does not depend on where they wait, and they take little
//! memory however many they are.

mod common;

use std::collections::BTreeMap;
use std::io::Cursor;

use whoclosed::analyze::{Analysis, Analyzer, Options};
use whoclosed::capture::{Capture, CaptureSummary};
use whoclosed::limits::Limits;
use whoclosed::report::terminal::{self, TerminalOptions};
use whoclosed::report::{Contents, Timelines, View, json, ndjson};

use common::repeated::repeated;
use common::sample::Sample;

/// Memory that a connection may take beside what is put aside.
const EACH: usize = 200;

/// What is found in these captures, of which as many bytes wait in memory.
fn analyze(files: &[Vec<u8>], records_in_memory: usize) -> (Analysis, Vec<CaptureSummary>) {
    let mut limits = Limits::default();
    limits.records_in_memory = records_in_memory;
    analyze_within(files, limits)
}

fn analyze_within(files: &[Vec<u8>], limits: Limits) -> (Analysis, Vec<CaptureSummary>) {
    let mut analyzer = Analyzer::new(Options { limits, ..Options::default() });
    let mut summaries = Vec::new();
    for (file, bytes) in (0..).zip(files) {
        let input = Box::new(Cursor::new(bytes.clone()));
        let mut capture = Capture::open(input, format!("{file}.pcap"), file, &limits).unwrap();
        while let Ok(Some(packet)) = capture.next() {
            analyzer.push(&packet);
        }
        summaries.push(capture.into_summary());
        analyzer.end_capture();
    }
    // As a capture that says so: the verdicts are corrected while their connections wait.
    analyzer.note_lost(&[3]);
    (analyzer.finish(), summaries)
}

/// Everything that is written of them.
fn written(files: &[Vec<u8>], records_in_memory: usize, timelines: Timelines) -> Vec<u8> {
    let (analysis, captures) = analyze(files, records_in_memory);
    let view = View::new(analysis, captures, Contents { timelines, ..Contents::default() });
    let mut out = Vec::new();
    terminal::write(&view, &TerminalOptions { limit: 3, ..TerminalOptions::default() }, &mut out).unwrap();
    json::write(&view, &mut out).unwrap();
    ndjson::write(&view, &mut out).unwrap();
    assert_eq!(view.connections.failure(), None);
    // The list that is changed is what was made one by one.
    let mut listed = view.clone();
    let all = listed.connections.len();
    listed.connections.retain(|_| true);
    assert_eq!(listed.connections.len(), all);
    let mut again = Vec::new();
    json::write(&view, &mut again).unwrap();
    json::write(&listed, &mut again).unwrap();
    let (one, other) = again.split_at(again.len() / 2);
    assert!(one == other, "a list differs from what was made one by one");
    out
}

#[test]
fn a_report_is_the_same_wherever_its_connections_waited() {
    // The captures of one incident are read together: their sessions are joined, and verdicts corrected.
    let mut incidents: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for sample in Sample::all() {
        let (incident, _) = sample.name.split_once("-at-").unwrap_or((&sample.name, ""));
        incidents.entry(incident.to_owned()).or_default().push(std::fs::read(sample.path()).unwrap());
    }
    assert!(incidents.values().any(|files| files.len() > 2));
    for (incident, files) in incidents {
        let in_memory = written(&files, usize::MAX, Timelines::All);
        assert!(in_memory == written(&files, 0, Timelines::All), "{incident}");
    }
}

#[test]
fn many_connections_take_little_memory() {
    let sample = std::fs::read("samples/close-1000-by-client/capture.pcap").unwrap();
    let bound = 16 * 1024;
    for times in [200, 1_600] {
        let files = [repeated(&sample, times)];
        let (analysis, _) = analyze(&files, bound);
        assert_eq!(analysis.connections.digests().len(), usize::from(times));
        let held = analysis.connections.held();
        assert!(held <= bound + usize::from(times) * EACH, "{times} connections take {held} bytes");
        assert!(analysis.limits_hit.is_empty(), "{:?}", analysis.limits_hit);
    }
    let files = [repeated(&sample, 300)];
    let few = Timelines::Worst(3);
    assert!(written(&files, usize::MAX, few) == written(&files, bound, few));
}

#[test]
fn the_events_of_all_connections_are_bounded_and_what_is_missing_is_told() {
    let sample = std::fs::read("samples/close-1000-by-client/capture.pcap").unwrap();
    let events = |files: &[Vec<u8>], reported: usize| {
        let mut limits = Limits::default();
        limits.timeline_reported = reported;
        limits.timeline_least = 4;
        let (analysis, captures) = analyze_within(files, limits);
        let view = View::new(analysis, captures, Contents::default());
        let kept = view.connections.each().map(|each| each.timeline.len()).collect::<Vec<_>>();
        let whole = view.connections.each().map(|each| each.timeline.len() as u64 + each.timeline_omitted);
        (kept, whole.sum::<u64>(), view.summary.limits_hit.clone())
    };
    let files = [repeated(&sample, 100)];
    let (all, whole, limits_hit) = events(&files, usize::MAX);
    let total: usize = all.iter().sum();
    assert_eq!((total as u64, limits_hit.len()), (whole, 0));
    for reported in [0, 1, total / 2, total - 1, total] {
        let (kept, counted, limits_hit) = events(&files, reported);
        assert!(kept.iter().sum::<usize>() <= reported + 4 * kept.len(), "{reported}: {kept:?}");
        assert!(kept.iter().all(|kept| *kept >= 4), "{reported}: {kept:?}");
        assert_eq!(counted, whole);
        assert_eq!(limits_hit.contains(&"timeline_total".to_owned()), kept != all, "{reported}: {kept:?}");
    }
}
