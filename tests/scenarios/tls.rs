//! TLS 1.3 around what the ends say: a short handshake, and records under secrets that a key log may hold.

use aes_gcm::Aes128Gcm;
use aes_gcm::aead::{AeadInOut, KeyInit};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::script::Side;

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
pub(crate) const DATA: u8 = 23;

/// The records of one connection.
pub(crate) struct Tls {
    /// What tells this session from others.
    random: [u8; 32],
    /// Whether each side's records are sealed, and under which secret.
    sealing: [Option<Sealing>; 2],
}

/// A side's traffic secret, and the number of its next record.
struct Sealing {
    secret: [u8; 32],
    number: u64,
}

impl Tls {
    pub(crate) fn new(port: u16) -> Self {
        let mut random = [0x42; 32];
        random[..2].copy_from_slice(&port.to_be_bytes());
        Self { random, sealing: [None, None] }
    }

    /// The lines of its key log.
    pub(crate) fn key_log(&self) -> String {
        let labels = [
            ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", Side::Client, "handshake"),
            ("SERVER_HANDSHAKE_TRAFFIC_SECRET", Side::Server, "handshake"),
            ("CLIENT_TRAFFIC_SECRET_0", Side::Client, "data"),
            ("SERVER_TRAFFIC_SECRET_0", Side::Server, "data"),
        ];
        let line = |(label, side, what): &(&str, Side, &str)| {
            format!("{label} {} {}\n", digits(&self.random), digits(&self.secret(*side, what)))
        };
        labels.iter().map(line).collect()
    }

    /// What a side says of the handshake: the client's first words, the server's flight, the client's last.
    pub(crate) fn handshake(&mut self, side: Side, part: &str) -> Vec<u8> {
        match (side, part) {
            (Side::Client, "hello") => plain(HANDSHAKE, &self.client_hello()),
            (Side::Client, _) => {
                self.seal_from_here(side, "handshake");
                let bytes = self.record(side, HANDSHAKE, &message(20, &[7; 32]));
                self.seal_from_here(side, "data");
                bytes
            }
            (Side::Server, _) => {
                let hello = plain(HANDSHAKE, &self.server_hello());
                self.seal_from_here(side, "handshake");
                let flight = [message(8, &[0, 0]), message(11, &[0; 600]), message(20, &[7; 32])].concat();
                let sealed = self.record(side, HANDSHAKE, &flight);
                self.seal_from_here(side, "data");
                [hello, sealed].concat()
            }
        }
    }

    /// A record of a side, sealed where it has got so far.
    pub(crate) fn record(&mut self, side: Side, kind: u8, content: &[u8]) -> Vec<u8> {
        match &mut self.sealing[side as usize] {
            None => plain(kind, content),
            Some(sealing) => sealing.seal(kind, content),
        }
    }

    /// An alert of a side.
    pub(crate) fn alert(&mut self, side: Side, level: u8, description: u8) -> Vec<u8> {
        self.record(side, ALERT, &[level, description])
    }

    fn seal_from_here(&mut self, side: Side, what: &str) {
        self.sealing[side as usize] = Some(Sealing { secret: self.secret(side, what), number: 0 });
    }

    fn secret(&self, side: Side, what: &str) -> [u8; 32] {
        let mut secret = self.random;
        secret[2] = side as u8;
        secret[3] = what.len() as u8;
        secret
    }

    fn client_hello(&self) -> Vec<u8> {
        let name = b"chat.example";
        let sni = [&[0, name.len() as u8 + 3, 0, 0, name.len() as u8][..], name].concat();
        let extensions =
            [extension(0, &sni), extension(43, &[2, 3, 4]), extension(16, b"\x00\x09\x08http/1.1")];
        let extensions = extensions.concat();
        let body = [&[3, 3][..], &self.random, &[0, 0, 2, 0x13, 1, 1, 0], &length(&extensions), &extensions];
        message(1, &body.concat())
    }

    fn server_hello(&self) -> Vec<u8> {
        let extensions = extension(43, &[3, 4]);
        let random = [0x24; 32];
        let body = [&[3, 3][..], &random, &[0, 0x13, 1, 0], &length(&extensions), &extensions];
        message(2, &body.concat())
    }
}

impl Sealing {
    fn seal(&mut self, kind: u8, content: &[u8]) -> Vec<u8> {
        let key: [u8; 16] = self.expand("key");
        let mut nonce: [u8; 12] = self.expand("iv");
        nonce[4..].iter_mut().zip(self.number.to_be_bytes()).for_each(|(byte, other)| *byte ^= other);
        self.number += 1;
        let mut inner = [content, &[kind]].concat();
        let [high, low] = (inner.len() as u16 + 16).to_be_bytes();
        let header = [DATA, 3, 3, high, low];
        let aead = Aes128Gcm::new_from_slice(&key).unwrap();
        let tag = aead.encrypt_inout_detached(&nonce.into(), &header, (&mut inner[..]).into()).unwrap();
        [&header[..], &inner, &tag].concat()
    }

    /// HKDF-Expand-Label (RFC 8446 §7.1), for as much as one block of the hash gives.
    fn expand<const N: usize>(&self, label: &str) -> [u8; N] {
        let name = format!("tls13 {label}");
        let info = [&[0, N as u8, name.len() as u8][..], name.as_bytes(), &[0, 1]].concat();
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).unwrap();
        mac.update(&info);
        mac.finalize().into_bytes()[..N].try_into().unwrap()
    }
}

fn plain(kind: u8, content: &[u8]) -> Vec<u8> {
    [&[kind, 3, 3][..], &length(content), content].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind, 0][..], &length(body), body].concat()
}

fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &length(body), body].concat()
}

fn length(bytes: &[u8]) -> [u8; 2] {
    (bytes.len() as u16).to_be_bytes()
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
