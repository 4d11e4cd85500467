//! Where on the path the capture was taken, and what says so.

use std::fmt;

use crate::flow::{Side, Sides};
use crate::tcp::Summary;
use crate::time::Span;

/// Round trips below this do not tell near from far.
const TELLING_RTT: Span = Span::from_millis(1);

/// Where the capture was taken.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Vantage {
    /// The place.
    pub at: Place,
    /// The facts that say so.
    pub why: Vec<Clue>,
}

/// A fact that says where a capture was taken; its text is for the report.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Clue {
    /// Packets were seen arriving and leaving, with another hop count or without.
    Forwarded {
        /// With another hop count.
        routed: bool,
    },
    /// The capturing host sent the packets of this side itself.
    Local(Side),
    /// One side waited for most of the handshake's round trip.
    Delays {
        /// That side.
        near: Side,
        /// The round trip.
        rtt: Span,
        /// How long each side waited for the other.
        delays: Sides<Span>,
    },
    /// Both halves of the handshake's round trip took time.
    BothDelay,
    /// One side's packets have an initial TTL, those of the other have passed a router.
    Hops {
        /// The side whose packets have it.
        near: Side,
        /// The TTL.
        ttl: u8,
    },
    /// Both sides' packets had passed a router.
    BothRouted,
}

/// A place on the path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Place {
    /// On the client's host.
    Client,
    /// On the server's host.
    Server,
    /// On the path between them.
    Between,
    /// It cannot be told.
    Unknown,
}

impl Place {
    /// The report's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
            Self::Between => "between",
            Self::Unknown => "unknown",
        }
    }

    /// The side whose host it is, where it is one's.
    pub const fn side(self) -> Option<Side> {
        match self {
            Self::Client => Some(Side::Client),
            Self::Server => Some(Side::Server),
            Self::Between | Self::Unknown => None,
        }
    }

    const fn of(side: Side) -> Self {
        match side {
            Side::Client => Self::Client,
            Side::Server => Self::Server,
        }
    }
}

pub(super) fn find(tcp: &Summary) -> Vantage {
    let clues = [forwarding(tcp), direction(tcp), delays(tcp), hops(tcp)];
    let mut found = clues.into_iter().flatten();
    let Some((at, why)) = found.next() else {
        return Vantage { at: Place::Unknown, why: Vec::new() };
    };
    let agreeing = found.filter(|(place, _)| *place == at).map(|(_, why)| why);
    Vantage { at, why: std::iter::once(why).chain(agreeing).collect() }
}

fn forwarding(tcp: &Summary) -> Option<(Place, Clue)> {
    let (client, server) = (&tcp.sides.client, &tcp.sides.server);
    let routed = client.seen_forwarded || server.seen_forwarded;
    // One side's alone may be a host's own packets on their way through its bridge.
    let crossing = client.seen_crossing && server.seen_crossing;
    (routed || crossing).then_some((Place::Between, Clue::Forwarded { routed }))
}

fn direction(tcp: &Summary) -> Option<(Place, Clue)> {
    let (client, server) = (&tcp.sides.client, &tcp.sides.server);
    let local = match (client.seen_leaving, server.seen_leaving) {
        (true, false) if server.seen_arriving => Side::Client,
        (false, true) if client.seen_arriving => Side::Server,
        _ => return None,
    };
    Some((Place::of(local), Clue::Local(local)))
}

fn delays(tcp: &Summary) -> Option<(Place, Clue)> {
    let delays = tcp.handshake_delays?;
    let rtt = tcp.rtt().filter(|rtt| *rtt >= TELLING_RTT)?;
    let share = delays.client.as_secs_f64() / rtt.as_secs_f64();
    let near = match share {
        share if share > 0.9 => Side::Client,
        share if share < 0.1 => Side::Server,
        _ => return Some((Place::Between, Clue::BothDelay)),
    };
    Some((Place::of(near), Clue::Delays { near, rtt, delays }))
}

fn hops(tcp: &Summary) -> Option<(Place, Clue)> {
    let exact = |ttl: Option<u8>| ttl.is_some_and(|ttl| matches!(ttl, 64 | 128 | 255));
    let (client, server) = (tcp.sides.client.usual_ttl, tcp.sides.server.usual_ttl);
    let near = match (exact(client), exact(server)) {
        (true, false) => Side::Client,
        (false, true) => Side::Server,
        (false, false) if client.is_some() && server.is_some() => {
            return Some((Place::Between, Clue::BothRouted));
        }
        _ => return None,
    };
    let ttl = tcp.sides.get(near).usual_ttl.unwrap_or_default();
    Some((Place::of(near), Clue::Hops { near, ttl }))
}

impl fmt::Display for Clue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let forwarded = "the same packets were seen arriving and leaving";
        match *self {
            Self::Forwarded { routed: true } => write!(f, "{forwarded}, with another hop count"),
            Self::Forwarded { routed: false } => f.write_str(forwarded),
            Self::Local(local) => write!(f, "the capturing host sent the {local}'s packets itself"),
            Self::Delays { near, rtt, delays } => {
                let far = near.other();
                write!(
                    f,
                    "of the handshake's round trip of {:.1} ms, the {far} took {:.1} ms and the {near} {:.1} ms",
                    millis(rtt),
                    millis(*delays.get(near)),
                    millis(*delays.get(far)),
                )
            }
            Self::BothDelay => f.write_str("both halves of the handshake's round trip took time"),
            Self::Hops { near, ttl } => {
                let far = near.other();
                write!(f, "the {near}'s packets have the initial TTL {ttl}, the {far}'s have passed a router")
            }
            Self::BothRouted => f.write_str("both sides' packets had passed a router"),
        }
    }
}

fn millis(span: Span) -> f64 {
    span.as_secs_f64() * 1e3
}
