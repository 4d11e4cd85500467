//! PACKETS → SEGMENTS: link layers, IP and TCP headers; the only room that knows etherparse.

mod segment;

pub use segment::{Direction, Encapsulation, IpFacts, Segment, TcpFlags};
