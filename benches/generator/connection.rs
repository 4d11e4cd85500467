//! A connection between two hosts: picks who talks about what, and hands out segments in time order.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::chat::Chat;
use super::line::Line;
use super::other::{Other, Protocol};
use super::packet::Host;
use super::pool::Pool;
use super::profile::Profile;
use super::rng::Rng;
use super::segment::{Segment, Side};
use super::tcp::Tcp;
use super::upgrade;
use super::witness::Witness;

/// Client addresses; with the ports they give every connection an address and port of its own.
const CLIENTS: u64 = 4_000;
const PORTS: u64 = 28_000;

enum Talk {
    Chat(Chat),
    Other(Other),
    Refused { done: bool },
}

/// A connection of the capture.
pub(crate) struct Connection {
    pub(crate) tcp: Tcp,
    pub(crate) witness: Witness,
    talk: Talk,
}

impl Connection {
    /// The connection number `born`, due at `clock`.
    pub(crate) fn new(rng: &mut Rng, profile: &Profile, born: u64, clock: u64) -> Self {
        let mix = &profile.mix;
        let weights = [mix.websocket, mix.refused, mix.http, mix.tls, mix.binary, mix.scan];
        let other = |rng: &mut Rng, protocol| {
            Talk::Other(Other::new(rng, protocol, profile.exchanges, profile.pause))
        };
        let (talk, ports): (_, &[u16]) = match rng.weighted(&weights) {
            0 => {
                let chat = Chat::new(rng, profile.exchanges, profile.pause, profile.bulk);
                (Talk::Chat(chat), &[80, 8080, 8088])
            }
            1 => (Talk::Refused { done: false }, &[80, 8080]),
            2 => (other(rng, Protocol::Http), &[80, 8080]),
            3 => (other(rng, Protocol::Tls), &[443]),
            4 => (other(rng, Protocol::Binary), &[20_023, 20_077]),
            _ => (other(rng, Protocol::Scan), &[21, 23, 80, 445]),
        };
        let port = rng.pick(ports);
        let (client, server) = hosts(rng, born, port);
        let mut tcp = Tcp::new(rng, client, server, clock);
        tcp.disturbance = profile.disturbance;
        if profile.bulk && rng.chance(0.5) {
            tcp.offload(rng.between(8, 44) as usize);
        }
        Self { tcp, witness: Witness::new(), talk }
    }

    /// The time of the next segment, planned if need be; none when the connection has nothing more to say.
    pub(crate) fn due(&mut self, rng: &mut Rng, pool: &Pool, closing: bool) -> Option<u64> {
        while self.tcp.queue.is_empty() {
            let mut line = Line { tcp: &mut self.tcp, rng, pool, witness: &mut self.witness };
            if !self.talk.plan(&mut line, closing) {
                return None;
            }
        }
        self.tcp.queue.front().map(|segment| segment.at)
    }

    /// Takes the next segment.
    pub(crate) fn take(&mut self) -> Option<Segment> {
        self.tcp.queue.pop_front()
    }

    /// Closes the record.
    pub(crate) fn finish(&mut self) {
        let sent = Side::BOTH.map(|side| self.tcp.next(side));
        self.witness.finish(sent);
    }
}

impl Talk {
    fn plan(&mut self, line: &mut Line<'_>, closing: bool) -> bool {
        match self {
            Self::Chat(chat) => chat.plan(line, closing),
            Self::Other(other) => other.plan(line, closing),
            Self::Refused { done: true } => false,
            Self::Refused { done } => {
                *done = true;
                line.tcp.open(line.rng);
                upgrade::refuse(line);
                true
            }
        }
    }
}

/// The two hosts of a connection, one in ten with IPv6.
fn hosts(rng: &mut Rng, born: u64, port: u16) -> (Host, Host) {
    let number = (born % CLIENTS) as u16;
    let client_port = (32_768 + born / CLIENTS % PORTS) as u16;
    let service = rng.between(1, 8) as u8;
    let (high, low) = ((number / 250) as u8, (number % 250) as u8 + 1);
    let (client, server): (IpAddr, IpAddr) = if number % 10 == 3 {
        let net = |part, last| Ipv6Addr::new(0x2001, 0xdb8, part, 0, 0, 0, 0, last).into();
        (net(1, number + 1), net(2, u16::from(service)))
    } else {
        (Ipv4Addr::new(10, 20, high, low).into(), Ipv4Addr::new(192, 0, 2, service).into())
    };
    let router =
        Host { mac: [2, 0, 0, 0, 0, 1], ip: client, port: client_port, ttl: rng.pick(&[52, 57, 116]) };
    let local = Host { mac: [2, 0, 0, 0, 0, 0x10 + service], ip: server, port, ttl: 64 };
    (router, local)
}
