//! What a report must not show: secrets never, and with `--redact` nothing that tells whose network it is.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;
use std::process::Command;

use serde_json::Value;

use common::encode::Encoding;
use common::formats::formats;
use common::remarked::{self, Said};
use common::sample::Sample;
use common::session::{Session, Side, close, frame};

const REDACTED: [&[&str]; 2] = [&["--redact"], &["--redact-key", "KEY"]];

/// A key file, and the arguments of each way to redact.
fn ways(folder: &tempfile::TempDir) -> Vec<Vec<String>> {
    let key = folder.path().join("key");
    fs::write(&key, "sixteen bytes or more of secret").unwrap();
    let fill = |argument: &&str| argument.replace("KEY", key.to_str().unwrap());
    REDACTED.iter().map(|way| way.iter().map(fill).collect()).collect()
}

/// What a report says that a redacted one must not.
///
/// Loopback addresses stay, as they are the same on every host and tell nothing about whose it is, while
/// that both ends were one host is what a reader has to know.
fn originals(report: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut add = |value: &Value| {
        let is_loopback = |text: &str| text.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        if let Some(text) = value.as_str().filter(|text| *text != "/" && !is_loopback(text)) {
            found.insert(text.to_owned());
        }
    };
    for capture in report["captures"].as_array().unwrap() {
        add(&capture["path"]);
    }
    for connection in report["connections"].as_array().unwrap() {
        add(&connection["client"]["ip"]);
        add(&connection["server"]["ip"]);
        for name in ["host", "path", "key_hash", "subprotocol"] {
            add(&connection["handshake"][name]);
        }
        add(&connection["tls"]["sni"]);
        for close in connection["close_frames"].as_array().unwrap() {
            add(&close["reason"]);
        }
    }
    // A reason that a library gives by itself tells nothing about its user.
    found.remove("keepalive ping timeout");
    found
}

/// True where `text` shows `original`, not as a part of a longer word.
fn shows(text: &str, original: &str) -> bool {
    text.match_indices(original).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + original.len()..].chars().next();
        ![before, after].into_iter().flatten().any(|c| c.is_alphanumeric() || c == '.')
    })
}

#[test]
fn nothing_of_any_sample_leaks_in_any_format() {
    let folder = tempfile::tempdir().unwrap();
    let (kinds, ways) = (common::formats::kinds(), ways(&folder));
    let mut leaks = Vec::new();
    for sample in Sample::all() {
        let plain: Value = serde_json::from_slice(&sample.run(&["--format", "json"]).stdout).unwrap();
        let originals = originals(&plain);
        // The file's name, and the ends of a connection where there is one.
        let has_connections = !plain["connections"].as_array().unwrap().is_empty();
        assert!(originals.len() > usize::from(has_connections), "{}", sample.name);
        for way in &ways {
            for (kind, format) in &kinds {
                let mut arguments: Vec<&str> = way.iter().chain(format).map(String::as_str).collect();
                arguments.extend(["--width", "400"]);
                let text = String::from_utf8(sample.run(&arguments).stdout).unwrap();
                assert!(!text.is_empty(), "{} {kind}", sample.name);
                for original in originals.iter().filter(|original| shows(&text, original)) {
                    leaks.push(format!("{} {way:?} {kind}: {original}", sample.name));
                }
            }
        }
    }
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
}

#[test]
fn nothing_of_any_sample_leaks_in_evidence() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("evidence.pcapng");
    let has = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    for sample in Sample::all() {
        let plain: Value = serde_json::from_slice(&sample.run(&["--format", "json"]).stdout).unwrap();
        let output = sample.run(&["--redact", "--force", "--write-evidence", place.to_str().unwrap()]);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}: {output:?}", sample.name);
        let bytes = fs::read(&place).unwrap();
        let is_empty = plain["connections"].as_array().unwrap().is_empty();
        assert!(is_empty || bytes.len() > 300, "{}", sample.name);
        for original in originals(&plain) {
            let octets = match original.parse() {
                Ok(IpAddr::V4(ip)) => ip.octets().to_vec(),
                Ok(IpAddr::V6(ip)) => ip.octets().to_vec(),
                Err(_) => original.clone().into_bytes(),
            };
            assert!(!has(&bytes, &octets), "{}: {original}", sample.name);
            // Words as short as "done" or "bye" are in sentences of the program, too.
            assert!(original.len() < 7 || !has(&bytes, original.as_bytes()), "{}: {original}", sample.name);
        }
        assert!(!has(&bytes, b"Upgrade: websocket") && !has(&bytes, b"CLIENT_"), "{}", sample.name);
    }
}

#[test]
fn the_verdict_stays_as_it_is() {
    let verdicts = |report: &Value| -> Vec<[Value; 4]> {
        let words = |each: &Value| {
            let verdict = &each["verdict"];
            [&verdict["observed"], &verdict["party"], &verdict["cause"], &verdict["confidence"]]
                .map(Value::clone)
        };
        report["connections"].as_array().unwrap().iter().map(words).collect()
    };
    for sample in Sample::all() {
        let [plain, redacted] = [&["--format", "json"][..], &["--format", "json", "--redact"]]
            .map(|arguments| serde_json::from_slice::<Value>(&sample.run(arguments).stdout).unwrap());
        assert_eq!(verdicts(&plain), verdicts(&redacted), "{}", sample.name);
        assert_eq!(plain["redaction"], Value::Null);
        let legend = redacted["redaction"]["addresses"].as_array().unwrap();
        let named = |ip: &Value| legend.iter().any(|entry| entry["ip"] == *ip);
        for connection in redacted["connections"].as_array().unwrap() {
            assert!(
                named(&connection["client"]["ip"]) && named(&connection["server"]["ip"]),
                "{}",
                sample.name
            );
        }
    }
}

#[test]
fn a_proxy_is_named_as_one() {
    let output = Sample::named("nginx-idle-at-proxy").run(&["--format", "json", "--redact"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let entries = report["redaction"]["addresses"].as_array().unwrap();
    let names: Vec<&str> = entries.iter().map(|entry| entry["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["client-1", "proxy-1", "proxy-2", "server-1"]);
}

#[test]
fn a_key_makes_reports_fit_together() {
    let folder = tempfile::tempdir().unwrap();
    let key = &ways(&folder)[1];
    let server = |name: &str| {
        let arguments: Vec<&str> = key.iter().map(String::as_str).chain(["--format", "json"]).collect();
        let report: Value = serde_json::from_slice(&Sample::named(name).run(&arguments).stdout).unwrap();
        report["connections"][0]["server"]["ip"].clone()
    };
    // The same proxy in two captures.
    assert_eq!(server("nginx-idle-at-client"), server("nginx-idle-at-proxy"));
    assert_ne!(server("nginx-idle-at-client"), server("nginx-idle-at-server"));
}

#[test]
fn a_short_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    fs::write(&key, "short").unwrap();
    let output = Sample::named("close-1000-by-client").run(&["--redact-key", key.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("at least 16 bytes"));
    assert!(output.stdout.is_empty());
}

#[test]
fn nothing_that_a_capture_says_of_itself_leaks() {
    let mut session = Session::open(&|whole| vec![whole]);
    session.say(Side::Server, &frame(Side::Server, 0x88, &close(1000, "over")));
    session.fin(Side::Server);
    let said = Said {
        capture: &["ticket-4711 of Ann"],
        name: "wg-shop-internal",
        description: "uplink-of-shop",
        filter: "host gateway-of-shop",
        interface: &["rack-of-shop"],
        packets: &[(4, "note-of-Ann")],
        addresses: &[(&[10, 0, 0, 1], "laptop-of-ann.lan"), (&[10, 0, 0, 2], "ws.shop.example")],
    };
    let originals = [
        said.capture[0],
        said.name,
        said.description,
        said.filter,
        said.interface[0],
        said.packets[0].1,
        said.addresses[0].1,
        said.addresses[1].1,
    ];
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("a.pcapng");
    fs::write(&capture, remarked::file(&session.into_packets(), said)).unwrap();
    let run = |arguments: &[String], format: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whoclosed"));
        let output = command.args(arguments).args(["--format", format]).arg(&capture).output().unwrap();
        assert!(output.status.success(), "{format}");
        String::from_utf8(output.stdout).unwrap()
    };
    let plain = run(&[], "json");
    assert!(originals.iter().all(|original| plain.contains(original)), "{plain}");
    for way in ways(&folder) {
        for format in formats() {
            let text = run(&way, &format);
            let shown: Vec<_> = originals.iter().filter(|original| text.contains(**original)).collect();
            assert!(shown.is_empty(), "{way:?} {format} shows {shown:?}");
        }
    }
}

/// What no report shows, asked for or not.
const SECRETS: [&str; 8] = [
    "query-secret",
    "cookie-secret",
    "basic-secret",
    "proxy-secret",
    "server-cookie-secret",
    "eyJhbGciOiJIUzI1NiJ9",
    "payload-secret",
    "dGhlIHNhbXBsZSBub25jZQ==",
];

#[test]
fn secrets_are_in_no_report() {
    let headers = "Cookie: a=cookie-secret\r\nAuthorization: Basic basic-secret\r\nProxy-Authorization: x proxy-secret\r\n\
        Set-Cookie: s=server-cookie-secret\r\nSec-WebSocket-Protocol: eyJhbGciOiJIUzI1NiJ9.e30.c2ln\r\n";
    let mut session = Session::upgraded("/live?token=query-secret", headers, &|whole| vec![whole]);
    session.say(Side::Client, &frame(Side::Client, 0x81, b"payload-secret"));
    session.say(Side::Server, &frame(Side::Server, 0x81, b"payload-secret"));
    session.say(Side::Server, &frame(Side::Server, 0x89, b"payload-secret"));
    session.say(Side::Server, &frame(Side::Server, 0x88, &close(1000, "over")));
    session.fin(Side::Server);
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("a.pcap");
    fs::write(&capture, Encoding::USUAL.file(&session.into_packets())).unwrap();
    for format in formats() {
        for redact in [&[][..], &["--redact"]] {
            let output = Command::new(env!("CARGO_BIN_EXE_whoclosed"))
                .args(["--format", &format])
                .args(redact)
                .arg(&capture)
                .output()
                .unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            assert!(output.status.success() && !text.is_empty(), "{format}");
            let shown: Vec<_> = SECRETS.iter().filter(|secret| text.contains(**secret)).collect();
            assert!(shown.is_empty(), "{format} {redact:?} shows {shown:?}");
        }
    }
}
