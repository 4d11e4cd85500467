//! A connection as two lanes over time.

use super::super::super::view::{Connection, Heartbeat};
use super::Px;
use super::axis::{Axis, Break, Tick};
use super::bands::{self, Band};
use super::description::description;
use super::enlarged::Ending;
use super::labels::{self, Wish};
use super::marks::{self, Kind, Lane, Mark};
use super::words::{self, Words};

/// The width of every picture.
const WIDTH: f64 = 960.0;

/// Where the lanes begin and end; their names stand before them.
pub(super) const LEFT: f64 = 64.0;
pub(super) const RIGHT: f64 = 944.0;

/// The client's lane in the picture of the whole connection.
const CLIENT: f64 = 84.0;

/// The server's.
const SERVER: f64 = 148.0;

/// The tallest bar of messages.
const TALLEST: f64 = 34.0;

/// The smallest.
const SMALLEST: f64 = 7.0;

/// The narrowest.
const NARROWEST: f64 = 2.5;

/// Rows of labels above the lanes.
const ROWS: usize = 2;

/// The height of a row of labels.
pub(super) const ROW: f64 = 16.0;

/// The width of a letter of a label.
pub(super) const LETTER: f64 = 6.6;

/// The picture of a whole connection.
#[derive(Clone, Debug)]
pub(in crate::report::html) struct Strip {
    pub(in crate::report::html) width: Px,
    pub(in crate::report::html) height: Px,
    pub(in crate::report::html) left: Px,
    pub(in crate::report::html) right: Px,
    pub(in crate::report::html) client: Px,
    pub(in crate::report::html) server: Px,
    /// Where shaded stretches begin, how high they are, and where words in them stand.
    pub(in crate::report::html) top: Px,
    pub(in crate::report::html) depth: Px,
    pub(in crate::report::html) middle: Px,
    /// Where the axis is.
    pub(in crate::report::html) axis: Px,
    /// The picture in words.
    pub(in crate::report::html) description: String,
    /// What the axis counts from.
    pub(in crate::report::html) origin: String,
    pub(in crate::report::html) bands: Vec<Band>,
    pub(in crate::report::html) breaks: Vec<Break>,
    pub(in crate::report::html) ticks: Vec<Tick>,
    pub(in crate::report::html) bars: Vec<Bar>,
    pub(in crate::report::html) pings: Vec<Ping>,
    pub(in crate::report::html) glyphs: Vec<Glyph>,
    /// What the marks in it stand for: their symbol, their class, and words.
    pub(in crate::report::html) legend: Vec<(&'static str, &'static str, &'static str)>,
    /// The ending enlarged, where there is one.
    pub(in crate::report::html) ending: Option<Ending>,
}

/// A bar of messages.
#[derive(Clone, Debug)]
pub(in crate::report::html) struct Bar {
    pub(in crate::report::html) x: Px,
    pub(in crate::report::html) y: Px,
    pub(in crate::report::html) width: Px,
    pub(in crate::report::html) height: Px,
    pub(in crate::report::html) lane: Lane,
    /// They are TLS records that were not opened.
    pub(in crate::report::html) is_sealed: bool,
    pub(in crate::report::html) title: String,
}

/// A ping, joined to its pong where it has one.
#[derive(Clone, Debug)]
pub(in crate::report::html) struct Ping {
    pub(in crate::report::html) x: Px,
    pub(in crate::report::html) y: Px,
    /// Where the pong is; where there is none, how far the line goes.
    pub(in crate::report::html) to_x: Px,
    pub(in crate::report::html) to_y: Px,
    pub(in crate::report::html) is_answered: bool,
    pub(in crate::report::html) title: String,
}

/// Something that stands out.
#[derive(Clone, Debug)]
pub(in crate::report::html) struct Glyph {
    pub(in crate::report::html) kind: Kind,
    pub(in crate::report::html) x: Px,
    pub(in crate::report::html) y: Px,
    /// Where the line across both lanes ends, for an end act.
    pub(in crate::report::html) to_y: Option<Px>,
    pub(in crate::report::html) title: String,
    pub(in crate::report::html) label: Option<Label>,
}

/// Words beside a mark.
#[derive(Clone, Debug)]
pub(in crate::report::html) struct Label {
    pub(in crate::report::html) x: Px,
    pub(in crate::report::html) y: Px,
    pub(in crate::report::html) text: String,
}

impl Strip {
    /// The picture of a connection; `None` where its timeline is not in the report.
    pub(in crate::report::html) fn new(connection: &Connection, words: Words<'_>) -> Option<Self> {
        let first = connection.timeline.first()?;
        let axis = Axis::compressed(&bands::busy(connection), LEFT + 8.0, RIGHT - 8.0);
        let marks = marks::marks(connection, &axis);
        let (x, labels) = (Px, place_acts(connection, &marks));
        let glyphs = marks.iter().zip(labels);
        let glyphs = glyphs.filter_map(|(mark, label)| glyph(connection, mark, label, words));
        let beats = connection.heartbeats.iter().filter_map(|beat| guessed(connection, beat, &axis, words));
        let beats: Vec<Glyph> = beats.collect();
        let legend = legend(marks.iter().map(|mark| mark.kind).chain(beats.iter().map(|beat| beat.kind)));
        Some(Self {
            width: Px(WIDTH),
            height: Px(SERVER + TALLEST + 46.0),
            left: Px(LEFT),
            right: Px(RIGHT),
            client: Px(CLIENT),
            server: Px(SERVER),
            top: Px(CLIENT - TALLEST - 6.0),
            depth: Px(SERVER - CLIENT + 2.0 * (TALLEST + 6.0)),
            middle: Px((CLIENT + SERVER) / 2.0 + 4.0),
            axis: Px(SERVER + TALLEST + 12.0),
            description: description(connection, words),
            origin: words.moment(connection, first.time),
            bands: bands::bands(connection, &axis, words),
            breaks: axis.breaks(),
            ticks: axis.ticks(),
            bars: marks
                .iter()
                .filter(|mark| matches!(mark.kind, Kind::Message | Kind::Records))
                .map(|mark| bar(connection, mark, words))
                .collect(),
            pings: marks.iter().filter_map(|mark| ping(connection, mark, words, x)).collect(),
            glyphs: glyphs.chain(beats).collect(),
            legend,
            ending: Ending::new(connection, words),
        })
    }
}

/// The kinds of marks that are there, in the order of a connection.
fn legend(kinds: impl Iterator<Item = Kind>) -> Vec<(&'static str, &'static str, &'static str)> {
    let mut kinds: Vec<Kind> = kinds.collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.into_iter().map(|kind| (kind.symbol(), kind.name(), kind.meaning())).collect()
}

const fn lane_y(lane: Lane) -> f64 {
    match lane {
        Lane::Client => CLIENT,
        Lane::Server => SERVER,
    }
}

const fn other_y(lane: Lane) -> f64 {
    match lane {
        Lane::Client => SERVER,
        Lane::Server => CLIENT,
    }
}

/// Taller with each doubling of its messages.
fn bar(connection: &Connection, mark: &Mark, words: Words<'_>) -> Bar {
    let height = (SMALLEST + 4.0 * (mark.count as f64).log2()).min(TALLEST);
    Bar {
        x: Px(mark.left - NARROWEST / 2.0),
        y: Px(if mark.lane == Lane::Client { CLIENT - height } else { SERVER }),
        width: Px(mark.right - mark.left + NARROWEST),
        height: Px(height),
        lane: mark.lane,
        is_sealed: mark.kind == Kind::Records,
        title: words.mark(connection, mark),
    }
}

fn ping(connection: &Connection, mark: &Mark, words: Words<'_>, at: fn(f64) -> Px) -> Option<Ping> {
    let (from, to) = (lane_y(mark.lane), other_y(mark.lane));
    let is_answered = match mark.kind {
        Kind::Ping => true,
        Kind::UnansweredPing => false,
        _ => return None,
    };
    Some(Ping {
        x: at(mark.left),
        y: at(from),
        to_x: at(mark.answer.unwrap_or(mark.left)),
        to_y: at(if is_answered { to } else { from + (to - from) * 0.55 }),
        is_answered,
        title: words.mark(connection, mark),
    })
}

const fn is_act(kind: Kind) -> bool {
    matches!(kind, Kind::Close | Kind::StreamEnd | Kind::StreamReset | Kind::Fin | Kind::Rst)
}

/// Labels of the end acts, in rows above the lanes, for each mark.
fn place_acts(connection: &Connection, marks: &[Mark]) -> Vec<Option<Label>> {
    let text = |mark: &Mark| {
        let event = connection.timeline.get(mark.first)?;
        let more = if mark.count > 1 { format!(" ×{}", mark.count) } else { String::new() };
        is_act(mark.kind)
            .then(|| format!("{} {}{more}", words::side(mark.lane), words::act(connection, event)))
    };
    let texts: Vec<Option<String>> = marks.iter().map(text).collect();
    let wishes = marks.iter().zip(&texts).filter_map(|(mark, text)| {
        Some(Wish { x: mark.left, width: text.as_ref()?.chars().count() as f64 * LETTER })
    });
    let wishes: Vec<Wish> = wishes.collect();
    let mut places = labels::place(&wishes, ROWS, LEFT, RIGHT).into_iter();
    let label = |text: Option<String>| {
        let text = text?;
        let place = places.next()??;
        Some(Label { x: Px(place.left), y: Px(ROW * (ROWS - place.row) as f64), text })
    };
    texts.into_iter().map(label).collect()
}

fn glyph(connection: &Connection, mark: &Mark, label: Option<Label>, words: Words<'_>) -> Option<Glyph> {
    if matches!(mark.kind, Kind::Message | Kind::Records | Kind::Ping | Kind::UnansweredPing) {
        return None;
    }
    Some(Glyph {
        kind: mark.kind,
        x: Px(mark.left),
        y: Px(lane_y(mark.lane)),
        to_y: (is_act(mark.kind) || mark.kind == Kind::Guess).then(|| Px(other_y(mark.lane))),
        title: words.mark(connection, mark),
        label,
    })
}

/// The last one of a heartbeat that was not read but inferred.
fn guessed(connection: &Connection, beat: &Heartbeat, axis: &Axis, words: Words<'_>) -> Option<Glyph> {
    let last = beat.last.filter(|_| beat.inferred)?;
    let lane = if beat.from == "server" { Lane::Server } else { Lane::Client };
    Some(Glyph {
        kind: Kind::Guess,
        x: Px(axis.x(last.time.unix_ns)),
        y: Px(lane_y(lane)),
        to_y: None,
        title: words.beat(connection, beat, last),
        label: None,
    })
}

impl Bar {
    /// The side that sent the messages.
    pub(in crate::report::html) const fn side(&self) -> &'static str {
        words::side(self.lane)
    }
}
