//! Every capture in `samples/`: the report against the truth, and as it reads.

mod common;

use std::collections::BTreeSet;
use std::fmt::{Debug, Write};
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use serde_json::Value;

use common::expect::{self, Confidence};
use common::report::{Connection, Verdict};
use common::sample::Sample;

#[test]
fn the_report_agrees_with_the_truth() {
    let (mut wrong, mut verdicts) = (Vec::new(), Verdicts::default());
    for sample in Sample::all() {
        check(&sample, &mut verdicts, &mut Complaints { about: sample.name.clone(), list: &mut wrong });
    }
    println!("{verdicts:?}");
    assert!(
        wrong.is_empty(),
        "{} disagreements with samples/*/expect.toml:\n{}",
        wrong.len(),
        wrong.concat()
    );
}

/// How many connections there are, and how many verdicts name who really ended them.
#[derive(Debug, Default)]
struct Verdicts {
    connections: u32,
    party_right: u32,
    high: u32,
    high_right: u32,
}

/// Collects what differs, with the words that say where.
struct Complaints<'a> {
    about: String,
    list: &'a mut Vec<String>,
}

impl Complaints<'_> {
    fn compare<T: Debug + PartialEq>(&mut self, what: &str, truth: T, report: T) {
        if truth != report {
            self.add(&format!("{what} is {truth:?} in expect.toml, {report:?} in the report"));
        }
    }

    fn add(&mut self, complaint: &str) {
        self.list.push(format!("  {}: {complaint}\n", self.about));
    }
}

fn check(sample: &Sample, verdicts: &mut Verdicts, complaints: &mut Complaints<'_>) {
    let truth = sample.expect();
    let (exit, report) = sample.report();
    complaints.compare("exit", Some(truth.exit), exit);
    complaints.compare("complete", truth.complete, report.captures[0].complete);
    complaints.compare("the number of connections", truth.connections.len(), report.connections.len());
    for (truth, found) in truth.connections.iter().zip(&report.connections) {
        let about = format!("{} connection {}", sample.name, found.id);
        let mut complaints = Complaints { about, list: complaints.list };
        check_facts(truth, found, &mut complaints);
        check_party(truth, found, verdicts, &mut complaints);
        check_resets(truth, found, &mut complaints);
        if let Some(expert) = &truth.verdict {
            check_verdict(expert, &found.verdict, &mut complaints);
        }
    }
    for kind in &truth.findings {
        if !report.findings.iter().any(|finding| finding.kind == *kind) {
            complaints.add(&format!("the finding {kind} is missing"));
        }
    }
    if let Some(truth) = &truth.session {
        match report.sessions.iter().find(|session| session.legs == truth.legs) {
            Some(session) => check_verdict(&truth.verdict, &session.verdict, complaints),
            None => complaints.add(&format!("no session has the legs {:?}", truth.legs)),
        }
    }
}

fn check_facts(truth: &expect::Connection, found: &Connection, complaints: &mut Complaints<'_>) {
    let observed = &found.verdict.observed;
    complaints.compare("kind", &truth.kind, &found.kind);
    complaints.compare("client", &truth.client, &found.client.to_string());
    complaints.compare("server", &truth.server, &found.server.to_string());
    complaints.compare("status", truth.status, found.status());
    complaints.compare("mechanism", &truth.mechanism, &observed.mechanism);
    complaints.compare("closer", &truth.closer, &observed.closer);
    complaints.compare("close_handshake", &truth.close_handshake, &found.close_handshake);
    complaints.compare("close_frames", &truth.close_frames, &found.close_frames());
    complaints.compare("first_end", &truth.first_end, &found.first_end());
    complaints.compare("resets", truth.resets, found.resets());
    complaints.compare("frames.client", truth.frames.client, found.frames.client);
    complaints.compare("frames.server", truth.frames.server, found.frames.server);
}

/// A verdict may leave the party open, but one that is sure of it must be right.
fn check_party(
    truth: &expect::Connection,
    found: &Connection,
    verdicts: &mut Verdicts,
    complaints: &mut Complaints<'_>,
) {
    let verdict = &found.verdict;
    let (right, high) = (truth.party.contains(&verdict.party), verdict.confidence == Confidence::High);
    verdicts.connections += 1;
    verdicts.party_right += u32::from(right);
    verdicts.high += u32::from(high);
    verdicts.high_right += u32::from(high && right);
    if high && !right {
        let (party, truth) = (&verdict.party, &truth.party);
        complaints.add(&format!("party is {party} with high confidence, the truth is {truth:?}"));
    } else if !right {
        println!("{}: party is {}, the truth is {:?}", complaints.about, verdict.party, truth.party);
    }
}

/// A host's own reset is never called forged, whatever its TTL, IP id or options.
fn check_resets(truth: &expect::Connection, found: &Connection, complaints: &mut Complaints<'_>) {
    let forged = truth.forged || truth.party.iter().any(|party| party == "injector");
    let blamed = found.injected();
    if !forged && !blamed.is_empty() {
        complaints.add(&format!("the resets {blamed:?} are said to be injected; their hosts sent them"));
    }
}

/// Holds a verdict to what an expert says, or to the words in which it is known to differ.
fn check_verdict(expert: &expect::Judgement, said: &Verdict, complaints: &mut Complaints<'_>) {
    let wrong = wrong_in(expert, said);
    let words = format!("{} {} {:?}", said.party, said.cause, said.confidence).to_lowercase();
    match &expert.disagrees {
        None => wrong.iter().for_each(|complaint| complaints.add(complaint)),
        Some(_) if wrong.is_empty() => complaints.add("agrees by now: remove `disagrees` from its scenario"),
        Some(known) => complaints.compare("the known disagreement", known.as_str(), words.as_str()),
    }
}

fn wrong_in(expert: &expect::Judgement, said: &Verdict) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut demand = |holds: bool, complaint: String| {
        if !holds {
            wrong.push(complaint);
        }
    };
    let (party, cause, confidence) = (&said.party, &said.cause, said.confidence);
    demand(expert.party.contains(party), format!("party is {party}, an expert says {:?}", expert.party));
    demand(expert.cause.contains(cause), format!("cause is {cause}, an expert says {:?}", expert.cause));
    demand(
        (expert.at_least..=expert.at_most).contains(&confidence),
        format!("confidence is {confidence:?}, an expert says {:?} to {:?}", expert.at_least, expert.at_most),
    );
    let unsure = party == "unknown" || confidence == Confidence::Low;
    demand(
        !unsure || said.would_settle.is_some(),
        "it is unsure, and does not say what would settle it".to_owned(),
    );
    for packet in &expert.cites {
        demand(said.cites(*packet), format!("the evidence does not name packet {packet}"));
    }
    if let Some(id) = &expert.candidate {
        demand(said.considers(id), format!("{id} is not among the candidates"));
    }
    wrong
}

#[test]
fn no_time_is_longer_than_the_capture() {
    for sample in Sample::all() {
        let output = sample.run(&["--format", "json"]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let time = |which: &str| report["captures"][0][which]["unix_ns"].as_i64().unwrap();
        let whole = (time("last") - time("first")) as f64 / 1e9;
        let wrong = spans(&report).into_iter().find(|(_, seconds)| *seconds > whole);
        assert_eq!(wrong, None, "{}: the capture is {whole} s long", sample.name);
    }
}

/// Every duration in the report, by its field.
fn spans(value: &Value) -> Vec<(String, f64)> {
    let parts: Vec<(&str, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.as_str(), value)).collect(),
        Value::Array(items) => items.iter().map(|item| ("", item)).collect(),
        _ => return Vec::new(),
    };
    let span = |(name, value): &(&str, &Value)| Some((name.to_string(), value.as_f64()?));
    // A step of the histogram is a bound, and its sum is over all connections: neither is a time that passed.
    let passed = |name: &str| name.ends_with("_s") && !["at_most_s", "sum_s"].contains(&name);
    let here = parts.iter().filter(|(name, _)| passed(name)).filter_map(span);
    here.chain(parts.iter().flat_map(|(_, part)| spans(part))).collect()
}

#[test]
fn the_json_reports() {
    snapshots("json", &["--format", "json"]);
}

#[test]
fn the_text_reports() {
    snapshots("txt", &["--width", "100", "--color", "never"]);
}

/// Samples of which every format is held: each way to end that reads differently, one and several
/// connections, one and two legs, TLS that was read and that was not.
const EVERY_FORMAT: [&str; 9] = [
    "black-hole-at-client",
    "close-1000-by-client",
    "close-1011-ping-timeout",
    "nginx-idle-at-proxy",
    "refused-401-by-server",
    "rst-forged-at-client",
    "server-stop-three-clients",
    "tls13-opaque-close-by-client",
    "tls13-opaque-ping-unanswered",
];

#[test]
fn every_format() {
    for (kind, format) in common::formats::kinds() {
        // These two are held of most samples by the tests above.
        if !matches!(kind.as_str(), "text" | "json") {
            let arguments: Vec<&str> = format.iter().map(String::as_str).collect();
            let version = concat!("whoclosed ", env!("CARGO_PKG_VERSION"));
            let read = |text: String| {
                let text = text.replace(version, "whoclosed [version]");
                if kind == "html" { common::page::text(&text) } else { text }
            };
            let samples = EVERY_FORMAT.iter().map(|name| Sample::named(name));
            compare(samples, "formats", &kind, &arguments, read);
        }
    }
}

/// Compares the reports of most samples with their snapshots.
fn snapshots(kind: &str, arguments: &[&str]) {
    compare(held_by_snapshots(), "samples", kind, arguments, |text| text);
}

/// Compares reports with their snapshots; all that differ are shown, not only the first.
fn compare(
    samples: impl Iterator<Item = Sample>,
    folder: &str,
    kind: &str,
    arguments: &[&str],
    read: impl Fn(String) -> String,
) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("snapshots/{folder}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut differing = String::new();
    for sample in samples {
        let output = sample.run(arguments);
        let text = read(without_version(&String::from_utf8(output.stdout).unwrap()));
        let name = format!("{}.{kind}", sample.name);
        let compare = || settings.bind(|| insta::assert_snapshot!(name.as_str(), text));
        if panic::catch_unwind(AssertUnwindSafe(compare)).is_err() {
            writeln!(differing, "  {name}").unwrap();
        }
    }
    assert!(
        differing.is_empty(),
        "these reports differ from tests/snapshots/{folder} (see above):\n{differing}\
         if they are right, run INSTA_UPDATE=always cargo test --test samples"
    );
}

fn held_by_snapshots() -> impl Iterator<Item = Sample> {
    Sample::all().into_iter().filter(|sample| sample.expect().held_by_snapshots())
}

/// The report is the same in every version of the program until something in it is changed.
fn without_version(report: &str) -> String {
    report.replace(concat!("\"version\": \"", env!("CARGO_PKG_VERSION"), "\""), "\"version\": \"[version]\"")
}

#[test]
fn every_snapshot_has_its_case() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/samples");
    let of_sample = |sample: &Sample| ["json", "txt"].map(|kind| format!("{}.{kind}.snap", sample.name));
    let known: BTreeSet<String> = held_by_snapshots().flat_map(|sample| of_sample(&sample)).collect();
    let stored = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let stored: BTreeSet<String> = stored.filter(|name| name.ends_with(".snap")).collect();
    assert_eq!(stored, known);
}
