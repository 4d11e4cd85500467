//! The facts of a connection beside the deciding ones, each only where there is something to say.

use std::io;

use super::super::view::{Connection, Handshake, Heartbeat, Idle, Reset, Seconds, TcpSide};
use super::overview::end;
use super::page::{Names, Page, cell, short, toned};
use super::style::Tone;
use super::units::{count, duration, size};
use super::words;

/// Items of one list that are shown; the JSON report has all.
const LISTED: usize = 5;

/// Characters shown of one header.
const HEADER: usize = 100;

type Facts = Vec<(&'static str, String)>;

/// Writes the facts as names and values.
pub(super) fn write(page: &mut Page<'_>, connection: &Connection) -> io::Result<()> {
    let names = page.names();
    let mut facts = vec![("How it ended", end(connection))];
    if let Some(shake) = &connection.handshake {
        handshake(&mut facts, shake);
    }
    close_reasons(&mut facts, connection, names);
    facts.extend(connection.heartbeats.iter().map(|beat| ("Heartbeat", heartbeat(beat))));
    if connection.kind != "refused_upgrade" {
        facts.push(("Silence", silence(&connection.idle, names)));
    }
    resets(&mut facts, connection, names);
    oddities(&mut facts, connection, names);
    path_health(&mut facts, connection);
    facts.push(("Signature", connection.signature.clone()));
    let row = |(name, value): (&str, String)| vec![toned(name, Tone::Dim), cell(&value)];
    page.grid(facts.into_iter().filter(|(_, value)| !value.is_empty()).map(row).collect())
}

fn handshake(facts: &mut Facts, shake: &Handshake) {
    let words = [shake.method.as_deref(), shake.host.as_deref(), shake.path.as_deref()];
    let request: Vec<&str> = words.into_iter().flatten().collect();
    let status = shake.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    facts.push(("Upgrade", format!("{}, answered {status}", request.join(" "))));
    if let Some(protocol) = &shake.subprotocol {
        facts.push(("Subprotocol", protocol.clone()));
    }
    if shake.accept_valid == Some(false) {
        facts.push(("Upgrade", "Sec-WebSocket-Accept does not fit the key".to_owned()));
    }
    facts.push(("Headers", some(&shake.via, "; ", |via| short(via, HEADER))));
}

fn close_reasons(facts: &mut Facts, connection: &Connection, names: Names) {
    for close in connection.close_frames.iter().take(LISTED) {
        let code = close.code.map_or_else(|| "without a code".to_owned(), |code| code.to_string());
        let name = close.name.as_ref().map_or_else(String::new, |name| format!(" ({name})"));
        let reason = close.reason.as_ref().map_or_else(String::new, |reason| format!(" \"{reason}\""));
        facts.push(("Close", format!("{} {} {code}{name}{reason}", names.packet(close.packet), close.from)));
    }
}

fn heartbeat(beat: &Heartbeat) -> String {
    let inferred = if beat.inferred { ", inferred" } else { "" };
    let mut text = format!(
        "{} from the {}{inferred}: {} sent, {} answered",
        words::heartbeat(beat.kind),
        beat.from,
        beat.sent,
        beat.answered
    );
    if beat.unanswered > 0 {
        text += &format!(", {} not", beat.unanswered);
    }
    if beat.unsolicited > 0 {
        text += &format!(", {} unasked for", beat.unsolicited);
    }
    if let Some(interval) = beat.interval_s {
        text += &format!("; every {}", duration(interval.median));
    }
    if let Some(rtt) = beat.rtt_s {
        text += &format!("; answered after {} (at most {})", duration(rtt.median), duration(rtt.max));
    }
    text
}

fn silence(idle: &Idle, names: Names) -> String {
    let between = match (idle.longest_from, idle.longest_to) {
        (Some(from), Some(to)) => format!(" ({} to {})", names.packet(from), names.packet(to)),
        _ => String::new(),
    };
    let mut text = format!(
        "longest {}{between}; before the end {}",
        duration(idle.longest_s),
        duration(idle.before_end_s)
    );
    let sides =
        [("client", idle.client_silent_s), ("server", idle.server_silent_s), ("TCP", idle.tcp_silent_s)];
    let told: Vec<String> =
        sides.into_iter().filter_map(|(who, span)| Some(format!("{who} {}", duration(span?)))).collect();
    if !told.is_empty() {
        text += &format!(" ({})", told.join(", "));
    }
    text
}

fn resets(facts: &mut Facts, connection: &Connection, names: Names) {
    let end = &connection.tcp_end;
    for reset in end.resets.iter().take(LISTED) {
        facts.push(("RST", describe(reset, names)));
    }
    let shown = end.resets.len().min(LISTED) as u64;
    if end.resets_total > shown {
        facts.push(("RST", format!("and {} more", end.resets_total - shown)));
    }
}

fn describe(reset: &Reset, names: Names) -> String {
    let facts = reset.facts;
    let usual = facts.usual_ttl.map_or_else(String::new, |usual| format!(" (usually {usual})"));
    let ack = if facts.has_ack { "with ACK" } else { "without ACK" };
    let window = match facts.in_window {
        Some(false) => ", outside the window",
        _ => "",
    };
    format!(
        "{} from the {}'s address, {}: TTL {}{usual}, {ack}{window}",
        names.packet(reset.packet),
        reset.from,
        words::plain(reset.role),
        facts.ttl
    )
}

fn oddities(facts: &mut Facts, connection: &Connection, names: Names) {
    let violations = some(&connection.violations, "; ", |each| {
        format!("{} {} {}", names.packet(each.packet), each.from, words::plain(each.kind))
    });
    facts.push(("Violations", violations));
    let unparsed = some(&connection.unparsed, "; ", |each| {
        let until = each.resynced_at.map_or_else(|| "the end".to_owned(), |at| names.packet(at));
        let why = words::plain(each.why);
        format!(
            "{} from the {} ({} to {until}: {why})",
            size(each.bytes),
            each.from,
            names.packet(each.packet)
        )
    });
    facts.push(("Not readable", unparsed));
}

fn path_health(facts: &mut Facts, connection: &Connection) {
    let tcp = &connection.tcp;
    for (who, side) in [("client", &tcp.client), ("server", &tcp.server)] {
        let trouble = trouble(side);
        if !trouble.is_empty() {
            facts.push(("TCP", format!("{who}: {}", trouble.join(", "))));
        }
    }
    if let Some(Seconds(rtt)) = tcp.rtt_s {
        facts.push(("Round trip", duration(Seconds(rtt))));
    }
}

fn trouble(side: &TcpSide) -> Vec<String> {
    let counts = [
        (side.retransmissions, "retransmission"),
        (side.out_of_order, "segment"),
        (side.zero_window, "zero window"),
        (side.keepalive_probes, "keep-alive probe"),
    ];
    let mut trouble: Vec<String> = counts
        .into_iter()
        .filter(|&(number, _)| number > 0)
        .map(|(number, noun)| count(number, noun) + if noun == "segment" { " out of order" } else { "" })
        .collect();
    if side.lost_in_capture_bytes > 0 {
        trouble.push(format!("{} missing from the capture", size(side.lost_in_capture_bytes)));
    }
    trouble
}

/// The first items joined, with a word about how many follow.
fn some<T>(items: &[T], between: &str, text: impl Fn(&T) -> String) -> String {
    let mut texts: Vec<String> = items.iter().take(LISTED).map(text).collect();
    if items.len() > LISTED {
        texts.push(format!("and {} more", items.len() - LISTED));
    }
    texts.join(between)
}
