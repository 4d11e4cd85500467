//! Where to look in Wireshark: its filters show the packets of one connection and no others.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use common::encode::{ETHERNET, Encoding};
use common::sample::Sample;
use common::session::{Packet, Session, Side, close, frame};
use common::wrap::TUNNELS;

/// Ports used again, several connections at once, IPv6, two interfaces, no beginning, copies, losses,
/// forged packets, TLS, both legs of a proxy.
const SAMPLES: [&str; 11] = [
    "port-reuse",
    "two-websockets-and-http",
    "nginx-idle-three-clients",
    "ipv6-close-1000",
    "any-interface-at-server",
    "midstream-start",
    "capture-lossy",
    "rst-forged-at-client",
    "tls-nginx-idle-at-client",
    "nginx-idle-at-proxy",
    "black-hole-at-client",
];

fn has_tshark() -> bool {
    let there = Command::new("tshark").arg("--version").output().is_ok();
    if !there {
        println!("skipped: tshark is not installed");
    }
    there
}

/// What tshark prints of the packets that a filter selects.
fn tshark(capture: &Path, filter: &str, fields: &[&str]) -> Vec<Vec<String>> {
    let mut command = Command::new("tshark");
    command.arg("-r").arg(capture).args(["-Y", filter, "-T", "fields"]);
    fields.iter().for_each(|field| {
        command.args(["-e", field]);
    });
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{filter}: {errors}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

fn numbers(capture: &Path, filter: &str) -> BTreeSet<u64> {
    tshark(capture, filter, &["frame.number"]).iter().map(|cells| cells[0].parse().unwrap()).collect()
}

fn report(capture: &Path) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_whoclosed"))
        .args(["--format", "json"])
        .arg(capture)
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

fn connections(report: &Value) -> &Vec<Value> {
    report["connections"].as_array().unwrap()
}

fn filter(connection: &Value) -> &str {
    connection["wireshark"]["filter"].as_str().unwrap()
}

/// Every packet number in a value, wherever it stands.
fn packets_in(value: &Value, found: &mut BTreeSet<u64>) {
    match value {
        Value::Object(fields) => {
            if let (Some(packet), Some(_)) =
                (fields.get("packet").and_then(Value::as_u64), fields.get("file"))
            {
                found.insert(packet);
            }
            fields.values().for_each(|each| packets_in(each, found));
        }
        Value::Array(items) => items.iter().for_each(|each| packets_in(each, found)),
        _ => (),
    }
}

/// Looks at a capture of one file; says what is wrong.
fn check(name: &str, capture: &Path, wrong: &mut Vec<String>) {
    let report = report(capture);
    let streams = tshark(capture, "tcp", &["frame.number", "tcp.stream"]);
    // An ICMP error has the stream's segment in it and none of its own.
    let of_stream = |stream: &str| -> BTreeSet<u64> {
        streams.iter().filter(|cells| cells[1] == stream).map(|cells| cells[0].parse().unwrap()).collect()
    };
    for connection in connections(&report) {
        let mut told = BTreeSet::new();
        packets_in(connection, &mut told);
        let opening = told.first().unwrap().to_string();
        let stream = streams.iter().find(|cells| cells[0] == opening).unwrap()[1].as_str();
        let (shown, wanted) = (numbers(capture, filter(connection)), of_stream(stream));
        if shown != wanted {
            wrong.push(format!("{name} {}: {shown:?} instead of {wanted:?}", connection["id"]));
        }
        if !told.is_subset(&shown) {
            wrong
                .push(format!("{name} {}: the report names {told:?}, {shown:?} are shown", connection["id"]));
        }
        let key = connection["wireshark"]["packets"][0]["filter"].as_str().unwrap();
        let key = numbers(capture, key);
        let mut cited = BTreeSet::new();
        packets_in(&connection["verdict"]["evidence"], &mut cited);
        if !cited.is_subset(&key) || !key.is_subset(&told) {
            wrong.push(format!("{name} {}: {key:?} are shown for {cited:?}", connection["id"]));
        }
    }
}

#[test]
fn a_filter_shows_the_packets_of_its_connection_and_no_others() {
    if !has_tshark() {
        return;
    }
    let mut wrong = Vec::new();
    for name in SAMPLES {
        check(name, &Sample::named(name).path(), &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn session() -> Vec<Packet> {
    let mut session = Session::open(&|whole| vec![whole]);
    session.say(Side::Server, &frame(Side::Server, 0x88, &close(1000, "")));
    session.say(Side::Client, &frame(Side::Client, 0x88, &close(1000, "")));
    session.fin(Side::Server);
    session.fin(Side::Client);
    session.into_packets()
}

/// The packets with addresses and ports changed: `change` is given the whole frame.
fn changed(packets: &[Packet], change: impl Fn(&mut [u8])) -> Vec<Packet> {
    let each = |packet: &Packet| {
        let mut packet = packet.clone();
        change(&mut packet.data);
        packet
    };
    packets.iter().map(each).collect()
}

#[test]
fn ends_that_look_alike_are_told_apart() {
    if !has_tshark() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let plain = session();
    // One host with both ends, beside a connection of its that only has the same ports; then equal ports.
    let one_host = changed(&plain, |data| (data[29], data[33]) = (1, 1));
    let other_host = changed(&plain, |data| {
        data[29] = if data[29] == 2 { 3 } else { 1 };
        data[33] = if data[33] == 2 { 3 } else { 1 };
    });
    let one_port = changed(&plain, |data| {
        data[34..38].copy_from_slice(&[0, 80, 0, 80]);
    });
    let files = [[one_host, other_host.clone()].concat(), [one_port, other_host].concat()];
    let mut wrong = Vec::new();
    for (index, mut packets) in files.into_iter().enumerate() {
        packets.sort_by_key(|packet| packet.nanos);
        let capture = folder.path().join(format!("{index}.pcap"));
        fs::write(&capture, Encoding::USUAL.file(&packets)).unwrap();
        assert_eq!(connections(&report(&capture)).len(), 2);
        check(&format!("alike {index}"), &capture, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_connection_in_a_tunnel_is_found_by_its_own_ends() {
    if !has_tshark() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let plain = session();
    for wanted in ["vlan:7", "gre:42", "mpls:1", "ip-in-ip"] {
        let tunnel = TUNNELS.iter().find(|tunnel| tunnel.names == [wanted]).unwrap();
        let wrap = |each: &Packet| Packet { data: (tunnel.wrap)(&each.data[14..]), ..each.clone() };
        let wrapped: Vec<Packet> = plain.iter().map(wrap).collect();
        let capture = folder.path().join("tunnel.pcap");
        fs::write(&capture, Encoding::USUAL.file_of(ETHERNET, &wrapped)).unwrap();
        let report = report(&capture);
        let all: BTreeSet<u64> = (1..=wrapped.len() as u64).collect();
        assert_eq!(numbers(&capture, filter(&connections(&report)[0])), all, "{wanted}");
    }
}

#[test]
fn redacted_filters_fit_redacted_evidence() {
    if !has_tshark() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("evidence.pcapng");
    for name in ["port-reuse", "ipv6-close-1000"] {
        let sample = Sample::named(name);
        let evidence = ["--write-evidence", place.to_str().unwrap(), "--evidence", "full", "--force"];
        let arguments = [&["--redact", "--format", "json"], &evidence[..]].concat();
        let report: Value = serde_json::from_slice(&sample.run(&arguments).stdout).unwrap();
        let plain = sample.run(&["--format", "json"]);
        let plain: Value = serde_json::from_slice(&plain.stdout).unwrap();
        for (redacted, plain) in connections(&report).iter().zip(connections(&plain)) {
            assert_ne!(filter(redacted), filter(plain));
            let (here, there) = (numbers(&place, filter(redacted)), numbers(&sample.path(), filter(plain)));
            assert_eq!(here.len(), there.len(), "{name}");
            assert!(!here.is_empty());
        }
    }
}
