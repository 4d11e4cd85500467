//! What all pcapng blocks share: a type and a length.

use crate::capture::buffer::Buffer;
use crate::capture::bytes::ByteOrder;
use crate::capture::stop::Stop;

/// The type of a pcapng block, numbered as in the format's specification.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct BlockType(u32);

impl BlockType {
    /// Begins a section; the number reads the same in both byte orders.
    pub(super) const SECTION_HEADER: Self = Self(0x0a0d_0d0a);
    /// Describes an interface.
    pub(super) const INTERFACE_DESCRIPTION: Self = Self(1);
    /// A packet, in the form used before there was the enhanced one.
    pub(super) const PACKET: Self = Self(2);
    /// A packet of the first interface, without a time.
    pub(super) const SIMPLE_PACKET: Self = Self(3);
    /// The names of addresses.
    pub(super) const NAME_RESOLUTION: Self = Self(4);
    /// What an interface received and lost.
    pub(super) const INTERFACE_STATISTICS: Self = Self(5);
    /// A packet.
    pub(super) const ENHANCED_PACKET: Self = Self(6);
    /// Secrets that open what the packets carry.
    pub(super) const DECRYPTION_SECRETS: Self = Self(10);

    /// Whether such a block stands for a packet or begins a new section.
    pub(super) const fn ends_preamble(self) -> bool {
        matches!(self, Self::SECTION_HEADER | Self::PACKET | Self::SIMPLE_PACKET | Self::ENHANCED_PACKET)
            || self.is_numbered()
    }

    /// Whether Wireshark numbers such a block like a packet, although it is none: journal entries, custom
    /// blocks and Sysdig events.
    pub(super) const fn is_numbered(self) -> bool {
        matches!(self.0, 9 | 0x0bad | 0x4000_0bad | 0x204 | 0x216 | 0x221)
    }
}

/// Type and total length of a block.
#[derive(Clone, Copy, Debug)]
pub(super) struct BlockHead {
    pub(super) kind: BlockType,
    pub(super) len: usize,
}

impl BlockHead {
    /// Bytes of the shortest block, which hold a section header's byte-order magic as well.
    pub(super) const LEN: usize = 12;

    /// Reads the start of a block; that of a section header sets the byte order first.
    #[inline]
    pub(super) fn read(start: &[u8; Self::LEN], order: &mut ByteOrder, longest: usize) -> Result<Self, Stop> {
        let [k0, k1, k2, k3, l0, l1, l2, l3, magic @ ..] = *start;
        let kind = BlockType(order.u32([k0, k1, k2, k3]));
        if kind == BlockType::SECTION_HEADER {
            *order = byte_order(magic)?;
        }
        let len = order.u32([l0, l1, l2, l3]) as usize;
        if !len.is_multiple_of(4) || len < Self::LEN || len > longest {
            return Err(bad_length(len, longest));
        }
        Ok(Self { kind, len })
    }

    /// The whole block, at the beginning of `buffer`.
    #[inline]
    pub(super) fn block(self, buffer: &Buffer) -> &[u8] {
        buffer.filled().get(..self.len).unwrap_or_default()
    }
}

/// The byte order that a section header's magic tells.
fn byte_order(magic: [u8; 4]) -> Result<ByteOrder, Stop> {
    match magic {
        [0x1a, 0x2b, 0x3c, 0x4d] => Ok(ByteOrder::Big),
        [0x4d, 0x3c, 0x2b, 0x1a] => Ok(ByteOrder::Little),
        [a, b, c, d] => Err(Stop::Corrupt(format!(
            "the section header's byte-order magic is {a:02x} {b:02x} {c:02x} {d:02x}, neither 1a 2b 3c 4d nor 4d 3c 2b 1a"
        ))),
    }
}

/// The stop for a block length that cannot be.
#[cold]
fn bad_length(len: usize, longest: usize) -> Stop {
    let shortest = BlockHead::LEN;
    Stop::Corrupt(format!(
        "the block is damaged: it states a length of {len} bytes, a multiple of 4 from {shortest} to {longest} can be"
    ))
}
