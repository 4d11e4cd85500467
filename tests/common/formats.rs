//! The formats that reports have.

use std::process::Command;

/// Every value of `--format`, as the program itself lists them: a new format is held to all tests at once.
pub(crate) fn formats() -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_whoclosed")).args(["--format", "?", "x"]).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    let list = message.split("[possible values: ").nth(1).and_then(|rest| rest.split(']').next());
    let formats: Vec<String> = list.unwrap().split(", ").map(str::to_owned).collect();
    assert!(formats.contains(&"json".to_owned()) && formats.len() > 1, "{formats:?}");
    formats
}

/// The arguments for each kind of report: every format, and both flavours of Markdown.
pub(crate) fn kinds() -> Vec<(String, Vec<String>)> {
    let mut kinds: Vec<_> =
        formats().into_iter().map(|format| (format.clone(), vec!["--format".to_owned(), format])).collect();
    let jira = ["--format", "markdown", "--markdown-flavor", "jira"];
    kinds.push(("jira".to_owned(), jira.map(str::to_owned).to_vec()));
    kinds
}
