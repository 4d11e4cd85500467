//! Any bytes decoded as a packet.

use crate::capture::{LinkType, Packet};
use crate::decode::{Decoder, Segment, Skip};
use crate::flow::PacketRef;
use crate::limits::Limits;
use crate::time::Timestamp;

/// Link types that have a decoder; other first bytes stand for themselves.
const LINKS: [LinkType; 12] = [
    LinkType::NULL,
    LinkType::ETHERNET,
    LinkType::PPP,
    LinkType::RAW_BSD,
    LinkType::RAW_OPENBSD,
    LinkType::PPP_HDLC,
    LinkType::RAW,
    LinkType::LOOP,
    LinkType::LINUX_SLL,
    LinkType::IPV4,
    LinkType::IPV6,
    LinkType::LINUX_SLL2,
];

/// Decodes `data` as a packet; its first byte is the link type, the second how much of it was cut.
///
/// # Panics
///
/// When a segment holds what the packet does not, or when the decoder remembers an earlier packet.
pub fn decode(data: &[u8]) {
    let Some((&[link, cut], packet)) = data.split_first_chunk::<2>() else { return };
    let packet = Packet {
        at: PacketRef::new(0, 1),
        time: Timestamp::default(),
        link: LINKS.get(usize::from(link)).copied().unwrap_or_else(|| LinkType(u16::from(link))),
        data: packet,
        wire_len: packet.len() as u32 + u32::from(cut),
        direction: None,
        is_remarked: false,
    };
    let limits = Limits::default();
    let mut decoder = Decoder::new(&limits);
    let first = shown(&decoder.decode(&packet));
    let error = decoder.take_icmp_error();
    assert!(decoder.take_icmp_error().is_none(), "an ICMP error is given once");
    let again = shown(&decoder.decode(&packet));
    assert_eq!(first, again, "a second time");
    assert_eq!(format!("{error:?}"), format!("{:?}", decoder.take_icmp_error()), "a second time");
    let again = decoder.decode(&packet);
    assert!(error.is_none() || again.is_err(), "a segment is no ICMP error");
    if let Ok(segment) = again {
        check(&segment, packet.data, &limits);
    }
}

fn check(segment: &Segment<'_>, packet: &[u8], limits: &Limits) {
    assert!(segment.payload.len() as u64 <= u64::from(segment.payload_len));
    for part in [segment.payload, segment.options] {
        let (outer, inner) = (packet.as_ptr_range(), part.as_ptr_range());
        assert!(
            part.is_empty() || (outer.start <= inner.start && inner.end <= outer.end),
            "not in the packet"
        );
    }
    assert!(segment.options.len() <= 40);
    assert!(segment.tcp_options().count() <= segment.options.len());
    assert!(segment.encapsulation.len() <= limits.decode_nesting);
}

fn shown(result: &Result<Segment<'_>, Skip>) -> String {
    format!("{result:?}")
}
