//! Packets written as capture files of every kind that is read.

use super::session::Packet;

/// A kind of capture file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Encoding {
    pub(crate) big_endian: bool,
    pub(crate) kind: Kind,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Pcap {
        /// Times in nanoseconds rather than microseconds.
        nanoseconds: bool,
    },
    PcapNg {
        /// `if_tsresol`; `None` for microseconds by default.
        resolution: Option<u8>,
        /// Blocks that a reader has to skip stand between the packets.
        strange_blocks: bool,
    },
}

/// Link type of Ethernet.
pub(crate) const ETHERNET: u16 = 1;

/// A time in ticks of an `if_tsresol`.
fn ticks(nanos: u64, resolution: Option<u8>) -> u64 {
    let nanos = u128::from(nanos);
    let ticks = match resolution.unwrap_or(6) {
        decimal @ 0..=9 => nanos / 10_u128.pow(9 - u32::from(decimal)),
        decimal @ 10..=127 => nanos * 10_u128.pow(u32::from(decimal) - 9),
        binary => (nanos << (binary & 0x7f)).div_ceil(1_000_000_000),
    };
    ticks as u64
}

impl Encoding {
    /// Microsecond pcap in little-endian order, as tcpdump writes it.
    pub(crate) const USUAL: Self = Self { big_endian: false, kind: Kind::Pcap { nanoseconds: false } };

    /// A big-endian pcapng with all that a reader has to understand or to skip.
    pub(crate) const STRANGE: Self =
        Self { big_endian: true, kind: Kind::PcapNg { resolution: Some(9), strange_blocks: true } };

    /// Every kind, in both byte orders.
    pub(crate) fn all() -> Vec<Self> {
        let pcap = [false, true].map(|nanoseconds| Kind::Pcap { nanoseconds });
        let pcapng = [None, Some(6), Some(9)].map(|resolution| {
            [false, true].map(|strange_blocks| Kind::PcapNg { resolution, strange_blocks })
        });
        let kinds = pcap.into_iter().chain(pcapng.into_iter().flatten());
        kinds.flat_map(|kind| [false, true].map(|big_endian| Self { big_endian, kind })).collect()
    }

    /// A capture file of these Ethernet packets.
    pub(crate) fn file(self, packets: &[Packet]) -> Vec<u8> {
        self.file_of(ETHERNET, packets)
    }

    /// A capture file of packets of this link type.
    pub(crate) fn file_of(self, link: u16, packets: &[Packet]) -> Vec<u8> {
        match self.kind {
            Kind::Pcap { nanoseconds } => self.pcap(link, packets, nanoseconds),
            Kind::PcapNg { resolution, strange_blocks } => {
                self.pcapng(link, packets, resolution, strange_blocks)
            }
        }
    }

    fn pcap(self, link: u16, packets: &[Packet], nanoseconds: bool) -> Vec<u8> {
        let (magic, tick) = if nanoseconds { (0xa1b2_3c4d, 1) } else { (0xa1b2_c3d4, 1000) };
        let mut file = self.u32(magic);
        file.extend([self.u16(2), self.u16(4)].concat());
        file.extend([0, 0, 65_535, u32::from(link)].map(|field| self.u32(field)).concat());
        for packet in packets {
            let (seconds, rest) = (packet.nanos / 1_000_000_000, packet.nanos % 1_000_000_000 / tick);
            let len = packet.data.len() as u32;
            file.extend([seconds as u32, rest as u32, len, len].map(|field| self.u32(field)).concat());
            file.extend(&packet.data);
        }
        file
    }

    fn pcapng(self, link: u16, packets: &[Packet], resolution: Option<u8>, strange_blocks: bool) -> Vec<u8> {
        let section = [self.u32(0x1a2b_3c4d), self.u16(1), self.u16(0), vec![0xff; 8]].concat();
        let mut interface = [self.u16(link), self.u16(0), self.u32(0)].concat();
        if let Some(resolution) = resolution {
            interface.extend([self.u16(9), self.u16(1), vec![resolution, 0, 0, 0], self.u32(0)].concat());
        }
        let mut file = [self.block(0x0a0d_0d0a, &section), self.block(1, &interface)].concat();
        for packet in packets {
            if strange_blocks {
                file.extend(self.block(0x7777, b"not a packet"));
            }
            let (ticks, len) = (ticks(packet.nanos, resolution), packet.data.len() as u32);
            let fields = [0, (ticks >> 32) as u32, ticks as u32, len, len].map(|field| self.u32(field));
            file.extend(self.block(6, &[fields.concat(), packet.data.clone()].concat()));
        }
        file
    }

    fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let padded = body.len().next_multiple_of(4);
        let len = self.u32(padded as u32 + 12);
        let padding = vec![0; padded - body.len()];
        [self.u32(kind), len.clone(), body.to_vec(), padding, len].concat()
    }

    fn u16(self, value: u16) -> Vec<u8> {
        if self.big_endian { value.to_be_bytes().to_vec() } else { value.to_le_bytes().to_vec() }
    }

    fn u32(self, value: u32) -> Vec<u8> {
        if self.big_endian { value.to_be_bytes().to_vec() } else { value.to_le_bytes().to_vec() }
    }
}
