//! PLAIN → FRAMES: WebSocket framing (RFC 6455).
//!
//! [`Reader`] turns the bytes of one direction into [`Event`]s. It never rejects: what breaks the
//! RFC is listed as a [`Violation`], what cannot be read is counted, and after a hole in the stream
//! it goes on only where a chain of frames proves that the framing holds again.

mod candidate;
mod close;
mod event;
mod framer;
mod header;
mod mask;
mod opcode;
mod plausible;
mod probe;
mod reader;
mod resync;
mod violation;

pub use close::{Close, CloseCode};
pub use event::{Event, Frame, GapReason};
pub use header::{Header, LengthForm, ReservedBits};
pub use mask::unmask;
pub use opcode::Opcode;
pub use probe::{Probe, probe};
pub use reader::Reader;
pub use violation::Violation;
