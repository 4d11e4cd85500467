//! The first lines: the answer, then what a reader must know about the captures.

use std::io;

use super::super::units::{count, duration, grouped, size};
use super::super::view::{Capture, Connection, Seconds, Summary, View};
use super::page::Page;
use super::style::Tone;
use super::time::Clock;
use super::words;

/// The answer in a sentence or two.
pub(super) fn write(
    page: &mut Page<'_>,
    view: &View,
    shown: &[&Connection],
    asked: Option<u32>,
) -> io::Result<()> {
    match (shown, asked) {
        ([], Some(id)) => page.text(0, Tone::Warn, &missing(id, view)),
        ([], None) => page.text(0, Tone::Strong, &nothing(&view.summary)),
        ([only], _) => page.text(0, Tone::Strong, &only.verdict.summary),
        (_, _) => {
            page.text(0, Tone::Strong, &parties(&view.summary))?;
            match causes(&view.summary).as_str() {
                "" => Ok(()),
                causes => page.text(0, Tone::Plain, causes),
            }
        }
    }
}

fn missing(id: u32, view: &View) -> String {
    match view.connections.last() {
        Some(last) => format!("There is no connection {id}: they are numbered 1 to {}.", last.id),
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

/// One line per capture, its warnings, and what was not read.
pub(super) fn captures(page: &mut Page<'_>, view: &View, clock: &Clock) -> io::Result<()> {
    page.blank()?;
    for (index, capture) in view.captures.iter().enumerate() {
        let name = if view.captures.len() > 1 { format!("[{index}] ") } else { String::new() };
        page.text(0, Tone::Dim, &format!("{name}{}", describe(capture, clock)))?;
        warnings(page, capture)?;
    }
    notes(page, &view.summary)
}

fn describe(capture: &Capture, clock: &Clock) -> String {
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

fn warnings(page: &mut Page<'_>, capture: &Capture) -> io::Result<()> {
    for warning in &capture.warnings {
        page.text(2, Tone::Warn, &format!("Warning: {warning}"))?;
    }
    if !capture.complete && capture.warnings.is_empty() {
        page.text(2, Tone::Warn, "Warning: the file is cut short; what it holds is reported.")?;
    }
    Ok(())
}

fn notes(page: &mut Page<'_>, summary: &Summary) -> io::Result<()> {
    if !summary.skipped_packets.is_empty() {
        let reasons: Vec<String> = words::tally(&summary.skipped_packets)
            .into_iter()
            .map(|(reason, number)| format!("{} {number}", words::plain(reason)))
            .collect();
        let total = summary.skipped_packets.values().sum();
        let text = format!("{} not read further: {}.", count(total, "packet"), reasons.join(", "));
        page.text(0, Tone::Dim, &text)?;
    }
    if summary.opaque_tls > 0 {
        let text = format!(
            "{} could not be looked into: without keys, WebSockets inside stay hidden.",
            count(summary.opaque_tls, "TLS connection"),
        );
        page.text(0, Tone::Warn, &text)?;
    }
    for limit in &summary.limits_hit {
        page.text(0, Tone::Warn, &format!("Limit reached: {limit}"))?;
    }
    Ok(())
}
