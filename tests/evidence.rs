//! `--write-evidence`: the packets that prove a verdict, as a file that stands on its own.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use common::compress::METHODS;
use common::encode::{ETHERNET, Encoding};
use common::sample::Sample;
use common::session::{Packet, Session, Side, close, frame};
use common::wrap::{TUNNELS, fragments};

fn whoclosed(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_whoclosed")).args(arguments).output().unwrap()
}

fn report(paths: &[&Path]) -> Value {
    let paths = paths.iter().map(|path| path.to_str().unwrap());
    let arguments: Vec<&str> = ["--format", "json"].into_iter().chain(paths).collect();
    serde_json::from_slice(&whoclosed(&arguments).stdout).unwrap()
}

/// The evidence in `folder`, by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Whose each connection is, and what is concluded of it.
fn verdicts(report: &Value) -> Vec<String> {
    let line = |each: &Value| {
        let verdict = &each["verdict"];
        format!(
            "{}→{} {} {} {} {}",
            each["client"],
            each["server"],
            verdict["observed"]["closer"],
            verdict["observed"]["mechanism"],
            verdict["party"],
            verdict["cause"]
        )
    };
    let mut lines: Vec<String> = report["connections"].as_array().unwrap().iter().map(line).collect();
    lines.sort();
    lines
}

fn write(captures: &[&Path], place: &Path, arguments: &[&str]) -> Output {
    let captures = captures.iter().map(|path| path.to_str().unwrap());
    let all: Vec<&str> = ["--write-evidence", place.to_str().unwrap()]
        .into_iter()
        .chain(arguments.iter().copied())
        .chain(captures)
        .collect();
    whoclosed(&all)
}

#[test]
fn the_evidence_of_every_sample_leads_to_the_same_verdict() {
    let (mut wrong, mut sections) = (Vec::new(), Vec::new());
    for sample in Sample::all() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("evidence");
        let path = sample.path();
        let output = write(&[&path], &place, &["--evidence-keys"]);
        let errors = String::from_utf8_lossy(&output.stderr);
        let files = files(&place);
        let mut found: Vec<String> = files.iter().flat_map(|file| verdicts(&report(&[file]))).collect();
        found.sort();
        let wanted = verdicts(&report(&[&path]));
        if found != wanted {
            wrong.push(format!("{}:\n  {wanted:?}\n  {found:?}\n  {errors}", sample.name));
        }
        files.iter().for_each(|file| sections.extend(fs::read(file).unwrap()));
    }
    // Sections of pcapng one after the other are one file, which tshark reads at once.
    let all = tempfile::NamedTempFile::new().unwrap();
    fs::write(all.path(), sections).unwrap();
    wrong.extend(tshark_complains(&[all.path().to_owned()]));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What tshark finds wrong with these files, or that it shows no comments.
fn tshark_complains(files: &[PathBuf]) -> Option<String> {
    Command::new("tshark").arg("--version").output().ok()?;
    files.iter().find_map(|file| {
        let output = Command::new("tshark")
            .args(["-T", "fields", "-e", "_ws.malformed", "-e", "frame.comment", "-r"])
            .arg(file)
            .output()
            .unwrap();
        let (text, errors) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let errors: Vec<&str> = errors.lines().filter(|line| !line.starts_with("Running as user")).collect();
        let bare = text.lines().find(|line| line.starts_with(|c| c != '\t') || !line.contains("packet "));
        match (output.status.success() && errors.is_empty(), bare) {
            (false, _) => Some(format!("tshark: {errors:?}")),
            (_, Some(line)) => Some(format!("malformed or without comment: {line}")),
            _ if text.is_empty() => Some("no packets".to_owned()),
            _ => None,
        }
    })
}

#[test]
fn the_evidence_does_not_depend_on_what_the_report_shows() {
    let path = Sample::named("server-stop-three-clients").path();
    let kept = |arguments: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("evidence");
        assert!(write(&[&path], &place, arguments).status.success());
        files(&place).iter().map(|file| packets(file)).collect::<Vec<_>>()
    };
    assert_eq!(kept(&["--limit", "0"]), kept(&["--format", "json"]));
}

/// A long conversation of which little matters.
fn long() -> Vec<Packet> {
    let mut session = Session::open(&|whole| vec![whole]);
    for number in 0..2000_u32 {
        session.say(Side::Client, &frame(Side::Client, 0x82, &number.to_be_bytes()));
    }
    session.wait(30);
    session.say(Side::Server, &frame(Side::Server, 0x88, &close(1011, "keepalive ping timeout")));
    session.fin(Side::Server);
    session.into_packets()
}

fn capture_in(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn packets(path: &Path) -> u64 {
    report(&[path])["captures"][0]["packets"].as_u64().unwrap()
}

#[test]
fn little_is_kept_of_much() {
    let folder = tempfile::tempdir().unwrap();
    let whole = long();
    let capture = capture_in(folder.path(), "a.pcap", &Encoding::USUAL.file(&whole));
    let place = |name: &str| folder.path().join(name);
    assert!(write(&[&capture], &place("least.pcapng"), &[]).status.success());
    assert!(write(&[&capture], &place("full.pcapng"), &["--evidence", "full"]).status.success());
    assert!(packets(&place("least.pcapng")) < 600, "{}", packets(&place("least.pcapng")));
    assert_eq!(packets(&place("full.pcapng")), whole.len() as u64);
    for name in ["least.pcapng", "full.pcapng"] {
        assert_eq!(verdicts(&report(&[&place(name)])), verdicts(&report(&[&capture])), "{name}");
    }
}

#[test]
fn any_input_can_be_proved() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = Session::open(&|whole| vec![whole]);
    session.say(Side::Server, &frame(Side::Server, 0x89, b"ping"));
    session.say(Side::Client, &frame(Side::Client, 0x8a, b"ping"));
    session.say(Side::Client, &frame(Side::Client, 0x88, &close(1001, "")));
    session.fin(Side::Client);
    let plain = session.into_packets();
    let file = |packets: &[Packet]| Encoding::USUAL.file_of(ETHERNET, packets);
    let mut captures: Vec<Vec<PathBuf>> = Vec::new();
    for method in METHODS {
        captures.push(vec![capture_in(folder.path(), method.name, &(method.compress)(&file(&plain)))]);
    }
    for (index, tunnel) in TUNNELS.iter().enumerate() {
        let wrapped: Vec<Packet> = plain
            .iter()
            .map(|each| Packet { data: (tunnel.wrap)(&each.data[14..]), ..each.clone() })
            .collect();
        captures.push(vec![capture_in(folder.path(), &format!("tunnel{index}x"), &file(&wrapped))]);
    }
    let halves = plain.split_at(plain.len() / 2);
    captures.push(vec![
        capture_in(folder.path(), "part0.pcap", &file(halves.0)),
        capture_in(folder.path(), "part1.pcap", &file(halves.1)),
    ]);
    let pieces = plain.iter().flat_map(|each| {
        fragments(&each.data[14..], 24)
            .into_iter()
            .map(|data| Packet { nanos: each.nanos, data })
            .collect::<Vec<_>>()
    });
    captures.push(vec![capture_in(folder.path(), "fragments.pcap", &file(&pieces.collect::<Vec<_>>()))]);
    for (index, paths) in captures.iter().enumerate() {
        let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
        let place = folder.path().join(format!("evidence-{index}.pcapng"));
        let output = write(&paths, &place, &[]);
        assert!(output.status.success() && output.stderr.is_empty(), "{paths:?}: {output:?}");
        assert_eq!(verdicts(&report(&[&place])), verdicts(&report(&paths)), "{paths:?}");
    }
}

#[test]
fn payload_and_addresses_go_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let capture = Sample::named("ipv6-close-1000").path();
    let bytes = |name: &str, arguments: &[&str]| {
        let place = folder.path().join(name);
        let output = write(&[&capture], &place, arguments);
        assert!(output.status.success(), "{output:?}");
        fs::read(place).unwrap()
    };
    let has = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    let address = "fd77:0:0:2::2".parse::<std::net::Ipv6Addr>().unwrap().octets();
    let whole = bytes("whole.pcapng", &[]);
    assert!(has(&whole, b"Sec-WebSocket-Key") && has(&whole, &address));
    let headers = bytes("headers.pcapng", &["--evidence-snaplen", "headers"]);
    assert!(!has(&headers, b"Sec-WebSocket-Key") && has(&headers, &address));
    let redacted = bytes("redacted.pcapng", &["--redact"]);
    assert!(!has(&redacted, b"Sec-WebSocket-Key") && !has(&redacted, &address[..8]));
    assert!(!has(&redacted, b"fd77") && !has(&redacted, b"/live") && !has(&redacted, b"ipv6-close"));
    if Command::new("tshark").arg("--version").output().is_ok() {
        for sample in ["ipv6-close-1000", "nginx-idle-at-proxy"] {
            checksums_hold(sample, folder.path());
        }
    }
}

/// Lets tshark check every checksum of redacted evidence.
fn checksums_hold(sample: &str, folder: &Path) {
    let place = folder.join(format!("{sample}-sums.pcapng"));
    let output = write(&[&Sample::named(sample).path()], &place, &["--redact"]);
    assert!(output.status.success(), "{output:?}");
    let output = Command::new("tshark")
        .args(["-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-T", "fields"])
        .args(["-e", "ip.checksum.status", "-e", "tcp.checksum.status", "-e", "_ws.malformed", "-r"])
        .arg(&place)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!text.is_empty());
    for line in text.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        // 0 is bad; what is cut is not checked (2), as the payload that it covers is gone.
        assert!(cells[0] != "0" && cells[1] != "0" && cells[2].is_empty(), "{sample}: {line}");
    }
}

#[test]
fn credentials_are_hidden_even_in_whole_packets() {
    let folder = tempfile::tempdir().unwrap();
    let headers =
        "Cookie: a=cookie-secret\r\nAuthorization: Basic basic-secret\r\nSet-Cookie: s=back-secret\r\n";
    let in_two = |whole: common::session::Segment| {
        let half = whole.bytes.len() / 2;
        let (first, second) = whole.bytes.split_at(half);
        let part = |offset, bytes: &[u8]| common::session::Segment {
            offset,
            bytes: bytes.to_vec(),
            ..whole.clone()
        };
        vec![part(0, first), part(half, second)]
    };
    let mut session = Session::upgraded("/live?token=query-secret", headers, &in_two);
    session.say(Side::Server, &frame(Side::Server, 0x88, &close(1000, "over")));
    session.fin(Side::Server);
    let capture = capture_in(folder.path(), "a.pcap", &Encoding::USUAL.file(&session.into_packets()));
    let place = folder.path().join("a.pcapng");
    let output = write(&[&capture], &place, &["--evidence", "full"]);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let bytes = fs::read(&place).unwrap();
    for secret in ["cookie-secret", "basic-secret", "back-secret", "query-secret", "-secret"] {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
    }
    assert_eq!(verdicts(&report(&[&place])), verdicts(&report(&[&capture])));
}

#[test]
fn secrets_come_only_when_asked_for_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let capture = Sample::named("tls13-close-1000").path();
    let has_secrets = |name: &str, arguments: &[&str]| {
        let place = folder.path().join(name);
        let output = write(&[&capture], &place, arguments);
        assert!(output.status.success(), "{output:?}");
        fs::read(place).unwrap().windows(13).any(|window| window == b"CLIENT_TRAFFI")
    };
    assert!(!has_secrets("without.pcapng", &[]));
    assert!(has_secrets("with.pcapng", &["--evidence-keys"]));
    let refused = write(&[&capture], &folder.path().join("no.pcapng"), &["--evidence-keys", "--redact"]);
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn nothing_is_overwritten_and_nothing_is_left_half_written() {
    let folder = tempfile::tempdir().unwrap();
    let capture = Sample::named("close-1000-by-client").path();
    let place = folder.path().join("a.pcapng");
    fs::write(&place, "mine").unwrap();
    let refused = write(&[&capture], &place, &[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--force"), "{refused:?}");
    assert!(!refused.stdout.is_empty(), "the report itself is written");
    assert_eq!(fs::read(&place).unwrap(), b"mine");
    assert!(write(&[&capture], &place, &["--force"]).status.success());
    assert!(packets(&place) > 3);

    let nowhere = write(&[&capture], &folder.path().join("no/such/a.pcapng"), &[]);
    assert_eq!(nowhere.status.code(), Some(1));
    let a_file = write(&[&capture], &place.join("folder"), &[]);
    assert_eq!(a_file.status.code(), Some(1));
    let own = folder.path().join("own.pcapng");
    fs::copy(&place, &own).unwrap();
    let input = write(&[&own], &own, &["--force"]);
    assert_eq!(input.status.code(), Some(1));
    assert_eq!(fs::read(&own).unwrap(), fs::read(&place).unwrap());
    let stdin = whoclosed(&["--write-evidence", place.to_str().unwrap(), "-"]);
    assert_eq!(stdin.status.code(), Some(2));
    let names: Vec<PathBuf> = files(folder.path());
    assert_eq!(names, [place, own]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_and_leaves_nothing() {
    // A limit on the size of files is met in the way that a full disk is.
    let folder = tempfile::tempdir().unwrap();
    let capture = Sample::named("nginx-idle-three-clients").path();
    let script = "ulimit -f 1; trap '' XFSZ; exec \"$0\" --quiet --write-evidence \"$1\" \"$2\"";
    let output = Command::new("bash")
        .args(["-c", script, env!("CARGO_BIN_EXE_whoclosed")])
        .arg(folder.path().join("a.pcapng"))
        .arg(&capture)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(files(folder.path()), Vec::<PathBuf>::new());
}
