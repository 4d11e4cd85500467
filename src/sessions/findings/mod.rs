//! What only many connections together show.
//!
//! Each kind sorts the connections once and compares neighbours: the time grows with n log n, and the
//! groups of one kind share no connection.

mod half_open;
mod heartbeat;
mod lifetime;
mod mass;
mod reset_source;
mod storm;
mod timeout;

use std::net::IpAddr;
use std::ops::Deref;

use crate::flow::Side;
use crate::time::Span;
use crate::verdict::Confidence;

use super::digest::{Digest, How};

/// Findings of one kind that are told, the largest first; a reader can do nothing with more.
const TOLD: usize = 16;

/// Something that only the whole set of connections shows.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// It in a sentence.
    pub text: String,
    /// The connections it is about, as indexes.
    pub connections: Vec<usize>,
    /// The time it is about.
    pub span: Option<Span>,
    /// How sure it is.
    pub confidence: Confidence,
    /// What to change.
    pub advice: String,
}

/// Kinds of [`Finding`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum FindingKind {
    /// Many connections of one host ended at the same moment.
    MassDisconnect,
    /// Several connections ended after the same silence.
    SharedTimeout,
    /// Several connections ended at the same age.
    SharedLifetime,
    /// A client connects again and again, at once after each end.
    ReconnectStorm,
    /// A client came back while its old connection was dead but not ended.
    HalfOpenDuplicates,
    /// Pings come hardly more often than the timeout that they are to beat.
    HeartbeatTooSlow,
    /// Forged RSTs of several connections look alike.
    ResetSource,
}

impl FindingKind {
    /// The report's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MassDisconnect => "mass_disconnect",
            Self::SharedTimeout => "shared_timeout",
            Self::SharedLifetime => "shared_lifetime",
            Self::ReconnectStorm => "reconnect_storm",
            Self::HalfOpenDuplicates => "half_open_duplicates",
            Self::HeartbeatTooSlow => "heartbeat_too_slow",
            Self::ResetSource => "reset_source",
        }
    }
}

/// A connection with what is said of it.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) index: usize,
    pub(super) digest: &'a Digest,
}

impl Deref for Known<'_> {
    type Target = Digest;

    fn deref(&self) -> &Digest {
        self.digest
    }
}

impl Known<'_> {
    /// The host that ended it, and how: its address, its side, and the Close code or the kind of segment.
    fn closer(&self) -> Option<Closer> {
        let act = self.act?;
        Some(Closer { ip: self.end(act.from).ip, side: Order(act.from), how: act.how })
    }
}

/// A host that ends connections in one way.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Closer {
    ip: IpAddr,
    side: Order,
    how: How,
}

/// A side that can be sorted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Order(Side);

impl Ord for Order {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.0 == Side::Server).cmp(&(other.0 == Side::Server))
    }
}

impl PartialOrd for Order {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Looks for one kind of finding.
type Search = fn(&[Known<'_>]) -> Vec<Finding>;

/// What the connections show together, kind by kind.
pub(super) fn find(known: &[Known<'_>]) -> Vec<Finding> {
    let kinds: [Search; 7] = [
        mass::find,
        timeout::find,
        lifetime::find,
        heartbeat::find,
        storm::find,
        half_open::find,
        reset_source::find,
    ];
    kinds.iter().flat_map(|kind| largest(kind(known))).collect()
}

fn largest(mut found: Vec<Finding>) -> Vec<Finding> {
    found.sort_by_key(|finding| {
        (std::cmp::Reverse(finding.connections.len()), finding.connections.first().copied())
    });
    found.truncate(TOLD);
    found
}

/// Connections by what `key` says of them, in the order of that; no group has fewer than `fewest`.
fn grouped<'a, K: Copy + Ord>(
    known: &[Known<'a>],
    fewest: usize,
    key: impl Fn(&Known<'a>) -> Option<K>,
) -> Vec<(K, Vec<Known<'a>>)> {
    let mut keyed: Vec<(K, Known<'a>)> = known.iter().filter_map(|each| Some((key(each)?, *each))).collect();
    keyed.sort_by_key(|(key, _)| *key);
    let groups = keyed.chunk_by(|(one, _), (other, _)| one == other);
    let large = groups.filter(|group| group.len() >= fewest);
    large.map(|group| (group[0].0, group.iter().map(|(_, each)| *each).collect())).collect()
}

/// Runs of connections whose values lie within `width` of the run's first, each run as long as it can be.
fn runs<'a>(mut group: Vec<(Span, Known<'a>)>, width: Span) -> Vec<Vec<(Span, Known<'a>)>> {
    group.sort_by_key(|(value, each)| (*value, each.index));
    let mut runs: Vec<Vec<(Span, Known<'a>)>> = Vec::new();
    for (value, each) in group {
        match runs.last_mut() {
            Some(run) if apart(value, run[0].0) <= width => run.push((value, each)),
            _ => runs.push(vec![(value, each)]),
        }
    }
    runs
}

/// The difference of two spans.
const fn apart(later: Span, earlier: Span) -> Span {
    Span::from_nanos(later.as_nanos().saturating_sub(earlier.as_nanos()))
}

fn indexes(group: &[Known<'_>]) -> Vec<usize> {
    let mut indexes: Vec<_> = group.iter().map(|each| each.index).collect();
    indexes.sort_unstable();
    indexes
}

/// How far apart the ends of a group are.
fn ends_apart(group: &[Known<'_>]) -> Span {
    let times = || group.iter().filter_map(|each| each.ended());
    match (times().min(), times().max()) {
        (Some(first), Some(last)) => last - first,
        _ => Span::ZERO,
    }
}
