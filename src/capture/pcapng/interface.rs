//! The interfaces of a pcapng section.

use pcap_parser::pcapng::{
    OptionCode, parse_interfacedescriptionblock_be, parse_interfacedescriptionblock_le,
};

use crate::capture::bytes::ByteOrder;
use crate::capture::clock::Clock;
use crate::capture::packet::LinkType;
use crate::capture::remarks::{About, InterfaceSummary, Remarks};

use super::statistics;

/// What the packets of an interface have in common.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Interface {
    pub(super) link: LinkType,
    /// Most bytes captured of one packet; 0 is no limit.
    pub(super) snaplen: u32,
    pub(super) clock: Clock,
    /// Packets lost on it, as its latest statistics say.
    pub(super) lost: Option<u64>,
}

impl Interface {
    /// Reads a whole interface description block, and lists what it says of the interface `id`.
    pub(super) fn read(block: &[u8], order: ByteOrder, id: u32, remarks: &mut Remarks) -> Option<Self> {
        let parsed = match order {
            ByteOrder::Big => parse_interfacedescriptionblock_be(block),
            ByteOrder::Little => parse_interfacedescriptionblock_le(block),
        };
        let (_, description) = parsed.ok()?;
        let (mut tsresol, mut tsoffset) = (6, 0);
        let link = LinkType((description.linktype.0 & 0xffff) as u16);
        let mut listed = InterfaceSummary {
            id,
            name: None,
            description: None,
            filter: None,
            link,
            snaplen: description.snaplen,
            dropped: None,
        };
        for (code, value) in statistics::options(&description.options) {
            match (code, value) {
                (OptionCode::IfTsresol, [resolution]) => tsresol = *resolution,
                // pcap-parser reads it in one byte order only.
                (OptionCode::IfTsoffset, value) => {
                    tsoffset = value.try_into().map_or(tsoffset, |value| order.i64(value));
                }
                (OptionCode::IfName, name) => listed.name = remarks.text(name),
                (OptionCode::IfDescription, text) => listed.description = remarks.text(text),
                // The first byte tells the kind: 0 is the text as it was given.
                (OptionCode::IfFilter, [0, filter @ ..]) => listed.filter = remarks.text(filter),
                (OptionCode::Comment, text) => {
                    remarks.comment(About::Interface(id), text);
                }
                _ => {}
            }
        }
        remarks.interface(listed);
        Some(Self { link, snaplen: description.snaplen, clock: Clock::new(tsresol, tsoffset), lost: None })
    }
}
