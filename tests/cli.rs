//! The program from outside: what it says, and how it ends.

mod common;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{self, Output, Stdio};

use assert_cmd::Command;
use tempfile::TempDir;

use common::encode::Encoding;
use common::report::Report;
use common::sample::Sample;
use common::session::{Session, Side, close, frame};

fn whoclosed(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("whoclosed").unwrap();
    command.args(arguments);
    for name in ["COLUMNS", "NO_COLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command
}

/// How it ends, when it ends with `code`.
fn run(arguments: &[&str], code: i32) -> Output {
    whoclosed(arguments).assert().code(code).get_output().clone()
}

/// What it prints on standard output when all is well.
fn text_of(arguments: &[&str]) -> String {
    let output = run(arguments, 0);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The JSON report of `arguments`.
fn report_of(arguments: &[&str]) -> Report {
    serde_json::from_str(&text_of(&[&["--format", "json"], arguments].concat())).unwrap()
}

/// The path of the capture of a case in `samples/`.
fn sample(name: &str) -> String {
    Sample::named(name).path().into_os_string().into_string().unwrap()
}

/// A folder that goes away with the test, and files in it.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).into_os_string().into_string().unwrap()
    }

    /// Writes a capture of the session and tells its path.
    fn capture(&self, name: &str, session: Session<'_>) -> String {
        self.file(name, &Encoding::USUAL.file(&session.into_packets()))
    }

    /// Writes a file and tells its path.
    fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

/// What it prints on standard error when it ends with `code` and prints nothing else.
fn error_of(arguments: &[&str], code: i32) -> String {
    let output = whoclosed(arguments).assert().code(code).get_output().clone();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn help(argument: &str) -> String {
    let output = whoclosed(&[argument]).assert().success().get_output().clone();
    assert!(output.stderr.is_empty());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn help_has_examples_and_the_exit_status() {
    let text = help("--help");
    for part in ["tcpdump", "whoclosed -\n", "jq", "Exit status:", "--fail-on", "--time", "Verdict"] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    assert!(help("-h").lines().count() < 40);
    for line in text.lines().chain(help("-h").lines()) {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

#[test]
fn the_version_is_the_crates() {
    assert_eq!(help("-V"), format!("whoclosed {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn no_file_is_a_usage_error() {
    assert!(error_of(&[], 2).contains("FILES"));
}

#[test]
fn standard_input_can_be_read_only_once() {
    assert!(error_of(&["-", "-"], 2).contains("only once"));
}

#[test]
fn unknown_words_are_answered_with_the_known_ones() {
    let error = error_of(&["--fail-on", "proxy", "a.pcap"], 2);
    assert!(error.contains("intermediary") && error.contains("idle_timeout"), "{error}");
    assert!(error_of(&["--format", "xml", "a.pcap"], 2).contains("json"));
    assert!(error_of(&["--time", "mars", "a.pcap"], 2).contains("relative"));
    assert!(error_of(&["--idle-threshold", "soon", "a.pcap"], 2).contains("such as 10"));
}

#[test]
fn a_missing_file_is_named() {
    let error = error_of(&["no/such/capture.pcap"], 1);
    assert!(error.starts_with("whoclosed: no/such/capture.pcap: "), "{error}");
}

#[test]
fn quiet_leaves_only_the_exit_status() {
    assert_eq!(error_of(&["--quiet", "no/such/capture.pcap"], 1), "");
}

#[test]
fn file_names_cannot_paint_the_terminal() {
    let error = error_of(&["no\u{1b}[31m\u{202e}such.pcap"], 1);
    assert!(error.contains(r"no\u{1b}[31m\u{202e}such.pcap"), "{error}");
}

#[test]
fn a_report_never_overwrites_its_capture() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcap");
    fs::write(&path, "capture").unwrap();
    let name = path.to_str().unwrap();
    let error = error_of(&["-o", name, name], 2);
    assert!(error.contains("overwrite"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "capture");
}

#[test]
fn a_report_that_cannot_be_written_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let error = error_of(&["-o", folder.path().to_str().unwrap(), "a.pcap"], 1);
    assert!(error.contains("cannot be written"), "{error}");
}

#[test]
fn nothing_is_left_behind_when_nothing_could_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.json");
    error_of(&["-o", report.to_str().unwrap(), "no/such/capture.pcap"], 1);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn standard_input_is_read_as_a_file_is() {
    let bytes = fs::read(sample("close-1000-by-client")).unwrap();
    let piped = whoclosed(&["-"]).write_stdin(bytes).assert().code(0).get_output().clone();
    let text = String::from_utf8(piped.stdout).unwrap();
    let of_file = text_of(&[&sample("close-1000-by-client")]);
    assert_eq!(text.split_once("Connection 1").unwrap().1, of_file.split_once("Connection 1").unwrap().1);
}

#[test]
fn several_files_are_one_report() {
    let (first, second) = (sample("close-1000-by-client"), sample("close-1000-by-server"));
    let report = report_of(&[&first, &second]);
    let paths: Vec<&str> = report.captures.iter().map(|capture| capture.path.as_str()).collect();
    assert_eq!(paths, [&first, &second]);
    let ids: Vec<u32> = report.connections.iter().map(|connection| connection.id).collect();
    assert_eq!(ids, [1, 2]);
    let text = text_of(&[&first, &second]);
    assert!(text.contains("[0] #13") && text.contains("[1] #1"), "packets name their file:\n{text}");
}

#[test]
fn what_can_be_read_is_reported_beside_what_cannot() {
    let (folder, good) = (Folder::new(), sample("close-1000-by-client"));
    let bad = [
        (folder.file("empty.pcap", b""), "empty"),
        (folder.file("notes.txt", b"Dear diary, the connection was gone again."), "is text, not a pcap"),
        (folder.file("noise.pcap", &[7; 4096]), "not a pcap"),
        (folder.file("trace.snoop", b"snoop\0\0\0\0\0\0\x02\0\0\0\x04"), "snoop"),
        (folder.path(""), "there is no capture in this folder"),
        (folder.path("missing.pcap"), "no such file"),
    ];
    for (path, word) in &bad {
        let output = run(&[path, &good], 1);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.starts_with(&format!("whoclosed: {path}: ")), "{path} is not named:\n{error}");
        assert!(error.contains(word), "{word} is missing in\n{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("Close handshake"), "{path} took the other file's report along:\n{text}");
    }
}

#[test]
fn a_file_cut_short_is_a_warning_not_an_error() {
    let capture = sample("truncated-file");
    assert!(text_of(&[&capture]).contains("Warning: "));
    let report = report_of(&[&capture]);
    assert!(!report.captures[0].complete);
    let warnings = report.captures[0].warnings.concat();
    assert!(warnings.contains("cut short") && warnings.contains("packet 31"), "{warnings}");
}

#[test]
fn a_file_without_a_websocket_says_so() {
    let folder = Folder::new();
    let path = folder.file("quiet.pcap", &Encoding::USUAL.file(&[]));
    let text = text_of(&[&path]);
    assert!(text.to_lowercase().contains("no websocket"), "{text}");
    assert!(report_of(&[&path]).connections.is_empty());
}

#[test]
fn fail_on_matches_parties_causes_and_codes() {
    let idle = sample("nginx-idle-at-client");
    for list in ["intermediary", "idle_timeout", "server,1011,idle_timeout"] {
        let output = run(&["--fail-on", list, &idle], 3);
        assert!(!output.stdout.is_empty(), "the report is written all the same: {list}");
    }
    run(&["--fail-on", "client,1011", &idle], 0);
    run(&["--fail-on", "1011", &sample("close-1011-ping-timeout")], 3);
    run(&["--fail-on", "1011", &sample("close-1000-by-client")], 0);
    run(&["--fail-on", "intermediary", &idle, "no/such/capture.pcap"], 3);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let all: Vec<PathBuf> = Sample::all().iter().map(Sample::path).collect();
    let mut command = process::Command::new(env!("CARGO_BIN_EXE_whoclosed"));
    let mut child = command
        .args(["--format", "json"])
        .args(all)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    // The reader, and with it the pipe, is gone after one line; the rest does not fit into the pipe.
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(line, "{\n");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success(), "{}", output.status);
}

#[test]
fn a_report_goes_to_a_file_without_colours() {
    let (folder, capture) = (Folder::new(), sample("close-1000-by-client"));
    let path = folder.path("report.txt");
    assert_eq!(text_of(&["-o", &path, &capture]), "");
    assert_eq!(fs::read_to_string(&path).unwrap(), text_of(&[&capture]));
    let refused = error_of(&["-o", &path, "--format", "json", &capture], 1);
    assert!(refused.contains("exists already; --force overwrites it"), "{refused}");
    assert_eq!(text_of(&["-o", &path, "--force", "--format", "json", &capture]), "");
    assert_eq!(fs::read_to_string(&path).unwrap(), text_of(&["--format", "json", &capture]));
}

#[test]
fn one_connection_can_be_chosen() {
    let capture = sample("server-stop-three-clients");
    let text = text_of(&["--connection", "2", &capture]);
    assert!(text.contains("Connection 2: ") && !text.contains("Connection 1: "), "{text}");
    let report = report_of(&["--connection", "2", &capture]);
    assert_eq!(report.connections.iter().map(|each| each.id).collect::<Vec<_>>(), [2]);
    let error = error_of(&["--connection", "4", &capture], 2);
    assert!(error.contains("there is no connection 4") && error.contains("1 to 3"), "{error}");
}

#[test]
fn what_the_limit_leaves_out_is_said() {
    let text = text_of(&["--limit", "1", &sample("server-stop-three-clients")]);
    assert!(text.contains("Connection 1: ") && !text.contains("Connection 2: "), "{text}");
    let last = text.lines().last().unwrap();
    assert!(last.contains("2 connections are not shown") && last.contains("--limit 3"), "{last}");
}

#[test]
fn queries_are_shown_only_when_asked_for() {
    let folder = Folder::new();
    let path = folder.capture("query.pcap", upgraded("/live?token=s3cret", ""));
    for format in ["text", "json"] {
        let text = text_of(&["--format", format, &path]);
        assert!(text.contains("/live") && !text.contains("s3cret"), "{text}");
        let text = text_of(&["--format", format, "--show-query", &path]);
        assert!(text.contains("/live?token=s3cret"), "{text}");
    }
}

#[test]
fn times_are_utc_local_or_relative() {
    let folder = Folder::new();
    let path = folder.capture("times.pcap", upgraded("/live", ""));
    assert!(text_of(&[&path]).contains("22:13:20.003000"));
    assert!(text_of(&["--time", "relative", &path]).contains("0.003000"));
    let tokyo =
        whoclosed(&["--time", "local", &path]).env("TZ", "JST-9").assert().code(0).get_output().clone();
    let text = String::from_utf8(tokyo.stdout).unwrap();
    assert!(text.contains("07:13:20.003000") && text.contains("2023-11-15"), "{text}");
}

#[test]
fn colours_follow_the_environment() {
    let capture = sample("close-1000-by-client");
    let colours = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = whoclosed(&[arguments, &[capture.as_str()]].concat());
        let output = command.envs(variables.iter().copied()).assert().code(0).get_output().clone();
        output.stdout.contains(&0x1b)
    };
    assert!(!colours(&[], &[]), "a pipe is no terminal");
    assert!(colours(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colours(&[], &[("NO_COLOR", "1")]));
    assert!(colours(&["--color", "always"], &[("NO_COLOR", "1")]), "the command line is asked first");
    assert!(!colours(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
}

#[test]
fn idle_times_are_listed_from_the_threshold_on() {
    let capture = sample("nginx-idle-at-client");
    let gaps = |threshold: &str| {
        report_of(&["--idle-threshold", threshold, &capture]).connections[0].idle.gaps.len()
    };
    assert_eq!(gaps("10"), 0);
    assert_eq!(gaps("2.5"), 1);
    assert_eq!(gaps("0.4"), 2);
    assert!(text_of(&["--idle-threshold", "2.5", &capture]).contains("3.003 s without a frame"));
}

#[test]
fn the_text_fits_the_width() {
    for name in ["nginx-idle-at-proxy", "close-4001-utf8-reason", "refused-426-nginx-no-upgrade"] {
        for width in ["60", "80", "120"] {
            let text = text_of(&["--width", width, &sample(name)]);
            let longest = text.lines().max_by_key(|line| line.chars().count()).unwrap();
            assert!(longest.chars().count() <= width.parse().unwrap(), "{width}: {longest}");
        }
    }
}

/// The first bytes of whole frames.
const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;

/// Paints, moves the cursor, sets the title, turns the text around, hides.
const HOSTILE: &str = "\u{1b}[2J\u{1b}]0;pwned\u{7}\u{9b}31m\u{202e}evil\u{200b}\u{2066}\r\u{8}\u{7f}";

#[test]
fn what_came_from_the_wire_cannot_act_on_the_terminal() {
    // A header line ends at CR, so there it is left out.
    let value = HOSTILE.replace('\r', "");
    let headers = format!(
        "Server: nginx{value}\r\nVia: 1.1 {value}\r\nSec-WebSocket-Protocol: {value}\r\n\
         Sec-WebSocket-Extensions: x-{value}\r\n"
    );
    let path = format!("/live{value}");
    let mut closed = upgraded(&path, &headers);
    closed.say(Side::Server, &frame(Side::Server, CLOSE, &close(4000, HOSTILE)));
    closed.say(Side::Client, &frame(Side::Client, CLOSE, &close(4000, HOSTILE)));
    let mut spoken = upgraded("/live", "");
    spoken.say(Side::Client, &frame(Side::Client, TEXT, HOSTILE.as_bytes()));
    spoken.rst(Side::Server);
    let mut broken = upgraded("/live", "");
    broken.say(Side::Server, &frame(Side::Server, CLOSE, b"\x03\xe8\xff\x1b[2J\xc2"));

    let folder = Folder::new();
    let captures = [
        folder.capture(&format!("a{value}.pcap"), closed),
        folder.capture("spoken.pcap", spoken),
        folder.capture("broken.pcap", broken),
    ];
    let captures = captures.each_ref().map(String::as_str);
    for arguments in [
        &["--show-query", "--format", "text"][..],
        &["--show-query", "--format", "json"],
        &["--width", "60"],
        &["--fail-on", "restart"],
    ] {
        let output = run(&[arguments, &captures].concat(), 0);
        for bytes in [output.stdout, output.stderr] {
            harmless(&String::from_utf8(bytes).unwrap());
        }
    }
    let connections = report_of(&[&["--show-query"], &captures[..]].concat()).connections;
    assert_eq!(connections.len(), 3);
    let asked = connections[0].handshake.as_ref().and_then(|handshake| handshake.path.as_deref());
    assert_eq!(asked, Some(path.as_str()), "a JSON reader gets what was sent");
    assert_eq!(connections[0].close_frames()[0].reason.as_deref(), Some(HOSTILE));
}

fn upgraded(path: &str, headers: &str) -> Session<'static> {
    Session::upgraded(path, headers, &|segment| vec![segment])
}

fn harmless(text: &str) {
    let acting = |c: char| c.is_control() || HOSTILE.contains(c) && !c.is_ascii_graphic();
    for line in text.split('\n') {
        assert!(!line.contains(acting), "{line:?}");
    }
}
