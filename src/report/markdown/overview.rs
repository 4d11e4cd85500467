//! What the connections show together, the table with one row for each, and the captures.

use super::super::prose::{self, address, words};
use super::super::units::{count, duration};
use super::super::view::Connection;
use super::fit::Fit;
use super::markup::{Line, Span, Table, coded, words as line};
use super::{Paper, listed};

/// Rows of the table when fewer details are asked for.
const ROWS: usize = 200;

/// Findings, sessions and captures that are listed.
const LISTED: usize = 12;

pub(super) fn write(paper: &Paper<'_>, limit: usize, fit: &mut Fit) {
    across(paper, fit);
    connections(paper, limit, fit);
    captures(paper, fit);
}

/// Findings over many connections, and sessions seen on several legs.
fn across(paper: &Paper<'_>, fit: &mut Fit) {
    let findings = paper.findings().map(|each| (listed(&each.connections), prose::finding(each)));
    let sessions = paper.sessions().map(|each| (listed(&each.legs), prose::session(each)));
    let all: Vec<(String, String)> = findings.chain(sessions).collect();
    if all.is_empty() {
        return;
    }
    let mut table = Table::new(&["Connections", "What they show together"]);
    table.rows = all.iter().take(LISTED).map(|(ids, text)| vec![line(ids), coded(text)]).collect();
    fill(paper, "Across connections", table, all.len(), "finding", fit);
}

/// Pushes a table with as many of its rows as there is room for, and notes the others.
fn fill(paper: &Paper<'_>, title: &str, mut table: Table, all: usize, noun: &str, fit: &mut Fit) {
    loop {
        let text = paper.markup.heading(3, &line(title)) + &paper.markup.table(&table);
        if table.rows.is_empty() || fit.push(&text) {
            break;
        }
        table.rows.truncate(table.rows.len() / 2);
    }
    if table.rows.len() < all {
        fit.cut(count((all - table.rows.len()) as u64, noun));
    }
}

fn connections(paper: &Paper<'_>, limit: usize, fit: &mut Fit) {
    let all = paper.worst.len();
    if all == 0 {
        return;
    }
    let times = prose::Opened::new(&paper.worst, paper.view, &paper.clock);
    let head =
        ["#", "Client → server, path", &times.head(), "Lasted", "Longest silence", "How it ended", "Verdict"];
    let mut table = Table::new(&head);
    let title = paper.markup.heading(3, &line("Connections"));
    // The details need the greater part.
    let share = fit.room() * 2 / 5;
    let mut size = title.len() + paper.markup.table(&table).len();
    let mut kept: Vec<(u32, Vec<Line>)> = Vec::new();
    for connection in paper.worst.iter().take(ROWS.max(limit)) {
        let row = row(connection, &times);
        let one = Table { rows: vec![row.clone()], ..Table::default() };
        size += paper.markup.table(&one).len();
        if size > share {
            break;
        }
        kept.push((connection.id, row));
    }
    kept.sort_by_key(|(id, _)| *id);
    let rows = kept.len();
    if rows > 0 {
        table.rows = kept.into_iter().map(|(_, row)| row).collect();
        fit.push(&(title + &paper.markup.table(&table)));
    }
    if rows < all {
        fit.cut(format!("{} of {all} connections in the table", all - rows));
    }
}

fn row(connection: &Connection, times: &prose::Opened<'_>) -> Vec<Line> {
    let mut ends = vec![
        Span::code(address(&connection.client)),
        Span::text(" → "),
        Span::code(address(&connection.server)),
    ];
    let path = prose::path(connection);
    if connection.handshake.is_some() {
        ends.extend([Span::text(" "), Span::code(path)]);
    } else {
        ends.push(Span::text(format!(" {path}")));
    }
    let closes = words::closes(connection);
    let end = prose::end(connection);
    vec![
        line(connection.id.to_string()),
        ends,
        line(times.text(connection)),
        line(duration(connection.duration_s)),
        line(prose::idle(connection)),
        line(if closes.is_empty() { end } else { format!("{end} ({closes})") }),
        vec![Span::strong(words::verdict(&connection.verdict))],
    ]
}

/// What was read, what of it is missing, and which names are not the real ones.
fn captures(paper: &Paper<'_>, fit: &mut Fit) {
    let captures = &paper.view.captures;
    let several = captures.len() > 1;
    let mut lines: Vec<Line> = Vec::new();
    for (capture, index) in captures.iter().zip(0..).take(LISTED) {
        let name = if several { format!("Capture [{index}]: ") } else { "Capture: ".to_owned() };
        lines.push(vec![Span::strong(name), Span::text(prose::captures(capture, &paper.clock))]);
        for warning in prose::warnings(capture) {
            lines.push(vec![Span::strong("Warning: "), Span::text(warning)]);
        }
    }
    lines.extend(prose::notes(&paper.view.summary).into_iter().map(|note| coded(&note.text)));
    lines.extend(paper.view.redaction.as_ref().map(|redaction| line(prose::redaction(redaction))));
    let written = lines.iter().filter(|text| fit.push(&paper.markup.paragraph(text))).count();
    let missing = (lines.len() - written) + captures.len().saturating_sub(LISTED);
    if missing > 0 {
        fit.cut(format!("{} on captures", count(missing as u64, "line")));
    }
}
