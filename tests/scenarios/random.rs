//! Any sequence of events, however senseless: what must hold for the verdict on it.

use proptest::prelude::*;

use crate::expect;
use crate::file::{Connection, HostFacts, PathFacts};
use crate::play;

/// What a side can do; the numbers stand for how often it is tried.
const VERBS: [(u32, &str); 24] = [
    (8, "text 20"),
    (3, "text 1400"),
    (3, "ping a"),
    (3, "pong a"),
    (2, "close 1000"),
    (1, "close 1001"),
    (1, "close 1011 \"ping timeout\""),
    (1, "close"),
    (1, "close 1000 masked=yes"),
    (1, "close 1000 masked=no"),
    (3, "fin"),
    (2, "rst"),
    (2, "refuse"),
    (1, "refuse ttl=99"),
    (1, "rst ttl=99 id=4660 !forged"),
    (1, "rst seq=500 !forged"),
    (4, "again"),
    (2, "keepalive"),
    (2, "window 0"),
    (2, "window 500"),
    (2, "gone"),
    (1, "back"),
    (1, "icmp prohibited from=10.0.0.254"),
    (1, "syn"),
];

fn event() -> impl Strategy<Value = String> {
    let verbs: Vec<_> = VERBS.iter().map(|(weight, verb)| (*weight, Just(*verb))).collect();
    let modifiers =
        prop_oneof![8 => Just(""), 1 => Just(" !lost"), 1 => Just(" !unseen"), 1 => Just(" !noack")];
    let gap = prop_oneof![4 => 0.0..0.2_f64, 2 => 0.2..5.0_f64, 1 => 5.0..400.0_f64];
    let side = prop_oneof![Just("client"), Just("server")];
    (gap, side, proptest::strategy::Union::new_weighted(verbs), modifiers)
        .prop_map(|(gap, side, verb, modifier)| format!("{gap} {side} {verb}{modifier}"))
}

/// A script of these events, each so long after the one before.
fn script(opening: &str, events: &[String]) -> String {
    let mut now = 1.0;
    let mut lines = vec![opening.to_owned(), "0.9 client say a".to_owned(), "0.95 server say b".to_owned()];
    for event in events {
        let (gap, rest) = event.split_once(' ').unwrap();
        now += gap.parse::<f64>().unwrap();
        lines.push(format!("{now:.6} {rest}"));
    }
    lines.join("\n")
}

fn connection(script: String, at: &str, ip: [&str; 2]) -> Connection {
    let host = |ip: &str| HostFacts { ip: Some(ip.to_owned()), ..HostFacts::default() };
    Connection {
        script,
        verdict: None,
        path: PathFacts { at: at.to_owned(), ..PathFacts::default() },
        client: host(ip[0]),
        server: host(ip[1]),
        times: 1,
        every: 0.0,
        key: None,
        tls: None,
        file: 0,
    }
}

/// What is wrong with the verdicts on these events.
fn wrong(opening: &str, events: &[String], at: &str, v6: bool) -> Vec<String> {
    let ip = if v6 { ["2001:db8::1", "2001:db8::80"] } else { ["10.0.0.1", "192.0.2.80"] };
    // A router of the other family says nothing.
    let events: Vec<_> = events.iter().filter(|event| !v6 || !event.contains("icmp")).cloned().collect();
    let forged = events.iter().any(|event| event.contains("forged") || event.contains("ttl="));
    let played = play::play(&[connection(script(opening, &events), at, ip)]);
    let mut wrong = Vec::new();
    for connection in &played.report.connections {
        expect::sound(&connection.verdict, played.packets, &mut wrong);
        let accuses = connection.verdict.party == "injector" && connection.verdict.confidence == "high";
        if accuses && !forged {
            wrong.push(format!("accuses without reason: {}", connection.verdict.summary));
        }
    }
    wrong
}

/// How many are tried: `PROPTEST_CASES`, or enough for every day.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(256)
}

/// Scripts on which a verdict was not sound once.
#[test]
fn what_was_found_once_is_sound() {
    let found: [&[&str]; 2] = [
        &["3.99 client rst", "53.81 server close 1000", "0.06 client text 20"],
        // The second connection of the same ports begins with its RSTs: there is nothing to compare them with.
        &[
            "0 client gone",
            "0 client rst",
            "0 client syn",
            "0 client rst !noack",
            "0 server text 1400",
            "0 client rst",
            "0 client text 20",
        ],
    ];
    for events in found {
        let events: Vec<_> = events.iter().map(|&event| event.to_owned()).collect();
        let wrong = wrong("0 - open", &events, "client", false);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_events_have_a_sound_verdict(
        opening in prop_oneof![3 => Just("0 - open"), 1 => Just("0 - connect"), 1 => Just("0 client ack")],
        events in prop::collection::vec(event(), 0..40),
        at in prop_oneof![Just("client"), Just("server"), Just("between")],
        v6 in any::<bool>(),
    ) {
        let wrong = wrong(opening, &events, at, v6);
        prop_assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
