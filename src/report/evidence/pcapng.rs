//! Writes pcapng files (draft-ietf-opsawg-pcapng), little-endian, with times in nanoseconds.

use std::io::{self, Write};

use crate::capture::{Direction, LinkType};
use crate::time::Timestamp;

/// Options of blocks, by their numbers.
const COMMENT: u16 = 1;
const APPLICATION: u16 = 4;
const FLAGS: u16 = 2;
const RESOLUTION: u16 = 9;

/// Bytes of one comment; an option holds 65,535.
const LONGEST_COMMENT: usize = 16 * 1024;

/// A packet to write.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    /// What its bytes begin with.
    pub link: LinkType,
    /// When it was captured.
    pub time: Timestamp,
    /// Its bytes.
    pub data: &'a [u8],
    /// Its length on the wire.
    pub wire_len: u32,
    /// Which way it went.
    pub direction: Option<Direction>,
    /// What to say of it.
    pub comment: &'a str,
}

/// A pcapng file being written.
#[derive(Debug)]
pub struct Pcapng<W> {
    out: W,
    interfaces: Vec<LinkType>,
}

impl<W: Write> Pcapng<W> {
    /// Begins the file; `comment` is about all of it.
    pub fn new(mut out: W, comment: &str) -> io::Result<Self> {
        let mut body = [0x1a2b_3c4d_u32.to_le_bytes(), [1, 0, 0, 0]].concat();
        body.extend([0xff; 8]);
        option(&mut body, COMMENT, cut(comment).as_bytes());
        option(&mut body, APPLICATION, concat!("whoclosed ", env!("CARGO_PKG_VERSION")).as_bytes());
        end_options(&mut body);
        block(&mut out, 0x0a0d_0d0a, &body)?;
        Ok(Self { out, interfaces: Vec::new() })
    }

    /// Adds TLS session secrets, in the format of a key log.
    pub fn secrets(&mut self, key_log: &[u8]) -> io::Result<()> {
        let mut body = [0x544c_534b_u32, key_log.len() as u32].map(u32::to_le_bytes).concat();
        body.extend(key_log);
        block(&mut self.out, 10, &body)
    }

    /// Adds a packet.
    pub fn packet(&mut self, packet: &Written<'_>) -> io::Result<()> {
        let interface = self.interface(packet.link)?;
        let nanos = packet.time.as_nanos() as u64;
        let lengths = [packet.data.len() as u32, packet.wire_len.max(packet.data.len() as u32)];
        let fields = [interface, (nanos >> 32) as u32, nanos as u32, lengths[0], lengths[1]];
        let mut body = fields.map(u32::to_le_bytes).concat();
        body.extend(packet.data);
        pad(&mut body);
        let direction = match packet.direction {
            Some(Direction::In) => 1_u32,
            Some(Direction::Out) => 2,
            None => 0,
        };
        if direction > 0 {
            option(&mut body, FLAGS, &direction.to_le_bytes());
        }
        option(&mut body, COMMENT, cut(packet.comment).as_bytes());
        end_options(&mut body);
        block(&mut self.out, 6, &body)
    }

    /// What it is written to.
    pub fn into_inner(self) -> W {
        self.out
    }

    /// The number of the interface with this link type, which is described where it is new.
    fn interface(&mut self, link: LinkType) -> io::Result<u32> {
        if let Some(known) = self.interfaces.iter().position(|each| *each == link) {
            return Ok(known as u32);
        }
        let mut body = [link.0.to_le_bytes(), [0, 0]].concat();
        body.extend([0; 4]);
        option(&mut body, RESOLUTION, &[9]);
        end_options(&mut body);
        block(&mut self.out, 1, &body)?;
        self.interfaces.push(link);
        Ok(self.interfaces.len() as u32 - 1)
    }
}

fn block(out: &mut impl Write, kind: u32, body: &[u8]) -> io::Result<()> {
    let padded = body.len().next_multiple_of(4);
    let len = (padded as u32 + 12).to_le_bytes();
    out.write_all(&kind.to_le_bytes())?;
    out.write_all(&len)?;
    out.write_all(body)?;
    out.write_all(&[0; 3][..padded - body.len()])?;
    out.write_all(&len)
}

fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    body.extend(code.to_le_bytes());
    body.extend((value.len() as u16).to_le_bytes());
    body.extend(value);
    pad(body);
}

fn end_options(body: &mut Vec<u8>) {
    body.extend([0; 4]);
}

fn pad(body: &mut Vec<u8>) {
    body.resize(body.len().next_multiple_of(4), 0);
}

fn cut(text: &str) -> &str {
    let end = (0..=LONGEST_COMMENT.min(text.len())).rev().find(|&at| text.is_char_boundary(at));
    &text[..end.unwrap_or(0)]
}
