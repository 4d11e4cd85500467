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

/// The events of the only connection, each with its packet, side and detail.
fn events(report: &Value) -> Vec<[Value; 4]> {
    let events = report["connections"][0]["timeline"].as_array().unwrap().iter();
    let parts = |event: &Value| ["event", "packet", "from", "detail"].map(|part| event[part].clone());
    events.map(parts).collect()
}

#[test]
fn comments_on_packets_stand_in_the_timeline_in_their_place() {
    let comments = [(2, "slow?"), (3, "first"), (3, "second"), (9, "a bare ACK"), (200, "nowhere")];
    let report = report(&file(&packets(), Said { packets: &comments, ..Said::default() }));
    let events = events(&report);
    let packet = |number: u64| json!({ "file": 0, "packet": number });
    let comment =
        |number, from: &str, text: &str| [json!("comment"), packet(number), json!(from), json!(text)];
    let expected = [
        comment(2, "server", "slow?"),
        comment(3, "client", "first"),
        comment(3, "client", "second"),
        comment(9, "server", "a bare ACK"),
    ];
    let found: Vec<_> = events.iter().filter(|event| event[0] == "comment").cloned().collect();
    assert_eq!(found, expected);
    let numbers: Vec<u64> = events.iter().filter_map(|event| event[1]["packet"].as_u64()).collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
    let own = |number: u64| events.iter().rposition(|event| event[1] == packet(number));
    assert_eq!(
        own(3).map(|at| events[at][0].clone()),
        Some(json!("comment")),
        "it follows what its packet did"
    );
}

#[test]
fn a_comment_among_events_that_are_not_kept_changes_where_they_are_missing() {
    let mut session = Session::open(&|whole| vec![whole]);
    for _ in 0..200 {
        session.say(Side::Client, &frame(Side::Client, 0x81, b"hello"));
        session.say(Side::Server, &frame(Side::Server, 0x81, b"hello"));
    }
    session.fin(Side::Server);
    let packets = session.into_packets();
    let comments = [(1, "early"), (400, "in the middle"), (packets.len() - 1, "late")];
    let of = |packets_said| report(&file(&packets, Said { packets: packets_said, ..Said::default() }));
    let (without, with) = (of(&[]), of(&comments));
    let of = |report: &Value, part: &str| report["connections"][0][part].as_u64().unwrap();
    assert!(of(&without, "timeline_omitted") > 0);
    assert_eq!(of(&with, "timeline_omitted"), of(&without, "timeline_omitted"));
    assert_eq!(of(&with, "timeline_omitted_at"), of(&without, "timeline_omitted_at") + 2);
    let (before, hole) = (events(&without), of(&without, "timeline_omitted_at") as usize);
    let (after, moved) = (events(&with), of(&with, "timeline_omitted_at") as usize);
    assert_eq!((&after[moved - 1][0], &after[moved - 1][3]), (&json!("comment"), &json!("in the middle")));
    assert_eq!((&after[moved - 2], &after[moved]), (&before[hole - 1], &before[hole]));
}

#[test]
fn comments_on_packets_of_others_stay_with_them() {
    let (mine, mut other) = (packets(), packets());
    for packet in &mut other {
        // The client's port, in whichever of the two places it is.
        for at in [34, 36] {
            if packet.data[at..at + 2] == 50_000_u16.to_be_bytes() {
                packet.data[at..at + 2].copy_from_slice(&50_001_u16.to_be_bytes());
            }
        }
    }
    let both: Vec<Packet> = mine.iter().zip(&other).flat_map(|(a, b)| [a.clone(), b.clone()]).collect();
    let report = report(&file(&both, Said { packets: &[(4, "of the other")], ..Said::default() }));
    let has = |index: usize| report["connections"][index]["timeline"].to_string().contains("of the other");
    assert_eq!([has(0), has(1)], [false, true]);
}

#[test]
fn comments_are_hidden_alike_wherever_they_stand() {
    let mut said = SAID;
    said.packets = &[(7, "Customer 4711 hung up")];
    let file = file(&packets(), said);
    for format in ["text", "json", "ndjson", "csv", "html", "markdown"] {
        let text = run(&file, &["--format", format, "--redact", "--width", "200"]);
        for hidden in ["4711", "hung", "laptop.lan", "ws.shop.example"] {
            assert!(!text.contains(hidden), "{format}: {hidden}");
        }
    }
    let report: Value = serde_json::from_str(&run(&file, &["--format", "json", "--redact"])).unwrap();
    let on_packet = report["captures"][0]["comments"].as_array().unwrap().last().unwrap();
    let in_timeline = events(&report).into_iter().find(|event| event[0] == "comment").unwrap();
    assert_eq!(in_timeline[3], on_packet["text"]);
    assert!(in_timeline[3].as_str().unwrap().starts_with("comment-"));
}

#[test]
fn the_spreadsheet_has_the_names_of_addresses() {
    let text = run(&file(&packets(), SAID), &["--format", "csv"]);
    let mut lines = text.lines();
    assert!(lines.next().unwrap().ends_with("\"client_name\",\"server_name\""), "{text}");
    assert!(lines.next().unwrap().ends_with("\"laptop.lan\",\"ws.shop.example\""), "{text}");
}

#[test]
fn what_is_said_changes_nothing_else() {
    let without = |said| {
        let mut report = report(&file(&packets(), said));
        let events = report["connections"][0]["timeline"].as_array_mut().unwrap();
        events.retain(|event| event["event"] != "comment");
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
        "comment           here it froze",
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
