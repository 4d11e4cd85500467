//! The facts of a connection beside the deciding ones, each only where there is something to say.

use super::super::escape::escape as short;
use super::super::units::{count, duration, measured, size};
use super::super::view::{
    Connection, Handshake, Heartbeat, Http2EndFrame, Idle, Reset, Seconds, Spread, TcpSide, Unparsed, Word,
};
use super::names::{Names, end};
use super::remarks::names_of;
use super::{phrases, words};

/// Items of one list that are shown; the JSON report has all.
const LISTED: usize = 5;

/// Characters shown of one header.
const HEADER: usize = 100;

/// Characters shown of the path, so that what follows it is shown too.
const PATH: usize = 200;

/// Names and values.
pub(in crate::report) type Facts = Vec<(&'static str, String)>;

/// The facts as names and values.
pub(in crate::report) fn facts(connection: &Connection, names: Names) -> Facts {
    let mut facts = vec![("How it ended", end(connection)), ("Names", names_of(connection))];
    tls(&mut facts, connection);
    if let Some(shake) = &connection.handshake {
        handshake(&mut facts, shake);
    }
    http2(&mut facts, connection, names);
    close_reasons(&mut facts, connection, names);
    let seen = connection.heartbeats.iter().filter(|beat| !beat.inferred);
    facts.extend(seen.map(|beat| ("Heartbeat", heartbeat(connection, beat))));
    facts.push(("Silence", silence(connection, names)));
    resets(&mut facts, connection, names);
    oddities(&mut facts, connection, names);
    path_health(&mut facts, connection);
    facts.push(("Signature", connection.signature.clone()));
    facts.retain(|(_, value)| !value.is_empty());
    facts
}

fn handshake(facts: &mut Facts, shake: &Handshake) {
    let path = shake.path.as_ref().map(|path| short(path, PATH));
    let words = [shake.method.as_deref(), shake.host.as_deref(), path.as_deref()];
    let mut request: Vec<&str> = words.into_iter().flatten().collect();
    if request.is_empty() {
        request.push("request not in the capture");
    }
    let status = shake.status.map_or_else(|| "no answer".to_owned(), |status| format!("answered {status}"));
    let mut upgrade = vec![request.join(" "), status];
    upgrade.extend(shake.extensions.iter().map(|each| extension(each)));
    upgrade.extend(shake.subprotocol.iter().map(|name| format!("subprotocol {name}")));
    facts.push(("Upgrade", upgrade.join(", ")));
    if shake.accept_valid == Some(false) {
        facts.push(("Upgrade", "Sec-WebSocket-Accept does not fit the key".to_owned()));
    }
    let mut headers: Vec<&String> = Vec::new();
    for header in &shake.via {
        if !headers.contains(&header) {
            headers.push(header);
        }
    }
    facts.push(("Headers", some(&headers, "; ", |header| short(header, HEADER))));
}

/// The stream, and the frames that ended it or announced an end.
fn http2(facts: &mut Facts, connection: &Connection, names: Names) {
    let (Some(stream), Some(end)) = (connection.http2_stream, &connection.http2_end) else { return };
    let said = |each: &Http2EndFrame| {
        let by = each.by.to_ascii_uppercase();
        let error = each.error.as_ref().map_or_else(String::new, |error| format!(" {error}"));
        format!("{} {} {by}{error}", names.packet(each.packet), each.from)
    };
    let frames = end.ends.iter().chain(&end.go_aways).take(LISTED).map(said);
    let parts: Vec<_> = std::iter::once(format!("stream {stream}")).chain(frames).collect();
    facts.push(("HTTP/2", parts.join(", ")));
}

fn tls(facts: &mut Facts, connection: &Connection) {
    let Some(tls) = &connection.tls else { return };
    let said = |what: &Option<String>| what.iter().cloned().collect::<Vec<_>>();
    let mut parts = [said(&tls.version), said(&tls.cipher)].concat();
    parts.extend(tls.sni.iter().map(|name| format!("for {name}")));
    let opened = match tls.keys_from {
        Some("dsb") => "read with the capture's own secrets",
        Some(_) => "read with the key log",
        None => "not read",
    };
    parts.push(opened.to_owned());
    if tls.found_at_record.is_some() {
        parts.push("found without its handshake".to_owned());
    }
    let why = tls.not_decrypted.as_ref().map(|why| format!(": {}", clause(why.text)));
    facts.push(("TLS", parts.join(", ") + &why.unwrap_or_default()));
    if !tls.alpn_offered.is_empty() {
        facts.push((
            "TLS",
            format!("the client offers {}", some(&tls.alpn_offered, ", ", |name| short(name, HEADER))),
        ));
    }
}

/// A sentence as a part of another one.
fn clause(sentence: &str) -> String {
    let (first, rest) = sentence.split_at(sentence.chars().next().map_or(0, char::len_utf8));
    first.to_lowercase() + rest.trim_end_matches('.')
}

/// The name of an extension; the JSON report has its parameters.
fn extension(text: &str) -> String {
    text.split(';').next().unwrap_or(text).to_owned()
}

fn close_reasons(facts: &mut Facts, connection: &Connection, names: Names) {
    for close in connection.close_frames.iter().take(LISTED) {
        let name = close.name.as_deref();
        let code = match (close.code, name) {
            (Some(code), Some(name)) => format!("{code} ({name})"),
            (Some(code), None) => code.to_string(),
            (None, Some(_)) => "with a code that is not in the capture".to_owned(),
            (None, None) => "without a code".to_owned(),
        };
        let reason = close.reason.as_ref().map_or_else(String::new, |reason| format!(" \"{reason}\""));
        facts.push(("Close", format!("{} {} {code}{reason}", names.packet(close.packet), close.from)));
    }
}

/// How often a side sent what, and what came back.
pub(in crate::report) fn heartbeat(connection: &Connection, beat: &Heartbeat) -> String {
    let is_heard = connection.unseen().is_none_or(|unseen| unseen == beat.from);
    let inferred = if beat.inferred { ", inferred" } else { "" };
    let mut text = if beat.sent == 0 {
        unasked(beat, is_heard)
    } else {
        let what = words::heartbeat(beat.kind, beat.sent);
        let answers = match is_heard {
            true => format!("{} answered", beat.answered),
            false => "the answers are not in the capture".to_owned(),
        };
        format!("{what} from the {}{inferred}: {} sent, {answers}", beat.from, beat.sent)
    };
    if beat.unanswered > 0 && beat.answered > 0 && is_heard {
        text += &format!(", {} not", beat.unanswered);
    }
    if beat.unsolicited > 0 && beat.sent > 0 {
        text += &format!("; {}", unasked(beat, is_heard));
    }
    if let Some(interval) = beat.interval_s {
        text += &format!("; every {}", duration(interval.median));
    }
    text += &beat.rtt_s.map_or_else(String::new, answers);
    text + &beat.why.as_ref().map_or_else(String::new, |why| format!(" ({why})"))
}

/// `2 pongs from the client that answer no ping`.
fn unasked(beat: &Heartbeat, is_heard: bool) -> String {
    let pongs = count(beat.unsolicited, "pong");
    let verb = if beat.unsolicited == 1 { "answers" } else { "answer" };
    if is_heard {
        format!("{pongs} from the {} that {verb} no ping", beat.from)
    } else {
        let they = if beat.unsolicited == 1 { "it answers" } else { "they answer" };
        format!("{pongs} from the {}; what {they} is not in the capture", beat.from)
    }
}

fn answers(rtt: Spread) -> String {
    let (usual, longest) = (duration(rtt.median), duration(rtt.max));
    let most = if longest == usual { String::new() } else { format!(" (at most {longest})") };
    format!("; answered after {usual}{most}")
}

fn silence(connection: &Connection, names: Names) -> String {
    let idle = &connection.idle;
    let mut parts = Vec::new();
    if let (Some(from), Some(to)) = (idle.longest_from, idle.longest_to) {
        let longest = measured(idle.longest_s);
        parts.push(format!("longest {longest} ({} to {})", names.packet(from), names.packet(to)));
    }
    let end = if connection.end_seen { "before the end" } else { "before the capture's end" };
    match (idle.before_end_s, silent_sides(idle, connection.unseen()).as_str()) {
        (Seconds(0), "") => {}
        (Seconds(0), sides) => parts.push(format!("{end}: {sides}")),
        (silence, "") => parts.push(format!("{end} {}", measured(silence))),
        (silence, sides) => parts.push(format!("{end} {} ({sides})", measured(silence))),
    }
    parts.join("; ")
}

/// `client 2.003 s, TCP 1.9 s`: the clocks that stood still before the end.
fn silent_sides(idle: &Idle, unseen: Option<Word>) -> String {
    let sides =
        [("client", idle.client_silent_s), ("server", idle.server_silent_s), ("TCP", idle.tcp_silent_s)];
    let seen = sides.into_iter().filter(|(who, _)| unseen != Some(who));
    let told = seen.filter_map(|(who, span)| Some((who, span.filter(|span| span.0 != 0)?)));
    told.map(|(who, span)| format!("{who} {}", measured(span))).collect::<Vec<_>>().join(", ")
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
        format!("{} {}: {}", names.packet(each.packet), each.from, phrases::violation(each.kind))
    });
    facts.push(("Violations", violations));
    facts.push(("Not readable", some(&connection.unparsed, "; ", |each| unparsed(each, names))));
}

/// `8 bytes from the server before #15, missing from the capture`.
fn unparsed(each: &Unparsed, names: Names) -> String {
    let place = match each.resynced_at {
        Some(at) => format!(" before {}", names.packet(at)),
        None => format!(", from {} to the end", names.packet(each.packet)),
    };
    format!("{} from the {}{place}, {}", size(each.bytes), each.from, phrases::unread(each.why))
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
    let out_of_order = || format!("{} out of order", count(side.out_of_order, "segment"));
    let lost = size(side.lost_in_capture_bytes);
    let missing = || match side.segments {
        0 => format!("no packet in the capture, {lost} were acknowledged"),
        _ => format!("{lost} not in the capture"),
    };
    [
        (side.retransmissions > 0).then(|| count(side.retransmissions, "retransmission")),
        (side.out_of_order > 0).then(out_of_order),
        (side.zero_window > 0).then(|| format!("zero window {}", words::times(side.zero_window))),
        (side.lost_in_capture_bytes > 0).then(missing),
        (side.copies > 0).then(|| format!("{} captured twice", count(side.copies, "packet"))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The first items joined, with a word about how many follow.
fn some<T>(items: &[T], between: &str, text: impl Fn(&T) -> String) -> String {
    let mut texts: Vec<String> = items.iter().take(LISTED).map(text).collect();
    if items.len() > LISTED {
        texts.push(format!("and {} more", items.len() - LISTED));
    }
    texts.join(between)
}
