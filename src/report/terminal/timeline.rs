//! The timeline of a connection as a table.

use std::io;

use comfy_table::Cell;

use super::super::prose::{self, Clock, Names, Row, words};
use super::super::units::count;
use super::super::view::{Connection, Time, TimelineEvent};
use super::page::{Page, SHARED, cell, right, toned};
use super::style::Tone;

/// A timeline of no more events than this is shown whole.
const SHORT: usize = 40;

/// From this width on, what happened and its details have columns of their own.
const WIDE: u16 = 100;

/// Writes the table, with long runs of traffic folded.
pub(super) fn write(page: &mut Page<'_>, connection: &Connection, clock: &Clock) -> io::Result<()> {
    let events = &connection.timeline;
    let Some(first) = events.first() else {
        return Ok(());
    };
    let day = clock.day(first.time).map_or_else(String::new, |day| format!(", {day}"));
    page.heading(&format!("Timeline ({}{day})", clock.zone(first.time)))?;
    let names = page.names();
    let rows = Rows { clock, names, start: prose::start(connection), wide: page.width() >= WIDE };
    let (lines, folded) = prose::rows(connection, clock, names, SHORT);
    let table = lines.iter().map(|line| rows.line(line)).collect();
    page.table(rows.head(), table, false, &[26, 14, 8, if rows.wide { 18 } else { SHARED }])?;
    if folded == 0 {
        return Ok(());
    }
    let folded = count(folded as u64, "event");
    page.text(2, Tone::Dim, &format!("Not shown: {folded} folded here (--format json has them)."))
}

/// How rows are written.
struct Rows<'a> {
    clock: &'a Clock,
    names: Names,
    start: Time,
    wide: bool,
}

impl Rows<'_> {
    fn head(&self) -> Vec<Cell> {
        let names: &[&str] = if self.wide {
            &["Time", "Packet", "Side", "Event", "Detail"]
        } else {
            &["Time", "Packet", "Side", "Event"]
        };
        names.iter().map(|name| toned(name, Tone::Strong)).collect()
    }

    fn line(&self, line: &Row<'_>) -> Vec<Cell> {
        match line {
            Row::Event(event) => self.row(event),
            Row::Folded(text) | Row::Omitted(text) | Row::Day(text) => self.quiet(None, text),
        }
    }

    fn row(&self, event: &TimelineEvent) -> Vec<Cell> {
        if event.event == "idle" {
            return self.quiet(Some(event.time), &event.detail);
        }
        let packet = event.packet.map_or_else(String::new, |at| self.names.packet(at));
        let mut row = vec![self.time(event.time), right(&packet), cell(&words::side(event.from))];
        if self.wide {
            row.extend([toned(&prose::title(event), tone(event)), cell(prose::detail(event))]);
        } else {
            row.push(toned(&one_line(event), tone(event)));
        }
        row
    }

    /// A row about the absence of packets.
    fn quiet(&self, time: Option<Time>, text: &str) -> Vec<Cell> {
        let text = format!("··· {text}");
        let time = time.map_or_else(|| cell(""), |time| self.time(time));
        let mut row = vec![time, cell(""), cell("")];
        if self.wide {
            row.push(cell(""));
        }
        row.push(toned(&text, Tone::Warn));
        row
    }

    fn time(&self, time: Time) -> Cell {
        Tone::Dim.paint(right(&self.clock.moment(time, self.start)))
    }
}

/// What happened and what is to be said of it, in one line.
fn one_line(event: &TimelineEvent) -> String {
    let what = prose::title(event);
    match (event.event, prose::detail(event)) {
        (_, "") => what,
        ("established", detail) => detail.to_owned(),
        (_, detail) => format!("{what}: {detail}"),
    }
}

fn tone(event: &TimelineEvent) -> Tone {
    match event.event {
        "close" | "fin" | "rst" | "tls_alert" => Tone::Strong,
        "violation" | "gap" | "zero_window" | "retransmission" => Tone::Warn,
        _ => Tone::Plain,
    }
}
