//! What happened on a connection, in order: owned values, each list under a bound.
//!
//! A [`Timeline`] is told what the stages before it saw and keeps counts, pairs and silences up to
//! date as it goes, so that nothing needs to be looked up in events that were not kept.

mod beats;
mod connection;
mod event;
mod history;
mod idle;
mod masks;
mod packed;
mod payload;
mod pings;
mod record;
mod recorder;
mod rhythm;
mod sealed;
mod snaplen;
mod spread;
mod stream;

pub use beats::Beats;
pub use connection::{Connection, Kind};
pub use event::{Event, EventKind, Guess, Messages};
pub use history::History;
pub use idle::{IdleClock, IdleGap, Silence};
pub use masks::Masks;
pub use pings::{LatePong, Pings, WaitingPing};
pub use record::{
    Close, CloseBody, Fin, ForeignAnswer, FrameCounts, Reason, Reset, Tls, TlsAlert, Undelivered, Unparsed,
    Violation,
};
pub use recorder::{Bounds, Timeline};
pub use rhythm::Rhythm;
pub use sealed::{InferredBeat, NotTls, Sealed};
pub use spread::Spread;
pub use stream::{GoAway, Stream, StreamEnd};
