//! Makes realistic captures of WebSocket traffic from a seed, and says what is true of them.
//!
//! A capture is written as it is made, so memory depends on the number of open connections only. The same
//! profile, size, seed and number of open connections give the same bytes.

mod bulk;
mod chat;
mod connection;
mod datagrams;
mod ending;
pub(crate) mod frame;
mod line;
mod loss;
mod other;
pub(crate) mod packet;
mod pcap;
mod pool;
pub(crate) mod profile;
pub(crate) mod record;
pub(crate) mod rng;
pub(crate) mod segment;
mod tcp;
mod truth;
mod upgrade;
pub(crate) mod witness;
mod world;

use std::io::{self, Write};

use profile::Profile;
use world::World;

/// What was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Summary {
    /// Packets in the capture.
    pub(crate) packets: u64,
    /// The size of the capture.
    pub(crate) bytes: u64,
    /// All TCP connections.
    pub(crate) tcp_connections: u64,
    /// Those of them with a WebSocket.
    pub(crate) websockets: u64,
}

/// Writes a capture of about `size` bytes to `capture` and what is true of it to `truth`.
pub(crate) fn generate<C: Write, T: Write>(
    profile: Profile,
    size: u64,
    seed: u64,
    capture: C,
    truth: T,
) -> io::Result<Summary> {
    let mut world = World::new(profile, size, seed, capture, truth)?;
    world.run()?;
    let totals = &world.truth.totals;
    Ok(Summary {
        packets: world.capture.packets(),
        bytes: world.capture.bytes(),
        tcp_connections: totals.tcp_connections,
        websockets: totals.websockets,
    })
}
