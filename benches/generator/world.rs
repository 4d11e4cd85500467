//! Runs all connections side by side and writes their packets in time order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, Write};

use super::connection::Connection;
use super::datagrams::Datagrams;
use super::pcap::PcapWriter;
use super::pool::Pool;
use super::profile::Profile;
use super::rng::Rng;
use super::tcp::{MILLI, SECOND};
use super::truth::TruthWriter;

/// 9 October 2025, 08:53:20 UTC.
const EPOCH: u64 = 1_760_000_000 * SECOND;

enum Actor {
    Connection(Box<Connection>),
    Datagrams(Datagrams),
    Gone,
}

/// Everything that takes part in a capture.
pub(crate) struct World<C: Write, T: Write> {
    profile: Profile,
    size: u64,
    rng: Rng,
    pool: Pool,
    actors: Vec<Actor>,
    due: BinaryHeap<Reverse<(u64, usize)>>,
    born: u64,
    packet: Vec<u8>,
    pub(crate) capture: PcapWriter<C>,
    pub(crate) truth: TruthWriter<T>,
}

impl<C: Write, T: Write> World<C, T> {
    /// A world that has not begun.
    pub(crate) fn new(profile: Profile, size: u64, seed: u64, capture: C, truth: T) -> io::Result<Self> {
        let mut rng = Rng::new(seed);
        let pool = Pool::new(&mut rng);
        Ok(Self {
            profile,
            size,
            rng,
            pool,
            actors: Vec::new(),
            due: BinaryHeap::new(),
            born: 0,
            packet: Vec::new(),
            capture: PcapWriter::new(capture)?,
            truth: TruthWriter::new(truth, profile.name, seed, profile.open)?,
        })
    }

    /// Writes the whole capture and its truth.
    pub(crate) fn run(&mut self) -> io::Result<()> {
        self.populate();
        while let Some(Reverse((at, index))) = self.due.pop() {
            self.step(at, index)?;
        }
        self.capture.flush()?;
        self.truth.finish(self.capture.packets(), self.capture.bytes())
    }

    fn populate(&mut self) {
        for index in 0..self.profile.open {
            let clock = EPOCH + self.rng.below(2 * SECOND);
            self.actors.push(Actor::Gone);
            self.replace(index, clock);
        }
        for _ in 0..self.profile.stations {
            self.actors.push(Actor::Datagrams(Datagrams::new(EPOCH, 40 * MILLI)));
            self.schedule(self.actors.len() - 1);
        }
    }

    /// Puts a new connection in the place of one that has ended.
    fn replace(&mut self, index: usize, clock: u64) {
        let connection = Connection::new(&mut self.rng, &self.profile, self.born, clock);
        self.born += 1;
        self.actors[index] = Actor::Connection(Box::new(connection));
        self.schedule(index);
    }

    /// True once the capture is large enough: nothing new begins, what has begun is finished.
    fn closing(&self) -> bool {
        self.capture.bytes() >= self.size
    }

    /// Notes when an actor wants to act next; false if never.
    fn schedule(&mut self, index: usize) -> bool {
        let closing = self.closing();
        let due = match &mut self.actors[index] {
            Actor::Connection(connection) => connection.due(&mut self.rng, &self.pool, closing),
            Actor::Datagrams(_) if closing => None,
            Actor::Datagrams(datagrams) => Some(datagrams.due(&mut self.rng)),
            Actor::Gone => None,
        };
        if let Some(at) = due {
            self.due.push(Reverse((at, index)));
        }
        due.is_some()
    }

    fn step(&mut self, at: u64, index: usize) -> io::Result<()> {
        match &mut self.actors[index] {
            Actor::Connection(connection) => {
                if let Some(segment) = connection.take() {
                    if self.profile.missing > 0.0 && self.rng.chance(self.profile.missing) {
                        connection.witness.miss(&segment);
                    } else {
                        connection.tcp.encode(&segment, &mut self.packet);
                        let number = self.capture.write(segment.at, &self.packet)?;
                        connection.witness.see(&segment, number);
                    }
                }
            }
            Actor::Datagrams(datagrams) => {
                if let Some((at, packet)) = datagrams.take() {
                    self.capture.write(at, &packet)?;
                }
            }
            Actor::Gone => {}
        }
        if !self.schedule(index) {
            self.end(at, index)?;
        }
        Ok(())
    }

    /// Records a connection that has no more to say, and lets a new one begin while there is room.
    fn end(&mut self, at: u64, index: usize) -> io::Result<()> {
        if let Actor::Connection(mut connection) = std::mem::replace(&mut self.actors[index], Actor::Gone) {
            self.truth.add(&mut connection)?;
            if !self.closing() {
                let clock = at + self.rng.wait(100 * MILLI);
                self.replace(index, clock);
            }
        }
        Ok(())
    }
}
