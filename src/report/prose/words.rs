//! The contract's words in plain English.

use std::collections::BTreeMap;

use super::super::units::grouped;
use super::super::view::{CloseFrame, Connection, Verdict};

/// A word of a vocabulary without its underscores.
pub(in crate::report) fn plain(word: &str) -> String {
    match word {
        "tls_failure" => "TLS failure".to_owned(),
        word => word.replace('_', " "),
    }
}

/// What a record suggests.
pub(in crate::report) fn inferred(word: &str) -> &str {
    match word {
        "upgrade" => "probably the 101",
        "close" => "probably a Close",
        "close_echo" => "probably its echo",
        "alert" => "probably close_notify",
        other => other,
    }
}

/// How the end looked.
pub(in crate::report) fn mechanism(word: &str) -> String {
    match word {
        "close_handshake" => "Close handshake".to_owned(),
        "close_unanswered" => "Close, unanswered".to_owned(),
        "fin_without_close" => "FIN without Close".to_owned(),
        "rst_without_close" => "RST without Close".to_owned(),
        "refused_upgrade" => "upgrade refused".to_owned(),
        "http2_stream_reset" => "HTTP/2 stream reset".to_owned(),
        "tls_alert" => "TLS alert".to_owned(),
        "not_captured" => "end not captured".to_owned(),
        other => plain(other),
    }
}

/// `the client`, `an intermediary` …
pub(in crate::report) fn party(word: &str) -> String {
    match word {
        "intermediary" => "an intermediary".to_owned(),
        "injector" => "someone who forged packets".to_owned(),
        "none" => "nobody yet".to_owned(),
        "unknown" => "an unknown party".to_owned(),
        other => format!("the {}", plain(other)),
    }
}

/// What a confidence means.
pub(in crate::report) fn confidence(word: &str) -> String {
    match word {
        "high" => "high: the packets leave no other reasonable reading".to_owned(),
        "medium" => "medium: the usual reading, another exists".to_owned(),
        "low" => "low: a lead, no more".to_owned(),
        other => other.to_owned(),
    }
}

/// `client → … ← server`: the sender with the way its packets go.
pub(in crate::report) fn side(word: Option<&str>) -> String {
    match word {
        Some("server") => "← server".to_owned(),
        Some(side) => format!("{side} →"),
        None => String::new(),
    }
}

/// `intermediary: idle timeout (medium)`.
pub(in crate::report) fn verdict(verdict: &Verdict) -> String {
    let confidence = verdict.confidence;
    match (verdict.party, verdict.cause) {
        ("none", _) => "still open".to_owned(),
        ("unknown", "unknown") => "unknown".to_owned(),
        (party, "unknown") => format!("{} ({confidence})", plain(party)),
        (party, cause) => format!("{}: {} ({confidence})", plain(party), plain(cause)),
    }
}

/// How worrying a verdict is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::report) enum Mood {
    /// Nothing has ended.
    Open,
    /// It ended as it should.
    Good,
    /// Nobody can tell.
    Unclear,
    /// It was cut.
    Bad,
}

/// How worrying this one is.
pub(in crate::report) fn mood(verdict: &Verdict) -> Mood {
    match (verdict.party, verdict.cause) {
        ("none", _) => Mood::Open,
        (_, "normal" | "going_away") => Mood::Good,
        ("unknown", _) | (_, "unknown") => Mood::Unclear,
        _ => Mood::Bad,
    }
}

/// `client 1000, server 1000`, each side's first Close.
pub(in crate::report) fn closes(connection: &Connection) -> String {
    let code = |close: &CloseFrame| {
        let code = match (close.code, &close.name) {
            (Some(code), _) => code.to_string(),
            (None, Some(_)) => "not captured".to_owned(),
            (None, None) => "no code".to_owned(),
        };
        format!("{} {code}", close.from)
    };
    let first = |from: &str| connection.close_frames.iter().find(|close| close.from == from);
    let mut firsts: Vec<&CloseFrame> = [first("client"), first("server")].into_iter().flatten().collect();
    firsts.sort_by_key(|close| (close.time, close.packet));
    let texts: Vec<String> = firsts.into_iter().map(code).collect();
    texts.join(", ")
}

/// `3/4`: heartbeats answered of those sent, of the kind that comes first.
pub(in crate::report) fn pings(connection: &Connection) -> String {
    let of = |kind: &str| {
        let beats = connection.heartbeats.iter().filter(|beat| beat.kind == kind);
        beats.fold((0, 0), |(sent, answered), beat| (sent + beat.sent, answered + beat.answered))
    };
    let is_unheard = connection.unseen().is_some();
    match (of("ping_pong"), of("tls_inferred")) {
        ((0, _), (0, _)) => "none".to_owned(),
        ((0, _), (sent, answered)) => format!("inferred {answered} of {sent}"),
        ((sent, _), _) if is_unheard => format!("{sent} sent"),
        ((sent, answered), _) => format!("{answered} of {sent}"),
    }
}

/// The counts of a map, largest first, each as `label`.
pub(in crate::report) fn tally<K: Ord + AsRef<str>>(map: &BTreeMap<K, u64>) -> Vec<(&str, u64)> {
    let mut counts: Vec<(&str, u64)> = map.iter().map(|(word, &count)| (word.as_ref(), count)).collect();
    counts.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    counts
}

/// What `number` heartbeats are.
pub(in crate::report) fn heartbeat(word: &str, number: u64) -> String {
    let noun = match word {
        "ping_pong" => "WebSocket ping".to_owned(),
        "tcp_keepalive" => "TCP keep-alive probe".to_owned(),
        "tls_inferred" => "TLS heartbeat".to_owned(),
        other => format!("{} heartbeat", protocol(other)),
    };
    if number == 1 { noun } else { format!("{noun}s") }
}

/// The name of a protocol as its own documents write it.
fn protocol(word: &str) -> String {
    match word {
        "engine_io" => "Engine.IO".to_owned(),
        "signalr" => "SignalR".to_owned(),
        "graphql_ws" => "graphql-ws".to_owned(),
        "stomp" => "STOMP".to_owned(),
        "phoenix" => "Phoenix".to_owned(),
        "action_cable" => "Action Cable".to_owned(),
        "mqtt" => "MQTT".to_owned(),
        "sockjs" => "SockJS".to_owned(),
        "json_periodic" => "JSON".to_owned(),
        "centrifugo" => "Centrifugo".to_owned(),
        "discord" => "Discord".to_owned(),
        "pusher" => "Pusher".to_owned(),
        "twitch_eventsub" => "Twitch EventSub".to_owned(),
        other => plain(other),
    }
}

/// `once`, `twice`, `3 times`.
pub(in crate::report) fn times(number: u64) -> String {
    match number {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{} times", grouped(more)),
    }
}

/// What joins the legs of a session.
pub(in crate::report) fn joined_by(word: &str) -> String {
    match word {
        "sec_websocket_key" => "the same Sec-WebSocket-Key".to_owned(),
        "same_flow" => "the same addresses and ports".to_owned(),
        "timing" => "the same times".to_owned(),
        other => plain(other),
    }
}

/// What happened so many times.
pub(in crate::report) fn events(word: &str, number: u64) -> String {
    match (word, number) {
        ("tls_data", 1) => "stretch of TLS data".to_owned(),
        ("tls_data", _) => "stretches of TLS data".to_owned(),
        (word, 1) => event(word),
        (word, _) => format!("{}s", event(word)),
    }
}

/// What happened.
pub(in crate::report) fn event(word: &str) -> String {
    match word {
        "syn" => "SYN".to_owned(),
        "fin" => "FIN".to_owned(),
        "rst" => "RST".to_owned(),
        "close" => "Close".to_owned(),
        "tls_alert" => "TLS alert".to_owned(),
        "tls_hello" => "TLS hello".to_owned(),
        "tls_established" => "TLS".to_owned(),
        "tls_data" => "TLS data".to_owned(),
        "tls_inferred" => "inferred".to_owned(),
        "keepalive_probe" => "keep-alive probe".to_owned(),
        "syn_on_open_connection" => "SYN on an open connection".to_owned(),
        other => plain(other),
    }
}
