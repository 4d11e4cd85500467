//! Captures that are still being written: each verdict falls when its connection has ended.

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use common::encode::Encoding;
use common::repeated::repeated;
use common::sample::Sample;
use common::session::{Packet, Session, Side, close, frame};

const PROGRAM: &str = env!("CARGO_BIN_EXE_whoclosed");

/// The program reading from a pipe that the test fills.
struct Following {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Following {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(PROGRAM);
        command.args(["--follow"]).args(arguments).arg("-").env_remove("COLUMNS");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, input, output }
    }

    fn write(&mut self, bytes: &[u8]) {
        self.input.as_mut().unwrap().write_all(bytes).unwrap();
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line
    }

    /// The rest of the output and the exit status, once the input has ended.
    fn end(mut self) -> (String, Option<i32>) {
        drop(self.input.take());
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        (rest, self.child.wait().unwrap().code())
    }
}

fn capture(name: &str) -> Vec<u8> {
    std::fs::read(Sample::named(name).path()).unwrap()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn output(arguments: &[&str], input: &[u8]) -> String {
    let mut child =
        Command::new(PROGRAM).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || pipe.write_all(input).unwrap());
        child.wait_with_output().unwrap()
    });
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_verdict_falls_while_the_pipe_stays_open() {
    let mut following = Following::start(&["--format", "ndjson"]);
    following.write(&capture("nginx-idle-at-client"));
    let start = Instant::now();
    let line = json(&following.line());
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    assert_eq!((&line["id"], &line["verdict"]["party"]), (&1.into(), &"intermediary".into()));
    let (rest, code) = following.end();
    assert_eq!((rest.lines().count(), code), (1, Some(0)));
    assert_eq!(json(&rest)["summary"]["connections"], 1);
}

#[test]
fn text_tells_the_verdict_in_a_few_lines_and_the_report_at_the_end() {
    let mut following = Following::start(&[]);
    following.write(&capture("close-1000-by-client"));
    let mut told = String::new();
    while !told.ends_with("\n\n") {
        told += &following.line();
    }
    assert!(told.contains("Connection 1: ") && told.contains("Verdict: client: normal"), "{told}");
    let (report, code) = following.end();
    assert!(report.contains("What the packets show"), "{report}");
    assert_eq!(code, Some(0));
}

#[test]
fn what_is_told_at_once_is_redacted_too() {
    for (case, arguments) in [
        ("nginx-idle-at-client", &["--follow", "--redact", "--format", "ndjson", "-"][..]),
        ("nginx-idle-at-client", &["--follow", "--redact", "-"]),
        ("refused-401-by-server", &["--follow", "--redact", "--format", "ndjson", "-"]),
    ] {
        let bytes = capture(case);
        let plain = json(&output(&["--format", "json", "-"], &bytes));
        let told = output(arguments, &bytes);
        assert!(told.contains("client-1"), "{told}");
        for each in plain["connections"].as_array().unwrap() {
            let handshake = &each["handshake"];
            let originals =
                [&each["client"]["ip"], &each["server"]["ip"], &handshake["host"], &handshake["path"]];
            for original in originals.map(|original| original.as_str().unwrap()) {
                assert!(!told.contains(original), "{original} in {told}");
            }
        }
    }
}

#[test]
fn what_is_told_is_what_the_report_says() {
    for sample in Sample::all() {
        if sample.expect().exit != 0 {
            continue;
        }
        let bytes = std::fs::read(sample.path()).unwrap();
        let whole = json(&output(&["--format", "json", "-"], &bytes));
        let lines = output(&["--follow", "--format", "ndjson", "-"], &bytes);
        let lines: Vec<Value> = lines.lines().map(json).collect();
        let (rest, connections) = lines.split_last().unwrap();
        assert_eq!(rest["summary"], whole["summary"], "{}", sample.name);
        let by_first = |told: &&Value| {
            let stamps = told["timeline"].as_array().unwrap();
            stamps.first().map(|event| event["packet"]["packet"].as_u64())
        };
        let mut connections: Vec<&Value> = connections.iter().collect();
        connections.sort_by_key(by_first);
        let whole = whole["connections"].as_array().unwrap();
        assert_eq!(connections.len(), whole.len(), "{}", sample.name);
        for (told, reported) in connections.iter().zip(whole) {
            for field in ["client", "server", "frames", "close_frames", "tcp_end", "handshake"] {
                assert_eq!(told[field], reported[field], "{} {field}", sample.name);
            }
        }
    }
}

/// A session's packets with another port of the client; the upgrade and what follows is `later` nanoseconds later.
fn session(port: u16, start: u64, later: u64, waits: &[u64]) -> Vec<Packet> {
    let mut session = Session::open(&|whole| vec![whole]);
    session.say(Side::Client, &frame(Side::Client, 0x81, b"hello"));
    waits.iter().for_each(|seconds| session.wait(*seconds));
    session.say(Side::Client, &frame(Side::Client, 0x88, &close(1000, "")));
    session.say(Side::Server, &frame(Side::Server, 0x88, &close(1000, "")));
    session.fin(Side::Server);
    session.fin(Side::Client);
    let mut packets = session.into_packets();
    for (packet, number) in packets.iter_mut().zip(1..) {
        packet.nanos += start + if number > 3 { later } else { 0 };
        for at in [34, 36] {
            if packet.data[at..at + 2] == 50_000_u16.to_be_bytes() {
                packet.data[at..at + 2].copy_from_slice(&port.to_be_bytes());
            }
        }
    }
    packets
}

#[test]
fn numbers_are_by_first_packet_as_far_as_it_is_known_and_stay() {
    const SECOND: u64 = 1_000_000_000;
    let first = session(50_001, 0, 0, &[6, 14]);
    let second = session(50_002, SECOND, 0, &[3]);
    // It began before the second one, but asks for the upgrade when that one has ended.
    let late = session(50_003, SECOND / 2, 9 * SECOND, &[3]);
    let mut packets = [first, second, late].concat();
    packets.sort_by_key(|packet| packet.nanos);
    let bytes = Encoding::USUAL.file(&packets);
    let numbers = |connections: &[Value]| -> Vec<(u64, u64)> {
        let number = |each: &Value| (each["client"]["port"].as_u64().unwrap(), each["id"].as_u64().unwrap());
        connections.iter().map(number).collect()
    };
    let told = output(&["--follow", "--format", "ndjson", "-"], &bytes);
    let told: Vec<Value> = told.lines().map(json).filter(|line| line["id"].is_u64()).collect();
    assert_eq!(numbers(&told), [(50_002, 2), (50_003, 3), (50_001, 1)]);
    let whole = json(&output(&["--follow", "--format", "json", "-"], &bytes));
    assert_eq!(numbers(whole["connections"].as_array().unwrap()), [(50_001, 1), (50_003, 3), (50_002, 2)]);
    let plain = json(&output(&["--format", "json", "-"], &bytes));
    assert_eq!(numbers(plain["connections"].as_array().unwrap()), [(50_001, 1), (50_003, 2), (50_002, 3)]);
}

#[test]
fn lines_without_following_hold_the_same_report() {
    let path = Sample::named("close-1000-by-client").path();
    let path = path.to_str().unwrap();
    let whole = json(&output(&["--format", "json", path], b""));
    let lines = output(&["--format", "ndjson", path], b"");
    let lines: Vec<Value> = lines.lines().map(json).collect();
    assert_eq!(lines[0], whole["connections"][0]);
    assert_eq!(lines.last().unwrap()["captures"], whole["captures"]);
}

#[test]
fn an_interrupt_brings_the_report() {
    let mut following = Following::start(&["--format", "ndjson"]);
    let capture = capture("close-1000-by-client");
    following.write(&capture);
    following.line();
    let id = following.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let rest = json(&following.line());
    assert_eq!(
        (&rest["summary"]["connections"], &rest["captures"][0]["complete"]),
        (&1.into(), &true.into())
    );
    assert_eq!(following.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_reader_who_goes_away_ends_it_quietly() {
    let mut child = Command::new("sh")
        .args(["-c", &format!("(cat; sleep 2) | '{PROGRAM}' --follow --format ndjson - | true")])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&capture("close-1000-by-client")).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), ended.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn the_report_lists_the_newest_connections_and_counts_all() {
    let bytes = repeated(&capture("close-1000-by-client"), 1_200);
    let lines = output(&["--follow", "--format", "ndjson", "-"], &bytes);
    assert_eq!(lines.lines().count(), 1_201);
    let whole = json(&output(&["--follow", "--format", "json", "-"], &bytes));
    assert_eq!(whole["summary"]["connections"], 1_200);
    assert_eq!(whole["summary"]["by_party"]["client"], 1_200);
    assert_eq!(whole["summary"]["limits_hit"], serde_json::json!(["connections_kept"]));
    let listed = whole["connections"].as_array().unwrap();
    // Those that were told, and one that ended with the capture.
    assert_eq!((listed.len(), &listed[0]["id"]), (1_001, &200.into()));
}

/// A real nginx ends idle connections, and tcpdump watches; skipped where the tools or root are missing.
#[test]
fn a_live_idle_kill_is_told_within_a_second() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/follow/live.py");
    let Ok(run) = Command::new("python3").arg(script).args([PROGRAM, "--immediate-mode"]).output() else {
        return println!("skipped: no python3");
    };
    let (text, errors) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    if run.status.code() == Some(77) {
        return println!("skipped: it needs root, ip, nginx and tcpdump");
    }
    assert!(run.status.success(), "{text}{errors}");
    for figure in text.lines().map(json) {
        println!("{figure}");
        assert!(figure["late_s"].as_f64().unwrap() < 1.0, "{figure}");
        assert_eq!(figure["from"], "server");
    }
}
