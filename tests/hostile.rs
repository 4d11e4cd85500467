//! Whatever a peer says, in whatever place, no format does anything but show it.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::Value;

use common::encode::Encoding;
use common::formats::kinds;
use common::session::{Session, Side, close, frame};

/// Things to get at a reader, his terminal, spreadsheet, browser or tracker with.
const HOSTILE: [&str; 12] = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\"></summary></details><svg/onload=alert(1)>'",
    "\u{1b}]0;owned\u{7}\u{1b}[2J\u{1b}[31mred\u{9b}1m",
    "\u{202e}gnp.exe\u{2066}\u{200b}\u{e0041}",
    "a|b||c\\|d`e`",
    "[click](javascript:alert(1)) ![x](https://evil.example/x.png)",
    "@admin #1 https://evil.example www.evil.example",
    "{code}{noformat}{panel}[~admin]!https://evil.example/x.png!",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "+1+1",
    "-2+3\",=1",
];

/// A capture in which every text that a peer may choose is `text`, the file's name included.
fn capture(folder: &Path, text: &str) -> PathBuf {
    let names = [
        "X-Served-By",
        "Server",
        "Via",
        "X-Powered-By",
        "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Extensions",
    ];
    // A head has 64 KiB at most.
    let names = if text.len() > 5000 { &names[..2] } else { &names };
    let headers: String = names.iter().map(|name| format!("{name}: {text}\r\n")).collect();
    let mut session =
        Session::asked(text, &format!("/{}", text.replace(' ', "+")), &headers, &|whole| vec![whole]);
    let reason: String = start(text, 120);
    session.say(Side::Server, &frame(Side::Server, 0x81, text.as_bytes()));
    session.say(Side::Server, &frame(Side::Server, 0x88, &close(4000, &reason)));
    session.fin(Side::Server);
    let name = text.replace(['/', '\0'], "_");
    let path = folder.join(format!("{}.pcap", start(&name, 100)));
    fs::write(&path, Encoding::USUAL.file(&session.into_packets())).unwrap();
    path
}

/// As many characters as have room in so many bytes.
fn start(text: &str, bytes: usize) -> String {
    text.char_indices().take_while(|(at, c)| at + c.len_utf8() <= bytes).map(|(_, c)| c).collect()
}

fn report(capture: &Path, arguments: &[&str]) -> String {
    let folder = capture.parent().unwrap();
    let name = Path::new(".").join(capture.file_name().unwrap());
    let output = Command::new(env!("CARGO_BIN_EXE_whoclosed"))
        .current_dir(folder)
        .args(arguments)
        .arg(name)
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What is active in a report; `None` where all of it is text.
fn active(format: &str, report: &str) -> Option<String> {
    let hidden = |c: &char| {
        c.is_control() && !matches!(c, '\n' | '\r')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{e0000}'..='\u{e007f}')
    };
    if let Some(c) = report.chars().find(hidden) {
        return Some(c.escape_unicode().to_string());
    }
    match format {
        "text" | "openmetrics" => None,
        "json" => serde_json::from_str::<Value>(report).err().map(|error| error.to_string()),
        "ndjson" => {
            let parse = |line: &str| serde_json::from_str::<Value>(line).err();
            report.lines().find_map(parse).map(|error| error.to_string())
        }
        "csv" => formula(report),
        "html" => ["<script>alert", "<img", "<svg/", "onerror=alert(1)>", "javascript:alert(1)\""]
            .into_iter()
            .find(|part| report.contains(part))
            .map(str::to_owned),
        "markdown" => in_markdown(report),
        "jira" => ["{code}", "[~admin]", "!https:/", "https://"]
            .into_iter()
            .find(|part| report.contains(part))
            .map(str::to_owned),
        other => panic!("say here what would be active in {other}"),
    }
}

/// A cell that a spreadsheet calculates.
fn formula(table: &str) -> Option<String> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), 1, "{table}");
    let is_number = |cell: &str| cell.parse::<f64>().is_ok();
    let is_formula = |cell: &&str| cell.trim_start().starts_with(['=', '+', '-', '@']) && !is_number(cell);
    records[0].iter().find(is_formula).map(str::to_owned)
}

fn in_markdown(report: &str) -> Option<String> {
    let own = ["<details>", "</details>", "<summary>Timeline: ", "<span>", "</span>"];
    let mut words = String::new();
    for event in Parser::new_ext(report, Options::ENABLE_TABLES) {
        match event {
            Event::Start(tag @ (Tag::Link { .. } | Tag::Image { .. })) => return Some(format!("{tag:?}")),
            Event::Html(tag) | Event::InlineHtml(tag) if !own.iter().any(|own| tag.starts_with(own)) => {
                return Some(tag.to_string());
            }
            Event::Text(text) => words += &text,
            Event::Code(_) => words.push('\0'),
            _ => (),
        }
    }
    // What trackers look for in the text that is left.
    let linked = ["@admin", "#1 ", "://", "www.evil"].into_iter().find(|part| words.contains(part));
    linked.map(str::to_owned)
}

#[test]
fn hostile_text_is_inert_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let long = format!("{}{}", "<b>x</b>|".repeat(1000), "x".repeat(1000));
    let mut wrong = Vec::new();
    for text in HOSTILE.into_iter().chain([long.as_str()]) {
        let text: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
        let capture = capture(folder.path(), &text);
        for (format, arguments) in kinds() {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let report = report(&capture, &arguments);
            if let Some(found) = active(&format, &report) {
                wrong.push(format!("{format}: {found:?} of {text:.60?}"));
            }
            let is_for_programs = ["json", "ndjson"].contains(&format.as_str());
            if !is_for_programs && report.contains(&"x".repeat(1000)) {
                wrong.push(format!("{format} shows ten thousand characters at once"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
