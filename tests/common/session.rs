//! A WebSocket made by hand: what each side says, as packets of one TCP connection.

/// Who sends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Side {
    Client,
    Server,
}

impl Side {
    pub(crate) fn other(self) -> Self {
        if self == Self::Client { Self::Server } else { Self::Client }
    }

    pub(crate) fn name(self) -> &'static str {
        if self == Self::Client { "client" } else { "server" }
    }
}

/// A captured Ethernet frame.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub(crate) nanos: u64,
    pub(crate) data: Vec<u8>,
}

/// A segment before it is put on the wire.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) from: Side,
    /// Offset of the first byte in what the side sends.
    pub(crate) offset: usize,
    pub(crate) bytes: Vec<u8>,
}

/// Turns a side's bytes of one turn into segments; offsets count from the turn's first byte.
pub(crate) type Splitting<'a> = &'a dyn Fn(Segment) -> Vec<Segment>;

/// One connection, from SYN to its end.
pub(crate) struct Session<'a> {
    packets: Vec<Packet>,
    /// When the next packet is captured.
    clock: u64,
    sent: [usize; 2],
    fins: [u32; 2],
    splitting: Splitting<'a>,
}

const SYN: u8 = 0x02;
const FIN: u8 = 0x01;
const RST: u8 = 0x04;
const ACK: u8 = 0x10;

const START: u64 = 1_700_000_000_000_000_000;
const MILLISECOND: u64 = 1_000_000;

/// Initial sequence numbers; the client's wraps soon.
const ISN: [u32; 2] = [0xffff_ff80, 1000];

/// The key of RFC 6455's example, and the answer to it.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

impl<'a> Session<'a> {
    /// A connection whose upgrade was granted.
    pub(crate) fn open(splitting: Splitting<'a>) -> Self {
        Self::upgraded("/chat", "", splitting)
    }

    /// A connection whose upgrade to `path` was granted; `headers` are further lines of both heads.
    pub(crate) fn upgraded(path: &str, headers: &str, splitting: Splitting<'a>) -> Self {
        Self::asked("a", path, headers, splitting)
    }

    /// The same of a host with this name.
    pub(crate) fn asked(host: &str, path: &str, headers: &str, splitting: Splitting<'a>) -> Self {
        let upgrade = format!("Upgrade: websocket\r\nConnection: Upgrade\r\n{headers}");
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\n{upgrade}Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        );
        let answer =
            format!("HTTP/1.1 101 Switching Protocols\r\n{upgrade}Sec-WebSocket-Accept: {ACCEPT}\r\n\r\n");
        let mut session = Self::connected(splitting);
        session.say(Side::Client, request.as_bytes());
        session.say(Side::Server, answer.as_bytes());
        session
    }

    /// A connection on which nothing was said yet.
    pub(crate) fn connected(splitting: Splitting<'a>) -> Self {
        let mut session = Self { packets: Vec::new(), clock: START, sent: [0; 2], fins: [0; 2], splitting };
        session.control(Side::Client, SYN);
        session.control(Side::Server, SYN | ACK);
        session.control(Side::Client, ACK);
        session
    }

    /// One turn of a millisecond, however many segments it takes: a side sends, then the other
    /// acknowledges all of it.
    pub(crate) fn say(&mut self, from: Side, bytes: &[u8]) {
        let start = self.sent[from as usize];
        let whole = Segment { from, offset: 0, bytes: bytes.to_vec() };
        let turn = self.clock;
        for (segment, nanos) in (self.splitting)(whole).into_iter().zip((turn..).step_by(50)) {
            self.clock = nanos;
            let seq = sequence(from, start + segment.offset);
            self.packet(from, ACK, seq, &segment.bytes);
        }
        self.clock = turn + MILLISECOND;
        self.sent[from as usize] += bytes.len();
        self.control(from.other(), ACK);
    }

    pub(crate) fn fin(&mut self, from: Side) {
        self.control(from, FIN | ACK);
        self.fins[from as usize] = 1;
        self.control(from.other(), ACK);
    }

    pub(crate) fn rst(&mut self, from: Side) {
        self.control(from, RST | ACK);
    }

    /// Nobody says anything for so long; then the client acknowledges what it had.
    pub(crate) fn wait(&mut self, seconds: u64) {
        self.clock += seconds * 1000 * MILLISECOND;
        self.control(Side::Client, ACK);
    }

    pub(crate) fn into_packets(self) -> Vec<Packet> {
        self.packets
    }

    fn control(&mut self, from: Side, flags: u8) {
        let seq = match flags & SYN {
            0 => sequence(from, self.sent[from as usize]).wrapping_add(self.fins[from as usize]),
            _ => ISN[from as usize],
        };
        self.packet(from, flags, seq, &[]);
    }

    fn packet(&mut self, from: Side, flags: u8, seq: u32, payload: &[u8]) {
        let to = from.other();
        let ack = sequence(to, self.sent[to as usize]).wrapping_add(self.fins[to as usize]);
        let ports = if from == Side::Client { [50_000_u16, 80] } else { [80, 50_000] };
        let mut tcp = ports.map(u16::to_be_bytes).concat();
        tcp.extend([seq, if flags & ACK == 0 { 0 } else { ack }].map(u32::to_be_bytes).concat());
        tcp.extend([0x50, flags, 0x40, 0, 0, 0, 0, 0]);
        tcp.extend(payload);
        let mut data = vec![2; 12];
        data.extend([0x08, 0x00, 0x45, 0]);
        data.extend((20 + tcp.len() as u16).to_be_bytes());
        // Each packet has an identification of its own: none is a copy made on the way.
        data.extend((self.packets.len() as u16 + 1).to_be_bytes());
        data.extend([0x40, 0, 64, 6, 0, 0]);
        let hosts = [[10, 0, 0, 1], [10, 0, 0, 2]];
        data.extend([hosts[from as usize], hosts[to as usize]].concat());
        data.extend(tcp);
        self.packets.push(Packet { nanos: self.clock, data });
        self.clock += MILLISECOND;
    }
}

fn sequence(side: Side, offset: usize) -> u32 {
    ISN[side as usize].wrapping_add(1).wrapping_add(offset as u32)
}

/// A WebSocket frame as `from` has to send it.
pub(crate) fn frame(from: Side, first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = if from == Side::Client { 0x80 } else { 0 };
    let mut bytes = vec![first];
    if payload.len() < 126 {
        bytes.push(mask | payload.len() as u8);
    } else {
        bytes.push(mask | 126);
        bytes.extend((payload.len() as u16).to_be_bytes());
    }
    let key = [0x37, 0xfa, 0x21, 0x3d];
    match from {
        Side::Server => bytes.extend(payload),
        Side::Client => {
            bytes.extend(key);
            bytes.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
        }
    }
    bytes
}

/// The payload of a Close frame.
pub(crate) fn close(code: u16, reason: &str) -> Vec<u8> {
    [&code.to_be_bytes(), reason.as_bytes()].concat()
}
