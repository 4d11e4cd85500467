//! What a connection's TCP tells the layers above, in the order of the capture.

use crate::flow::{Side, Stamp};

use super::assembler::GapReason;
use super::icmp::PathError;
use super::reset::ResetFacts;

/// One thing that a segment brought.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    /// The next bytes of a side's stream.
    Data(Data<'a>),
    /// Bytes of a side's stream that the capture does not hold.
    Gap(Gap),
    /// Anything else worth telling.
    Event(Event),
}

/// Bytes of a stream, in order.
#[derive(Clone, Copy, Debug)]
pub struct Data<'a> {
    /// The side that sent them.
    pub side: Side,
    /// Offset of the first byte in that side's stream.
    pub offset: i64,
    /// The bytes.
    pub bytes: &'a [u8],
    /// The packet that carried them.
    pub at: Stamp,
    /// How far that packet acknowledges the other side's stream.
    pub acked: i64,
}

/// A hole in a stream.
#[derive(Clone, Copy, Debug)]
pub struct Gap {
    /// The side whose bytes are missing.
    pub side: Side,
    /// How many bytes.
    pub bytes: u64,
    /// Where they end in that side's stream.
    pub end: i64,
    /// Why they are missing.
    pub why: GapReason,
    /// The packet that showed it.
    pub at: Stamp,
}

/// Something that happened on a connection beside its data.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// The side that sent the segment.
    pub side: Side,
    /// The segment's packet and time.
    pub at: Stamp,
    /// What happened.
    pub kind: EventKind,
}

/// Kinds of [`Event`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum EventKind {
    /// Payload bytes sent again.
    Retransmission {
        /// How many of the segment's bytes were there before.
        bytes: u32,
        /// Whether they differ from the first copy; `None` where that copy is gone.
        differs: Option<bool>,
    },
    /// A keep-alive probe (RFC 9293 §3.8.4).
    KeepAliveProbe,
    /// A probe of a closed window (RFC 9293 §3.8.6.1).
    ZeroWindowProbe,
    /// The side closed its receive window.
    ZeroWindow,
    /// The side opened its receive window again.
    WindowOpened,
    /// The side's first FIN.
    Fin {
        /// How far it acknowledges the other side's stream.
        acked: i64,
        /// Where the side's stream ends, the FIN's own number included.
        end: i64,
    },
    /// An RST in the side's name.
    Reset(ResetFacts),
    /// A router says that a segment of the side did not get through.
    IcmpError(PathError),
    /// A SYN with another initial sequence number on a connection that has not ended.
    SynOnOpenConnection,
}

/// An event as an item.
pub(super) const fn event(side: Side, at: Stamp, kind: EventKind) -> Item<'static> {
    Item::Event(Event { side, at, kind })
}
