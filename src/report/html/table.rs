//! The table of connections, worst first.

use super::super::escape::escape;
use super::super::prose::{self, Clock, words};
use super::super::units::{count, duration, grouped};
use super::super::view::{Connection, Time, View};
use super::lead::class;

/// Rows that are shown without being asked for.
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
    /// All rows, in words.
    pub(super) count: String,
    pub(super) rows: Vec<Row>,
    pub(super) rest: Vec<Row>,
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
        let earliest = worst.iter().map(|each| each.opened).min().unwrap_or_default();
        let day = clock.day(earliest);
        let one_day = worst.iter().all(|each| clock.day(each.opened) == day);
        let opened = Opened { clock, earliest, one_day };
        let mut rows = Vec::new();
        let mut room = ROOM;
        for (index, each) in worst.iter().enumerate() {
            let row = Row::new(each, index < detailed, &opened);
            let Some(left) = room.checked_sub(row.size()) else { break };
            room = left;
            rows.push(row);
        }
        let rest = rows.split_off(rows.len().min(FIRST));
        let all = rows.len() + rest.len();
        Self {
            note: opened.note(day) + &note(worst.len(), all, rest.len()),
            parties: words::tally(&view.summary.by_party).into_iter().map(|(word, _)| party(word)).collect(),
            causes: words::tally(&view.summary.by_cause)
                .into_iter()
                .map(|(word, _)| words::plain(word))
                .collect(),
            count: grouped(all as u64),
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
fn note(connections: usize, rows: usize, rest: usize) -> String {
    let mut text = "The worst come first. Pings are those answered of those sent.".to_owned();
    if rest > 0 {
        text += &format!(" {} are shown until all are asked for.", count((rows - rest) as u64, "row"));
    }
    if rows < connections {
        text += &format!(
            " {} less serious ones have no row, as the file would get too large: --format csv lists all.",
            grouped((connections - rows) as u64)
        );
    }
    text
}

/// How opening times are written.
struct Opened<'a> {
    clock: &'a Clock,
    earliest: Time,
    one_day: bool,
}

impl Opened<'_> {
    /// In which zone, and on which day.
    fn note(&self, day: Option<String>) -> String {
        let zone = self.clock.zone(self.earliest);
        match day.filter(|_| self.one_day) {
            Some(day) => format!("All opened on {day}, {zone}. "),
            None => format!("Times are {zone}. "),
        }
    }

    fn text(&self, connection: &Connection) -> String {
        let time = self.clock.second(connection.opened, self.earliest);
        match self.clock.day(connection.opened).filter(|_| !self.one_day) {
            Some(day) => format!("{day} {time}"),
            None => time,
        }
    }
}

impl Row {
    fn new(each: &Connection, is_detailed: bool, opened: &Opened<'_>) -> Self {
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
