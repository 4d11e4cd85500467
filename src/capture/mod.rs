//! BYTES → PACKETS: reads capture files; the only room that knows their formats.

mod packet;

pub use packet::{LinkType, Packet};
