//! A connection as two lanes over time, and its ending as a strip of its own.

use super::super::super::units::{count, duration};
use super::super::super::view::{Connection, FrameCounts, Gap, PacketRef, Seconds, Time, TimelineEvent};
use super::axis::{Axis, Break, Tick};
use super::labels::{self, Wish};
use super::marks::{self, Kind, Lane, Mark};
use super::words::{self, Words};
use super::{Px, ending};

/// The width of every picture.
const WIDTH: f64 = 960.0;

/// Where the lanes begin and end; their names stand before them.
const LEFT: f64 = 64.0;
const RIGHT: f64 = 944.0;

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
const ROW: f64 = 16.0;

/// The width of a letter of a label.
const LETTER: f64 = 6.6;

/// Silences shaded at most, the longest ones.
const SHADED: usize = 40;

/// A band whose words would not fit in is told by its title alone.
const WORDY: f64 = 70.0;

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

/// A stretch that is shaded: a silence, or events that were not kept.
#[derive(Clone, Debug)]
pub(in crate::report::html) struct Band {
    pub(in crate::report::html) left: Px,
    pub(in crate::report::html) width: Px,
    pub(in crate::report::html) middle: Px,
    pub(in crate::report::html) title: String,
    /// What is written in it, where there is room.
    pub(in crate::report::html) label: Option<String>,
    /// Events are missing here; otherwise it is a silence.
    pub(in crate::report::html) is_hole: bool,
}

/// A bar of messages.
#[derive(Clone, Debug)]
pub(in crate::report::html) struct Bar {
    pub(in crate::report::html) x: Px,
    pub(in crate::report::html) y: Px,
    pub(in crate::report::html) width: Px,
    pub(in crate::report::html) height: Px,
    pub(in crate::report::html) lane: Lane,
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

/// The ending, true to scale.
#[derive(Clone, Debug)]
pub(in crate::report::html) struct Ending {
    pub(in crate::report::html) height: Px,
    pub(in crate::report::html) client: Px,
    pub(in crate::report::html) server: Px,
    pub(in crate::report::html) axis: Px,
    /// How much time it shows.
    pub(in crate::report::html) length: String,
    /// The ending in words.
    pub(in crate::report::html) description: String,
    pub(in crate::report::html) ticks: Vec<Tick>,
    pub(in crate::report::html) steps: Vec<Step>,
    /// What follows further away.
    pub(in crate::report::html) later: Option<String>,
}

/// A packet of the ending, on its way from one lane to the other.
#[derive(Clone, Debug)]
pub(in crate::report::html) struct Step {
    pub(in crate::report::html) kind: Kind,
    pub(in crate::report::html) x: Px,
    pub(in crate::report::html) from_y: Px,
    pub(in crate::report::html) to_y: Px,
    pub(in crate::report::html) title: String,
    pub(in crate::report::html) label: Option<Label>,
    /// Where the line from the lane to the label ends.
    pub(in crate::report::html) leader_y: Px,
}

impl Strip {
    /// The picture of a connection; `None` where its timeline is not in the report.
    pub(in crate::report::html) fn new(connection: &Connection, words: Words<'_>) -> Option<Self> {
        let first = connection.timeline.first()?;
        let axis = Axis::compressed(&busy(connection), LEFT + 8.0, RIGHT - 8.0);
        let marks = marks::marks(connection, &axis);
        let (x, labels) = (Px, place_acts(connection, &marks));
        let glyphs =
            marks.iter().zip(labels).filter_map(|(mark, label)| glyph(connection, mark, label, words));
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
            bands: bands(connection, &axis, words),
            breaks: axis.breaks(),
            ticks: axis.ticks(),
            bars: marks
                .iter()
                .filter(|mark| mark.kind == Kind::Message)
                .map(|mark| bar(connection, mark, words))
                .collect(),
            pings: marks.iter().filter_map(|mark| ping(connection, mark, words, x)).collect(),
            glyphs: glyphs.collect(),
            legend: legend(&marks),
            ending: Ending::new(connection, words),
        })
    }
}

/// The kinds of marks that are there, in the order of a connection.
fn legend(marks: &[Mark]) -> Vec<(&'static str, &'static str, &'static str)> {
    let mut kinds: Vec<Kind> = marks.iter().map(|mark| mark.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.into_iter().map(|kind| (kind.symbol(), kind.name(), kind.meaning())).collect()
}

/// The stretches in which something happened, those whose events were not kept included.
fn busy(connection: &Connection) -> Vec<(i64, i64)> {
    let events = &connection.timeline;
    let stretch = |event: &TimelineEvent| {
        let start = event.time.unix_ns;
        let end = event.until.filter(|_| event.event != "idle").map_or(start, |until| until.unix_ns);
        (start, end.max(start))
    };
    let mut busy: Vec<(i64, i64)> = events.iter().map(stretch).collect();
    busy.extend(hole(connection));
    // A silence until the capture's end is shown as long as it was.
    let ends = connection.idle.gaps.iter().map(|gap| (gap.end.unix_ns, gap.end.unix_ns));
    busy.extend(ends);
    busy
}

/// Between the events that are kept before those that are not, and those after.
fn hole(connection: &Connection) -> Option<(i64, i64)> {
    let at = usize::try_from(connection.timeline_omitted_at?).ok()?;
    let (before, after) = (connection.timeline.get(at.checked_sub(1)?)?, connection.timeline.get(at)?);
    let start = before.until.unwrap_or(before.time);
    Some((start.unix_ns, after.time.unix_ns.max(start.unix_ns)))
}

fn bands(connection: &Connection, axis: &Axis, words: Words<'_>) -> Vec<Band> {
    let silence = |gap: &Gap| {
        let (from, to) = (words.names.packet(gap.from), words.names.packet(gap.to));
        let length = duration(gap.duration_s);
        let title = format!("{length} without a frame, {from} to {to}");
        band(axis, (gap.start.unix_ns, gap.end.unix_ns), title, format!("{length} idle"), false)
    };
    let listed = &connection.idle.gaps;
    let mut bands: Vec<Band> = listed.iter().take(SHADED).map(silence).collect();
    bands.extend(longest(connection).filter(|_| listed.is_empty()).as_ref().map(silence));
    if let Some(hole) = hole(connection) {
        let title = format!("{} not kept in memory", count(connection.timeline_omitted, "event"));
        bands.push(band(axis, hole, title.clone(), title, true));
    }
    bands
}

/// The longest silence, where none is long enough to be listed but it is much of the connection.
fn longest(connection: &Connection) -> Option<Gap> {
    const MUCH: i64 = 5;
    let idle = &connection.idle;
    let (from, to) = (idle.longest_from?, idle.longest_to?);
    let time = |at: PacketRef| {
        let mut events = connection.timeline.iter();
        events.find(|event| event.packet == Some(at)).map(|event| event.time)
    };
    let end = time(to)?;
    // What was before may be the last of a run of messages, which stands at the first of them.
    let start = Time { unix_ns: end.unix_ns.saturating_sub(idle.longest_s.0) };
    let is_much = idle.longest_s.0.saturating_mul(MUCH) > connection.duration_s.0;
    is_much.then_some(Gap { duration_s: idle.longest_s, from, to, start, end })
}

fn band(axis: &Axis, (start, end): (i64, i64), title: String, label: String, is_hole: bool) -> Band {
    let (left, right) = (axis.x(start), axis.x(end));
    let has_room = right - left >= WORDY.max(label.chars().count() as f64 * LETTER + 8.0);
    Band {
        left: Px(left),
        width: Px((right - left).max(1.0)),
        middle: Px((left + right) / 2.0),
        title,
        label: has_room.then_some(label),
        is_hole,
    }
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

fn is_end_act(event: &TimelineEvent) -> bool {
    matches!(event.event, "close" | "stream_end" | "stream_reset" | "fin" | "rst")
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
    if matches!(mark.kind, Kind::Message | Kind::Ping | Kind::UnansweredPing) {
        return None;
    }
    Some(Glyph {
        kind: mark.kind,
        x: Px(mark.left),
        y: Px(lane_y(mark.lane)),
        to_y: is_act(mark.kind).then(|| Px(other_y(mark.lane))),
        title: words.mark(connection, mark),
        label,
    })
}

/// What the picture shows, for those who do not see it.
fn description(connection: &Connection, words: Words<'_>) -> String {
    let frames = [("client", connection.frames.client), ("server", connection.frames.server)];
    let of = |(side, frames): (&str, FrameCounts)| {
        let (messages, pings) = (count(frames.messages, "message"), count(frames.ping, "ping"));
        format!("the {side} sent {messages} and {pings}")
    };
    let mut parts = vec![
        format!("Two lanes, client above server, over {}", duration(connection.duration_s)),
        frames.map(of).join(", "),
    ];
    if let (Some(from), Some(to)) = (connection.idle.longest_from, connection.idle.longest_to) {
        let longest = duration(connection.idle.longest_s);
        parts.push(format!(
            "longest silence {longest}, {} to {}",
            words.names.packet(from),
            words.names.packet(to)
        ));
    }
    let acts = connection.timeline.iter().filter(|event| is_end_act(event));
    let acts: Vec<String> = acts.take(6).map(|event| act(connection, event, words)).collect();
    parts.push(if acts.is_empty() {
        "no Close, FIN or RST".to_owned()
    } else {
        format!("end acts: {}", acts.join(", "))
    });
    parts.join("; ") + ". The timeline below says the same in a table."
}

/// `Close 1011 from the server (#20)`.
fn act(connection: &Connection, event: &TimelineEvent, words: Words<'_>) -> String {
    let packet = event.packet.map_or_else(String::new, |at| format!(" ({})", words.names.packet(at)));
    let from = event.from.map_or_else(String::new, |from| format!(" from the {from}"));
    format!("{}{from}{packet}", words::act(connection, event))
}

impl Bar {
    /// The side that sent the messages.
    pub(in crate::report::html) const fn side(&self) -> &'static str {
        words::side(self.lane)
    }
}

impl Step {
    /// It goes from the server, which is below, to the client.
    pub(in crate::report::html) fn is_up(&self) -> bool {
        self.to_y < self.from_y
    }
}

impl Ending {
    /// Rows of labels on either side.
    const ROWS: usize = 3;

    /// The client's lane.
    const CLIENT: f64 = 16.0 + ROW * Self::ROWS as f64;

    /// The server's lane.
    const SERVER: f64 = Self::CLIENT + 64.0;

    fn new(connection: &Connection, words: Words<'_>) -> Option<Self> {
        let range = ending::events(connection)?;
        let events = connection.timeline.get(range.clone())?;
        let (first, last) = (events.first()?.time.unix_ns, events.last()?.time.unix_ns);
        let length = last.saturating_sub(first);
        // What happened at one moment stands in the middle.
        let pad = if length <= 0 { 500_000 } else { 0 };
        let start = connection.timeline.first()?.time.unix_ns;
        let (from, to) = (first.saturating_sub(pad), last.saturating_add(pad));
        let axis = Axis::linear(start, from, to, LEFT + 24.0, RIGHT - 24.0);
        let later = connection.timeline.len() - range.end;
        let axis_y = Self::SERVER + ROW * Self::ROWS as f64 + 14.0;
        let told: Vec<String> = events.iter().map(|event| words.event(connection, event)).collect();
        Some(Self {
            height: Px(axis_y + 24.0),
            client: Px(Self::CLIENT),
            server: Px(Self::SERVER),
            axis: Px(axis_y),
            length: if length <= 0 { "one moment".to_owned() } else { duration(Seconds(length)) },
            description: told.join("; "),
            ticks: axis.ticks(),
            steps: Self::steps(connection, events, &axis, words),
            later: (later > 0).then(|| format!("{} later", count(later as u64, "event"))),
        })
    }

    fn steps(connection: &Connection, events: &[TimelineEvent], axis: &Axis, words: Words<'_>) -> Vec<Step> {
        let shown: Vec<(&TimelineEvent, Kind)> =
            events.iter().filter_map(|event| Some((event, Kind::of_step(event)?))).collect();
        let mut labels: Vec<Option<Label>> = vec![None; shown.len()];
        for lane in [Lane::Client, Lane::Server] {
            let mine: Vec<usize> =
                (0..shown.len()).filter(|&index| marks::lane(shown[index].0) == lane).collect();
            let texts: Vec<String> =
                mine.iter().map(|&index| step_label(connection, shown[index].0, words)).collect();
            let wish = |(&index, text): (&usize, &String)| Wish {
                x: axis.x(shown[index].0.time.unix_ns),
                width: text.chars().count() as f64 * LETTER,
            };
            let wishes: Vec<Wish> = mine.iter().zip(&texts).map(wish).collect();
            let places = labels::place(&wishes, Self::ROWS, LEFT, RIGHT);
            for ((index, text), place) in mine.into_iter().zip(texts).zip(places) {
                let label = |place: labels::Place| {
                    let away = 14.0 + ROW * place.row as f64;
                    let y =
                        if lane == Lane::Client { Self::CLIENT - away } else { Self::SERVER + away + 9.0 };
                    Label { x: Px(place.left), y: Px(y), text }
                };
                labels[index] = place.map(label);
            }
        }
        let step = |((event, kind), label): ((&TimelineEvent, Kind), Option<Label>)| {
            let lane = marks::lane(event);
            let (from, to) = if lane == Lane::Client {
                (Self::CLIENT, Self::SERVER)
            } else {
                (Self::SERVER, Self::CLIENT)
            };
            let towards = if lane == Lane::Client { 3.0 } else { -10.0 };
            Step {
                kind,
                x: Px(axis.x(event.time.unix_ns)),
                from_y: Px(from),
                to_y: Px(to),
                title: words.event(connection, event),
                leader_y: Px(label.as_ref().map_or(from, |label| label.y.0 + towards)),
                label,
            }
        };
        shown.into_iter().zip(labels).map(step).collect()
    }
}

/// `#22 FIN`.
fn step_label(connection: &Connection, event: &TimelineEvent, words: Words<'_>) -> String {
    let packet = event.packet.map_or_else(String::new, |at| words.names.packet(at) + " ");
    packet + &words::act(connection, event)
}
