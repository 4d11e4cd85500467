//! The report as one HTML file that needs nothing else: no network, no script to be read.
//!
//! Templates put text into the page through one door (`escaper`). A policy in the file itself forbids
//! everything but its own style sheet and script, by their hashes.

mod across;
mod detail;
mod escaper;
mod lead;
mod page;
mod picture;
mod policy;
mod table;
#[cfg(test)]
mod tests;

use std::io::{self, BufWriter, Write};

use askama::Template;

use super::View;
use super::prose::TimeStyle;

/// Bytes collected before they go to the output.
const BUFFER: usize = 64 * 1024;

/// How the HTML report looks and how much it shows.
#[derive(Clone, Copy, Debug)]
pub struct HtmlOptions {
    /// How times are written.
    pub time: TimeStyle,
    /// Connections shown in detail at most, the worst ones.
    pub limit: usize,
}

impl Default for HtmlOptions {
    fn default() -> Self {
        Self { time: TimeStyle::Utc, limit: 10 }
    }
}

/// Writes the report as one HTML document.
pub fn write(view: &View, options: &HtmlOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(BUFFER, out);
    page::Page::new(view, options).write_into(&mut out).map_err(io::Error::other)?;
    out.write_all(b"\n")?;
    out.flush()
}
