//! From frames to the record: what a reader tells, with where its bytes stand.

use crate::flow::{Side, Sides, Stamp};
use crate::tcp;
use crate::timeline::{Reason, Timeline, Unparsed};
use crate::ws::{self, Reader};

use super::tracked::Context;

/// Where bytes stand in their stream, and what their packet acknowledges.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) end: i64,
    pub(super) acked: i64,
}

/// A record that knows of the newest segments, though they came before it.
pub(super) fn new_timeline(context: &Context, segments: [Stamp; 2]) -> Box<Timeline> {
    let mut timeline = Box::new(Timeline::new(context.bounds()));
    timeline.note_segments(segments);
    timeline
}

/// Reads a side's bytes as frames and tells the record.
#[inline(always)]
pub(super) fn frames(
    readers: &mut Sides<Reader>,
    timeline: &mut Timeline,
    side: Side,
    bytes: &[u8],
    at: Stamp,
    place: Place,
) {
    let reader = readers.get_mut(side);
    reader.preview(timeline.preview());
    reader.push(bytes, at, &mut |event| tell(timeline, side, event, place));
}

/// Tells the record what a reader saw.
#[inline]
pub(super) fn tell(timeline: &mut Timeline, from: Side, event: ws::Event<'_>, place: Place) {
    match event {
        ws::Event::Frame(frame) => timeline.frame(from, frame, place.end, place.acked),
        ws::Event::Violation { kind, at } => timeline.violation(from, at, kind),
        ws::Event::Unparsed { bytes, missing, why, at } => {
            let bytes = bytes.saturating_add(missing);
            let why = Reason::Framing(why);
            timeline.unparsed(Unparsed { from, bytes, why, at, resynced_at: None });
        }
        ws::Event::Resynced { at } => timeline.resynced(from, at),
        ws::Event::Unfinished(_) => {}
    }
}

/// TCP's reason for a hole in the words of the frames' room.
pub(super) const fn reason(why: tcp::GapReason) -> ws::GapReason {
    match why {
        tcp::GapReason::CaptureGap => ws::GapReason::CaptureGap,
        tcp::GapReason::Snaplen => ws::GapReason::Snaplen,
        tcp::GapReason::Limit => ws::GapReason::Limit,
    }
}
