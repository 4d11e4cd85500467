//! The part of a packet that is not yet decoded, and what was around it.

use crate::capture::{Direction, Packet};

use super::segment::Encapsulation;
use super::skip::Skip;

/// The rest of a packet: its captured bytes and its true length, which is never the smaller one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    pub(super) data: &'a [u8],
    pub(super) wire_len: usize,
}

impl<'a> Cursor<'a> {
    /// A whole packet.
    #[inline]
    pub(super) fn new(packet: &Packet<'a>) -> Self {
        Self { data: packet.data, wire_len: (packet.wire_len as usize).max(packet.data.len()) }
    }

    /// Takes the `N` bytes of a header below IP.
    #[inline]
    pub(super) fn take<const N: usize>(&mut self) -> Result<&'a [u8; N], Skip> {
        let (header, rest) = self.data.split_first_chunk().ok_or(Skip::TruncatedLinkHeader)?;
        self.data = rest;
        self.wire_len = self.wire_len.saturating_sub(N);
        Ok(header)
    }

    /// Passes over `len` bytes of a header below IP.
    pub(super) fn pass(&mut self, len: usize) -> Result<(), Skip> {
        self.data = self.data.get(len..).ok_or(Skip::TruncatedLinkHeader)?;
        self.wire_len = self.wire_len.saturating_sub(len);
        Ok(())
    }
}

/// What is around the IP packet: tags and tunnels up to a bound, outermost first, and the direction.
#[derive(Debug)]
pub(super) struct Wrapping {
    /// Which way the packet went, where the link layer tells.
    pub(super) direction: Option<Direction>,
    layers: Vec<Encapsulation>,
    most: usize,
}

impl Wrapping {
    /// Nothing yet, and at most `most` layers.
    pub(super) fn new(most: usize) -> Self {
        Self { direction: None, layers: Vec::new(), most }
    }

    /// Forgets what was around the packet before; the file may tell the direction.
    #[inline]
    pub(super) fn clear(&mut self, direction: Option<Direction>) {
        self.direction = direction;
        self.layers.clear();
    }

    /// Adds the next inner tag or tunnel.
    pub(super) fn push(&mut self, layer: Encapsulation) -> Result<(), Skip> {
        if self.layers.len() >= self.most {
            return Err(Skip::NestedTooDeep);
        }
        self.layers.push(layer);
        Ok(())
    }

    /// All tags and tunnels.
    #[inline]
    pub(super) fn layers(&self) -> &[Encapsulation] {
        &self.layers
    }
}
