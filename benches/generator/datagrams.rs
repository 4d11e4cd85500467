//! Background packets without connections: DNS over UDP, and ARP.

use std::collections::VecDeque;
use std::net::Ipv4Addr;

use super::packet::{self, Host};
use super::rng::Rng;
use super::tcp::MILLI;

/// A station that resolves names and asks for neighbours.
pub(crate) struct Datagrams {
    clock: u64,
    pause: u64,
    queue: VecDeque<(u64, Vec<u8>)>,
}

impl Datagrams {
    /// A station that does something about every `pause` nanoseconds from `clock` on.
    pub(crate) fn new(clock: u64, pause: u64) -> Self {
        Self { clock, pause, queue: VecDeque::new() }
    }

    /// The time of the next packet, planned if need be.
    pub(crate) fn due(&mut self, rng: &mut Rng) -> u64 {
        if self.queue.is_empty() {
            self.clock += rng.wait(self.pause);
            if rng.chance(0.8) {
                self.resolve(rng);
            } else {
                self.ask_neighbour(rng);
            }
        }
        self.queue[0].0
    }

    /// Takes the next packet.
    pub(crate) fn take(&mut self) -> Option<(u64, Vec<u8>)> {
        self.queue.pop_front()
    }

    fn resolve(&mut self, rng: &mut Rng) {
        let id = rng.next() as u16;
        let client = host(rng.between(1, 250) as u8, rng.between(32_768, 60_999) as u16);
        let server = host(253, 53);
        let mut question = id.to_be_bytes().to_vec();
        question.extend_from_slice(&[1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        question.extend_from_slice(b"\x03www\x07example\x03com\x00\x00\x01\x00\x01");
        let mut answer = question.clone();
        answer[2..8].copy_from_slice(&[0x81, 0x80, 0, 1, 0, 1]);
        answer.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 198, 51, 100, rng.next() as u8]);
        let mut out = Vec::new();
        packet::udp(&mut out, &client, &server, rng.next() as u16, &question);
        self.push(out, rng.wait(10 * MILLI));
        let mut out = Vec::new();
        packet::udp(&mut out, &server, &client, rng.next() as u16, &answer);
        self.push(out, 0);
    }

    fn ask_neighbour(&mut self, rng: &mut Rng) {
        let one = ([2, 0, 0, 0, 1, 9], Ipv4Addr::new(10, 0, 0, 9));
        let two = ([2, 0, 0, 0, 1, 10], Ipv4Addr::new(10, 0, 0, 10));
        let mut out = Vec::new();
        packet::arp(&mut out, 1, one, two);
        self.push(out, rng.wait(MILLI));
        let mut out = Vec::new();
        packet::arp(&mut out, 2, two, one);
        self.push(out, 0);
    }

    fn push(&mut self, packet: Vec<u8>, then_wait: u64) {
        self.queue.push_back((self.clock, packet));
        self.clock += then_wait;
    }
}

fn host(last: u8, port: u16) -> Host {
    Host { mac: [2, 0, 0, 0, 9, last], ip: Ipv4Addr::new(10, 0, 0, last).into(), port, ttl: 64 }
}
