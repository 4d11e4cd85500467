//! The same scenario inside TLS and without it: with the keys, the reports must tell the same of it.

mod common;

use common::sample::Sample;
use serde_json::{Value, json};

/// Cases over TLS by the case without it that plays the same.
const TWINS: [(&str, &[&str]); 7] = [
    (
        "twin-ws",
        &[
            "wss12-aes128-gcm-sha256",
            "wss12-aes256-gcm-sha384",
            "wss12-chacha20-poly1305",
            "wss12-aes128-sha",
            "wss12-aes128-sha-mte",
            "wss12-aes128-sha256",
            "wss12-aes128-sha256-mte",
            "wss12-aes256-sha384",
            "wss12-aes256-sha384-mte",
            "wss12-rsa-aes128-gcm-sha256",
            "wss12-resumed-id",
            "wss12-resumed-ticket",
            "wss13-aes-128-gcm-sha256",
            "wss13-aes-256-gcm-sha384",
            "wss13-chacha20-poly1305-sha256",
            "wss13-aes-128-ccm-sha256",
            "wss13-resumed",
            "wss13-retry",
        ],
    ),
    ("twin-nginx", &["wss-nginx"]),
    ("twin-haproxy", &["wss-haproxy"]),
    ("twin-python", &["wss-python"]),
    ("twin-chromium", &["wss-chromium"]),
    ("twin-first-frame", &["wss13-first-frame"]),
    ("twin-openssl", &["wss13-key-update", "wss13-early-data"]),
];

#[test]
fn with_keys_a_report_equals_that_of_the_same_without_tls() {
    for (plain, secured) in TWINS {
        let expected = connections(plain);
        assert_eq!(expected.len(), 1, "{plain}");
        for name in secured {
            for connection in connections(name) {
                assert_eq!(connection["tls"]["decrypted"], true, "{name}");
                assert_eq!(told(&connection), told(&expected[0]), "{name} and {plain}");
            }
        }
    }
}

#[test]
fn every_case_over_tls_has_its_twin() {
    let listed: Vec<&str> =
        TWINS.iter().flat_map(|(plain, secured)| [&[*plain], *secured].concat()).collect();
    for sample in Sample::all() {
        let is_one = sample.name.starts_with("wss") || sample.name.starts_with("twin-");
        assert_eq!(listed.contains(&sample.name.as_str()), is_one, "{}", sample.name);
    }
}

fn connections(name: &str) -> Vec<Value> {
    let output = Sample::named(name).run(&["--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    report["connections"].as_array().unwrap().clone()
}

/// What a report tells of the WebSocket, but for times, places in the capture, and names of the ends.
fn told(connection: &Value) -> Value {
    let shake = &connection["handshake"];
    let fields = |value: &Value, names: &[&str]| -> Value {
        names.iter().map(|name| ((*name).to_owned(), value[*name].clone())).collect()
    };
    let each = |list: &Value, names: &[&str]| -> Value {
        list.as_array().unwrap().iter().map(|value| fields(value, names)).collect()
    };
    json!({
        "kind": connection["kind"],
        "handshake": fields(shake, &[
            "method", "path", "status", "server_header", "via", "subprotocol", "extensions", "accept_valid",
        ]),
        "frames": connection["frames"],
        "violations": each(&connection["violations"], &["from", "kind"]),
        "unparsed": each(&connection["unparsed"], &["from", "bytes", "why"]),
        "close_frames": each(&connection["close_frames"], &["from", "code", "name", "reason"]),
        "close_handshake": connection["close_handshake"],
        "heartbeats": each(&connection["heartbeats"], &[
            "kind", "from", "sent", "answered", "unanswered", "unsolicited", "inferred",
        ]),
        "timeline": each(&websocket_events(&connection["timeline"]), &["from", "event"]),
        "messages": messages(&connection["timeline"]),
        "verdict": fields(&connection["verdict"], &["observed", "party", "cause", "confidence", "rule", "summary"]),
    })
}

fn websocket_events(timeline: &Value) -> Value {
    const KINDS: [&str; 7] =
        ["upgrade_request", "upgrade_response", "message", "ping", "pong", "close", "violation"];
    let events = timeline.as_array().unwrap().iter();
    events.filter(|event| KINDS.contains(&event["event"].as_str().unwrap())).cloned().collect()
}

/// The sizes of messages, which their details tell.
fn messages(timeline: &Value) -> Value {
    let events = timeline.as_array().unwrap().iter();
    events.filter(|event| event["event"] == "message").map(|event| event["detail"].clone()).collect()
}
