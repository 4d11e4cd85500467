//! The ways in which a WebSocket connection ends.

use super::frame::Opcode;
use super::line::{Burst, Line};
use super::rng::Rng;
use super::segment::Side;
use super::tcp::{MILLI, SECOND};

const REASONS: [&str; 8] = [
    "",
    "",
    "bye",
    "going away",
    "idle for too long",
    "shutting down \"now\"",
    "serveur arrêté",
    "再接続してください",
];
const CODES: [u16; 16] =
    [1000, 1000, 1000, 1001, 1001, 1002, 1003, 1007, 1008, 1009, 1011, 1012, 1013, 3000, 4000, 4999];

/// How a connection ends, and which side begins.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ending {
    /// Close and Close, then the end of TCP.
    Handshake(Side),
    /// Both sides send Close before they see the other's.
    Crossing(Side),
    /// Close that is never answered by a Close.
    Unanswered(Side),
    /// FIN without any Close.
    Fin(Side),
    /// RST without any Close.
    Rst(Side),
}

impl Ending {
    /// One of the endings, the orderly ones more often.
    pub(crate) fn any(rng: &mut Rng) -> Self {
        let side = rng.pick(&Side::BOTH);
        match rng.weighted(&[55, 5, 10, 15, 15]) {
            0 => Self::Handshake(side),
            1 => Self::Crossing(side),
            2 => Self::Unanswered(side),
            3 => Self::Fin(side),
            _ => Self::Rst(side),
        }
    }

    /// Plans the ending, at times after a silence.
    pub(crate) fn plan(self, line: &mut Line<'_>) {
        if line.rng.chance(0.2) {
            let seconds = line.rng.pick(&[10, 30, 60]);
            line.tcp.wait(seconds * SECOND + line.rng.wait(2 * MILLI));
        }
        match self {
            Self::Handshake(by) => handshake(line, by),
            Self::Crossing(by) => crossing(line, by),
            Self::Unanswered(by) => unanswered(line, by),
            Self::Fin(by) => {
                line.witness.record.ends("fin_without_close", by);
                fins(line, by);
            }
            Self::Rst(by) => {
                line.witness.record.ends("rst_without_close", by);
                let with_ack = line.rng.chance(0.7);
                line.tcp.rst(by, with_ack);
            }
        }
    }
}

/// Close by one side, Close by the other, and the end of TCP: mostly the server's FIN first.
fn handshake(line: &mut Line<'_>, by: Side) {
    line.witness.record.ends("close_handshake", by);
    let code = first_close(line, by);
    line.reach(by.other());
    answer(line, by.other(), code);
    if by.other() == Side::Server && line.rng.chance(0.5) {
        fins(line, Side::Server);
        return;
    }
    line.reach_and_ack(by);
    end_tcp(line);
}

fn crossing(line: &mut Line<'_>, by: Side) {
    line.witness.record.ends("close_handshake", by);
    first_close(line, by);
    line.tcp.wait(200_000);
    first_close(line, by.other());
    line.reach_and_ack(by);
    line.tcp.wait(200_000);
    line.tcp.receive(by.other());
    line.tcp.ack(by.other());
    end_tcp(line);
}

fn unanswered(line: &mut Line<'_>, by: Side) {
    line.witness.record.ends("close_unanswered", by);
    first_close(line, by);
    let ender = if line.rng.chance(0.7) { by } else { by.other() };
    line.reach_and_ack(by.other());
    line.tcp.wait(line.rng.pick(&[MILLI, SECOND, 10 * SECOND]));
    if line.rng.chance(0.2) {
        line.tcp.rst(ender, true);
    } else {
        fins(line, ender);
    }
}

/// Sends a Close with any code, none at times, and returns the code. A last message may come right before.
fn first_close(line: &mut Line<'_>, by: Side) -> Option<u16> {
    let code = (!line.rng.chance(0.05)).then(|| line.rng.pick(&CODES));
    let reason = if code.is_some() { line.rng.pick(&REASONS) } else { "" };
    let mut burst = Burst::new(by);
    if line.rng.chance(0.15) {
        let farewell = line.pool.json(line.rng, 80);
        line.frame(&mut burst, Opcode::Text, true, farewell.as_bytes());
    }
    line.close(&mut burst, code, reason);
    line.send(burst);
    code
}

/// Answers a Close by the same code.
fn answer(line: &mut Line<'_>, by: Side, code: Option<u16>) {
    let mut burst = Burst::new(by);
    line.close(&mut burst, code, "");
    line.send(burst);
}

/// Ends TCP after both Closes, the server first as the RFC wants, at times otherwise.
fn end_tcp(line: &mut Line<'_>) {
    line.tcp.wait(line.rng.wait(MILLI));
    match line.rng.weighted(&[85, 12, 3]) {
        0 => fins(line, Side::Server),
        1 => fins(line, Side::Client),
        _ => line.tcp.rst(line.rng.pick(&Side::BOTH), true),
    }
}

/// FIN by one side, then by the other, or its RST.
fn fins(line: &mut Line<'_>, by: Side) {
    line.tcp.fin(line.rng, by);
    line.reach(by.other());
    if line.rng.chance(0.3) {
        line.tcp.ack(by.other());
        line.tcp.wait(line.rng.wait(2 * MILLI));
    }
    if line.rng.chance(0.05) {
        line.tcp.rst(by.other(), true);
        return;
    }
    line.tcp.fin(line.rng, by.other());
    line.reach_and_ack(by);
}
