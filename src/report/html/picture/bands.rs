//! Shaded stretches: silences, and events that were not kept.

use super::super::super::units::{count, duration};
use super::super::super::view::{Connection, Gap, PacketRef, Time, TimelineEvent};
use super::Px;
use super::axis::Axis;
use super::strip::LETTER;
use super::words::Words;

/// Silences shaded at most, the longest ones.
const SHADED: usize = 40;

/// A band whose words would not fit in is told by its title alone.
const WORDY: f64 = 70.0;

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

/// The stretches in which something happened, those whose events were not kept included.
pub(super) fn busy(connection: &Connection) -> Vec<(i64, i64)> {
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

/// The shaded stretches of a connection.
pub(super) fn bands(connection: &Connection, axis: &Axis, words: Words<'_>) -> Vec<Band> {
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
