//! Large binary messages over many segments, in one frame or in several.

use std::collections::VecDeque;

use super::frame::{self, Opcode};
use super::line::{Burst, Line};
use super::rng::Rng;
use super::segment::Side;

const CHUNK: usize = 1 << 16;

struct Part {
    opcode: Opcode,
    fin: bool,
    length: usize,
}

/// A large message on its way.
pub(crate) struct Transfer {
    from: Side,
    parts: VecDeque<Part>,
    /// How much of the first part is sent, if its header is.
    sent: Option<usize>,
    mask: Option<[u8; 4]>,
}

impl Transfer {
    /// A message of 64 KiB to 4 MiB, mostly from the server.
    pub(crate) fn start(line: &mut Line<'_>) -> Self {
        let from = if line.rng.chance(0.7) { Side::Server } else { Side::Client };
        let most = 1 << line.rng.between(17, 22);
        let total = line.rng.between(64 << 10, most) as usize;
        let parts = parts(line.rng, total);
        for part in &parts {
            line.witness.record.frame(from, part.opcode, part.fin, part.length);
        }
        Self { from, parts, sent: None, mask: None }
    }

    /// Sends the next chunk and its acknowledgements; true when the message is complete.
    pub(crate) fn step(&mut self, line: &mut Line<'_>) -> bool {
        let mut burst = Burst::new(self.from);
        while burst.bytes.len() < CHUNK && self.fill(line, &mut burst) {}
        line.send_bytes(self.from, &burst.bytes);
        let step = (2 * line.tcp.largest(self.from)).min(CHUNK) as u64;
        line.tcp.acks(line.rng, self.from.other(), step);
        self.parts.is_empty()
    }

    /// Adds a header or payload; false when nothing is left.
    fn fill(&mut self, line: &mut Line<'_>, burst: &mut Burst) -> bool {
        let Some(part) = self.parts.front() else { return false };
        let Some(sent) = self.sent else {
            self.mask = line.mask(self.from);
            frame::header(&mut burst.bytes, part.opcode, part.fin, part.length, self.mask);
            self.sent = Some(0);
            return true;
        };
        let now = (part.length - sent).min(CHUNK - burst.bytes.len().min(CHUNK - 1));
        let noise = line.pool.noise(line.rng, now);
        frame::payload(&mut burst.bytes, noise, sent, self.mask);
        self.sent = Some(sent + now);
        if sent + now == part.length {
            self.parts.pop_front();
            self.sent = None;
        }
        true
    }
}

/// Cuts a message into one frame, or into frames of a fixed size as libraries do.
fn parts(rng: &mut Rng, total: usize) -> VecDeque<Part> {
    let size = if rng.chance(0.6) { total } else { rng.pick(&[16 << 10, 64 << 10, 128 << 10]) };
    let count = total.div_ceil(size);
    let part = |index: usize| Part {
        opcode: if index == 0 { Opcode::Binary } else { Opcode::Continuation },
        fin: index + 1 == count,
        length: size.min(total - index * size),
    };
    (0..count).map(part).collect()
}
