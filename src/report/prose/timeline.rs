//! The timeline of a connection, with long runs of traffic folded.

use super::super::units::{count, grouped};
use super::super::view::{Connection, Time, TimelineEvent};
use super::{Clock, Names, words};

/// In a timeline that is not shown whole, a run of traffic longer than this is folded.
const RUN: usize = 8;

/// Events shown at either end of a folded run.
const RUN_ENDS: usize = 3;

/// A line of a timeline.
#[derive(Clone, Debug)]
pub(in crate::report) enum Row<'a> {
    /// Something that happened.
    Event(&'a TimelineEvent),
    /// Events of one like the other, in few words.
    Folded(String),
    /// Events that were not kept.
    Omitted(String),
    /// A new day begins.
    Day(String),
}

/// The connection's first packet, from which relative times count.
pub(in crate::report) fn start(connection: &Connection) -> Time {
    connection.timeline.first().map_or(connection.opened, |event| event.time.min(connection.opened))
}

/// The lines of a timeline, and how many events they leave out; one of no more than `whole` events is
/// shown whole.
pub(in crate::report) fn rows<'a>(
    connection: &'a Connection,
    clock: &Clock,
    names: Names,
    whole: usize,
) -> (Vec<Row<'a>>, usize) {
    let events = &connection.timeline;
    let run = if events.len() > whole { RUN } else { whole };
    let hole = connection.timeline_omitted_at.map_or(events.len(), |at| events.len().min(at as usize));
    let (before, after) = events.split_at(hole);
    let day = events.first().and_then(|event| clock.day(event.time));
    let mut filling = Filling { clock, names, day, rows: Vec::new(), folded: 0 };
    filling.stretch(before, run);
    if connection.timeline_omitted > 0 {
        let omitted = count(connection.timeline_omitted, "event");
        filling.rows.push(Row::Omitted(format!("{omitted} not kept in memory")));
    }
    filling.stretch(after, run);
    (filling.rows, filling.folded)
}

/// Lines as they are put one below the other.
struct Filling<'a, 'b> {
    clock: &'b Clock,
    names: Names,
    day: Option<String>,
    rows: Vec<Row<'a>>,
    folded: usize,
}

impl<'a> Filling<'a, '_> {
    /// Adds the lines of neighbouring events with runs longer than `run` folded.
    fn stretch(&mut self, events: &'a [TimelineEvent], run: usize) {
        for part in events.chunk_by(|a, b| is_traffic(a) && is_traffic(b)) {
            let (head, middle, tail) = split(part, run);
            self.events(head);
            if !middle.is_empty() {
                self.folded += middle.len();
                self.rows.push(Row::Folded(fold(middle, self.names)));
            }
            self.events(tail);
        }
    }

    fn events(&mut self, events: &'a [TimelineEvent]) {
        for event in events {
            let today = self.clock.day(event.time);
            if let Some(date) = today.as_ref().filter(|_| today != self.day) {
                self.rows.push(Row::Day(date.clone()));
            }
            self.day = today;
            self.rows.push(Row::Event(event));
        }
    }
}

/// What happened, in a word or two.
pub(in crate::report) fn title(event: &TimelineEvent) -> String {
    match event.event {
        // The detail is another name for the same thing.
        "syn" if !event.detail.is_empty() => event.detail.to_string(),
        word => words::event(word),
    }
}

/// What is to be said of it.
pub(in crate::report) fn detail(event: &TimelineEvent) -> &str {
    if event.event == "syn" { "" } else { &event.detail }
}

/// `5 more messages, 3 more pings (#9 to #24)`.
fn fold(events: &[TimelineEvent], names: Names) -> String {
    let more = |(word, number)| format!("{} more {}", grouped(number), words::events(word, number));
    let texts: Vec<String> = tally(events).into_iter().map(more).collect();
    let packet = |event: Option<&TimelineEvent>| event.and_then(|event| event.packet);
    let between = match (packet(events.first()), packet(events.last())) {
        (Some(first), Some(last)) => {
            format!(" ({} to {})", names.packet(first), names.packet(last))
        }
        _ => String::new(),
    };
    format!("{}{between}", texts.join(", "))
}

/// Events that come in numbers and of which one is like the other.
fn is_traffic(event: &TimelineEvent) -> bool {
    matches!(
        event.event,
        "message" | "tls_data" | "heartbeat" | "ping" | "pong" | "keepalive_probe" | "zero_window_probe"
    )
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
