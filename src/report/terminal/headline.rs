//! The first lines: the answer, then what a reader must know about the captures.

use std::io;

use super::super::prose::{self, Clock, Note};
use super::super::view::{Connection, View};
use super::page::Page;
use super::style::Tone;

/// The answer in a sentence or two.
pub(super) fn write(
    page: &mut Page<'_>,
    view: &View,
    shown: &[&Connection],
    asked: Option<u32>,
) -> io::Result<()> {
    let first = if shown.is_empty() && asked.is_some() { Tone::Warn } else { Tone::Strong };
    for (index, line) in prose::answer(view, shown, asked).iter().enumerate() {
        page.text(0, if index == 0 { first } else { Tone::Plain }, line)?;
    }
    Ok(())
}

/// One line per capture, its warnings, and what was not read.
pub(super) fn captures(page: &mut Page<'_>, view: &View, clock: &Clock) -> io::Result<()> {
    page.blank()?;
    for (index, capture) in view.captures.iter().enumerate() {
        let name = if view.captures.len() > 1 { format!("[{index}] ") } else { String::new() };
        page.text(0, Tone::Dim, &format!("{name}{}", prose::captures(capture, clock)))?;
        for warning in prose::warnings(capture) {
            page.text(2, Tone::Warn, &format!("Warning: {warning}"))?;
        }
        for remark in prose::remarks(capture, page.names()) {
            page.text(2, Tone::Plain, &remark)?;
        }
    }
    for Note { text, is_grave } in prose::notes(&view.summary) {
        page.text(0, if is_grave { Tone::Warn } else { Tone::Dim }, &text)?;
    }
    match &view.redaction {
        Some(redaction) => page.text(0, Tone::Dim, &prose::redaction(redaction)),
        None => Ok(()),
    }
}
