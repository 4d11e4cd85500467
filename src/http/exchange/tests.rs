use super::*;
use crate::flow::PacketRef;
use crate::http::{Fault, Requirement};
use crate::time::Timestamp;

/// What tests compare of an event.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Seen {
    Request(String),
    Upgraded(u16, Option<bool>),
    Refused(u16),
    AnswerMissing,
    Tunnel,
    Data(Side, Vec<u8>),
    Hole(Side, u64),
    GivenUp(GiveUp, Side),
}

impl Seen {
    fn of(event: Event<'_>) -> Self {
        match event {
            Event::Request(request) => Self::Request(request.path),
            Event::Upgraded(response) => Self::Upgraded(response.status, response.accept_valid),
            Event::Refused(response) => Self::Refused(response.status),
            Event::AnswerMissing { .. } => Self::AnswerMissing,
            Event::Tunnel { .. } => Self::Tunnel,
            Event::Data { side, bytes, .. } => Self::Data(side, bytes.to_vec()),
            Event::Hole { side, bytes, .. } => Self::Hole(side, bytes),
            Event::GivenUp { why, side, .. } => Self::GivenUp(why, side),
        }
    }
}

/// Adds what an event shows; data that follows data of the same side is joined to it.
fn note(seen: &mut Vec<Seen>, event: Event<'_>) {
    match (seen.last_mut(), Seen::of(event)) {
        (Some(Seen::Data(last, before)), Seen::Data(side, bytes)) if *last == side => before.extend(bytes),
        (_, new) => seen.push(new),
    }
}

fn stamp(packet: u64) -> Stamp {
    Stamp { packet: PacketRef { file: 0, packet }, time: Timestamp::from_nanos(packet as i64) }
}

/// A step of a scene.
#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Client(&'a [u8]),
    Server(&'a [u8]),
    ClientHole(u64),
    ServerHole(u64),
}

use Step::{Client as C, ClientHole, Server as S, ServerHole};

/// Plays a scene, each piece of bytes split into chunks of `size`.
fn play_split(steps: &[Step<'_>], size: usize) -> Vec<Seen> {
    let mut exchange = Exchange::new(&Limits::default());
    let mut seen = Vec::new();
    let mut packet = 0;
    for step in steps {
        let (side, bytes) = match *step {
            C(bytes) => (Side::Client, bytes),
            S(bytes) => (Side::Server, bytes),
            ClientHole(bytes) | ServerHole(bytes) => {
                let side = if matches!(step, ClientHole(_)) { Side::Client } else { Side::Server };
                exchange.gap(side, bytes, stamp(packet), &mut |event| note(&mut seen, event));
                continue;
            }
        };
        for chunk in bytes.chunks(size) {
            packet += 1;
            exchange.push(side, chunk, stamp(packet), &mut |event| note(&mut seen, event));
        }
    }
    seen
}

/// Plays a scene whole and byte by byte; both must show the same.
fn play(steps: &[Step<'_>]) -> Vec<Seen> {
    let seen = play_split(steps, usize::MAX);
    for size in [1, 2, 3, 7, 50] {
        assert_eq!(play_split(steps, size), seen, "chunks of {size}");
    }
    seen
}

const REQUEST: &[u8] = b"GET /chat?x=1 HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
const ANSWER: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

fn request() -> Seen {
    Seen::Request("/chat".to_owned())
}

fn upgraded() -> Seen {
    Seen::Upgraded(101, Some(true))
}

fn client(bytes: &[u8]) -> Seen {
    Seen::Data(Side::Client, bytes.to_vec())
}

fn server(bytes: &[u8]) -> Seen {
    Seen::Data(Side::Server, bytes.to_vec())
}

#[test]
fn an_upgrade_and_its_first_bytes() {
    let with_frame = [ANSWER, b"\x81\x01a"].concat();
    let seen = play(&[C(REQUEST), S(&with_frame), C(b"\x8a\x80")]);
    assert_eq!(seen, [request(), upgraded(), server(b"\x81\x01a"), client(b"\x8a\x80")]);
}
