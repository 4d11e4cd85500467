//! Puts what was found into the view: one function per part of the report, no judgement.

mod capture;
mod connection;
mod names;
pub(super) mod rank;
mod running;
mod silences;
mod timeline;
mod tls;
mod traffic;
mod verdict;
mod wireshark;

use std::collections::HashSet;
use std::sync::Arc;

use crate::analyze::{Analysis, Judged, Records};
use crate::capture::CaptureSummary;
use crate::sessions::{self, Digest, Members};
use crate::timeline::{Close, Kind};

pub use running::Running;

use super::view::{Compose, Connection, Connections, Finding, IpFragments, Outline, Session, Summary, View};

/// What the user may set about the report's contents.
#[derive(Clone, Copy, Debug, Default)]
pub struct Contents {
    /// Keep the query of request paths; it often holds tokens.
    pub show_query: bool,
    /// The connections whose timeline is put into words.
    pub timelines: Timelines,
}

/// The connections whose timeline a report shows.
#[derive(Clone, Copy, Debug, Default)]
pub enum Timelines {
    /// Every connection's.
    #[default]
    All,
    /// That of the worst connections, this many.
    Worst(usize),
    /// That of the connection with this number.
    Only(u32),
}

impl Timelines {
    /// Which connections' timelines are shown, where the worst come in this order.
    fn shown(self, worst_first: &[u32]) -> Option<HashSet<u32>> {
        match self {
            Self::All => None,
            Self::Worst(most) => Some(worst_first.iter().take(most).copied().collect()),
            Self::Only(only) => Some([only].into()),
        }
    }
}

impl View {
    /// The report on what was found in `captures`.
    pub fn new(analysis: Analysis, captures: Vec<CaptureSummary>, contents: Contents) -> Self {
        let ids: Vec<u32> = (1..).take(analysis.connections.len()).collect();
        Self::numbered(analysis, &ids, captures, contents)
    }

    /// The report in which the connections have these numbers.
    fn numbered(analysis: Analysis, ids: &[u32], captures: Vec<CaptureSummary>, contents: Contents) -> Self {
        let summary = summary(&analysis);
        let views = capture::views(&captures, &analysis);
        let (findings, sessions) = (&analysis.findings, &analysis.sessions);
        let findings = findings.iter().map(|each| finding(each, ids)).collect();
        let sessions = sessions.iter().map(|each| session(each, ids)).collect();
        let outlines = analysis.connections.digests().zip(ids).map(|(digest, &id)| outline(id, digest));
        let worst_first = rank::worst_first(outlines.map(rank::Entry::from));
        let shown = contents.timelines.shown(&worst_first);
        let made = Made { records: analysis.connections, ids: ids.to_vec(), captures, contents, shown };
        let connections = Connections::made_by(Arc::new(made));
        Self { captures: views, summary, findings, sessions, connections, worst_first, ..Self::default() }
    }
}

/// Puts connections into words when they are wanted.
#[derive(Debug)]
struct Made {
    records: Records,
    /// Their numbers.
    ids: Vec<u32>,
    captures: Vec<CaptureSummary>,
    contents: Contents,
    /// The connections whose timeline is shown, where it is not every one's.
    shown: Option<HashSet<u32>>,
}

impl Compose for Made {
    fn len(&self) -> usize {
        self.ids.len()
    }

    fn outline(&self, place: usize) -> Option<Outline> {
        self.ids.get(place).map(|&id| outline(id, self.records.digest(place)))
    }

    fn place(&self, id: u32) -> Option<usize> {
        // They are numbered in their order, unless some ended before the report was made.
        let usual = (id as usize).wrapping_sub(1);
        let is_usual = self.ids.get(usual) == Some(&id);
        if is_usual { Some(usual) } else { self.ids.iter().position(|each| *each == id) }
    }

    fn connection(&self, place: usize) -> Option<Connection> {
        let (id, judged) = (*self.ids.get(place)?, self.records.judged(place)?);
        let with_timeline = self.shown.as_ref().is_none_or(|shown| shown.contains(&id));
        Some(connection::view(id, &judged, self.contents, &self.captures, with_timeline))
    }

    fn brief(&self, place: usize) -> Option<Connection> {
        let (id, judged) = (*self.ids.get(place)?, self.records.judged(place)?);
        Some(connection::brief(id, &judged, self.contents, &self.captures))
    }

    fn failure(&self) -> Option<&str> {
        self.records.failure()
    }
}

fn outline(id: u32, digest: &Digest) -> Outline {
    Outline {
        id,
        ended: digest.over().map(Into::into),
        party: digest.party.name(),
        cause: digest.cause.name(),
        confidence: digest.confidence.name(),
    }
}

fn finding(finding: &sessions::Finding, ids: &[u32]) -> Finding {
    Finding {
        kind: finding.kind.name(),
        text: finding.text.clone(),
        connections: finding.connections.iter().filter_map(|&index| ids.get(index).copied()).collect(),
        seconds: finding.span.map(Into::into),
        count: Some(finding.connections.len() as u64),
        confidence: finding.confidence.name(),
        advice: Some(finding.advice.clone()),
    }
}

fn session(session: &sessions::Session, ids: &[u32]) -> Session {
    Session {
        legs: session.legs.iter().filter_map(|&index| ids.get(index).copied()).collect(),
        joined_by: session.joined_by.name(),
        clock_offset_s: session.clock_offset.map(Into::into),
        verdict: verdict::view(&session.verdict),
    }
}

fn summary(analysis: &Analysis) -> Summary {
    let mut summary = Summary {
        connections: analysis.connections.len() as u64,
        opaque_tls: analysis.tls_flows,
        other_tcp_flows: analysis.other_tcp_flows,
        skipped_packets: analysis
            .skipped
            .iter()
            .map(|(skip, count)| (skip.name().to_owned(), *count))
            .collect(),
        ip_fragments: IpFragments {
            reassembled: analysis.fragments.reassembled,
            dropped: analysis.fragments.dropped,
            overlapping: analysis.fragments.overlapping,
        },
        limits_hit: analysis.limits_hit.iter().map(|&limit| limit.to_owned()).collect(),
        ..Summary::default()
    };
    for digest in analysis.connections.digests() {
        *summary.by_party.entry(digest.party.name()).or_default() += 1;
        *summary.by_cause.entry(digest.cause.name()).or_default() += 1;
        summary.refused_upgrades += u64::from(digest.kind == Kind::RefusedUpgrade);
    }
    summary.close_codes.clone_from(analysis.connections.close_codes());
    summary.silence_before_end = silences::of(analysis.connections.digests());
    summary
}

fn count(summary: &mut Summary, judged: &Judged) {
    *summary.by_party.entry(judged.verdict.party.name()).or_default() += 1;
    *summary.by_cause.entry(judged.verdict.cause.name()).or_default() += 1;
    let connection = &judged.facts.connection;
    summary.refused_upgrades += u64::from(connection.kind == Kind::RefusedUpgrade);
    for code in connection.timeline.closes.iter().filter_map(Close::code) {
        *summary.close_codes.entry(code.0).or_default() += 1;
    }
}
