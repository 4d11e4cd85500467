//! Which connections are legs of one session, and which are one connection in two captures.

use std::num::NonZeroU64;

use crate::facts::Facts;
use crate::flow::{Side, Sides};
use crate::time::{Span, Timestamp};

use super::digest::Digest;
use super::{JoinedBy, Leg, Members};

/// Connections with the same key that are looked at; a key is random, so more are a replay.
const MOST: usize = 16;

/// Connections with the same key: one list for each leg, the client's end first, and in each the same
/// connection as the captures hold it.
pub(super) type Path = Vec<Vec<usize>>;

/// Groups of connections of which `key` says the same, in their order, where they are not too many.
pub(super) fn alike(
    members: &impl Members,
    key: impl Fn(usize, &Digest) -> Option<NonZeroU64>,
) -> Vec<Vec<usize>> {
    let keys = (0..members.len()).filter_map(|index| Some((key(index, members.digest(index))?, index)));
    let mut keys: Vec<_> = keys.collect();
    keys.sort_unstable();
    let groups = keys.chunk_by(|one, other| one.0 == other.0);
    let several = groups.filter(|group| (2..=MOST).contains(&group.len()));
    several.map(|group| group.iter().map(|(_, index)| *index).collect()).collect()
}

/// How far apart the same frame may pass on two legs.
const PASSED: Span = Span::from_secs(1);

/// The path of connections that carry the same frames of a client at the same time, with the same masking keys:
/// legs of one session where a leg has no key of an upgrade (HTTP/2, or a start before the capture).
///
/// A client whose masks repeat talks to one address again and again; a proxy's legs go to different ones.
pub(super) fn by_masks(legs: &[Leg<'_>]) -> Option<(Path, JoinedBy)> {
    let found: Vec<usize> = (0..legs.len()).collect();
    let connection = |index: usize| &legs[index].facts.connection;
    let masks = |index: usize| &connection(index).timeline.masks;
    let one = found[0];
    let together = found.iter().all(|&other| {
        let apart = (masks(other).first_at() - masks(one).first_at()).abs();
        (other == one || masks(one).are_of_the_same(masks(other)))
            && apart <= PASSED
            && file(legs[other].facts) == file(legs[one].facts)
    });
    let mut servers: Vec<_> = found.iter().map(|&index| connection(index).tcp.endpoints.server).collect();
    servers.sort_unstable();
    servers.dedup();
    if !together || servers.len() != found.len() {
        return None;
    }
    let mut path = found;
    path.sort_by_key(|&index| masks(index).first_at());
    Some((path.into_iter().map(|index| vec![index]).collect(), JoinedBy::Timing))
}

/// The path of connections with the same key of their upgrade requests.
///
/// The key is random and passes proxies unchanged: the same key on two connections is proof.
pub(super) fn by_key(legs: &[Leg<'_>]) -> Option<(Path, JoinedBy)> {
    let mut path: Path = Vec::new();
    for index in 0..legs.len() {
        let facts = legs[index].facts;
        match path.iter_mut().find(|leg| is_same_flow(legs[leg[0]].facts, facts)) {
            // Twice in one capture is a repetition, not a second view.
            Some(leg) if leg.iter().any(|&known| file(legs[known].facts) == file(facts)) => return None,
            Some(leg) => leg.push(index),
            None => path.push(vec![index]),
        }
    }
    for leg in &mut path {
        leg.sort_by_key(|&index| from_client(legs[index].facts));
    }
    sort_by_place(legs, &mut path);
    let joined_by = if path.len() == 1 { JoinedBy::SameFlow } else { JoinedBy::Key };
    (legs.len() >= 2).then_some((path, joined_by))
}

/// The capture that a connection is in.
pub(super) fn file(facts: &Facts) -> u32 {
    facts.connection.tcp.first.packet.file()
}

/// The same TCP connection: the same ends, or, behind a NAT, the same initial sequence numbers.
fn is_same_flow(one: &Facts, other: &Facts) -> bool {
    match (isns(one), isns(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one.connection.tcp.endpoints == other.connection.tcp.endpoints,
    }
}

fn isns(facts: &Facts) -> Option<(u32, u32)> {
    let sides = &facts.connection.tcp.sides;
    Some((sides.client.isn?, sides.server.isn?))
}

/// How far from the client a capture was taken: the nearer, the longer the server's half of the handshake.
fn from_client(facts: &Facts) -> Span {
    let delays = facts.connection.tcp.handshake_delays;
    delays.map_or(Span::ZERO, |delays| delays.server)
}

/// A proxy asks for the upgrade after it was asked; where the clocks differ, a leg that ends where another
/// begins comes before it.
fn sort_by_place(legs: &[Leg<'_>], path: &mut Path) {
    let facts = |leg: &Vec<usize>| legs[leg[0]].facts;
    let one_clock = path.iter().all(|leg| file(facts(leg)) == file(facts(&path[0])));
    if one_clock {
        path.sort_by_key(|leg| {
            facts(leg).connection.timeline.request.as_ref().map(|request| request.at.time)
        });
        return;
    }
    let ends = |leg: &Vec<usize>| {
        let Sides { client, server } = facts(leg).connection.tcp.endpoints;
        (client.ip, server.ip)
    };
    let begins = |leg: &Vec<usize>| {
        let (client, _) = ends(leg);
        path.iter().any(|other| ends(other).1 == client && ends(other).0 != client)
    };
    let asked_for: Vec<_> = path.iter().map(|leg| (begins(leg), names_a_client(facts(leg)))).collect();
    let mut order: Vec<_> = (0..path.len()).collect();
    order.sort_by_key(|&index| asked_for[index]);
    *path = order.into_iter().map(|index| path[index].clone()).collect();
}

/// A header of the request tells of a client behind its sender.
fn names_a_client(facts: &Facts) -> bool {
    let request = facts.connection.timeline.request.as_ref();
    request.is_some_and(|request| !request.via.is_empty())
}

/// How far the second clock is ahead of the first, from packets that both captures hold.
///
/// Each way gives a bound: the packet was not received before it was sent.
pub(super) fn clock_offset(one: &Facts, other: &Facts) -> Option<Span> {
    let ahead = |side: Side| {
        let pairs = sent(one, side).into_iter().zip(sent(other, side));
        pairs.filter_map(|(one, other)| Some((other? - one?).as_nanos()))
    };
    let forward = ahead(Side::Client).min()?;
    let back = ahead(Side::Server).map(i64::saturating_neg).min()?;
    Some(Span::from_nanos(forward.saturating_sub(back) / 2))
}

/// When packets of a side that any capture of its connection holds were seen.
fn sent(facts: &Facts, side: Side) -> [Option<Timestamp>; 3] {
    let (tcp, timeline) = (&facts.connection.tcp, &facts.connection.timeline);
    let syn = tcp.sides.get(side).syn;
    let head = match side {
        Side::Client => timeline.request.as_ref().map(|request| request.at),
        Side::Server => timeline.response.as_ref().map(|response| response.at),
    };
    let fin = timeline.fins.iter().find(|fin| fin.from == side).map(|fin| fin.at);
    [syn, head, fin].map(|at| at.map(|at| at.time))
}
