//! Whether a chunk of an unknown stream looks like WebSocket frames.

use super::candidate::{Candidate, Fate, Start};
use super::header::ReservedBits;
use super::plausible::Plausibility;
use crate::flow::{Side, Stamp};

/// Weight that convinces; more than after a hole, since most unknown streams are no WebSocket.
const CONVINCING: u32 = 24;

/// What a chunk from the start of an unknown stream looks like.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Probe {
    /// The side that would send such frames: masked ones the client, others the server.
    pub sender: Side,
    /// Headers found one after another.
    pub frames: usize,
    /// Whether the last frame ends exactly at the chunk's end.
    pub exact: bool,
    /// How strongly this speaks for WebSocket: the power of two by which chance is less likely.
    ///
    /// Weights of chunks from both directions add up, if the two have different senders.
    pub weight: u32,
}

impl Probe {
    /// Whether chance and other protocols are practically excluded by this chunk alone.
    pub const fn is_convincing(&self) -> bool {
        self.weight >= CONVINCING && (self.exact || self.frames >= 4)
    }
}

/// Judges a chunk that starts where a segment's payload does; `None` where no frame starts there.
///
/// RSV1 is allowed, since compression may have been negotiated before. In a long chain the first
/// frames are enough: then `exact` is false although the chain may go on to the chunk's end.
pub fn probe(bytes: &[u8]) -> Option<Probe> {
    if is_one_byte_only(bytes) {
        return None;
    }
    let masked = bytes.get(1)? & 0x80 != 0;
    let sender = if masked { Side::Client } else { Side::Server };
    let start = Start { bytes: 0, missing: 0, at: Stamp::default(), at_chunk: true, tries: 1 };
    let mut candidate = Candidate::new(Plausibility::new(sender, ReservedBits::RSV1), start);
    let exact = match candidate.push(bytes, Stamp::default()) {
        Fate::Dead => return None,
        Fate::Alive => candidate.is_exact(),
        Fate::Certain(rest) => rest.is_empty(),
    };
    let chain = candidate.chain;
    (chain.headers > 0).then_some(Probe { sender, frames: chain.headers, exact, weight: chain.weight })
}

/// Whether one byte comes over and over: such filling would be a chain of headers for many a byte.
fn is_one_byte_only(bytes: &[u8]) -> bool {
    bytes.len() > 2 && bytes.windows(2).all(|pair| pair[0] == pair[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_convincing(bytes: &[u8]) -> bool {
        probe(bytes).is_some_and(|probe| probe.is_convincing())
    }

    #[test]
    fn masked_frames_come_from_the_client() {
        let text = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
        let seen = probe(&text.repeat(3)).unwrap();
        assert_eq!((seen.sender, seen.frames, seen.exact), (Side::Client, 3, true));
        assert!(seen.is_convincing());
        let one = probe(text).unwrap();
        assert!(one.exact && !one.is_convincing());
    }

    #[test]
    fn other_frames_come_from_the_server() {
        let seen = probe(b"\x81\x05Hello\x89\x00\xc2\x01a\x82").unwrap();
        assert_eq!((seen.sender, seen.frames, seen.exact), (Side::Server, 3, false));
        let exact = [&[0x82, 126, 0, 200][..], &[7; 200]].concat();
        assert!(is_convincing(&exact));
        assert!(is_convincing(b"\x88\x02\x03\xe8"));
        let ping = probe(b"\x89\x00").unwrap();
        let pong = probe(b"\x8a\x80abcd").unwrap();
        assert!(!ping.is_convincing() && ping.weight + pong.weight > CONVINCING);
    }

    #[test]
    fn long_chains_end_early() {
        let seen = probe(&b"\x81\x01a".repeat(1000)).unwrap();
        assert!(seen.is_convincing() && seen.frames < 40);
    }

    #[test]
    fn text_protocols() {
        let first: [&[u8]; 14] = [
            b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n\r\n",
            b"POST /a HTTP/1.1\r\n",
            b"AUTH a\r\n",
            b"BREW /pot HTTP/1.1\r\n",
            b"SSH-2.0-OpenSSH_9.6\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"*1\r\n$4\r\nPING\r\n",
            b"+PONG\r\n",
            b"$-1\r\n",
            b"220 mail ESMTP\r\n",
            b"A001 LOGIN a b\r\n",
            b"INFO {\"server_id\":1}\r\n",
            b"AMQP\0\0\x09\x01",
        ];
        for bytes in first {
            assert!(!is_convincing(bytes), "{}", bytes.escape_ascii());
            assert!(!is_convincing(&bytes.repeat(20)), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn binary_protocols() {
        let first: [&[u8]; 20] = [
            // TLS: client hello, change cipher spec, alert, application data.
            b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00",
            b"\x14\x03\x03\x00\x01\x01",
            b"\x15\x03\x03\x00\x02\x02\x28",
            b"\x17\x03\x03\x00\x04abcd",
            // SSLv2 hello.
            b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10",
            // HTTP/2: SETTINGS, its answer, HEADERS, a large DATA.
            b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64",
            b"\x00\x00\x00\x04\x01\x00\x00\x00\x00",
            b"\x00\x00\x04\x01\x05\x00\x00\x00\x01\x82\x84\x86\x41",
            b"\x01\x00\x00\x00\x00\x00\x00\x00\x01abc",
            // MQTT: CONNECT, PUBLISH, SUBSCRIBE, SUBACK, PINGREQ, PINGRESP.
            b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02ab",
            b"\x30\x05\x00\x01ahi",
            b"\x82\x06\x00\x01\x00\x01a\x00",
            b"\x90\x03\x00\x01\x00",
            b"\xc0\x00",
            b"\xd0\x00",
            // PostgreSQL: SSLRequest, startup, query.
            b"\x00\x00\x00\x08\x04\xd2\x16\x2f",
            b"\x00\x00\x00\x10\x00\x03\x00\x00user\x00a\x00\x00",
            b"Q\x00\x00\x00\x0dselect 1\x00",
            // MySQL greeting; memcached's binary answer.
            b"\x4a\x00\x00\x00\x0a8.0.36\x00",
            b"\x81\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
        ];
        for bytes in first {
            assert!(!is_convincing(bytes), "{}", bytes.escape_ascii());
        }
        for bytes in first {
            // MQTT's SUBSCRIBE is a binary frame, byte for byte; nobody sends many at once.
            let times = if bytes[0] == 0x82 { 2 } else { 20 };
            assert!(!is_convincing(&bytes.repeat(times)), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn dns_over_tcp() {
        let query = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x03com\x00\x00\x01\x00\x01";
        for pad in 0..600 {
            let len = (query.len() + pad) as u16;
            let message = [&len.to_be_bytes()[..], query, &vec![0; pad]].concat();
            assert!(!is_convincing(&message));
            assert!(!is_convincing(&message.repeat(8)));
        }
    }

    #[test]
    fn random_bytes() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut convincing = 0;
        for len in (7..1400).cycle().take(20_000) {
            let mut next = || {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 32) as u8
            };
            let bytes: Vec<u8> = (0..len).map(|_| next()).collect();
            convincing += usize::from(is_convincing(&bytes));
        }
        assert_eq!(convincing, 0);
    }

    #[test]
    fn filling() {
        for byte in 0..=255 {
            for len in [3, 6, 100, 1000] {
                assert_eq!(probe(&vec![byte; len]), None, "{byte:#04x} {len} times");
            }
        }
    }

    #[test]
    fn too_short_for_a_header() {
        assert_eq!(probe(b""), None);
        assert_eq!(probe(b"\x81"), None);
        assert_eq!(probe(b"\x81\xfe\x01"), None);
    }
}
