//! TLS that no secret opens: what the report tells of it, set against what it tells with the keys.

mod common;

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use common::sample::Sample;

/// Heartbeats of real software at its default settings, and their interval in seconds.
const BEATS: [(&str, f64); 8] = [
    ("tls12-socketio-25s", 25.0),
    ("tls12-uvicorn-20s", 20.0),
    ("tls12-websockets-20s", 20.0),
    ("tls12-ws-30s", 30.0),
    ("tls13-socketio-25s", 25.0),
    ("tls13-uvicorn-20s", 20.0),
    ("tls13-websockets-20s", 20.0),
    ("tls13-ws-30s", 30.0),
];

/// Connections of HTTP, which have no heartbeat.
const HTTP: [&str; 3] = ["tls13-not-download", "tls13-not-idle", "tls13-not-keepalive"];

/// Connections that are not listed unless that is asked for.
const NOT_LISTED: [&str; 4] = [HTTP[0], HTTP[1], HTTP[2], "tls13-opaque-tls-inside"];

/// Connections that something between the ends cut in their silence.
const IDLE: [&str; 6] = [
    "tls12-opaque-haproxy-idle-at-client",
    "tls12-opaque-haproxy-idle-at-proxy",
    "tls12-opaque-haproxy-idle-at-server",
    "tls13-opaque-nginx-idle-at-client",
    "tls13-opaque-nginx-idle-at-proxy",
    "tls13-opaque-nginx-idle-at-server",
];

fn report(sample: &Sample, arguments: &[&str]) -> Value {
    let output = sample.run(&[&["--format", "json"], arguments].concat());
    serde_json::from_slice(&output.stdout).unwrap()
}

fn connections(report: &Value) -> &[Value] {
    report["connections"].as_array().unwrap()
}

/// Every sample of TLS that comes with its keys beside it.
fn sealed() -> Vec<Sample> {
    let has_keys = |sample: &Sample| sample.path().with_file_name("keys.log").exists();
    let found: Vec<_> = Sample::all().into_iter().filter(has_keys).collect();
    assert!(found.len() >= 20, "{}", found.len());
    found
}

/// The heartbeats of these kinds: their sender and the median of their interval.
fn beats<'a>(connection: &'a Value, kinds: &'a [&str]) -> impl Iterator<Item = (&'a str, f64)> {
    let all = connection["heartbeats"].as_array().unwrap().iter();
    let wanted = all.filter(|beat| kinds.contains(&beat["kind"].as_str().unwrap()));
    wanted.filter_map(|beat| Some((beat["from"].as_str()?, beat["interval_s"]["median"].as_f64()?)))
}

/// The record of a connection that may be a WebSocket begins when that shows: it tells what one does that began
/// with the connection.
#[test]
fn a_record_that_begins_late_tells_all() {
    let mut compared = 0;
    for sample in sealed() {
        let (late, early) = (report(&sample, &[]), report(&sample, &["--opaque-tls", "all"]));
        for connection in connections(&late).iter().filter(|connection| connection["kind"] == "opaque_tls") {
            let same = |early: &&Value| early["timeline"][0] == connection["timeline"][0];
            let mut early = connections(&early).iter().find(same).unwrap().clone();
            early["id"] = connection["id"].clone();
            assert_eq!(*connection, early, "{}", sample.path().display());
            compared += 1;
        }
    }
    assert!(compared >= 20, "{compared}");
}

#[test]
fn inferred_intervals_are_those_of_the_heartbeats() {
    for (name, nominal) in BEATS {
        let sample = Sample::named(name);
        let (with, without) = (report(&sample, &["--keylog", "keys.log"]), report(&sample, &[]));
        let (read, sealed) = (&connections(&with)[0], &connections(&without)[0]);
        let inferred: Vec<_> = beats(sealed, &["tls_inferred"]).collect();
        let mut real = 0;
        for (from, interval) in beats(read, &["ping_pong", "engine_io"]) {
            let off = |found: f64| (found / interval - 1.0).abs();
            let same = inferred.iter().filter(|(side, _)| *side == from).map(|(_, found)| off(*found));
            let off = same.fold(f64::INFINITY, f64::min);
            println!("{name}: {from} every {interval} s, inferred {:.3} % off", off * 100.0);
            assert!(off <= 0.02, "{name}: {inferred:?}, the {from}'s is {interval}");
            assert!((interval / nominal - 1.0).abs() <= 0.02, "{name}: {interval}");
            real += 1;
        }
        assert!(real > 0, "{name}");
    }
}

#[test]
fn http_connections_have_no_heartbeat_and_are_only_counted() {
    for name in HTTP {
        let sample = Sample::named(name);
        let usual = report(&sample, &[]);
        assert_eq!((connections(&usual).len(), &usual["summary"]["opaque_tls"]), (0, &1.into()), "{name}");
        let all = report(&sample, &["--opaque-tls", "all"]);
        assert_eq!(connections(&all).len(), 1, "{name}");
        let connection = &connections(&all)[0];
        assert_eq!((&connection["kind"], &all["summary"]["opaque_tls"]), (&"opaque_tls".into(), &1.into()));
        assert_eq!(beats(connection, &["tls_inferred"]).count(), 0, "{name}");
    }
}

#[test]
fn an_idle_kill_has_the_same_party_and_cause_as_with_keys() {
    for name in IDLE {
        let sample = Sample::named(name);
        let (with, without) = (report(&sample, &["--keylog", "keys.log"]), report(&sample, &[]));
        assert_eq!(connections(&with).len(), connections(&without).len(), "{name}");
        for (read, sealed) in connections(&with).iter().zip(connections(&without)) {
            assert_eq!(
                (&read["kind"], &sealed["kind"]),
                (&"websocket".into(), &"opaque_tls".into()),
                "{name}"
            );
            let (read, sealed) = (&read["verdict"], &sealed["verdict"]);
            for field in ["party", "cause"] {
                assert_eq!(read[field], sealed[field], "{name}: {field}");
            }
            assert_eq!(
                (&sealed["party"], &sealed["cause"]),
                (&"intermediary".into(), &"idle_timeout".into())
            );
            assert_ne!(sealed["confidence"], "high", "{name}");
            assert!(sealed["would_settle"].as_str().unwrap().contains("key log"), "{name}");
        }
    }
}

#[test]
fn the_silences_are_those_of_the_frames() {
    for name in IDLE {
        let sample = Sample::named(name);
        let (with, without) = (report(&sample, &["--keylog", "keys.log"]), report(&sample, &[]));
        for (read, sealed) in connections(&with).iter().zip(connections(&without)) {
            for field in ["longest_s", "before_end_s"] {
                assert_eq!(read["idle"][field], sealed["idle"][field], "{name}: {field}");
            }
        }
    }
}

#[test]
fn nothing_inferred_is_sure_or_mixed_with_facts() {
    for sample in sealed() {
        let report = report(&sample, &["--opaque-tls", "all"]);
        for connection in connections(&report) {
            let name = &sample.name;
            assert_eq!(connection["kind"], "opaque_tls", "{name}");
            assert_eq!(connection["close_frames"].as_array().unwrap().len(), 0, "{name}");
            assert_eq!(connection["close_handshake"], "none", "{name}");
            assert_eq!(connection["frames"]["client"]["ping"], 0, "{name}");
            assert_eq!(connection["tls"]["decrypted"], false, "{name}");
            assert_eq!(connection["tls"]["not_decrypted"]["reason"], "no_keys", "{name}");
            assert_ne!(connection["verdict"]["confidence"], "high", "{name}");
            for each in connection["tls"]["inferred"].as_array().unwrap() {
                assert_ne!(each["confidence"], "high", "{name}");
                assert!(!each["why"].as_str().unwrap().is_empty(), "{name}");
            }
            let beats = connection["heartbeats"].as_array().unwrap().iter();
            for beat in beats.filter(|beat| beat["kind"] == "tls_inferred") {
                assert_eq!(beat["inferred"], true, "{name}");
                assert!(beat["why"].as_str().unwrap().contains("bytes"), "{name}");
            }
        }
    }
}

#[test]
fn the_close_is_inferred_from_its_sender() {
    for (name, from) in
        [("tls13-opaque-close-by-client", "client"), ("tls12-opaque-close-by-server", "server")]
    {
        let report = report(&Sample::named(name), &[]);
        let connection = &connections(&report)[0];
        let inferred = connection["tls"]["inferred"].as_array().unwrap();
        let close = inferred.iter().find(|each| each["kind"] == "close").unwrap();
        assert_eq!((&close["from"], &connection["verdict"]["party"]), (&from.into(), &from.into()), "{name}");
        assert_eq!(connection["verdict"]["observed"]["mechanism"], "not_captured", "{name}");
        assert!(inferred.iter().any(|each| each["kind"] == "close_echo"), "{name}");
    }
}

#[test]
fn which_are_listed_may_be_chosen_and_all_are_counted() {
    let sample = Sample::named("tls13-ws-30s");
    for (choice, listed) in [("all", 1), ("likely", 1), ("none", 0)] {
        let report = report(&sample, &["--opaque-tls", choice]);
        assert_eq!(connections(&report).len(), listed, "{choice}");
        assert_eq!(report["summary"]["opaque_tls"], 1, "{choice}");
        assert_eq!(report["summary"]["other_tcp_flows"], 0, "{choice}");
    }
}

#[test]
fn keys_of_another_session_change_nothing_but_the_reason() {
    let sample = Sample::named("tls13-opaque-close-by-client");
    let others = Sample::named("tls13-ws-30s").path().with_file_name("keys.log");
    let (with, without) = (report(&sample, &["--keylog", others.to_str().unwrap()]), report(&sample, &[]));
    assert_eq!(connections(&with)[0]["verdict"], connections(&without)[0]["verdict"]);
    assert_eq!(connections(&with)[0]["timeline"], connections(&without)[0]["timeline"]);
}

/// A pcap without its first packets.
fn without_start(capture: &[u8], packets: usize) -> Vec<u8> {
    let mut at = 24;
    for _ in 0..packets {
        let len = u32::from_le_bytes(capture[at + 8..at + 12].try_into().unwrap());
        at += 16 + len as usize;
    }
    [&capture[..24], &capture[at..]].concat()
}

fn run(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whoclosed"));
    let command = command.args(arguments).arg("-").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap().stdout
}

#[test]
fn a_capture_that_begins_within_the_connection() {
    let capture = fs::read(Sample::named("tls12-ws-30s").path()).unwrap();
    let output = run(&["--format", "json"], &without_start(&capture, 14));
    let report: Value = serde_json::from_slice(&output).unwrap();
    let [connection] = connections(&report) else { panic!("{}", connections(&report).len()) };
    assert_eq!((&connection["kind"], &connection["start_seen"]), (&"opaque_tls".into(), &false.into()));
    assert_eq!(connection["server"]["port"], 443);
    let [(from, interval)] = beats(connection, &["tls_inferred"]).collect::<Vec<_>>()[..] else {
        panic!("{}", connection["heartbeats"])
    };
    assert_eq!(from, "server");
    assert!((interval - 30.0).abs() < 0.6, "{interval}");
}

#[test]
fn they_are_told_as_they_end() {
    let capture = fs::read(Sample::named("tls13-opaque-sigkill").path()).unwrap();
    let output = run(&["--follow", "--format", "ndjson"], &capture);
    let first = output.split(|byte| *byte == b'\n').next().unwrap();
    let connection: Value = serde_json::from_slice(first).unwrap();
    assert!(String::from_utf8_lossy(first).contains("\"opaque_tls\""), "{connection}");
}

#[test]
fn evidence_read_alone_leads_to_the_same_verdict() {
    let folder = tempfile::tempdir().unwrap();
    for sample in sealed().iter().filter(|sample| !NOT_LISTED.contains(&sample.name.as_str())) {
        let place = folder.path().join(format!("{}.pcapng", sample.name));
        let output = sample.run(&["--quiet", "--write-evidence", place.to_str().unwrap()]);
        assert!(output.status.success(), "{}: {}", sample.name, String::from_utf8_lossy(&output.stderr));
        let again = run(&["--format", "json"], &fs::read(&place).unwrap());
        let again: Value = serde_json::from_slice(&again).unwrap();
        let first = report(sample, &[]);
        let essence = |report: &Value| -> Vec<_> {
            let verdicts = connections(report).iter().map(|connection| &connection["verdict"]);
            verdicts.map(|verdict| (verdict["party"].clone(), verdict["cause"].clone())).collect()
        };
        assert_eq!(essence(&first), essence(&again), "{}", sample.name);
    }
}

#[test]
fn the_server_name_is_redacted() {
    let output = Sample::named("tls13-opaque-close-by-client").run(&["--redact", "--format", "json"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("lab.example"), "{text}");
    assert!(text.contains("\"alpn_offered\""));
}
