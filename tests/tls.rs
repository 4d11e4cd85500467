//! Session secrets from every side: key logs, blocks of a pcapng file, wrong ones and none.

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{fs, io::Write};

use common::formats::formats;
use serde_json::Value;

/// A block of a pcapng file in little-endian order: its type and all its bytes.
type Block = (u32, Vec<u8>);

/// Types of blocks.
const ENHANCED_PACKET: u32 = 6;
const DECRYPTION_SECRETS: u32 = 10;

fn sample(name: &str) -> Vec<Block> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let bytes = fs::read(root.join(name).join("capture.pcapng")).unwrap();
    let mut rest = &bytes[..];
    let mut blocks = Vec::new();
    while let Some((head, _)) = rest.split_first_chunk::<8>() {
        let number = |at: usize| u32::from_le_bytes(head[at..at + 4].try_into().unwrap());
        let (block, behind) = rest.split_at(number(4) as usize);
        blocks.push((number(0), block.to_vec()));
        rest = behind;
    }
    blocks
}

/// The blocks without secrets, and the text of the secrets.
fn parted(blocks: Vec<Block>) -> (Vec<Block>, String) {
    let (secrets, others): (Vec<_>, Vec<_>) =
        blocks.into_iter().partition(|(kind, _)| *kind == DECRYPTION_SECRETS);
    let text = |block: &[u8]| {
        let len = u32::from_le_bytes(block[12..16].try_into().unwrap()) as usize;
        String::from_utf8(block[16..16 + len].to_vec()).unwrap()
    };
    (others, secrets.iter().map(|(_, block)| text(block)).collect())
}

/// A folder with a capture and a key log.
struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new(blocks: &[Block], keys: &str) -> Self {
        let bench = Self { folder: tempfile::tempdir().unwrap() };
        let bytes: Vec<u8> = blocks.iter().flat_map(|(_, block)| block.clone()).collect();
        fs::write(bench.path("capture.pcapng"), bytes).unwrap();
        fs::write(bench.path("keys.log"), keys).unwrap();
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whoclosed"));
        command.current_dir(self.folder.path()).args(["--format", "json"]).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn report(&self, arguments: &[&str]) -> Value {
        report(&self.run(arguments))
    }
}

fn report(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The connections, but for where their keys came from.
fn connections(report: &Value) -> Value {
    let mut connections = report["connections"].clone();
    for connection in connections.as_array_mut().unwrap() {
        connection["tls"]["keys_from"] = Value::Null;
    }
    connections
}

const BOTH: [&str; 2] = ["tls13-close-1000", "tls-nginx-idle-at-client"];

/// The cases whose capture holds its secrets.
fn all() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let folders = fs::read_dir(root).unwrap().map(|entry| entry.unwrap());
    let has_capture = folders.filter(|folder| folder.path().join("capture.pcapng").exists());
    let names = has_capture.map(|folder| folder.file_name().into_string().unwrap());
    let found: Vec<_> = names.filter(|name| !parted(sample(name)).1.is_empty()).collect();
    assert!(found.len() > 25);
    found
}

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

/// The line with another secret.
fn spoiled(line: &str) -> String {
    let Some((start, secret)) = line.rsplit_once(' ') else { return line.to_owned() };
    let other = |digit: char| if digit == '0' { '1' } else { '0' };
    format!("{start} {}", secret.chars().map(other).collect::<String>())
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

/// The place of a packet's block.
fn packet(blocks: &[Block], number: u64) -> usize {
    let mut packets = (0..).zip(blocks).filter(|(_, (kind, _))| *kind == ENHANCED_PACKET);
    packets.nth(number as usize - 1).unwrap().0
}

/// The blocks without the packets up to and including that with this number.
fn behind(blocks: &[Block], number: u64) -> Vec<Block> {
    let last = packet(blocks, number);
    let kept = (0..).zip(blocks).filter(|(at, (kind, _))| *at > last || *kind != ENHANCED_PACKET);
    kept.map(|(_, block)| block.clone()).collect()
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
