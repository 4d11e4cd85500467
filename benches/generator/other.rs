//! Connections that are no WebSocket: plain HTTP, something like TLS, binary protocols, port scans.

use super::line::Line;
use super::rng::Rng;
use super::segment::Side;
use super::tcp::{MILLI, SECOND};

/// What a connection that is no WebSocket speaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Protocol {
    Http,
    Tls,
    Binary,
    /// A SYN that is refused or left without an answer.
    Scan,
}

/// A connection of another protocol from its handshake to its end.
pub(crate) struct Other {
    protocol: Protocol,
    started: bool,
    ended: bool,
    left: u64,
    pause: u64,
}

impl Other {
    /// A connection of about `mean` exchanges.
    pub(crate) fn new(rng: &mut Rng, protocol: Protocol, mean: u64, pause: u64) -> Self {
        Self { protocol, started: false, ended: false, left: rng.wait(mean) + 1, pause }
    }

    /// Plans what comes next; false if there is nothing more. No new exchange begins when `closing`.
    pub(crate) fn plan(&mut self, line: &mut Line<'_>, closing: bool) -> bool {
        if self.ended || (closing && self.started) {
            return false;
        }
        if !self.started {
            self.start(line);
        } else if self.left == 0 {
            self.ended = true;
            end(line);
        } else {
            self.left -= 1;
            line.tcp.wait(line.rng.wait(self.pause));
            self.exchange(line);
        }
        true
    }

    fn start(&mut self, line: &mut Line<'_>) {
        self.started = true;
        if self.protocol == Protocol::Scan {
            self.ended = true;
            scan(line);
            return;
        }
        line.tcp.open(line.rng);
        if self.protocol == Protocol::Tls {
            hello(line);
        }
    }

    fn exchange(&self, line: &mut Line<'_>) {
        let (question, answer) = match self.protocol {
            Protocol::Tls => (record(line, 23, 100, 400), record(line, 23, 100, 12_000)),
            Protocol::Binary => (packed(line, 20, 200), packed(line, 20, 3_000)),
            Protocol::Http | Protocol::Scan => page(line),
        };
        line.send_bytes(Side::Client, &question);
        line.reach(Side::Server);
        if line.rng.chance(0.3) {
            line.tcp.ack(Side::Server);
            line.tcp.wait(line.rng.wait(5 * MILLI));
        }
        line.send_bytes(Side::Server, &answer);
        let step = 2 * line.tcp.largest(Side::Server) as u64;
        line.tcp.acks(line.rng, Side::Client, step);
    }
}

fn scan(line: &mut Line<'_>) {
    line.tcp.syn();
    if line.rng.chance(0.7) {
        line.reach(Side::Server);
        line.tcp.rst(Side::Server, true);
    }
}

/// FIN by either side, an RST at times.
fn end(line: &mut Line<'_>) {
    let by = line.rng.pick(&Side::BOTH);
    line.tcp.wait(line.rng.wait(SECOND));
    if line.rng.chance(0.1) {
        line.tcp.rst(by, true);
        return;
    }
    line.tcp.fin(line.rng, by);
    line.reach(by.other());
    line.tcp.fin(line.rng, by.other());
    line.reach_and_ack(by);
}

fn page(line: &mut Line<'_>) -> (Vec<u8>, Vec<u8>) {
    let id = line.rng.below(10_000);
    let high = if line.rng.chance(0.1) { 20_000 } else { 2_000 };
    let length = line.rng.between(80, high) as usize;
    let body = line.pool.words(line.rng, length);
    let question = format!(
        "GET /items/{id} HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n"
    );
    let answer = format!(
        "HTTP/1.1 200 OK\r\nServer: nginx/1.24.0\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    (question.into_bytes(), answer.into_bytes())
}

/// A message with its length in front, as many binary protocols have it.
fn packed(line: &mut Line<'_>, low: u64, high: u64) -> Vec<u8> {
    let length = line.rng.between(low, high) as usize;
    let mut out = (length as u32).to_be_bytes().to_vec();
    out.extend_from_slice(line.pool.noise(line.rng, length));
    out
}

/// A TLS record of noise.
fn record(line: &mut Line<'_>, kind: u8, low: u64, high: u64) -> Vec<u8> {
    let length = line.rng.between(low, high) as usize;
    let noise = line.pool.noise(line.rng, length);
    wrap(kind, noise)
}

fn wrap(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u16).to_be_bytes();
    let mut out = vec![kind, 3, 3, length[0], length[1]];
    out.extend_from_slice(body);
    out
}

/// A TLS 1.3 handshake as it looks from outside.
fn hello(line: &mut Line<'_>) {
    let client = handshake(line, 1, &client_tail());
    line.send_bytes(Side::Client, &client);
    line.reach(Side::Server);
    let mut server = handshake(line, 2, &[0x13, 1, 0, 0, 6, 0, 43, 0, 2, 3, 4]);
    server.extend_from_slice(&wrap(20, &[1]));
    server.extend_from_slice(&record(line, 23, 1_000, 3_000));
    line.send_bytes(Side::Server, &server);
    line.reach(Side::Client);
    let mut finished = wrap(20, &[1]);
    finished.extend_from_slice(&record(line, 23, 53, 53));
    line.send_bytes(Side::Client, &finished);
    line.reach_and_ack(Side::Server);
}

/// A hello with version, random and session id, then `tail`.
fn handshake(line: &mut Line<'_>, kind: u8, tail: &[u8]) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend_from_slice(&line.rng.bytes::<32>());
    body.push(32);
    body.extend_from_slice(&line.rng.bytes::<32>());
    body.extend_from_slice(tail);
    let length = (body.len() as u32).to_be_bytes();
    let mut message = vec![kind, length[1], length[2], length[3]];
    message.extend_from_slice(&body);
    wrap(22, &message)
}

/// Cipher suites, compression, and the extensions server name, ALPN and supported versions.
fn client_tail() -> Vec<u8> {
    let name = b"www.example.com";
    let length = name.len() as u8;
    let mut extensions = vec![0, 0, 0, length + 5, 0, length + 3, 0, 0, length];
    extensions.extend_from_slice(name);
    extensions.extend_from_slice(b"\x00\x10\x00\x0b\x00\x09\x08http/1.1");
    extensions.extend_from_slice(&[0, 43, 0, 3, 2, 3, 4]);
    let mut tail = vec![0, 4, 0x13, 1, 0x13, 2, 1, 0, 0, extensions.len() as u8];
    tail.extend_from_slice(&extensions);
    tail
}
