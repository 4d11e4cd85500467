//! The timeline of a connection as a table.

use std::io;

use comfy_table::Cell;

use super::super::view::{Connection, Time, TimelineEvent};
use super::page::{Names, Page, SHARED, cell, right, toned};
use super::style::Tone;
use super::time::Clock;
use super::units::{count, grouped};
use super::words;

/// A run of traffic longer than this is folded.
const RUN: usize = 6;

/// Events shown at either end of a folded run.
const RUN_ENDS: usize = 2;

/// From this width on, what happened and its details have columns of their own.
const WIDE: u16 = 100;

/// The connection's first packet, from which relative times count.
pub(super) fn start(connection: &Connection) -> Time {
    connection.timeline.first().map_or(connection.opened, |event| event.time.min(connection.opened))
}

/// Writes the table, with long runs of traffic folded.
pub(super) fn write(page: &mut Page<'_>, connection: &Connection, clock: &Clock) -> io::Result<()> {
    let events = &connection.timeline;
    let Some(first) = events.first() else {
        return Ok(());
    };
    let day = clock.day(first.time).map_or_else(String::new, |day| format!(", {day}"));
    page.heading(&format!("Timeline ({}{day})", clock.zone(first.time)))?;
    let rows = Rows { clock, names: page.names(), start: start(connection), wide: page.width() >= WIDE };
    let (table, folded) = rows.fill(events);
    page.table(rows.head(), table, false, &[26, 14, 8, if rows.wide { 18 } else { SHARED }])?;
    hidden(page, connection, folded)
}

fn hidden(page: &mut Page<'_>, connection: &Connection, folded: usize) -> io::Result<()> {
    let mut parts = Vec::new();
    if folded > 0 {
        parts.push(format!("{} folded here (--format json has them)", count(folded as u64, "event")));
    }
    if connection.timeline_omitted > 0 {
        parts.push(format!("{} not kept in memory", count(connection.timeline_omitted, "event")));
    }
    if parts.is_empty() {
        Ok(())
    } else {
        page.text(2, Tone::Dim, &format!("Not shown: {}.", parts.join("; ")))
    }
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

    /// The rows, and how many events they leave out.
    fn fill(&self, events: &[TimelineEvent]) -> (Vec<Vec<Cell>>, usize) {
        let (mut rows, mut folded) = (Vec::new(), 0);
        let mut day = events.first().and_then(|event| self.clock.day(event.time));
        for run in events.chunk_by(|a, b| traffic(a) && traffic(b)) {
            let (head, middle, tail) = split(run);
            self.rows(head, &mut day, &mut rows);
            if !middle.is_empty() {
                folded += middle.len();
                rows.push(self.quiet(None, &self.fold(middle)));
            }
            self.rows(tail, &mut day, &mut rows);
        }
        (rows, folded)
    }

    fn rows(&self, events: &[TimelineEvent], day: &mut Option<String>, rows: &mut Vec<Vec<Cell>>) {
        for event in events {
            let today = self.clock.day(event.time);
            if let Some(date) = today.as_ref().filter(|_| today != *day) {
                rows.push(self.quiet(None, date));
            }
            *day = today;
            rows.push(self.row(event));
        }
    }

    fn row(&self, event: &TimelineEvent) -> Vec<Cell> {
        if event.event == "idle" {
            return self.quiet(Some(event.time), &event.detail);
        }
        let what = words::event(event.event);
        let packet = event.packet.map_or_else(String::new, |at| self.names.packet(at));
        let mut row = vec![self.time(event.time), right(&packet), cell(&words::side(event.from))];
        if self.wide {
            row.extend([toned(&what, tone(event)), cell(&event.detail)]);
        } else if event.detail.is_empty() {
            row.push(toned(&what, tone(event)));
        } else {
            row.push(toned(&format!("{what}: {}", event.detail), tone(event)));
        }
        row
    }

    /// `5 more messages, 3 more pings (#9 to #24)`.
    fn fold(&self, events: &[TimelineEvent]) -> String {
        let more = |(word, number)| {
            let plural = if number == 1 { "" } else { "s" };
            format!("{} more {}{plural}", grouped(number), words::plain(word))
        };
        let texts: Vec<String> = tally(events).into_iter().map(more).collect();
        let packet = |event: Option<&TimelineEvent>| event.and_then(|event| event.packet);
        let between = match (packet(events.first()), packet(events.last())) {
            (Some(first), Some(last)) => {
                format!(" ({} to {})", self.names.packet(first), self.names.packet(last))
            }
            _ => String::new(),
        };
        format!("{}{between}", texts.join(", "))
    }

    /// A row about the absence of packets.
    fn quiet(&self, time: Option<Time>, text: &str) -> Vec<Cell> {
        let text = format!("··· {text} ···");
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

/// Events that come in numbers and of which one is like the other.
fn traffic(event: &TimelineEvent) -> bool {
    matches!(event.event, "message" | "ping" | "pong" | "retransmission" | "keepalive_probe" | "zero_window")
}

/// The ends of a run that are shown and the middle that is not.
fn split(run: &[TimelineEvent]) -> (&[TimelineEvent], &[TimelineEvent], &[TimelineEvent]) {
    if run.len() <= RUN {
        return (run, &[], &[]);
    }
    let (head, rest) = run.split_at(RUN_ENDS);
    let (middle, tail) = rest.split_at(rest.len() - RUN_ENDS);
    (head, middle, tail)
}

/// How many events of each kind, in order of sight.
fn tally(events: &[TimelineEvent]) -> Vec<(&str, u64)> {
    let mut counts: Vec<(&str, u64)> = Vec::new();
    for event in events {
        match counts.iter_mut().find(|(word, _)| *word == event.event) {
            Some((_, number)) => *number += 1,
            None => counts.push((event.event, 1)),
        }
    }
    counts
}

fn tone(event: &TimelineEvent) -> Tone {
    match event.event {
        "close" | "fin" | "rst" | "tls_alert" => Tone::Strong,
        "violation" | "gap" | "zero_window" | "retransmission" => Tone::Warn,
        _ => Tone::Plain,
    }
}
