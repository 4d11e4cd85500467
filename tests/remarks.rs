//! What a pcapng file says beside its packets reaches the report, and does no harm there.

mod common;

use std::process::Command;

use serde_json::{Value, json};

use common::remarked::{Said, file};
use common::session::{Packet, Session, Side, close, frame};

/// A short session.
fn packets() -> Vec<Packet> {
    let mut session = Session::open(&|whole| vec![whole]);
    session.say(Side::Client, &frame(Side::Client, 0x81, b"hello"));
    session.say(Side::Server, &frame(Side::Server, 0x88, &close(1001, "over")));
    session.fin(Side::Server);
    session.into_packets()
}

const CLIENT: &[u8] = &[10, 0, 0, 1];
const SERVER: &[u8] = &[10, 0, 0, 2];

const SAID: Said<'static> = Said {
    capture: &["taken while the checkout hung", "second line"],
    name: "eth0",
    description: "uplink of rack 7",
    filter: "tcp port 80",
    interface: &["a mirror port"],
    packets: &[(7, "here it froze")],
    addresses: &[(CLIENT, "laptop.lan"), (SERVER, "ws.shop.example"), (CLIENT, "other.lan")],
};

fn run(file: &[u8], arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcapng");
    std::fs::write(&path, file).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_whoclosed")).args(arguments).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn report(file: &[u8]) -> Value {
    serde_json::from_str(&run(file, &["--format", "json"])).unwrap()
}

#[test]
fn comments_interfaces_and_names_are_in_the_report() {
    let report = report(&file(&packets(), SAID));
    let capture = &report["captures"][0];
    let comment = |about: &str, interface: Value, packet: Value, text: &str| json!({ "about": about, "interface": interface, "packet": packet, "text": text });
    let packet = json!({ "file": 0, "packet": 7 });
    assert_eq!(
        capture["comments"],
        json!([
            comment("capture", Value::Null, Value::Null, "taken while the checkout hung"),
            comment("capture", Value::Null, Value::Null, "second line"),
            comment("interface", json!(0), Value::Null, "a mirror port"),
            comment("packet", Value::Null, packet, "here it froze"),
        ])
    );
    assert_eq!(
        capture["interfaces"],
        json!([{
            "id": 0, "name": "eth0", "description": "uplink of rack 7", "filter": "tcp port 80",
            "link_type": "ETHERNET", "snaplen": 262_144, "dropped": null,
        }])
    );
    let connection = &report["connections"][0];
    assert_eq!(connection["client"], json!({ "ip": "10.0.0.1", "port": 50_000, "name": "laptop.lan" }));
    assert_eq!(connection["server"]["name"], "ws.shop.example");
}

#[test]
fn what_is_said_changes_nothing_else() {
    let without = |said| {
        let mut report = report(&file(&packets(), said));
        for side in ["client", "server"] {
            report["connections"][0][side]["name"] = Value::Null;
        }
        report["connections"].take()
    };
    assert_eq!(without(SAID), without(Said::default()));
}

#[test]
fn the_text_report_shows_them() {
    let text = run(&file(&packets(), SAID), &["--width", "100"]);
    for shown in [
        "Captured on eth0 “uplink of rack 7” with the filter “tcp port 80”",
        "Comment: taken while the checkout hung",
        "Comment on eth0: a mirror port",
        "Comment on #7: here it froze",
        "client laptop.lan, server ws.shop.example",
    ] {
        assert!(text.contains(shown), "{shown}:\n{text}");
    }
}

#[test]
fn names_of_one_capture_are_not_those_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["one.pcapng", "b.pcapng"].map(|name| folder.path().join(name));
    let other = Said { addresses: &[(SERVER, "elsewhere.example")], ..Said::default() };
    let mut later = packets();
    later.iter_mut().for_each(|packet| packet.nanos += 3_600_000_000_000);
    std::fs::write(&paths[0], file(&packets(), SAID)).unwrap();
    std::fs::write(&paths[1], file(&later, other)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_whoclosed"));
    let output = command.args(["--format", "json"]).args(&paths).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: Vec<_> = report["connections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| [each["client"]["name"].clone(), each["server"]["name"].clone()])
        .collect();
    assert_eq!(
        names,
        [[json!("laptop.lan"), json!("ws.shop.example")], [json!(null), json!("elsewhere.example")]]
    );
}

/// Text that would act on a terminal.
const EVIL: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}x\r\n\u{9b}31m";

#[test]
fn hostile_text_is_harmless() {
    let long = "A".repeat(60_000);
    let texts: Vec<&str> = [EVIL].into_iter().cycle().take(300).collect();
    let said = Said {
        capture: &texts,
        name: EVIL,
        description: &long,
        filter: EVIL,
        interface: &[EVIL, &long],
        packets: &[(1, EVIL), (2, &long)],
        addresses: &[(CLIENT, EVIL), (SERVER, &long)],
    };
    let file = file(&packets(), said);
    for format in ["text", "json", "ndjson", "csv", "openmetrics"] {
        let text = run(&file, &["--format", format]);
        let acts = |c: char| (c.is_control() && c != '\n' && c != '\r') || c == '\u{202e}';
        assert_eq!(text.chars().find(|&c| acts(c)), None, "{format}: {text}");
        assert!(text.len() < 100_000, "{format}: {} bytes", text.len());
    }
    let report = report(&file);
    let capture = &report["captures"][0];
    assert_eq!(capture["comments"].as_array().unwrap().len(), 64);
    assert_eq!(capture["comments_omitted"], 300 + 2 + 2 - 64);
    let description = capture["interfaces"][0]["description"].as_str().unwrap();
    assert_eq!(description.chars().count(), 1025, "cut, with a mark");
}

#[test]
fn a_file_that_names_very_many_addresses_takes_little_memory() {
    let addresses: Vec<[u8; 4]> = (0..60_000_u32).map(|n| (0x0b00_0000 + n).to_be_bytes()).collect();
    let name = "n".repeat(200);
    let named: Vec<(&[u8], &str)> = addresses.iter().map(|ip| (&ip[..], name.as_str())).collect();
    let report = report(&file(&packets(), Said { addresses: &named, ..Said::default() }));
    let warnings = report["captures"][0]["warnings"].to_string();
    assert!(warnings.contains("it names more addresses than are kept"), "{warnings}");
}
