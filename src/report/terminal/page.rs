//! The one door through which text reaches the terminal: escaped, wrapped and, if asked for, coloured.

use std::borrow::Cow;
use std::io::{self, Write};

use comfy_table::presets::NOTHING;
use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, ContentLineStyle, LineStyle, Table,
    TableStyle, Width,
};

use super::super::escape::escape;
use super::super::prose::Names;
use super::style::Tone;

/// Characters shown of one piece of text.
const LONGEST: usize = 400;

/// Below this width tables cannot be laid out sensibly.
const NARROWEST: u16 = 60;

/// A space at which no line is broken; escaping leaves none from elsewhere.
const GLUE: char = '\u{a0}';

/// The cap of a column that takes what the others leave.
pub(super) const SHARED: u16 = 0;

/// Rules above and between rows, none at the sides.
const RULED: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none())
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .content_lines(ContentLineStyle::none());

/// The page being written.
pub(super) struct Page<'a> {
    out: &'a mut dyn Write,
    width: u16,
    color: bool,
    names: Names,
}

impl<'a> Page<'a> {
    /// An empty page of `width` columns.
    pub(super) fn new(out: &'a mut dyn Write, width: u16, color: bool, names: Names) -> Self {
        Self { out, width: width.max(NARROWEST), color, names }
    }

    /// Its width in columns.
    pub(super) const fn width(&self) -> u16 {
        self.width
    }

    /// How packets are named on it.
    pub(super) const fn names(&self) -> Names {
        self.names
    }

    /// An empty line.
    pub(super) fn blank(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n")
    }

    /// A paragraph, wrapped, `indent` columns from the left.
    pub(super) fn text(&mut self, indent: u16, tone: Tone, text: &str) -> io::Result<()> {
        let mut table = self.layout(NOTHING);
        table.add_row(vec![cell(text)]);
        pad(&mut table, |_| (indent, 0));
        let style = if self.color { tone.style() } else { anstyle::Style::new() };
        for line in table.lines() {
            writeln!(self.out, "{style}{}{style:#}", unglue(&line).trim_end())?;
        }
        Ok(())
    }

    /// A heading with an empty line above.
    pub(super) fn heading(&mut self, text: &str) -> io::Result<()> {
        self.blank()?;
        self.text(0, Tone::Strong, text)
    }

    /// Rows without rules, two columns from the left.
    pub(super) fn grid(&mut self, rows: Vec<Vec<Cell>>) -> io::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut table = self.layout(NOTHING);
        table.add_rows(rows);
        pad(&mut table, |_| (2, 0));
        self.print(&table)
    }

    /// A table with a heading row, ruled between its rows where they are tall.
    ///
    /// Column `n` is made wide enough for its text up to `caps[n]` columns; those with a cap of
    /// [`SHARED`] or none share what is left.
    pub(super) fn table(
        &mut self,
        head: Vec<Cell>,
        rows: Vec<Vec<Cell>>,
        tall: bool,
        caps: &[u16],
    ) -> io::Result<()> {
        let rule = LineStyle::none().fill('╌').junction('╌');
        let mut table = self.layout(if tall { RULED.row_separator(rule) } else { RULED });
        table.set_header(head);
        table.add_rows(rows);
        pad(&mut table, |index| (u16::from(index > 0), 0));
        let widths = table.column_max_content_widths();
        for ((column, width), &cap) in table.column_iter_mut().zip(widths).zip(caps) {
            if cap != SHARED {
                let width = width.min(cap) + column.padding_width();
                column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
            }
        }
        self.print(&table)
    }

    fn layout(&self, style: TableStyle) -> Table {
        let mut table = Table::new();
        table.load_style(style).set_content_arrangement(ContentArrangement::Dynamic).set_width(self.width);
        if self.color {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        table
    }

    fn print(&mut self, table: &Table) -> io::Result<()> {
        for line in table.lines() {
            writeln!(self.out, "{}", unglue(&line).trim_end())?;
        }
        Ok(())
    }
}

fn pad(table: &mut Table, padding: impl Fn(usize) -> (u16, u16)) {
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding(padding(index));
    }
}

/// A cell holding `text`, escaped.
pub(super) fn cell(text: &str) -> Cell {
    Cell::new_owned(glue(escape(text, LONGEST)))
}

/// A cell holding `text` in a tone of its own.
pub(super) fn toned(text: &str, tone: Tone) -> Cell {
    tone.paint(cell(text))
}

/// A cell with its text at the right edge, for numbers.
pub(super) fn right(text: &str) -> Cell {
    cell(text).set_alignment(CellAlignment::Right)
}

/// A cell with one line for each text that is not empty.
pub(super) fn stack(lines: &[&str]) -> Cell {
    let lines: Vec<String> =
        lines.iter().filter(|line| !line.is_empty()).map(|line| glue(escape(line, LONGEST))).collect();
    Cell::new_owned(lines.join("\n"))
}

/// Binds each number to its unit, so that they stay in one line.
fn glue(text: String) -> String {
    let ends_number = |pair: &[u8]| pair[0].is_ascii_digit() && pair[1] == b' ';
    if !text.as_bytes().windows(2).any(ends_number) {
        return text;
    }
    let mut glued = String::with_capacity(text.len());
    let mut after_number = false;
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            glued.push(if after_number && is_unit(word) { GLUE } else { ' ' });
        }
        glued.push_str(word);
        after_number = word.ends_with(|c: char| c.is_ascii_digit());
    }
    glued
}

fn is_unit(word: &str) -> bool {
    let word = word.trim_end_matches([',', '.', ';', ':', ')']);
    matches!(word, "s" | "ms" | "ns" | "min" | "h" | "d" | "byte" | "bytes" | "kB" | "MB" | "GB")
}

fn unglue(line: &str) -> Cow<'_, str> {
    if line.contains(GLUE) { Cow::Owned(line.replace(GLUE, " ")) } else { Cow::Borrowed(line) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_units() {
        let of = |text: &str| glue(text.to_owned());
        assert_eq!(of("after 60.0 s, 3 sent, 4 bytes"), "after 60.0\u{a0}s, 3 sent, 4\u{a0}bytes");
        assert_eq!(of(" two  spaces"), " two  spaces");
        assert_eq!(of("1  s 2 h"), "1  s 2\u{a0}h");
    }
}
