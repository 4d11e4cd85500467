//! Each connection in detail, the worst first: what the packets show, what is inferred, where to look.

use super::super::prose::{self, Names, address};
use super::super::units::count;
use super::super::view::{Connection, Evidence};
use super::fit::Fit;
use super::markup::{Line, Span, Table, coded, words as line};
use super::{Paper, timeline};

/// Rows of a timeline, and fewer where there is no room for more.
const ROWS: [usize; 5] = [usize::MAX, 120, 40, 16, 0];

pub(super) fn write(paper: &Paper<'_>, limit: usize, fit: &mut Fit) {
    let all = paper.worst.len();
    let (mut shown, mut shortened) = (0, 0_u64);
    for connection in paper.worst.iter().take(limit.max(usize::from(paper.asked.is_some()))) {
        let section = section(paper, connection);
        let versions =
            ROWS.iter().map(|&rows| format!("{section}{}", timeline::fold(paper, connection, rows)));
        let Some(version) = fit.push_first(versions) else { break };
        shortened += u64::from(version > 0);
        shown += 1;
    }
    if shortened > 0 {
        fit.cut(format!("parts of {}", count(shortened, "timeline")));
    }
    if shown < all {
        fit.cut(format!("the details of {} of {all} connections", all - shown));
    }
}

fn section(paper: &Paper<'_>, connection: &Connection) -> String {
    let markup = paper.markup;
    let several = paper.worst.len() > 1;
    let ends =
        [Span::code(address(&connection.client)), Span::text(" → "), Span::code(address(&connection.server))];
    let title = [vec![Span::text(format!("Connection {}: ", connection.id))], ends.to_vec()].concat();
    let mut text = markup.heading(3, &title);
    if several {
        text += &markup.paragraph(&line(&connection.verdict.summary));
    }
    text += &part(paper, "What the packets show", &evidence(paper, connection));
    text += &part(paper, "", &pairs("Fact", facts(connection, paper.names)));
    text += &part(paper, "What is inferred", &pairs("Conclusion", inferred(connection, paper.names)));
    if several && !connection.verdict.advice.is_empty() {
        let steps: Vec<Line> = connection.verdict.advice.iter().map(|text| coded(text)).collect();
        text += &(markup.paragraph(&vec![Span::strong("What to change")]) + &markup.steps(&steps));
    }
    text + &wireshark(paper, connection)
}

/// A table under its name, where it has rows.
fn part(paper: &Paper<'_>, name: &str, table: &Table) -> String {
    if table.rows.is_empty() {
        return String::new();
    }
    let name =
        if name.is_empty() { String::new() } else { paper.markup.paragraph(&vec![Span::strong(name)]) };
    name + &paper.markup.table(table)
}

/// The facts that decide, in the order of their times.
fn evidence(paper: &Paper<'_>, connection: &Connection) -> Table {
    let start = prose::start(connection);
    let mut table = Table::new(&["Packet", &format!("Time ({})", paper.clock.zone(start)), "What it shows"]);
    let mut listed: Vec<&Evidence> = connection.verdict.evidence.iter().collect();
    listed.sort_by_key(|each| (each.time, each.packet));
    let row = |each: &Evidence| {
        let number = Span::code(paper.names.number(each.packet));
        vec![vec![number], line(paper.clock.moment(each.time, start)), line(&each.fact)]
    };
    table.rows = listed.into_iter().map(row).collect();
    table
}

fn facts(connection: &Connection, names: Names) -> Vec<(&'static str, Line)> {
    let value = |(name, text): (&'static str, String)| match name {
        "Signature" => (name, vec![Span::code(text)]),
        _ => (name, line(text)),
    };
    prose::facts(connection, names).into_iter().map(value).collect()
}

fn inferred(connection: &Connection, names: Names) -> Vec<(&'static str, Line)> {
    let value = |each: prose::Inferred| {
        let value = if each.is_conclusion { vec![Span::strong(each.text)] } else { coded(&each.text) };
        (each.name, value)
    };
    prose::inference(connection, names).into_iter().map(value).collect()
}

/// Names and values as a table.
fn pairs(name: &str, pairs: Vec<(&'static str, Line)>) -> Table {
    let mut table = Table::new(&[name, "Details"]);
    table.rows = pairs.into_iter().map(|(name, value)| vec![line(name), value]).collect();
    table
}

/// The display filters, each to be copied.
fn wireshark(paper: &Paper<'_>, connection: &Connection) -> String {
    let title = vec![Span::strong("Where to look in Wireshark"), Span::text(" (display filters)")];
    let mut text = paper.markup.paragraph(&title);
    for (name, filter) in prose::filters(connection, paper.names) {
        text += &(paper.markup.paragraph(&line(name + ":")) + &paper.markup.block(filter));
    }
    text
}
