//! The table of connections, worst first.

use super::super::escape::escape;
use super::super::prose::{self, Clock, words};
use super::super::units::{count, duration, grouped};
use super::super::view::{Connection, View};
use super::lead::class;

/// Rows of a page.
const FIRST: usize = 200;

/// Bytes of all rows together, so that a report of any capture can be opened.
const ROOM: usize = 4_100_000;

/// Bytes of a row's markup.
const MARKUP: usize = 64;

/// Characters of a path.
const PATH: usize = 28;

/// The table.
pub(super) struct Table {
    pub(super) note: String,
    /// The words for a filter.
    pub(super) parties: Vec<String>,
    pub(super) causes: Vec<String>,
    /// The rows of the first page.
    pub(super) rows: Vec<Row>,
    /// The others: text that the script reads, a table of its own where no script runs.
    pub(super) rest: Vec<Row>,
    /// What the table of the others is called.
    pub(super) rest_title: Option<String>,
}

/// A row.
pub(super) struct Row {
    pub(super) id: u32,
    /// The page has its details.
    pub(super) is_detailed: bool,
    pub(super) ends: String,
    pub(super) path: String,
    pub(super) opened: String,
    pub(super) lasted: String,
    pub(super) pings: String,
    pub(super) idle: String,
    pub(super) end: String,
    pub(super) closes: String,
    pub(super) mood: &'static str,
    pub(super) verdict: String,
}

impl Table {
    /// The table of connections that come worst first, of which the first `detailed` have details.
    pub(super) fn new(view: &View, worst: &[&Connection], detailed: usize, clock: &Clock) -> Self {
        let opened = prose::Opened::new(worst, view, clock);
        let mut rows = Vec::new();
        let mut room = ROOM;
        for (index, each) in worst.iter().enumerate() {
            let row = Row::new(each, index < detailed, &opened);
            let Some(left) = room.checked_sub(row.size()) else { break };
            room = left;
            rows.push(row);
        }
        let rest = rows.split_off(rows.len().min(FIRST));
        Self {
            note: opened.note() + &note(worst.len(), rows.len(), rest.len()),
            parties: words::tally(&view.summary.by_party).into_iter().map(|(word, _)| party(word)).collect(),
            causes: words::tally(&view.summary.by_cause)
                .into_iter()
                .map(|(word, _)| words::plain(word))
                .collect(),
            rest_title: (!rest.is_empty()).then(|| format!("The other {}", count(rest.len() as u64, "row"))),
            rows,
            rest,
        }
    }
}

/// The party as the column of verdicts says it.
fn party(word: &str) -> String {
    if word == "none" { "still open".to_owned() } else { words::plain(word) }
}

/// What the table shows, and what it does not.
fn note(connections: usize, first: usize, rest: usize) -> String {
    let mut text = " The worst come first. Pings are those answered of those sent.".to_owned();
    if rest > 0 {
        text += &format!(" The first {} are shown at first.", count(first as u64, "row"));
    }
    let missing = connections - first - rest;
    if missing > 0 {
        text += &format!(
            " {} less serious ones have no row, as the file would get too large: --format csv lists all.",
            grouped(missing as u64)
        );
    }
    text
}

impl Row {
    fn new(each: &Connection, is_detailed: bool, opened: &prose::Opened<'_>) -> Self {
        let verdict = &each.verdict;
        Self {
            id: each.id,
            is_detailed,
            ends: format!("{} → {}", prose::address(&each.client), prose::address(&each.server)),
            path: escape(&prose::path(each), PATH),
            opened: opened.text(each),
            lasted: duration(each.duration_s),
            pings: words::pings(each),
            idle: prose::idle(each),
            end: prose::end(each),
            closes: words::closes(each),
            mood: class(words::mood(verdict)),
            verdict: words::verdict(verdict),
        }
    }

    /// About how many bytes it takes.
    fn size(&self) -> usize {
        let texts = [
            &self.ends,
            &self.path,
            &self.opened,
            &self.lasted,
            &self.pings,
            &self.idle,
            &self.end,
            &self.closes,
            &self.verdict,
        ];
        MARKUP + texts.into_iter().map(String::len).sum::<usize>()
    }
}
