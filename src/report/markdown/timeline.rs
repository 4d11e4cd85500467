//! The timeline of a connection, folded away.

use super::super::prose::{self, Row};
use super::super::units::{count, duration, grouped};
use super::super::view::{Connection, TimelineEvent};
use super::Paper;
use super::markup::{Line, Span, Table, words as line};

/// A timeline of no more events than this is shown whole.
const SHORT: usize = 40;

/// The timeline with at most `most` rows, or nothing where it has none.
pub(super) fn fold(paper: &Paper<'_>, connection: &Connection, most: usize) -> String {
    let (rows, folded) = prose::rows(connection, &paper.clock, paper.names, SHORT);
    if rows.is_empty() || most == 0 {
        return String::new();
    }
    let start = prose::start(connection);
    let day = paper.clock.day(start).map_or_else(String::new, |day| format!(" {day}"));
    let time = format!("Time ({}{day})", paper.clock.zone(start));
    let mut table = Table::new(&["Packet", &time, "Side", "What happened", ""]);
    table.rows = shortened(rows, most).iter().map(|row| cells(paper, connection, row)).collect();
    let mut inside = paper.markup.table(&table);
    if folded > 0 {
        let text =
            format!("{} like their neighbours are counted, not listed.", count(folded as u64, "event"));
        inside += &paper.markup.paragraph(&line(text));
    }
    let events = connection.timeline.len() as u64 + connection.timeline_omitted;
    let title = format!("Timeline: {}, {}", count(events, "event"), duration(connection.duration_s));
    paper.markup.fold(&title, &inside)
}

/// The rows with those in the middle left out: the end tells most.
fn shortened<'a>(mut rows: Vec<Row<'a>>, most: usize) -> Vec<Row<'a>> {
    let all = rows.len();
    if all > most {
        let (head, tail) = (most / 3, most - most / 3 - 1);
        let left_out = Row::Omitted(format!("{} rows left out to fit", grouped((all - head - tail) as u64)));
        rows.splice(head..all - tail, [left_out]);
    }
    rows
}

fn cells(paper: &Paper<'_>, connection: &Connection, row: &Row<'_>) -> Vec<Line> {
    let quiet =
        |text: &str| vec![Line::new(), Line::new(), Line::new(), line(format!("… {text}")), Line::new()];
    match row {
        Row::Event(event) => happened(paper, connection, event),
        Row::Folded(text) | Row::Omitted(text) | Row::Day(text) => quiet(text),
    }
}

fn happened(paper: &Paper<'_>, connection: &Connection, event: &TimelineEvent) -> Vec<Line> {
    let number = event.packet.map(|packet| Span::code(paper.names.number(packet)));
    let what = match event.event {
        "close" | "fin" | "rst" | "tls_alert" | "idle" => Span::strong(prose::title(event)),
        _ => Span::text(prose::title(event)),
    };
    vec![
        number.into_iter().collect(),
        line(paper.clock.moment(event.time, prose::start(connection))),
        line(event.from.unwrap_or_default()),
        vec![what],
        line(prose::detail(event)),
    ]
}
