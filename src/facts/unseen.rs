//! What of a side is not in the capture, where an end of its own may have been in it.

use crate::flow::{Side, Stamp};
use crate::time::Span;
use crate::timeline::{Connection, Event, EventKind, Kind, Unparsed};

use super::{Facts, one_sided};

/// What was said before the capture began is answered sooner.
const ANSWERED: Span = Span::from_secs(5);

/// Whether the answer to the upgrade may be among the bytes that are not in the capture.
pub(super) fn hides_answer(connection: &Connection) -> bool {
    let timeline = &connection.timeline;
    if timeline.response.is_some() || timeline.foreign_answer.is_some() {
        return false;
    }
    let asked = timeline.request.as_ref().map(|request| request.at.packet);
    // One byte is as well the server's FIN.
    let is_hole = |kind: &EventKind| matches!(kind, EventKind::Gap { bytes, .. } if *bytes > 1);
    let of_server = |event: Event| event.from == Some(Side::Server) && Some(event.at.packet) >= asked;
    one_sided::only(&connection.tcp).is_some() || timeline.history.rare(is_hole).any(of_server)
}

impl Facts {
    /// The part of what `side` sent that the capture does not hold, and in which it may have ended the
    /// connection before the first end act.
    pub fn unseen_of(&self, side: Side) -> Option<&'static str> {
        let connection = &self.connection;
        let unread = |stretch: &Unparsed| stretch.from == side && stretch.resynced_at.is_none();
        if connection.tcp.sides.get(side).segments == 0 {
            Some("what")
        } else if connection.timeline.unparsed.iter().any(unread) {
            Some("the end of what")
        } else if connection.timeline.stream.is_some() && connection.tcp.sides.get(side).lost_in_capture > 0 {
            // What comes behind a hole can be read on HTTP/2, although a frame of the stream is lost in it.
            Some("a part of what")
        } else if self.may_have_spoken_before(side) {
            Some("the beginning of what")
        } else {
            None
        }
    }

    /// Whether no frame of `side` was read although it may have sent some: bytes of it are missing, or the
    /// capture starts in the middle and the other side's end comes so soon that it may answer one sent before.
    fn may_have_spoken_before(&self, side: Side) -> bool {
        let connection = &self.connection;
        if connection.kind != Kind::Midstream || connection.timeline.frames.get(side).total() > 0 {
            return false;
        }
        let is_missing = connection.tcp.sides.get(side).lost_in_capture > 0;
        let soon = |at: Stamp| at.time - connection.tcp.first.time <= ANSWERED;
        is_missing || !connection.tcp.syn_seen && self.act.is_some_and(|act| soon(act.at))
    }
}
