//! A connection of which nothing but its first SYN was seen, kept small: a scan or a flood has very many.

use crate::decode::{Direction, Encapsulation, IpFacts, Segment, TcpFlags};
use crate::flow::{Endpoint, Stamp};
use crate::tcp::Flow;

use super::tracked::{Context, Full};

/// The SYN, as it was.
#[derive(Debug)]
pub(super) struct Opening {
    at: Stamp,
    source: Endpoint,
    destination: Endpoint,
    ip: IpFacts,
    seq: u32,
    ack: u32,
    flags: TcpFlags,
    window: u16,
    options: Box<[u8]>,
    direction: Option<Direction>,
    encapsulation: Box<[Encapsulation]>,
}

impl Opening {
    /// A connection that begins with `segment`, if that is a SYN and nothing more.
    pub(super) fn new(segment: &Segment<'_>) -> Option<Self> {
        let flags = segment.flags;
        let is_bare = flags.has(TcpFlags::SYN) && !flags.has(TcpFlags::FIN) && !flags.has(TcpFlags::RST);
        (is_bare && segment.payload_len == 0).then(|| Self {
            at: segment.at,
            source: segment.source,
            destination: segment.destination,
            ip: segment.ip,
            seq: segment.seq,
            ack: segment.ack,
            flags,
            window: segment.window,
            options: segment.options.into(),
            direction: segment.direction,
            encapsulation: segment.encapsulation.into(),
        })
    }

    /// The whole state, which the next segment needs.
    #[inline(never)]
    pub(super) fn unfold(&self, context: &Context) -> Box<Full> {
        let segment = self.segment();
        let mut full = Box::new(Full::new(Flow::new(&segment), segment.encapsulation));
        full.push(&segment, context);
        full
    }

    fn segment(&self) -> Segment<'_> {
        Segment {
            at: self.at,
            source: self.source,
            destination: self.destination,
            ip: self.ip,
            seq: self.seq,
            ack: self.ack,
            flags: self.flags,
            window: self.window,
            options: &self.options,
            payload: &[],
            payload_len: 0,
            direction: self.direction,
            encapsulation: &self.encapsulation,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::analyze::Options;

    fn segment(flags: TcpFlags, options: &[u8]) -> Segment<'_> {
        let end = |port| Endpoint { ip: Ipv4Addr::LOCALHOST.into(), port };
        Segment {
            at: Stamp::default(),
            source: end(1000),
            destination: end(80),
            ip: IpFacts { ttl: 64, id: Some(7), dont_fragment: true, flow_label: 0 },
            seq: 5,
            ack: 9,
            flags,
            window: 512,
            options,
            payload: &[],
            payload_len: 0,
            direction: Some(Direction::Out),
            encapsulation: &[Encapsulation::Vlan(3)],
        }
    }

    #[test]
    fn it_becomes_what_it_would_have_been() {
        let context = Context::new(&Options::default());
        for flags in [TcpFlags::SYN, TcpFlags::SYN.with(TcpFlags::ACK)] {
            let segment = segment(flags, &[3, 3, 7, 0]);
            let mut whole = Full::new(Flow::new(&segment), segment.encapsulation);
            whole.push(&segment, &context);
            let unfolded = Opening::new(&segment).unwrap().unfold(&context);
            assert_eq!(format!("{unfolded:?}"), format!("{whole:?}"));
        }
    }

    #[test]
    fn only_a_bare_syn_is_kept_so_and_it_is_small() {
        for flags in [TcpFlags::ACK, TcpFlags::SYN.with(TcpFlags::FIN), TcpFlags::SYN.with(TcpFlags::RST)] {
            assert!(Opening::new(&segment(flags, &[])).is_none());
        }
        let with_payload = Segment { payload: b"x", payload_len: 1, ..segment(TcpFlags::SYN, &[]) };
        assert!(Opening::new(&with_payload).is_none());
        assert!(size_of::<Opening>() <= 152, "{}", size_of::<Opening>());
    }
}
