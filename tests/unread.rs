//! TLS that is not read, or not to its end: each connection says why, and nothing of it is taken for frames.

mod common;

use std::fs;

use common::encode::Encoding;
use common::sample::Sample;
use common::secrets::{Bench, ENHANCED_PACKET, all, behind, packet, parted, sample, spoiled};
use common::session::{Session, Side};
use serde_json::Value;

/// With the key log beside the capture, every connection listed.
const LOGGED: [&str; 5] = ["--keylog", "keys.log", "--opaque-tls", "all", "capture.pcapng"];

fn connections(report: &Value) -> &[Value] {
    report["connections"].as_array().unwrap()
}

/// Nothing of the connection was read, for this reason.
fn assert_unread(connection: &Value, reason: &str, about: &str) {
    assert_eq!(connection["kind"], "opaque_tls", "{about}");
    assert_eq!(connection["tls"]["not_decrypted"]["reason"], reason, "{about}");
    assert!(connection["tls"]["not_decrypted"]["text"].as_str().unwrap().ends_with('.'), "{about}");
    assert_nothing_read(connection, about);
}

fn assert_nothing_read(connection: &Value, about: &str) {
    assert_eq!(connection["handshake"], Value::Null, "{about}");
    for list in ["close_frames", "violations"] {
        assert_eq!(connection[list].as_array().unwrap().len(), 0, "{about}: {list}");
    }
    for side in ["client", "server"] {
        for what in ["bytes", "text", "binary", "continuation", "ping", "pong", "close"] {
            assert_eq!(connection["frames"][side][what], 0, "{about}: {side} {what}");
        }
    }
}

/// Every connection tells whether it was read, or why not.
fn assert_stated(connection: &Value, about: &str) {
    let (tls, kind) = (&connection["tls"], connection["kind"].as_str().unwrap());
    let is_stated = tls["decrypted"] == true || tls["not_decrypted"]["reason"].is_string();
    assert!(is_stated, "{about}: {tls}");
    if kind == "opaque_tls" {
        assert_nothing_read(connection, about);
    }
}

/// Secrets of the right sessions that are not the right ones.
fn wrong(keys: &str) -> String {
    keys.lines().map(|line| spoiled(line) + "\n").collect()
}

#[test]
fn wrong_secrets_are_told_from_none() {
    for name in &all() {
        let (others, keys) = parted(sample(name));
        let report = Bench::new(&others, &wrong(&keys)).report(&LOGGED);
        assert!(!connections(&report).is_empty(), "{name}");
        for connection in connections(&report) {
            assert_unread(connection, "wrong_keys", name);
        }
        let report = Bench::new(&others, "").report(&["--opaque-tls", "all", "capture.pcapng"]);
        for connection in connections(&report) {
            assert_unread(connection, "no_keys", name);
        }
    }
}

#[test]
fn secrets_of_another_connection_open_only_that() {
    let (others, _) = parted(sample("tls13-close-1000"));
    let (_, foreign) = parted(sample("wss13-resumed"));
    let report = Bench::new(&others, &foreign).report(&LOGGED);
    assert_unread(&connections(&report)[0], "no_keys", "another's");
    // Of two connections in one capture, the secrets of one.
    for name in ["wss13-resumed", "wss12-resumed-ticket", "wss12-resumed-id"] {
        let (others, keys) = parted(sample(name));
        let random = keys.lines().find(|line| !line.starts_with('#')).unwrap().split(' ').nth(1).unwrap();
        let first: String =
            keys.lines().filter(|line| line.contains(random)).map(|line| format!("{line}\n")).collect();
        let report = Bench::new(&others, &first).report(&LOGGED);
        let [one, other] = connections(&report) else { panic!("{name}: {report}") };
        let (read, unread) = if one["tls"]["decrypted"] == true { (one, other) } else { (other, one) };
        assert_eq!(
            (&read["kind"], &read["close_frames"][0]["code"]),
            (&"websocket".into(), &1000.into()),
            "{name}"
        );
        assert_unread(unread, "no_keys", name);
    }
}

#[test]
fn a_handshake_that_does_not_come_to_its_end_is_stated() {
    for name in ["tls13-close-1000", "wss12-aes128-gcm-sha256", "wss13-retry"] {
        let blocks = sample(name);
        let (others, keys) = parted(blocks.clone());
        let whole = &Bench::new(&blocks, "").report(&["capture.pcapng"])["connections"][0];
        let asked = whole["handshake"]["request_packet"]["packet"].as_u64().unwrap();
        let mut reasons = Vec::new();
        for last in 4..asked {
            let end = packet(&others, last);
            let bench = Bench::new(&others[..=end], &keys);
            for connection in connections(&bench.report(&LOGGED)) {
                let about = format!("{name} up to packet {last}");
                assert_eq!(connection["kind"], "opaque_tls", "{about}");
                assert_stated(connection, &about);
                let reason = &connection["tls"]["not_decrypted"]["reason"];
                reasons.push(reason.as_str().unwrap_or("opened").to_owned());
            }
        }
        assert_eq!(reasons[0], "handshake_unfinished", "{name}: {reasons:?}");
        let known = |reason: &String| ["handshake_unfinished", "opened"].contains(&reason.as_str());
        assert!(reasons.iter().all(known), "{name}: {reasons:?}");
    }
}

#[test]
fn a_hole_in_the_handshake_costs_no_more_than_the_reading() {
    for name in ["tls13-close-1000", "wss12-aes128-gcm-sha256", "wss12-aes128-sha-mte", "wss13-early-data"] {
        let blocks = sample(name);
        let whole = &Bench::new(&blocks, "").report(&["capture.pcapng"])["connections"][0];
        let asked = whole["handshake"]["request_packet"]["packet"].as_u64().unwrap();
        for lost in 4..=asked {
            let mut lossy = blocks.clone();
            lossy.remove(packet(&blocks, lost));
            let report = Bench::new(&lossy, "").report(&["--opaque-tls", "all", "capture.pcapng"]);
            let about = format!("{name} without packet {lost}");
            assert_eq!(connections(&report).len(), 1, "{about}");
            let connection = &connections(&report)[0];
            assert_stated(connection, &about);
            assert_eq!(connection["violations"], whole["violations"], "{about}");
            if connection["kind"] != "opaque_tls" {
                assert_eq!(connection["frames"], whole["frames"], "{about}");
                let ends = [&connection["close_handshake"], &whole["close_handshake"]];
                assert_eq!(ends[0], ends[1], "{about}");
            }
        }
    }
}

#[test]
fn a_failed_tag_is_a_failed_tag() {
    for name in all().iter().filter(|name| !name.contains("resumed")) {
        let blocks = sample(name);
        let whole = &Bench::new(&blocks, "").report(&["capture.pcapng"])["connections"][0];
        let count = |connection: &Value, side: &str| -> u64 {
            let kinds = ["text", "binary", "continuation", "ping", "pong", "close"];
            kinds.iter().map(|kind| connection["frames"][side][*kind].as_u64().unwrap()).sum()
        };
        let number = whole["handshake"]["response_packet"]["packet"].as_u64().unwrap();
        // One bit of every record behind the 101, in its tag or at its end.
        let mut spoilt = blocks.clone();
        for (_, block) in
            spoilt.iter_mut().skip(packet(&blocks, number) + 1).filter(|(kind, _)| *kind == ENHANCED_PACKET)
        {
            let end = 28 + u32::from_le_bytes(block[20..24].try_into().unwrap()) as usize;
            if end > 28 + 66 + 5 {
                block[end - 1] ^= 0x40;
            }
        }
        let report = Bench::new(&spoilt, "").report(&["--opaque-tls", "all", "capture.pcapng"]);
        let connection = &connections(&report)[0];
        assert_eq!(connection["violations"].as_array().unwrap().len(), 0, "{name}");
        for side in ["client", "server"] {
            assert!(count(connection, side) < count(whole, side), "{name}: {side}");
            let found = connection["close_frames"].as_array().unwrap();
            assert!(found.iter().all(|close| close["code"] == 1000), "{name}: {found:?}");
        }
    }
}

/// The report on a sample whose keys lie beside it.
fn with_its_keys(name: &str) -> Value {
    let output =
        Sample::named(name).run(&["--format", "json", "--keylog", "keys.log", "--opaque-tls", "all"]);
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn an_unknown_suite_is_stated() {
    let report = with_its_keys("tls12-opaque-aria");
    let connection = &connections(&report)[0];
    assert_unread(connection, "unknown_suite", "ARIA");
    assert_eq!(connection["tls"]["cipher"], "suite 0xc05d");
}

#[test]
fn tls_inside_tls_is_stated() {
    let report = with_its_keys("tls13-opaque-tls-inside");
    let connection = &connections(&report)[0];
    assert_unread(connection, "inner_tls", "a tunnel");
    assert_eq!(connection["tls"]["keys_from"], "keylog");
    // Nothing in it looks like a WebSocket: without being asked for, it is counted.
    let output = Sample::named("tls13-opaque-tls-inside").run(&["--format", "json", "--keylog", "keys.log"]);
    let usual: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((connections(&usual).len(), &usual["summary"]["opaque_tls"]), (0, &1.into()));
}

#[test]
fn a_refused_certificate_is_listed_with_its_alert() {
    for (name, alerts) in [("tls13-opaque-untrusted", 0), ("tls13-opaque-unknown-ca", 1)] {
        let report = with_its_keys(name);
        let connection = &connections(&report)[0];
        assert_eq!(connection["kind"], "opaque_tls", "{name}");
        assert_nothing_read(connection, name);
        let found = connection["tls"]["alerts"].as_array().unwrap();
        let told = ["client", "fatal", "unknown_ca"];
        let is_read = |alert: &Value| [&alert["from"], &alert["level"], &alert["description"]] == told;
        assert!(found.len() == alerts && found.iter().all(is_read), "{name}: {found:?}");
        let verdict = &connection["verdict"];
        assert_eq!(
            (&verdict["party"], &verdict["cause"]),
            (&"client".into(), &"tls_failure".into()),
            "{name}"
        );
        // It is in the timeline once.
        let timeline = connection["timeline"].as_array().unwrap();
        let shown =
            timeline.iter().filter(|event| event["event"].as_str().unwrap().contains("alert")).count();
        assert_eq!(shown, alerts, "{name}");
    }
}

#[test]
fn plain_http_on_443_is_read_as_what_it_is() {
    let mut session = Session::open(&|whole| vec![whole]);
    session.say(Side::Client, &[0x81, 0x82, 1, 2, 3, 4, b'h' ^ 1, b'i' ^ 2]);
    session.say(Side::Server, &[0x88, 2, 0x03, 0xe8]);
    session.fin(Side::Server);
    let mut packets = session.into_packets();
    for packet in &mut packets {
        for at in [34, 36] {
            if packet.data[at..at + 2] == [0, 80] {
                packet.data[at..at + 2].copy_from_slice(&443_u16.to_be_bytes());
            }
        }
    }
    let bench = Bench::new(&[], "");
    fs::write(bench.path("plain.pcap"), Encoding::USUAL.file(&packets)).unwrap();
    let (_, keys) = parted(sample("tls13-close-1000"));
    fs::write(bench.path("keys.log"), keys).unwrap();
    for arguments in [&["plain.pcap"][..], &["--keylog", "keys.log", "plain.pcap"]] {
        let report = bench.report(arguments);
        let connection = &connections(&report)[0];
        assert_eq!((&connection["kind"], &connection["tls"]), (&"websocket".into(), &Value::Null));
        assert_eq!(
            (&connection["server"]["port"], &connection["close_frames"][0]["code"]),
            (&443.into(), &1000.into())
        );
        assert_eq!(report["summary"]["opaque_tls"], 0);
    }
}

/// What nginx answers on a plain port to a `ClientHello`.
const PLAIN_ANSWER: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

#[test]
fn a_server_that_answers_a_hello_in_plain_http_is_stated() {
    let (mut others, keys) = parted(sample("tls13-close-1000"));
    let hello = whole_number(&others, 22, 1);
    let answer = whole_number(&others, 22, 2);
    others.truncate(answer + 1);
    let block = &mut others[answer].1;
    let payload = 28 + 14 + 20 + usize::from(block[28 + 14 + 20 + 12] >> 4) * 4;
    block[payload..payload + PLAIN_ANSWER.len()].copy_from_slice(PLAIN_ANSWER);
    assert!(hello < answer);
    let report = Bench::new(&others, &keys).report(&LOGGED);
    assert_unread(&connections(&report)[0], "not_tls", "plain answer");
}

/// The place of the first packet that begins with a record of this type whose first message is of this one.
fn whole_number(blocks: &[(u32, Vec<u8>)], record: u8, message: u8) -> usize {
    let begins = |(kind, block): &(u32, Vec<u8>)| {
        let payload = 28 + 14 + 20 + usize::from(block.get(28 + 14 + 20 + 12).map_or(0, |it| it >> 4)) * 4;
        let is = |at: usize, byte: u8| block.get(payload + at) == Some(&byte);
        *kind == ENHANCED_PACKET && is(0, record) && is(1, 3) && is(5, message)
    };
    blocks.iter().position(begins).unwrap()
}

#[test]
fn a_session_that_the_search_does_not_find_is_listed() {
    for name in ["wss13-key-update", "wss13-aes-256-gcm-sha384"] {
        let blocks = sample(name);
        let whole = &Bench::new(&blocks, "").report(&["capture.pcapng"])["connections"][0];
        let upgraded = whole["handshake"]["response_packet"]["packet"].as_u64().unwrap();
        let (rest, keys) = parted(behind(&blocks, upgraded));
        let cases = [(wrong(&keys), "not_found"), (String::new(), "no_keys")];
        for (keys, reason) in cases {
            let report = Bench::new(&rest, &keys).report(&LOGGED);
            assert_eq!(connections(&report).len(), 1, "{name}");
            let connection = &connections(&report)[0];
            assert_unread(connection, reason, name);
            for side in ["client", "server"] {
                assert_eq!(connection[side], whole[side], "{name}: {side}");
            }
        }
    }
}
