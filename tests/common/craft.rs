//! Small captures made by hand.

/// The key of RFC 6455's example, and the answer to it.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

const SYN: u8 = 0x02;
const FIN: u8 = 0x01;
const PSH: u8 = 0x08;
const ACK: u8 = 0x10;

pub(crate) const TEXT: u8 = 1;
pub(crate) const CLOSE: u8 = 8;

/// One end of the connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum End {
    Client,
    Server,
}

use End::{Client, Server};

/// A connection from 192.0.2.1 to 192.0.2.2:80, one packet each millisecond.
pub(crate) struct Talk {
    client_port: u16,
    micros: u64,
    /// The next sequence numbers of the client and of the server.
    next: [u32; 2],
    /// Time in microseconds, and the bytes from the IP header on.
    packets: Vec<(u64, Vec<u8>)>,
}

impl Talk {
    /// Both ends have shaken hands.
    pub(crate) fn new(client_port: u16) -> Self {
        let mut talk = Self { client_port, micros: 0, next: [1000, 9000], packets: Vec::new() };
        talk.send(Client, SYN, &[]);
        talk.send(Server, SYN | ACK, &[]);
        talk.send(Client, ACK, &[]);
        talk
    }

    /// The client asks for `path`, and the server agrees; `headers` are further lines of both.
    pub(crate) fn upgrade(self, path: &str, headers: &str) -> Self {
        let common = format!("Upgrade: websocket\r\nConnection: Upgrade\r\n{headers}");
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: example.test\r\n{common}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
        );
        let answer =
            format!("HTTP/1.1 101 Switching Protocols\r\n{common}Sec-WebSocket-Accept: {ACCEPT}\r\n\r\n");
        self.data(Client, request.as_bytes()).data(Server, answer.as_bytes())
    }

    /// One whole frame of at most 125 bytes; the client's are masked.
    pub(crate) fn frame(self, from: End, opcode: u8, payload: &[u8]) -> Self {
        assert!(payload.len() <= 125);
        let mut bytes = vec![0x80 | opcode, payload.len() as u8];
        match from {
            Client => {
                let key = [0x37, 0xfa, 0x21, 0x3d];
                bytes[1] |= 0x80;
                bytes.extend(key);
                bytes.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
            }
            Server => bytes.extend(payload),
        }
        self.data(from, &bytes)
    }

    /// A Close frame with a code and a reason.
    pub(crate) fn close(self, from: End, code: u16, reason: &str) -> Self {
        self.frame(from, CLOSE, &[&code.to_be_bytes(), reason.as_bytes()].concat())
    }

    /// Both ends send their FIN.
    pub(crate) fn fins(mut self, first: End, second: End) -> Self {
        self.send(first, FIN | ACK, &[]);
        self.send(second, FIN | ACK, &[]);
        self.send(first, ACK, &[]);
        self
    }

    fn data(mut self, from: End, bytes: &[u8]) -> Self {
        self.send(from, PSH | ACK, bytes);
        self
    }

    fn send(&mut self, from: End, flags: u8, payload: &[u8]) {
        let (mine, other) = if from == Client { (0, 1) } else { (1, 0) };
        let ack = if flags & ACK == 0 { 0 } else { self.next[other] };
        let ports = [self.client_port, 80];
        let mut tcp = Vec::new();
        tcp.extend(ports[mine].to_be_bytes());
        tcp.extend(ports[other].to_be_bytes());
        tcp.extend(self.next[mine].to_be_bytes());
        tcp.extend(ack.to_be_bytes());
        tcp.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        tcp.extend(payload);
        self.next[mine] += payload.len() as u32 + u32::from(flags & (SYN | FIN) != 0);

        let addresses = [[192, 0, 2, 1], [192, 0, 2, 2]];
        let mut packet = vec![0x45, 0];
        packet.extend((20 + tcp.len() as u16).to_be_bytes());
        packet.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
        packet.extend(addresses[mine]);
        packet.extend(addresses[other]);
        packet.extend(tcp);
        self.packets.push((self.micros, packet));
        self.micros += 1000;
    }
}

/// The connections one after the other as a pcap file of raw IP packets, from 2023-11-14 22:13:20 UTC.
pub(crate) fn pcap(talks: &[Talk]) -> Vec<u8> {
    const START: u64 = 1_700_000_000;
    let head: [u32; 6] = [0xa1b2_c3d4, 0x0004_0002, 0, 0, 262_144, 101];
    let mut file: Vec<u8> = head.iter().flat_map(|word| word.to_le_bytes()).collect();
    for (number, talk) in (0..).zip(talks) {
        for (micros, packet) in &talk.packets {
            let time = [START + number + micros / 1_000_000, micros % 1_000_000];
            file.extend(time.iter().flat_map(|&word| (word as u32).to_le_bytes()));
            file.extend([(packet.len() as u32).to_le_bytes(); 2].concat());
            file.extend(packet);
        }
    }
    file
}
