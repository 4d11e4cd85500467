//! Many connections at once: their lifetimes as bars, sorted by when they ended.

use super::super::super::prose::{address, words as said};
use super::super::super::units::{count, duration};
use super::super::super::view::{Connection, View, Word};
use super::Px;
use super::axis::{Axis, Break, Tick};
use super::words::Words;

/// Where the bars begin and end.
const LEFT: f64 = 44.0;
const RIGHT: f64 = 948.0;

/// The height of all bars together at most.
const HEIGHT: f64 = 400.0;

/// The height of one bar with the space below it at most.
const TALLEST: f64 = 15.0;

/// Bars drawn at most: thinner ones could not be told apart.
const MOST: usize = 200;

/// From this height on a bar's number is written beside it.
const NUMBERED: f64 = 11.0;

/// The picture of lifetimes.
#[derive(Clone, Debug)]
pub(in crate::report::html) struct Overview {
    pub(in crate::report::html) height: Px,
    /// Where the axis is.
    pub(in crate::report::html) axis: Px,
    /// What the axis counts from.
    pub(in crate::report::html) origin: String,
    pub(in crate::report::html) breaks: Vec<Break>,
    pub(in crate::report::html) ticks: Vec<Tick>,
    pub(in crate::report::html) lives: Vec<Life>,
    /// The parties, most frequent first, each with its count in words.
    pub(in crate::report::html) parties: Vec<(Word, String)>,
    /// The picture in words.
    pub(in crate::report::html) description: String,
    /// How many connections a bar stands for, where that is more than one.
    pub(in crate::report::html) each: Option<usize>,
}

/// One bar.
#[derive(Clone, Debug)]
pub(in crate::report::html) struct Life {
    pub(in crate::report::html) id: u32,
    pub(in crate::report::html) x: Px,
    pub(in crate::report::html) y: Px,
    pub(in crate::report::html) width: Px,
    pub(in crate::report::html) height: Px,
    /// Where the silence before the end begins, and its width.
    pub(in crate::report::html) silence: Option<(Px, Px)>,
    /// Where it ended; `None` where it is still open.
    pub(in crate::report::html) end: Option<Px>,
    /// Who ended it.
    pub(in crate::report::html) party: Word,
    /// The middle of its height.
    pub(in crate::report::html) middle: Px,
    /// Where its number stands, where there is room for it.
    pub(in crate::report::html) number_y: Option<Px>,
    pub(in crate::report::html) title: String,
}

/// When a connection was there, in nanoseconds.
#[derive(Clone, Copy)]
struct Times {
    opened: i64,
    silent: i64,
    end: i64,
}

impl Overview {
    /// The picture of all connections of a report; `None` for one or none.
    pub(in crate::report::html) fn new(view: &View, words: Words<'_>) -> Option<Self> {
        if view.connections.len() < 2 {
            return None;
        }
        let mut sorted: Vec<(&Connection, Times)> =
            view.connections.iter().map(|each| (each, times(each))).collect();
        // What is still open ends last.
        sorted.sort_by_key(|(each, times)| (each.ended.is_none(), times.end, times.opened));
        let per_bar = sorted.len().div_ceil(MOST);
        let middles: Vec<(&Connection, Times)> =
            sorted.chunks(per_bar).map(|chunk| chunk[chunk.len() / 2]).collect();

        let spans: Vec<(i64, i64)> = sorted.iter().map(|(_, times)| (times.opened, times.end)).collect();
        let axis = Axis::compressed(&spans, LEFT, RIGHT);
        let row = (HEIGHT / middles.len() as f64).min(TALLEST);
        let bar = |(index, &(each, times)): (usize, &(&Connection, Times))| {
            life(each, times, &axis, 6.0 + row * index as f64, row, words)
        };
        let bottom = 6.0 + row * middles.len() as f64 + 8.0;
        let earliest = sorted.iter().min_by_key(|(_, times)| times.opened)?.0;
        Some(Self {
            height: Px(bottom + 26.0),
            axis: Px(bottom),
            origin: words.clock.second(earliest.opened, earliest.opened),
            breaks: axis.breaks(),
            ticks: axis.ticks(),
            lives: middles.iter().enumerate().map(bar).collect(),
            parties: parties(view),
            description: description(view, &sorted),
            each: (per_bar > 1).then_some(per_bar),
        })
    }
}

fn times(each: &Connection) -> Times {
    let opened = each.opened.unix_ns;
    let end = opened.saturating_add(each.duration_s.0).max(opened);
    let closed = each.close_frames.first().map_or(end, |close| close.time.unix_ns).min(end);
    let silent = closed.saturating_sub(each.idle.before_end_s.0.max(0)).clamp(opened, end);
    Times { opened, silent, end }
}

fn life(each: &Connection, times: Times, axis: &Axis, y: f64, row: f64, words: Words<'_>) -> Life {
    let (left, silent, right) = (axis.x(times.opened), axis.x(times.silent), axis.x(times.end));
    let height = if row > 3.0 { row - (row / 4.0).min(3.0) } else { row };
    let ended = each.ended.map_or_else(
        || "still open".to_owned(),
        |ended| format!("ended {}", words.clock.second(ended, each.opened)),
    );
    let title = format!(
        "Connection {}, {}: {ended} after {}, {} silent before; {}",
        each.id,
        address(&each.client),
        duration(each.duration_s),
        duration(each.idle.before_end_s),
        said::verdict(&each.verdict),
    );
    Life {
        id: each.id,
        x: Px(left),
        y: Px(y),
        width: Px((right - left).max(1.0)),
        height: Px(height),
        silence: (right - silent >= 1.0).then_some((Px(silent), Px(right - silent))),
        end: each.ended.map(|_| Px(right)),
        party: each.verdict.party,
        middle: Px(y + height / 2.0),
        number_y: (row >= NUMBERED).then_some(Px(y + height - 2.0)),
        title,
    }
}

fn parties(view: &View) -> Vec<(Word, String)> {
    let mut counts: Vec<(Word, u64)> =
        view.summary.by_party.iter().map(|(&party, &number)| (party, number)).collect();
    counts.sort_by_key(|&(_, number)| std::cmp::Reverse(number));
    let text = |(party, number): (Word, u64)| {
        let what = if party == "none" {
            "still open".to_owned()
        } else {
            format!("ended by {}", said::party(party))
        };
        (party, format!("{}, {what}", count(number, "connection")))
    };
    counts.into_iter().map(text).collect()
}

fn description(view: &View, sorted: &[(&Connection, Times)]) -> String {
    let parties: Vec<String> = parties(view).into_iter().map(|(_, text)| text).collect();
    let ended: Vec<i64> =
        sorted.iter().filter(|(each, _)| each.ended.is_some()).map(|(_, times)| times.end).collect();
    let within = match (ended.first(), ended.last()) {
        (Some(first), Some(last)) if first != last => {
            format!(
                " The first ended {} before the last.",
                duration(super::super::super::view::Seconds(last.saturating_sub(*first)))
            )
        }
        _ => String::new(),
    };
    format!(
        "Lifetimes of {}, one bar each, sorted by when they ended: {}.{within} The table of connections says the same.",
        count(sorted.len() as u64, "connection"),
        parties.join("; ")
    )
}
