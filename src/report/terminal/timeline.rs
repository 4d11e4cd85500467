//! The timeline of a connection as a table.

use std::io;

use comfy_table::Cell;

use super::super::units::{count, grouped};
use super::super::view::{Connection, Time, TimelineEvent};
use super::page::{Names, Page, SHARED, cell, right, toned};
use super::style::Tone;
use super::time::Clock;
use super::words;

/// A timeline of no more events than this is shown whole.
const SHORT: usize = 40;

/// In a longer one, a run of traffic longer than this is folded.
const RUN: usize = 8;

/// Events shown at either end of a folded run.
const RUN_ENDS: usize = 3;

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
    let (table, folded) = rows.fill(connection);
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

    /// The rows, and how many events they leave out.
    fn fill(&self, connection: &Connection) -> (Vec<Vec<Cell>>, usize) {
        let events = &connection.timeline;
        let run = if events.len() > SHORT { RUN } else { SHORT };
        let hole = connection.timeline_omitted_at.map_or(events.len(), |at| events.len().min(at as usize));
        let (before, after) = events.split_at(hole);
        let mut day = events.first().and_then(|event| self.clock.day(event.time));
        let mut rows = Vec::new();
        let mut folded = self.stretch(before, run, &mut day, &mut rows);
        if connection.timeline_omitted > 0 {
            let omitted = count(connection.timeline_omitted, "event");
            rows.push(self.quiet(None, &format!("{omitted} not kept in memory")));
        }
        folded += self.stretch(after, run, &mut day, &mut rows);
        (rows, folded)
    }

    /// Adds the rows of neighbouring events with runs longer than `run` folded; counts what is left out.
    fn stretch(
        &self,
        events: &[TimelineEvent],
        run: usize,
        day: &mut Option<String>,
        rows: &mut Vec<Vec<Cell>>,
    ) -> usize {
        let mut folded = 0;
        for part in events.chunk_by(|a, b| traffic(a) && traffic(b)) {
            let (head, middle, tail) = split(part, run);
            self.rows(head, day, rows);
            if !middle.is_empty() {
                folded += middle.len();
                rows.push(self.quiet(None, &self.fold(middle)));
            }
            self.rows(tail, day, rows);
        }
        folded
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
        let packet = event.packet.map_or_else(String::new, |at| self.names.packet(at));
        let mut row = vec![self.time(event.time), right(&packet), cell(&words::side(event.from))];
        if self.wide {
            let (what, detail) = columns(event);
            row.extend([toned(&what, tone(event)), cell(detail)]);
        } else {
            row.push(toned(&line(event), tone(event)));
        }
        row
    }

    /// `5 more messages, 3 more pings (#9 to #24)`.
    fn fold(&self, events: &[TimelineEvent]) -> String {
        let more = |(word, number)| {
            let plural = if number == 1 { "" } else { "s" };
            format!("{} more {}{plural}", grouped(number), words::event(word))
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

/// What happened, and what is to be said of it.
fn columns(event: &TimelineEvent) -> (String, &str) {
    match (event.event, event.detail.as_str()) {
        // The detail is another name for the same thing.
        ("syn", detail) if !detail.is_empty() => (detail.to_owned(), ""),
        (word, detail) => (words::event(word), detail),
    }
}

/// The same in one line.
fn line(event: &TimelineEvent) -> String {
    let (what, detail) = columns(event);
    match (event.event, detail) {
        (_, "") => what,
        ("established", detail) => detail.to_owned(),
        (_, detail) => format!("{what}: {detail}"),
    }
}

/// Events that come in numbers and of which one is like the other.
fn traffic(event: &TimelineEvent) -> bool {
    matches!(event.event, "message" | "ping" | "pong" | "keepalive_probe" | "zero_window_probe")
}

/// The ends of a run that are shown and the middle that is not.
fn split(run: &[TimelineEvent], most: usize) -> (&[TimelineEvent], &[TimelineEvent], &[TimelineEvent]) {
    if run.len() <= most {
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
