//! The table with one row per connection.

use std::io;

use comfy_table::Cell;

use super::super::prose::{Clock, Opened, address, end, idle, path, words};
use super::super::units::duration;
use super::super::view::{Connection, View};
use super::page::{Page, SHARED, cell, right, stack, toned};
use super::style::Tone;

/// From this width on, how it ended and the verdict have columns of their own.
const ROOMY: u16 = 100;

/// From this width on, a connection takes one row of one line.
const WIDE: u16 = 180;

/// The table of `connections`.
pub(super) fn write(
    page: &mut Page<'_>,
    connections: &[&Connection],
    view: &View,
    clock: &Clock,
) -> io::Result<()> {
    if connections.is_empty() {
        return Ok(());
    }
    page.blank()?;
    let times = Opened::new(connections, view, clock);
    let tall = connections.len() > 1;
    match page.width() {
        WIDE.. => {
            let rows = connections.iter().map(|each| wide_row(each, &times)).collect();
            page.table(wide_head(&times), rows, false, &[10, 50, SHARED, 21, 12, 24, 12, 24])
        }
        width => {
            let roomy = width >= ROOMY;
            let rows = connections.iter().map(|each| tall_row(each, &times, roomy)).collect();
            page.table(
                tall_head(&times, roomy),
                rows,
                tall,
                &[10, if roomy { 47 } else { 25 }, 13, 10, SHARED],
            )
        }
    }
}

fn tall_head(times: &Opened<'_>, roomy: bool) -> Vec<Cell> {
    let mut head = vec![
        stack(&["#"]),
        stack(&["Client", "→ server", "Path"]),
        stack(&[&times.head(), "Lasted"]),
        stack(&["Pings", "answered", "Max idle"]),
    ];
    if roomy {
        head.extend([stack(&["How it ended", "Close codes"]), stack(&["Verdict"])]);
    } else {
        head.push(stack(&["How it ended", "Close codes", "Verdict"]));
    }
    head.into_iter().map(|cell| Tone::Strong.paint(cell)).collect()
}

fn tall_row(connection: &Connection, times: &Opened<'_>, roomy: bool) -> Vec<Cell> {
    let verdict = &connection.verdict;
    let server = format!("→ {}", address(&connection.server));
    let (path, end, closes) = (path(connection), end(connection), words::closes(connection));
    let (day, time) = times.parts(connection);
    let mut row = vec![
        right(&connection.id.to_string()),
        stack(&[&address(&connection.client), &server, &path]),
        stack(&[&day.unwrap_or_default(), &time, &duration(connection.duration_s)]),
        stack(&[&words::pings(connection), &idle(connection)]),
    ];
    let (said, tone) = (words::verdict(verdict), words::mood(verdict).into());
    if roomy {
        row.extend([stack(&[&end, &closes]), toned(&said, tone)]);
    } else {
        row.push(tone.paint(stack(&[&end, &closes, &format!("⇒ {said}")])));
    }
    row
}

fn wide_head(times: &Opened<'_>) -> Vec<Cell> {
    let opened = times.head();
    let names =
        ["#", "Client → server", "Path", &opened, "Lasted", "Pings answered", "Longest idle", "Close codes"];
    let names = names.into_iter().chain(["How it ended", "Verdict"]);
    names.map(|name| toned(name, Tone::Strong)).collect()
}

fn wide_row(connection: &Connection, times: &Opened<'_>) -> Vec<Cell> {
    let verdict = &connection.verdict;
    let ends = format!("{} → {}", address(&connection.client), address(&connection.server));
    vec![
        right(&connection.id.to_string()),
        cell(&ends),
        cell(&path(connection)),
        cell(&times.text(connection)),
        right(&duration(connection.duration_s)),
        cell(&words::pings(connection)),
        right(&idle(connection)),
        cell(&words::closes(connection)),
        cell(&end(connection)),
        toned(&words::verdict(verdict), words::mood(verdict).into()),
    ]
}
