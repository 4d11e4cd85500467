//! The program from outside: what it says, and how it ends.

use std::fs;

use assert_cmd::Command;

fn whoclosed(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("whoclosed").unwrap();
    command.args(arguments).env_remove("COLUMNS").env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command
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
