//! A WebSocket conversation of small messages, pings and pongs, with silences in between.

use super::bulk::Transfer;
use super::ending::Ending;
use super::frame::Opcode;
use super::line::{Burst, Line};
use super::rng::Rng;
use super::segment::Side;
use super::tcp::{MILLI, SECOND};
use super::upgrade;

/// A WebSocket connection from its handshake to its end.
pub(crate) struct Chat {
    started: bool,
    ended: bool,
    /// Exchanges left before the end.
    left: u64,
    /// The mean time between exchanges.
    pause: u64,
    /// True if messages are large.
    bulk: bool,
    transfer: Option<Transfer>,
    ending: Ending,
}

impl Chat {
    /// A conversation of about `mean` exchanges; every fifth is much shorter.
    pub(crate) fn new(rng: &mut Rng, mean: u64, pause: u64, bulk: bool) -> Self {
        let mean = if rng.chance(0.2) { mean.div_ceil(20) } else { mean };
        let left = rng.wait(mean);
        let ending = Ending::any(rng);
        Self { started: false, ended: false, left, pause, bulk, transfer: None, ending }
    }

    /// Plans what comes next; false if there is nothing more. No new exchange begins when `closing`.
    pub(crate) fn plan(&mut self, line: &mut Line<'_>, closing: bool) -> bool {
        if !self.started {
            self.started = true;
            line.tcp.open(line.rng);
            upgrade::accept(line);
            return true;
        }
        if let Some(transfer) = &mut self.transfer {
            if transfer.step(line) {
                self.transfer = None;
            }
            return true;
        }
        if self.ended || closing {
            return false;
        }
        line.tcp.wait(line.rng.wait(self.pause));
        self.advance(line);
        true
    }

    fn advance(&mut self, line: &mut Line<'_>) {
        if self.left == 0 {
            self.ended = true;
            self.ending.plan(line);
            return;
        }
        self.left -= 1;
        if line.rng.chance(0.001) {
            silence(line);
        }
        if self.bulk && line.rng.chance(0.8) {
            self.transfer = Some(Transfer::start(line));
        } else {
            exchange(line);
        }
    }
}

/// Plans one small exchange.
fn exchange(line: &mut Line<'_>) {
    match line.rng.weighted(&[30, 40, 15, 12, 2, 3]) {
        0 => question(line),
        1 => push(line, Side::Server),
        2 => push(line, Side::Client),
        3 => heartbeat(line),
        4 => fragments(line),
        _ => crossing(line),
    }
}

/// A quiet time, in some connections with TCP keep-alive probes.
fn silence(line: &mut Line<'_>) {
    let seconds = line.rng.between(10, 90);
    if line.rng.chance(0.3) {
        let side = line.rng.pick(&Side::BOTH);
        for _ in 0..seconds / 15 {
            line.tcp.wait(15 * SECOND);
            line.tcp.probe(line.rng, side);
        }
    } else {
        line.tcp.wait(seconds * SECOND);
    }
}

/// The client asks and the server answers.
fn question(line: &mut Line<'_>) {
    say(line, Side::Client, 1);
    line.reach(Side::Server);
    line.tcp.wait(line.rng.wait(MILLI));
    say(line, Side::Server, 1);
    line.reach_and_ack(Side::Client);
}

/// One side sends one to four messages, which the other side acknowledges.
fn push(line: &mut Line<'_>, from: Side) {
    let count = line.rng.between(1, 4);
    say(line, from, count);
    line.reach_and_ack(from.other());
}

fn say(line: &mut Line<'_>, from: Side, count: u64) {
    let mut burst = Burst::new(from);
    for _ in 0..count {
        message(line, &mut burst);
    }
    line.send(burst);
}

fn message(line: &mut Line<'_>, burst: &mut Burst) {
    let length = length(line.rng);
    if line.rng.chance(0.7) {
        let text = line.pool.json(line.rng, length);
        line.frame(burst, Opcode::Text, true, text.as_bytes());
    } else {
        let noise = line.pool.noise(line.rng, length);
        line.frame(burst, Opcode::Binary, true, noise);
    }
}

/// Mostly short payloads, some of a segment's size, few of several segments.
fn length(rng: &mut Rng) -> usize {
    let (low, high) = match rng.weighted(&[88, 11, 1]) {
        0 => (10, 125),
        1 => (126, 1_200),
        _ => (1_201, 6_000),
    };
    rng.between(low, high) as usize
}

/// A ping and its pong.
fn heartbeat(line: &mut Line<'_>) {
    let from = if line.rng.chance(0.7) { Side::Server } else { Side::Client };
    let length = line.rng.pick(&[0, 4, 4, 8, 16]);
    let payload = line.pool.noise(line.rng, length);
    control(line, from, Opcode::Ping, payload);
    line.reach(from.other());
    control(line, from.other(), Opcode::Pong, payload);
    line.reach_and_ack(from);
}

fn control(line: &mut Line<'_>, from: Side, opcode: Opcode, payload: &[u8]) {
    let mut burst = Burst::new(from);
    line.frame(&mut burst, opcode, true, payload);
    line.send(burst);
}

/// A message in several frames, at times with a ping between them.
fn fragments(line: &mut Line<'_>) {
    let from = line.rng.pick(&Side::BOTH);
    let count = line.rng.between(2, 5);
    let mut burst = Burst::new(from);
    let ping = line.pool.noise(line.rng, 4);
    let pinged = line.rng.chance(0.3);
    for index in 0..count {
        let length = length(line.rng);
        let text = line.pool.words(line.rng, length);
        let opcode = if index == 0 { Opcode::Text } else { Opcode::Continuation };
        line.frame(&mut burst, opcode, index + 1 == count, text.as_bytes());
        if index == 0 && pinged {
            line.frame(&mut burst, Opcode::Ping, true, ping);
        }
    }
    line.send(burst);
    line.reach(from.other());
    if pinged {
        control(line, from.other(), Opcode::Pong, ping);
        line.reach_and_ack(from);
    } else {
        line.tcp.ack(from.other());
    }
}

/// Both sides speak before they hear each other.
fn crossing(line: &mut Line<'_>) {
    say(line, Side::Server, 1);
    line.tcp.wait(300_000);
    say(line, Side::Client, 1);
    line.reach_and_ack(Side::Server);
    line.reach_and_ack(Side::Client);
}
