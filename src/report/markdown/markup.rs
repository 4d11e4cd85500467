//! What a report is made of, whatever the markup: each piece is written whole, so that none is cut in two.

use super::super::prose;

/// A piece of a line.
#[derive(Clone, Debug)]
pub(super) enum Span {
    /// Words, some of which may come from the wire.
    Text(String),
    /// Words that stand out.
    Strong(String),
    /// Something to copy or to compare: an address, a path, a number of a packet.
    Code(String),
}

impl Span {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn strong(text: impl Into<String>) -> Self {
        Self::Strong(text.into())
    }

    pub(super) fn code(text: impl Into<String>) -> Self {
        Self::Code(text.into())
    }
}

/// What stands in one place: a paragraph, an item or a cell.
pub(super) type Line = Vec<Span>;

/// A line of words alone.
pub(super) fn words(text: impl Into<String>) -> Line {
    vec![Span::text(text)]
}

/// A line in which what stands between backquotes is to be typed or read as it is.
pub(super) fn coded(text: &str) -> Line {
    let part = |(is_code, part): (bool, &str)| if is_code { Span::code(part) } else { Span::text(part) };
    prose::coded(text).into_iter().map(part).collect()
}

/// A table.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Vec<Line>>,
}

impl Table {
    /// A table with these columns and no rows.
    pub(super) fn new(head: &[&str]) -> Self {
        Self { head: head.iter().map(|name| (*name).to_owned()).collect(), rows: Vec::new() }
    }
}

/// A markup language. Each piece ends with an empty line.
pub(super) trait Markup {
    /// A heading; 2 is the largest that is used, as the ticket has one of its own.
    fn heading(&self, level: usize, line: &Line) -> String;
    /// The answer, which stands out.
    fn answer(&self, text: &str) -> String;
    fn paragraph(&self, line: &Line) -> String;
    /// Steps, one after the other.
    fn steps(&self, items: &[Line]) -> String;
    fn table(&self, table: &Table) -> String;
    /// Lines to copy, as they are.
    fn block(&self, text: &str) -> String;
    /// Something that is long and seldom read.
    fn fold(&self, title: &str, inside: &str) -> String;
}
