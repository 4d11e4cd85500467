//! Keeps a report to its size: pieces are taken whole or not at all, and what is missing is said.

use super::super::view::View;
use super::markup::{Markup, Span};

/// Bytes kept for saying what was cut, and by what the report was made.
const RESERVE: usize = 700;

/// A report being filled.
pub(super) struct Fit {
    max: usize,
    text: String,
    cuts: Vec<String>,
}

impl Fit {
    pub(super) const fn new(max: usize) -> Self {
        Self { max, text: String::new(), cuts: Vec::new() }
    }

    /// Bytes that are left.
    pub(super) fn room(&self) -> usize {
        self.max.saturating_sub(RESERVE).saturating_sub(self.text.len())
    }

    /// Takes the piece where there is room for it.
    pub(super) fn push(&mut self, piece: &str) -> bool {
        let fits = piece.len() <= self.room();
        if fits {
            self.text.push_str(piece);
        }
        fits
    }

    /// Takes the first of the pieces for which there is room, and tells which.
    pub(super) fn push_first(&mut self, pieces: impl IntoIterator<Item = String>) -> Option<usize> {
        pieces.into_iter().position(|piece| self.push(&piece))
    }

    /// Notes what was left out.
    pub(super) fn cut(&mut self, what: String) {
        self.cuts.push(what);
    }

    /// The report with what was cut at its end.
    pub(super) fn finish(mut self, markup: &dyn Markup, view: &View) -> String {
        let made = format!("Made by {} {}.", view.tool.name, view.tool.version);
        let notes = if self.cuts.is_empty() {
            vec![made]
        } else {
            vec![
                format!("Left out, the least serious first: {}.", self.cuts.join("; ")),
                MORE.to_owned(),
                made,
            ]
        };
        for note in notes {
            let note = markup.paragraph(&vec![Span::text(note)]);
            if self.text.len() + note.len() <= self.max {
                self.text.push_str(&note);
            }
        }
        let end = self.text.trim_end().len();
        self.text.truncate(end);
        self.text.push('\n');
        self.text
    }
}

/// How to see what was cut.
const MORE: &str = "To see more: --max-size and --limit; to see one of them: --connection N.";
