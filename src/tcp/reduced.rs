//! A connection whose bytes are not of interest, reduced to what tells where it ends.

use crate::decode::{Segment, TcpFlags};
use crate::flow::Endpoint;

/// The little that is kept of a connection that carries something else.
#[derive(Clone, Copy, Debug)]
pub struct Reduced {
    pub(crate) client: Endpoint,
    pub(crate) syn: Option<u32>,
    pub(crate) fins: (bool, bool),
    pub(crate) ended: bool,
    /// Neither side had sent a byte.
    pub(crate) silent: bool,
}

impl Reduced {
    /// Whether `segment` starts a new connection between the same ends.
    pub fn is_followed_by(&self, segment: &Segment<'_>) -> bool {
        let opens = segment.flags.has(TcpFlags::SYN) && !segment.flags.has(TcpFlags::ACK);
        // Bytes after all: what looked like the end of a connection that never spoke was forged.
        let speaks = self.silent && segment.payload_len > 0;
        opens && self.syn != Some(segment.seq) || speaks
    }

    /// Follows a segment.
    pub fn push(&mut self, segment: &Segment<'_>) {
        if segment.flags.has(TcpFlags::FIN) {
            let from_client = segment.source == self.client;
            self.fins = (self.fins.0 || from_client, self.fins.1 || !from_client);
        }
        self.ended |= segment.flags.has(TcpFlags::RST) || self.fins == (true, true);
    }

    /// Whether an RST or both FINs were seen.
    pub const fn has_ended(&self) -> bool {
        self.ended
    }
}
