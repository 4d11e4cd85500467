//! The first lines of a report: the answer, then what a reader must know about the captures.

use super::super::units::{count, duration, grouped, size};
use super::super::view::{Capture, Connection, IpFragments, Redaction, Seconds, Summary, View};
use super::{Clock, words};

/// Addresses listed of a redacted report; one of very many clients has the rest in its JSON form.
const LISTED: usize = 24;

/// Something that a reader of the report should know.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::report) struct Note {
    /// What it is.
    pub(in crate::report) text: String,
    /// The report lacks something because of it.
    pub(in crate::report) is_grave: bool,
}

/// The answer in a sentence or two: on the connections shown, or on the only one asked for.
pub(in crate::report) fn answer(view: &View, shown: &[&Connection], asked: Option<u32>) -> Vec<String> {
    match (shown, asked) {
        ([], Some(id)) => vec![missing(id, view)],
        ([], None) => vec![nothing(&view.summary)],
        ([only], _) => vec![only.verdict.summary.clone()],
        (_, _) => {
            let mut lines = vec![parties(&view.summary), causes(&view.summary)];
            lines.retain(|line| !line.is_empty());
            lines
        }
    }
}

fn missing(id: u32, view: &View) -> String {
    match view.connections.outlines().map(|each| each.id).max() {
        Some(last) => format!("There is no connection {id}: they are numbered 1 to {last}."),
        None => format!("There is no connection {id}: no WebSocket was found."),
    }
}

fn nothing(summary: &Summary) -> String {
    let mut text = "No WebSocket connection was found.".to_owned();
    if summary.other_tcp_flows > 0 {
        text += &format!(" {} carried something else.", count(summary.other_tcp_flows, "TCP connection"));
    }
    text
}

/// `12 WebSocket connections: 8 ended by the client, 3 by the server, 1 still open.`
fn parties(summary: &Summary) -> String {
    let mut parts = Vec::new();
    for (party, number) in words::tally(&summary.by_party).into_iter().filter(|&(party, _)| party != "none") {
        let verb = if parts.is_empty() { "ended " } else { "" };
        parts.push(format!("{} {verb}by {}", grouped(number), words::party(party)));
    }
    if let Some(&open) = summary.by_party.get("none") {
        parts.push(format!("{} still open", grouped(open)));
    }
    format!("{}: {}.", count(summary.connections, "WebSocket connection"), parts.join(", "))
}

/// `Causes: idle timeout 5, normal 4.`; an open connection has none.
fn causes(summary: &Summary) -> String {
    let open = summary.by_party.get("none").copied().unwrap_or_default();
    let mut by_cause = summary.by_cause.clone();
    by_cause.entry("unknown").and_modify(|number| *number = number.saturating_sub(open));
    by_cause.retain(|_, number| *number > 0);
    let causes: Vec<String> = words::tally(&by_cause)
        .into_iter()
        .map(|(cause, number)| format!("{} {}", words::plain(cause), grouped(number)))
        .collect();
    let refused = match summary.refused_upgrades {
        0 => String::new(),
        number => format!(" Of these, {} never opened: the upgrade was refused.", grouped(number)),
    };
    if causes.is_empty() { refused } else { format!("Causes: {}.{refused}", causes.join(", ")) }
}

/// What was read from a capture: `a.pcap: 12 packets, 1.2 kB, 2026-11-21 01:32:11 to 01:32:16 UTC`.
pub(in crate::report) fn captures(capture: &Capture, clock: &Clock) -> String {
    let mut text = format!("{}: {}, {}", capture.path, count(capture.packets, "packet"), size(capture.bytes));
    if let (Some(first), Some(last)) = (capture.first, capture.last) {
        match clock.day(first) {
            Some(day) => {
                let (start, end) = (clock.second(first, first), clock.second(last, first));
                let last_day =
                    clock.day(last).filter(|last| *last != day).map_or_else(String::new, |last| last + " ");
                text += &format!(", {day} {start} to {last_day}{end} {}", clock.zone(first));
            }
            None => text += &format!(", {}", duration(Seconds(last.unix_ns.saturating_sub(first.unix_ns)))),
        }
    }
    text
}

/// What a capture lacks.
pub(in crate::report) fn warnings(capture: &Capture) -> Vec<String> {
    if !capture.complete && capture.warnings.is_empty() {
        return vec!["the file is cut short; what it holds is reported.".to_owned()];
    }
    capture.warnings.clone()
}

/// What was not read.
pub(in crate::report) fn notes(summary: &Summary) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |text, is_grave| notes.push(Note { text, is_grave });
    if !summary.skipped_packets.is_empty() {
        let reasons: Vec<String> = words::tally(&summary.skipped_packets)
            .into_iter()
            .map(|(reason, number)| format!("{} {number}", words::plain(reason)))
            .collect();
        let total = summary.skipped_packets.values().sum();
        note(format!("{} not read further: {}.", count(total, "packet"), reasons.join(", ")), false);
    }
    notes_on_fragments(summary.ip_fragments, &mut note);
    if summary.opaque_tls > 0 {
        let flows = count(summary.opaque_tls, "TLS connection");
        note(
            format!(
                "{flows} could not be looked into: without keys, WebSockets inside stay hidden. `whoclosed capture-help keys` \
                 tells how to get them."
            ),
            true,
        );
    }
    for limit in &summary.limits_hit {
        note(format!("Limit reached: {limit}"), true);
    }
    notes
}

/// `4 IP packets in fragments: 3 put together, 1 with fragments missing.`
fn notes_on_fragments(fragments: IpFragments, note: &mut impl FnMut(String, bool)) {
    let IpFragments { reassembled, dropped, overlapping } = fragments;
    if reassembled + dropped > 0 {
        let mut parts = Vec::new();
        if reassembled > 0 {
            parts.push(format!("{} put together", grouped(reassembled)));
        }
        if dropped > 0 {
            parts.push(format!("{} with fragments missing", grouped(dropped)));
        }
        let all = count(reassembled + dropped, "IP packet");
        note(format!("{all} in fragments: {}.", parts.join(", ")), false);
    }
    if overlapping > 0 {
        let all = count(overlapping, "IP fragment");
        note(format!("{all} in conflict with another one of the same packet: forged, or badly made."), true);
    }
}

/// Which names in the report are not the real ones.
pub(in crate::report) fn redaction(redaction: &Redaction) -> String {
    let listed = redaction.addresses.iter().take(LISTED);
    let names: Vec<String> = listed
        .map(|each| format!("{} is {} ({})", each.ip, each.name, each.scope.replace('_', "-")))
        .collect();
    let more = redaction.addresses.len().saturating_sub(LISTED);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    let text = format!(
        "Redacted: addresses, hosts, paths, reasons and file names are pseudonyms. {}{more}.",
        names.join(", ")
    );
    text.trim_end_matches(" .").to_owned()
}
