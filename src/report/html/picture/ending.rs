//! Which events belong to the ending, to be shown enlarged and true to scale.

use std::ops::Range;

use super::super::super::view::{Connection, TimelineEvent};

/// Events of the ending that are drawn at most.
const MOST: usize = 24;

/// Events drawn before the first end act at most.
const BEFORE: usize = 8;

/// An event belongs to its neighbours where it is no further away than this many times what they span
/// together.
const NEAR: i64 = 3;

/// Events drawn behind an end act that stands alone at most, and how far away they may be: 5 s.
const FOLLOWING: usize = 3;
const LATER: i64 = 5_000_000_000;

/// What neighbours are taken to span at least: 2 ms.
const LEAST: i64 = 2_000_000;

/// The events of the ending, as indices into the timeline: the first end act, what came just before it,
/// and what followed while it followed closely.
pub(super) fn events(connection: &Connection) -> Option<Range<usize>> {
    let events = &connection.timeline;
    let is_end = |event: &TimelineEvent| is_end(connection, event);
    let first = events.iter().position(is_end)?;
    let time = |index: usize| events[index].time.unix_ns;
    let near = |span: i64, gap: i64| gap <= span.max(LEAST).saturating_mul(NEAR);
    let span = |from: usize, to: usize| time(to).saturating_sub(time(from));

    // One packet alone has no scale: what follows it gives it one.
    let scales =
        |end: usize| end - first <= FOLLOWING && span(first, end - 1) == 0 && span(first, end) <= LATER;
    let mut end = first + 1;
    while end < events.len()
        && end - first < MOST - BEFORE
        && (near(span(first, end - 1), span(end - 1, end))
            || is_end(&events[end]) && near_end(span(first, end))
            || scales(end))
    {
        end += 1;
    }
    let mut start = first;
    while start > 0 && first - start < BEFORE && near(span(start, end - 1), span(start - 1, start)) {
        start -= 1;
    }
    Some(start..end)
}

/// An answer to an end act belongs to it even where it takes as long as a far peer's.
const fn near_end(span: i64) -> bool {
    const PEER: i64 = 500_000_000;
    span <= PEER
}

/// A Close, FIN or RST; not an RST that had no effect.
fn is_end(connection: &Connection, event: &TimelineEvent) -> bool {
    let resets = &connection.tcp_end.resets;
    match event.event {
        "close" | "stream_end" | "stream_reset" | "fin" => true,
        "rst" => !resets.iter().any(|reset| Some(reset.packet) == event.packet && reset.role == "ignored"),
        _ => false,
    }
}
