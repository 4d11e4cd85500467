//! Where on the path the capture was taken, and what says so.

use crate::flow::Side;
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
    pub why: Vec<String>,
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

type Clue = (Place, String);

fn forwarding(tcp: &Summary) -> Option<Clue> {
    let (client, server) = (&tcp.sides.client, &tcp.sides.server);
    let seen = "the same packets were seen arriving and leaving";
    let why = match () {
        () if client.seen_forwarded || server.seen_forwarded => format!("{seen}, with another hop count"),
        // One side's alone may be a host's own packets on their way through its bridge.
        () if client.seen_crossing && server.seen_crossing => seen.to_owned(),
        () => return None,
    };
    Some((Place::Between, why))
}

fn direction(tcp: &Summary) -> Option<Clue> {
    let (client, server) = (&tcp.sides.client, &tcp.sides.server);
    let local = match (client.seen_leaving, server.seen_leaving) {
        (true, false) if server.seen_arriving => Side::Client,
        (false, true) if client.seen_arriving => Side::Server,
        _ => return None,
    };
    Some((Place::of(local), format!("the capturing host sent the {local}'s packets itself")))
}

fn delays(tcp: &Summary) -> Option<Clue> {
    let delays = tcp.handshake_delays?;
    let rtt = tcp.rtt().filter(|rtt| *rtt >= TELLING_RTT)?;
    let share = delays.client.as_secs_f64() / rtt.as_secs_f64();
    let text = |near: Side| {
        let far = near.other();
        format!(
            "of the handshake's round trip of {:.1} ms, the {far} took {:.1} ms and the {near} {:.1} ms",
            millis(rtt),
            millis(*delays.get(near)),
            millis(*delays.get(far)),
        )
    };
    match share {
        share if share > 0.9 => Some((Place::Client, text(Side::Client))),
        share if share < 0.1 => Some((Place::Server, text(Side::Server))),
        _ => Some((Place::Between, "both halves of the handshake's round trip took time".to_owned())),
    }
}

fn hops(tcp: &Summary) -> Option<Clue> {
    let exact = |ttl: Option<u8>| ttl.is_some_and(|ttl| matches!(ttl, 64 | 128 | 255));
    let (client, server) = (tcp.sides.client.usual_ttl, tcp.sides.server.usual_ttl);
    let near = match (exact(client), exact(server)) {
        (true, false) => Side::Client,
        (false, true) => Side::Server,
        (false, false) if client.is_some() && server.is_some() => {
            return Some((Place::Between, "both sides' packets had passed a router".to_owned()));
        }
        _ => return None,
    };
    let ttl = tcp.sides.get(near).usual_ttl.unwrap_or_default();
    let far = near.other();
    Some((
        Place::of(near),
        format!("the {near}'s packets have the initial TTL {ttl}, the {far}'s have passed a router"),
    ))
}

fn millis(span: Span) -> f64 {
    span.as_secs_f64() * 1e3
}
