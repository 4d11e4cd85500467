//! One connection in detail: what the packets show, what is inferred, what to change, the timeline.

use std::io;

use comfy_table::Cell;

use super::super::units::{measured, setting};
use super::super::view::{Candidate, Connection, Evidence, Seconds, Verdict};
use super::overview::address;
use super::page::{Page, cell, toned};
use super::style::Tone;
use super::time::Clock;
use super::{facts, timeline, words};

/// Writes the details of one connection; its sentence too unless the headline has it already.
pub(super) fn write(
    page: &mut Page<'_>,
    connection: &Connection,
    clock: &Clock,
    with_summary: bool,
) -> io::Result<()> {
    let (client, server) = (address(&connection.client), address(&connection.server));
    page.blank()?;
    page.heading(&format!("Connection {}: {client} → {server}", connection.id))?;
    if with_summary {
        page.text(2, words::tone(&connection.verdict), &connection.verdict.summary)?;
    }

    page.heading("What the packets show")?;
    evidence(page, connection, clock)?;
    facts::write(page, connection)?;

    page.heading("What is inferred")?;
    inference(page, connection)?;
    advice(page, &connection.verdict)?;
    timeline::write(page, connection, clock)
}

/// The facts that decide, in the order of their times.
pub(super) fn evidence(page: &mut Page<'_>, connection: &Connection, clock: &Clock) -> io::Result<()> {
    let start = timeline::start(connection);
    let names = page.names();
    let row = |each: &Evidence| {
        vec![
            toned(&clock.moment(each.time, start), Tone::Dim),
            cell(&names.packet(each.packet)),
            cell(&each.fact),
        ]
    };
    let mut listed: Vec<&Evidence> = connection.verdict.evidence.iter().collect();
    listed.sort_by_key(|each| (each.time, each.packet));
    page.grid(listed.into_iter().map(row).collect())
}

fn inference(page: &mut Page<'_>, connection: &Connection) -> io::Result<()> {
    let verdict = &connection.verdict;
    let mut rows = vec![row("Ended by", toned(&words::party(verdict.party), Tone::Inferred))];
    if verdict.party != "none" {
        rows.push(row("Cause", toned(&words::plain(verdict.cause), Tone::Inferred)));
        rows.push(row("Confidence", toned(&words::confidence(verdict.confidence), Tone::Inferred)));
    }
    rows.extend(verdict.candidates.iter().map(|each| candidate(each, &verdict.advice)));
    for other in &verdict.alternatives {
        let text = format!("{}; {} it: {}", other.reading, other.speaks, other.fact);
        rows.push(row("Could also be", cell(&text)));
    }
    let vantage = &connection.vantage;
    if vantage.at != "unknown" {
        let why =
            if vantage.why.is_empty() { String::new() } else { format!(" ({})", vantage.why.join("; ")) };
        rows.push(row("Captured at", cell(&format!("{}{why}", words::plain(vantage.at)))));
    }
    if let Some(text) = &verdict.would_settle {
        rows.push(row("Would settle it", cell(text)));
    }
    page.grid(rows)
}

fn row(name: &str, value: Cell) -> Vec<Cell> {
    vec![toned(name, Tone::Dim), value]
}

/// A known timer, and how to change it unless the advice says so already.
fn candidate(candidate: &Candidate, advice: &[String]) -> Vec<Cell> {
    let (name, mut text) = timer(candidate);
    if !advice.iter().any(|advice| advice.contains(&candidate.fix)) {
        text += &format!(". Change: {}", candidate.fix);
    }
    row(name, cell(&text))
}

/// `nginx proxy_read_timeout = 60 s, measured 60.012 s`.
fn timer(candidate: &Candidate) -> (&'static str, String) {
    let mut text = format!("{} {}", candidate.product, candidate.setting);
    let default = candidate.seconds.map(setting);
    if candidate.matched == "header" {
        text = format!("named by a header: {text}");
        if let Some(default) = default {
            text += &format!(". Its default is {default}");
        }
        if let Some(silence) = candidate.measured_s {
            text += &format!("; here it would be set to {}", setting(whole(silence)));
        }
        return ("Timer", text);
    }
    if let Some(default) = default {
        text += &format!(" = {default}");
    }
    if let Some(silence) = candidate.measured_s {
        text += &format!(", measured {}", measured(silence));
    }
    ("Timer that fits", text)
}

/// The silence to the second, as timers are set.
const fn whole(silence: Seconds) -> Seconds {
    const SECOND: i64 = 1_000_000_000;
    Seconds(silence.0.saturating_add(SECOND / 2) / SECOND * SECOND)
}

fn advice(page: &mut Page<'_>, verdict: &Verdict) -> io::Result<()> {
    if verdict.advice.is_empty() {
        return Ok(());
    }
    page.heading("What to change")?;
    let rows = verdict.advice.iter().enumerate();
    page.grid(rows.map(|(index, text)| vec![cell(&format!("{}.", index + 1)), cell(text)]).collect())
}
