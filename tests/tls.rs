//! Session secrets from every side: key logs, blocks of a pcapng file, wrong ones and none.

mod common;

use std::process::{Command, Stdio};
use std::{fs, io::Write};

use common::formats::formats;
use common::secrets::{Bench, DECRYPTION_SECRETS, all, behind, packet, parted, report, sample, spoiled};
use serde_json::Value;

/// The connections, but for where their keys came from.
fn connections(report: &Value) -> Value {
    let mut connections = report["connections"].clone();
    for connection in connections.as_array_mut().unwrap() {
        connection["tls"]["keys_from"] = Value::Null;
    }
    connections
}

const BOTH: [&str; 2] = ["tls13-close-1000", "tls-nginx-idle-at-client"];

#[test]
fn keys_may_come_from_a_key_log_or_from_any_place_in_the_capture() {
    for name in &all() {
        let blocks = sample(name);
        let whole = Bench::new(&blocks, "").report(&["capture.pcapng"]);
        assert_eq!(whole["connections"][0]["tls"]["keys_from"], "dsb", "{name}");
        let (others, keys) = parted(blocks.clone());
        let logged = Bench::new(&others, &keys).report(&["--keylog", "keys.log", "capture.pcapng"]);
        assert_eq!(logged["connections"][0]["tls"]["keys_from"], "keylog", "{name}");
        assert_eq!(connections(&logged), connections(&whole), "{name}");
        let secrets = blocks.into_iter().filter(|(kind, _)| *kind == DECRYPTION_SECRETS);
        let behind: Vec<_> = others.into_iter().chain(secrets).collect();
        let late = Bench::new(&behind, "").report(&["capture.pcapng"]);
        assert_eq!(connections(&late), connections(&whole), "{name}");
    }
}

#[test]
fn keys_at_the_beginning_of_a_pipe_are_used() {
    let blocks = sample(BOTH[0]);
    let bench = Bench::new(&blocks, "");
    let mut command = Command::new(env!("CARGO_BIN_EXE_whoclosed"));
    command.args(["--format", "json", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let bytes = fs::read(bench.path("capture.pcapng")).unwrap();
    child.stdin.take().unwrap().write_all(&bytes).unwrap();
    let report = report(&child.wait_with_output().unwrap());
    assert_eq!(report["connections"][0]["tls"]["decrypted"], true);
}

#[test]
fn without_fitting_keys_nothing_is_read_and_all_are_counted() {
    for name in &all() {
        let (others, keys) = parted(sample(name));
        let wrong: String = keys.lines().map(|line| spoiled(line) + "\n").collect();
        let bench = Bench::new(&others, &wrong);
        let count = if name.contains("resumed") { 2 } else { 1 };
        for arguments in [&["capture.pcapng"][..], &["--keylog", "keys.log", "capture.pcapng"]] {
            let report = bench.report(arguments);
            assert_eq!(report["summary"]["opaque_tls"], count, "{name}");
            for connection in report["connections"].as_array().unwrap() {
                assert_eq!(connection["kind"], "opaque_tls", "{name}");
                assert_eq!(connection["tls"]["decrypted"], false, "{name}");
                let reason = connection["tls"]["not_decrypted"]["reason"].as_str();
                assert!(matches!(reason, Some("no_keys" | "wrong_keys")), "{name}: {reason:?}");
                assert_eq!(connection["handshake"], Value::Null, "{name}");
                assert_eq!(connection["close_frames"].as_array().unwrap().len(), 0, "{name}");
                for side in ["client", "server"] {
                    assert_eq!(connection["frames"][side]["bytes"], 0, "{name}");
                }
            }
            let none = bench.report(&[&["--opaque-tls", "none"], arguments].concat());
            assert_eq!(none["connections"].as_array().unwrap().len(), 0, "{name}");
            assert_eq!(none["summary"]["opaque_tls"], count, "{name}");
        }
    }
}

#[test]
fn bad_lines_are_told_and_secrets_are_not() {
    let (others, keys) = parted(sample(BOTH[0]));
    let bench = Bench::new(&others, &format!("# hello\r\nnonsense\r\nCLIENT_RANDOM ab cd\r\n{keys}"));
    let output = bench.run(&["--keylog", "keys.log", "capture.pcapng"]);
    assert_eq!(report(&output)["connections"].as_array().unwrap().len(), 1);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("keys.log: line 2 ") && told.contains("keys.log: line 3 "), "{told}");
    let shown = told + &String::from_utf8(output.stdout).unwrap();
    let secrets = keys.lines().filter_map(|line| line.rsplit_once(' '));
    assert!(secrets.into_iter().all(|(_, secret)| !shown.contains(&secret[..16])));
}

#[test]
fn several_key_logs_and_that_of_the_environment_are_read() {
    let (others, keys) = parted(sample(BOTH[0]));
    let (client, server): (Vec<_>, Vec<_>) = keys.lines().partition(|line| line.starts_with("CLIENT"));
    let bench = Bench::new(&others, &client.join("\n"));
    fs::write(bench.path("more.log"), server.join("\n")).unwrap();
    let several = ["--keylog", "keys.log", "--keylog", "more.log", "capture.pcapng"];
    let whole = bench.report(&several);
    assert_eq!(whole["connections"][0]["close_handshake"], "client_then_server");
    let run = |variable: &str| {
        let mut command = bench.command(&["--keylog-env", "--keylog", "keys.log", "capture.pcapng"]);
        command.env("SSLKEYLOGFILE", variable).output().unwrap()
    };
    assert_eq!(report(&run("more.log"))["connections"], whole["connections"]);
    let unset = run("");
    assert_eq!(unset.status.code(), Some(2));
    assert!(String::from_utf8(unset.stderr).unwrap().contains("SSLKEYLOGFILE is not set"));
    // It is read only when asked for.
    let mut command = bench.command(&["capture.pcapng"]);
    let output = command.env("SSLKEYLOGFILE", "no-such-file").output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty());
}

#[test]
fn a_key_log_that_is_not_there_is_an_error() {
    let (others, _) = parted(sample(BOTH[0]));
    let bench = Bench::new(&others, "");
    let output = bench.run(&["--keylog", "none.log", "capture.pcapng"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("none.log"));
}

#[test]
fn a_session_whose_handshake_was_not_captured_is_found() {
    // Of two connections, of one whose request came before the handshake's end, and of one with a message
    // beside the 101, more is lost.
    let others = ["wss13-resumed", "wss13-early-data", "wss13-first-frame"];
    for name in all().iter().filter(|name| name.starts_with("wss13") && !others.contains(&name.as_str())) {
        let blocks = sample(name);
        let whole = &Bench::new(&blocks, "").report(&["capture.pcapng"])["connections"][0];
        let upgraded = whole["handshake"]["response_packet"]["packet"].as_u64().unwrap();
        let bench = Bench::new(&behind(&blocks, upgraded), "");
        let found = &bench.report(&["capture.pcapng"])["connections"][0];
        assert_eq!(found["kind"], "websocket_midstream", "{name}");
        assert_eq!(found["frames"], whole["frames"], "{name}");
        assert_eq!(found["close_handshake"], "client_then_server", "{name}");
        assert_eq!((&found["client"], &found["server"]), (&whole["client"], &whole["server"]), "{name}");
        for what in ["version", "cipher", "decrypted", "keys_from"] {
            assert_eq!(found["tls"][what], whole["tls"][what], "{name}");
        }
        let numbers = &found["tls"]["found_at_record"];
        assert!(
            numbers["client"].as_u64().is_some() && numbers["server"].as_u64().is_some(),
            "{name}: {numbers}"
        );
        let off = bench.report(&["--tls-search", "0", "capture.pcapng"]);
        assert!(
            off["connections"].as_array().unwrap().iter().all(|each| each["tls"]["decrypted"] == false),
            "{name}"
        );
    }
}

#[test]
fn key_material_is_in_no_output() {
    for name in all() {
        let blocks = sample(&name);
        let (_, keys) = parted(blocks.clone());
        let bench = Bench::new(&blocks, &format!("{keys}CLIENT_RANDOM broken {keys}"));
        let lines = keys.lines().filter(|line| !line.starts_with('#'));
        let secrets: Vec<_> = lines.filter_map(|line| line.rsplit_once(' ')).map(|(_, it)| it).collect();
        let check = |what: &str, shown: &[u8]| {
            let text = String::from_utf8_lossy(shown).to_lowercase();
            for secret in &secrets {
                assert!(!text.contains(&secret.to_lowercase()[..24]), "{name}: {what}");
                let raw: Vec<u8> =
                    (0..12).map(|at| u8::from_str_radix(&secret[2 * at..2 * at + 2], 16).unwrap()).collect();
                assert!(!shown.windows(12).any(|window| window == raw), "{name}: {what}");
            }
        };
        for format in &formats() {
            let arguments = ["--format", format, "--keylog", "keys.log", "--show-query", "capture.pcapng"];
            let mut command = Command::new(env!("CARGO_BIN_EXE_whoclosed"));
            let output = command.current_dir(bench.folder.path()).args(arguments).output().unwrap();
            check(format, &output.stdout);
            check(&format!("errors with {format}"), &output.stderr);
        }
        let proof = bench.run(&[
            "--keylog",
            "keys.log",
            "--evidence",
            "full",
            "--write-evidence",
            "proof.pcapng",
            "capture.pcapng",
        ]);
        assert!(proof.status.success(), "{}", String::from_utf8_lossy(&proof.stderr));
        check("evidence", &fs::read(bench.path("proof.pcapng")).unwrap());
    }
}

#[test]
fn a_packet_that_the_capture_lacks_is_a_hole_and_the_close_is_still_read() {
    let mut lossy = sample(BOTH[0]);
    // The client's message.
    lossy.remove(packet(&lossy, 10));
    let report = Bench::new(&lossy, "").report(&["capture.pcapng"]);
    let connection = &report["connections"][0];
    assert_eq!(connection["close_frames"][0]["code"], 1000);
    assert_eq!(connection["close_handshake"], "client_then_server");
    assert!(connection["tcp"]["client"]["lost_in_capture_bytes"].as_u64() > Some(0));
    assert_eq!(connection["violations"].as_array().unwrap().len(), 0);
}
