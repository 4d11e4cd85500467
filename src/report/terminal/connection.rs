//! One connection in detail: what the packets show, what is inferred, what to change, the timeline.

use std::io;

use super::super::prose::{self, Clock, Inferred, address, words};
use super::super::view::{Connection, Evidence, Verdict};
use super::page::{Page, cell, toned};
use super::style::Tone;
use super::timeline;

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
        page.text(2, words::mood(&connection.verdict).into(), &connection.verdict.summary)?;
    }

    page.heading("What the packets show")?;
    evidence(page, connection, clock)?;
    let fact = |(name, value): (&str, String)| vec![toned(name, Tone::Dim), cell(&value)];
    page.grid(prose::facts(connection, page.names()).into_iter().map(fact).collect())?;

    page.heading("What is inferred")?;
    inference(page, connection)?;
    advice(page, &connection.verdict)?;
    wireshark(page, connection)?;
    timeline::write(page, connection, clock)
}

/// The facts that decide, in the order of their times.
pub(super) fn evidence(page: &mut Page<'_>, connection: &Connection, clock: &Clock) -> io::Result<()> {
    let start = prose::start(connection);
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
    let row = |each: Inferred| {
        let tone = if each.is_conclusion { Tone::Inferred } else { Tone::Plain };
        vec![toned(each.name, Tone::Dim), toned(&each.text, tone)]
    };
    page.grid(prose::inference(connection, page.names()).into_iter().map(row).collect())
}

fn wireshark(page: &mut Page<'_>, connection: &Connection) -> io::Result<()> {
    page.heading("Where to look in Wireshark (display filters)")?;
    let filters = prose::filters(connection, page.names());
    page.grid(filters.iter().map(|(name, filter)| vec![toned(name, Tone::Dim), cell(filter)]).collect())
}

fn advice(page: &mut Page<'_>, verdict: &Verdict) -> io::Result<()> {
    if verdict.advice.is_empty() {
        return Ok(());
    }
    page.heading("What to change")?;
    let rows = verdict.advice.iter().enumerate();
    page.grid(rows.map(|(index, text)| vec![cell(&format!("{}.", index + 1)), cell(text)]).collect())
}
