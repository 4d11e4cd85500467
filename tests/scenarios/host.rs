//! One end of a connection: what it has sent and heard, and what its packets look like.

use std::net::IpAddr;

use crate::file::HostFacts;

/// One end of a connection.
pub(crate) struct Host {
    pub(crate) address: (IpAddr, u16),
    pub(crate) ttl: u8,
    pub(crate) ids: Ids,
    pub(crate) timestamps: bool,
    pub(crate) headers: Vec<String>,
    pub(crate) flow_label: u32,
    /// The next number it sends.
    pub(crate) next: u32,
    pub(crate) window: u16,
    /// None of its packets is captured.
    pub(crate) unseen: bool,
    /// From when on it neither hears nor answers.
    pub(crate) gone: Option<i64>,
    /// The payload it sent last.
    pub(crate) last_payload: Option<(u32, Vec<u8>)>,
    /// Its newest packet.
    pub(crate) newest: Option<Vec<u8>>,
    /// Everything it sent, for what the other side hears of it.
    pub(crate) sent: Vec<Sent>,
    /// How long after a packet passes the capture its answer passes it.
    pub(crate) round_trip: i64,
}

/// Something sent.
#[derive(Clone, Copy)]
pub(crate) struct Sent {
    pub(crate) nanos: i64,
    pub(crate) seq: u32,
    pub(crate) end: u32,
    pub(crate) ack: u32,
    pub(crate) lost: bool,
}

/// How a host numbers its packets.
pub(crate) enum Ids {
    Counter(u16),
    Zero,
    Random(u32),
}

impl Ids {
    pub(crate) fn next(&mut self) -> u16 {
        match self {
            Self::Counter(id) => {
                *id = id.wrapping_add(1);
                *id
            }
            Self::Zero => 0,
            Self::Random(state) => {
                *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (*state >> 16) as u16
            }
        }
    }
}

impl Host {
    pub(crate) fn new(facts: &HostFacts, ip: &str, port: u16, ttl: u8, round_trip: i64) -> Self {
        let port = facts.port.unwrap_or(port);
        let ip = facts.ip.as_deref().unwrap_or(ip).parse().unwrap();
        Self {
            address: (ip, port),
            ttl: facts.ttl.unwrap_or(ttl),
            ids: match facts.ids.as_str() {
                "counter" => Ids::Counter(port.wrapping_mul(7)),
                "zero" => Ids::Zero,
                "random" => Ids::Random(u32::from(port)),
                other => panic!("ids = {other}?"),
            },
            timestamps: facts.timestamps,
            headers: facts.headers.clone(),
            unseen: facts.unseen,
            flow_label: 0x12345 ^ u32::from(port),
            next: u32::from(port).wrapping_mul(77_777),
            window: 502,
            gone: None,
            last_payload: None,
            newest: None,
            sent: Vec::new(),
            round_trip,
        }
    }

    pub(crate) fn is_gone(&self, nanos: i64) -> bool {
        self.gone.is_some_and(|gone| nanos >= gone)
    }

    /// How far it has heard `peer` at `nanos`: what arrived in one piece.
    pub(crate) fn heard(&self, peer: &Self, nanos: i64) -> u32 {
        let arrived = self.arrived(peer, nanos);
        let Some(first) = peer.sent.first() else { return 0 };
        let mut heard = first.seq;
        loop {
            let further = arrived.iter().find(|sent| {
                sent.seq.wrapping_sub(heard) as i32 <= 0 && sent.end.wrapping_sub(heard) as i32 > 0
            });
            match further {
                Some(sent) => heard = sent.end,
                None => return heard,
            }
        }
    }

    /// The acknowledgement number of the newest packet of `peer` that has arrived.
    pub(crate) fn newest_ack(&self, peer: &Self, nanos: i64) -> u32 {
        peer.sent.iter().rfind(|sent| sent.nanos + self.round_trip <= nanos).map_or(0, |sent| sent.ack)
    }

    fn arrived<'a>(&self, peer: &'a Self, nanos: i64) -> Vec<&'a Sent> {
        let in_time = |sent: &&Sent| {
            let at = sent.nanos + self.round_trip;
            !sent.lost && at <= nanos && !self.is_gone(sent.nanos)
        };
        peer.sent.iter().filter(in_time).collect()
    }
}
