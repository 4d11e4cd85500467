//! The report on a capture that is still being written.

use std::collections::{HashMap, VecDeque};

use crate::analyze::{Analysis, Judged};
use crate::capture::CaptureSummary;
use crate::flow::PacketRef;
use crate::limits::Limits;

use super::super::view::{Connection, Summary, View};
use super::{Contents, connection, count};

/// Takes connections as they end, and keeps the newest of them for the report at the end.
///
/// They are numbered in the order in which they are taken. The memory for them is bounded by
/// [`Limits::connections_kept`]: those before are only counted, and the report says so.
#[derive(Debug)]
pub struct Running {
    contents: Contents,
    most: usize,
    numbered: u32,
    kept: VecDeque<(u32, Judged)>,
    /// The numbers of those that were taken back.
    ids: HashMap<PacketRef, u32>,
    /// Counts of those that are not kept.
    before: Summary,
}

impl Running {
    /// A report without a connection.
    pub fn new(limits: &Limits, contents: Contents) -> Self {
        Self {
            contents,
            most: limits.connections_kept,
            numbered: 0,
            kept: VecDeque::new(),
            ids: HashMap::new(),
            before: Summary::default(),
        }
    }

    /// Takes a connection of these captures, the newest one last, and gives it as the report shows it.
    pub fn add(&mut self, judged: Judged, captures: &[&CaptureSummary]) -> Connection {
        self.numbered = self.numbered.saturating_add(1);
        let view = connection::view(self.numbered, &judged, self.contents, captures, true);
        self.kept.push_back((self.numbered, judged));
        if self.kept.len() > self.most
            && let Some((_, oldest)) = self.kept.pop_front()
        {
            self.before.connections += 1;
            count(&mut self.before, &oldest);
        }
        view
    }

    /// Gives the connections that are kept, to be judged with those still open.
    pub fn take_kept(&mut self) -> Vec<Judged> {
        let kept = std::mem::take(&mut self.kept);
        let note = |(id, judged): (u32, Judged)| {
            self.ids.insert(first(&judged), id);
            judged
        };
        kept.into_iter().map(note).collect()
    }

    /// The report at the end, on the connections kept and those still open.
    pub fn finish(self, analysis: Analysis, captures: Vec<CaptureSummary>) -> View {
        let (known, mut numbered) = (self.ids, self.numbered);
        let mut number = |judged: &Judged| {
            known.get(&first(judged)).copied().unwrap_or_else(|| {
                numbered = numbered.saturating_add(1);
                numbered
            })
        };
        let ids: Vec<u32> = analysis.connections.iter().map(&mut number).collect();
        let mut view = View::numbered(analysis, &ids, captures, self.contents);
        add(&mut view.summary, &self.before);
        view
    }
}

fn first(judged: &Judged) -> PacketRef {
    judged.facts.connection.tcp.first.packet
}

/// Adds the counts of the connections that are not kept.
fn add(summary: &mut Summary, before: &Summary) {
    if before.connections == 0 {
        return;
    }
    summary.connections += before.connections;
    summary.refused_upgrades += before.refused_upgrades;
    before.by_party.iter().for_each(|(word, more)| *summary.by_party.entry(word).or_default() += more);
    before.by_cause.iter().for_each(|(word, more)| *summary.by_cause.entry(word).or_default() += more);
    before.close_codes.iter().for_each(|(code, more)| *summary.close_codes.entry(*code).or_default() += more);
    summary.limits_hit.push("connections_kept".to_owned());
}
