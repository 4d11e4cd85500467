//! The report for a reader at a terminal.
//!
//! What the packets show and what is inferred from them stand under headings of their own. All
//! text reaches the output through one door (`page`), which escapes it.

mod across;
mod brief;
mod connection;
mod headline;
mod overview;
mod page;
mod style;
#[cfg(test)]
mod tests;
mod timeline;

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::{self, Write};

pub use super::prose::TimeStyle;
use super::prose::{Clock, Names};
use super::view::Connection;
use super::{View, units};
pub use brief::write_one;
use page::Page;
use style::Tone;

/// Rows of the overview when fewer details are asked for.
const OVERVIEW_ROWS: usize = 200;

/// How the terminal report looks and how much it shows.
#[derive(Clone, Copy, Debug)]
pub struct TerminalOptions {
    /// Columns that a line may take; fewer than 60 are taken as 60.
    pub width: u16,
    /// How times are written.
    pub time: TimeStyle,
    /// Colours and bold type.
    pub color: bool,
    /// Show only the connection with this id.
    pub connection: Option<u32>,
    /// Connections shown in detail at most.
    pub limit: usize,
}

impl Default for TerminalOptions {
    fn default() -> Self {
        Self { width: 100, time: TimeStyle::Utc, color: false, connection: None, limit: 10 }
    }
}

/// Writes the report as text of at most `options.width` columns.
pub fn write(view: &View, options: &TerminalOptions, out: &mut dyn Write) -> io::Result<()> {
    let names = Names::new(view.captures.len());
    let clock = Clock::new(options.time);
    let mut page = Page::new(out, options.width, options.color, names);
    let ids = view.connections.outlines().map(|each| each.id);
    let shown: Vec<u32> = ids.filter(|id| options.connection.is_none_or(|wanted| *id == wanted)).collect();
    // There may be many more than are shown: the others are not put into words.
    let listed = worst(view, &shown, options.limit.max(OVERVIEW_ROWS));
    let details = if options.connection.is_some() { 1 } else { options.limit };
    let detailed: HashSet<u32> = worst(view, &shown, details).into_iter().collect();
    let made = |id: u32| {
        if detailed.contains(&id) { view.connections.with_id(id) } else { view.connections.brief(id) }
    };
    let listed: Vec<Cow<'_, Connection>> = listed.into_iter().filter_map(made).collect();
    let listed: Vec<&Connection> = listed.iter().map(AsRef::as_ref).collect();

    headline::write(&mut page, view, &listed, options.connection)?;
    headline::captures(&mut page, view, &clock)?;
    overview::write(&mut page, &listed, view, &clock)?;
    across::write(&mut page, view, options.connection)?;
    for connection in listed.iter().filter(|each| detailed.contains(&each.id)) {
        connection::write(&mut page, connection, &clock, shown.len() > 1)?;
    }
    left_out(&mut page, view, shown.len(), listed.len(), detailed.len())
}

/// The worst of `shown`, at most this many, in the order of their numbers.
fn worst(view: &View, shown: &[u32], most: usize) -> Vec<u32> {
    if shown.len() <= most {
        return shown.to_vec();
    }
    let mut worst: Vec<u32> = view.worst_first.iter().copied().take(most).collect();
    worst.sort_unstable();
    worst
}

/// Says what is not shown and how to see it.
fn left_out(page: &mut Page<'_>, view: &View, all: usize, rows: usize, details: usize) -> io::Result<()> {
    let (Some(next), true) = (view.worst_first.get(details), details < all) else {
        return Ok(());
    };
    page.blank()?;
    if rows < all {
        let text = format!("{} more connections are not in the table: --limit {all} lists them.", all - rows);
        page.text(0, Tone::Warn, &text)?;
    }
    let text = format!(
        "Details of {} are not shown: --connection {} shows one, --limit {all} shows all.",
        units::count((all - details) as u64, "connection"),
        next,
    );
    page.text(0, Tone::Warn, &text)
}
