//! The report on a capture that is still being written.

use std::borrow::Borrow;
use std::collections::{HashMap, VecDeque};

use crate::analyze::{Analysis, Judged};
use crate::capture::CaptureSummary;
use crate::flow::{PacketRef, Stamp};
use crate::limits::Limits;
use crate::sessions::Members;

use super::super::view::{Connection, Summary, View};
use super::{Contents, connection, count};

/// Takes connections as they end, and keeps the newest of them for the report at the end.
///
/// They are numbered by their first packets, as far as that can be: a number is given to every
/// connection recognised until the first of them is taken, and never changes. One that is recognised
/// later has a higher number, also where it began before. The memory for them is bounded by
/// [`Limits::connections_kept`]: those before are only counted, and the report says so.
#[derive(Debug)]
pub struct Running {
    contents: Contents,
    most: usize,
    numbers: Numbers,
    kept: VecDeque<Judged>,
    /// Counts of those that are not kept.
    before: Summary,
}

impl Running {
    /// A report without a connection.
    pub fn new(limits: &Limits, contents: Contents) -> Self {
        Self {
            contents,
            most: limits.connections_kept,
            numbers: Numbers { most: limits.flows_reassembled, ..Numbers::default() },
            kept: VecDeque::new(),
            before: Summary::default(),
        }
    }

    /// Notes the first packets of connections that were recognised, before any of them is taken.
    pub fn note_begun(&mut self, begun: impl IntoIterator<Item = Stamp>) {
        self.numbers.waiting.extend(begun.into_iter().map(|at| at.packet));
    }

    /// Takes a connection of these captures, the newest one last, and gives it as the report shows it.
    pub fn add(&mut self, mut judged: Judged, captures: &[impl Borrow<CaptureSummary>]) -> Connection {
        let number = self.numbers.take(judged.facts.connection.tcp.first.packet);
        judged.number = Some(number);
        let view = connection::view(number, &judged, self.contents, captures, true);
        self.kept.push_back(judged);
        if self.kept.len() > self.most
            && let Some(oldest) = self.kept.pop_front()
        {
            self.before.connections += 1;
            count(&mut self.before, &oldest);
        }
        view
    }

    /// Gives the connections that are kept, to be judged with those still open.
    pub fn take_kept(&mut self) -> Vec<Judged> {
        std::mem::take(&mut self.kept).into()
    }

    /// The report at the end, on the connections kept and those still open, and the numbers of those that
    /// were not taken before.
    pub fn finish(mut self, analysis: Analysis, captures: Vec<CaptureSummary>) -> (View, Vec<u32>) {
        let mut new = Vec::new();
        let records = &analysis.connections;
        let mut number = |index: usize| {
            records.number(index).unwrap_or_else(|| {
                let number = self.numbers.take(records.first(index));
                new.push(number);
                number
            })
        };
        let numbers: Vec<u32> = (0..records.len()).map(&mut number).collect();
        let mut view = View::numbered(analysis, &numbers, captures, self.contents);
        add(&mut view.summary, &self.before);
        (view, new)
    }
}

/// The numbers of connections that are told while others may still be found to have begun before.
#[derive(Debug, Default)]
struct Numbers {
    last: u32,
    /// First packets of connections that have no number yet.
    waiting: Vec<PacketRef>,
    /// The numbers of those that were not taken yet, by their first packets.
    given: HashMap<PacketRef, u32>,
    /// How many can be open at once; more were not what they seemed, and are never taken.
    most: usize,
}

impl Numbers {
    /// The number of a connection that is taken now, by its first packet.
    fn take(&mut self, first: PacketRef) -> u32 {
        if !self.given.contains_key(&first) {
            self.give(first);
        }
        self.given.remove(&first).unwrap_or(self.last)
    }

    /// Numbers all that were recognised so far, `first` among them.
    fn give(&mut self, first: PacketRef) {
        if !self.waiting.contains(&first) {
            self.waiting.push(first);
        }
        self.waiting.sort_unstable();
        for begun in self.waiting.drain(..) {
            self.last = self.last.saturating_add(1);
            self.given.insert(begun, self.last);
        }
        if self.given.len() > self.most {
            let newest = self.last.saturating_sub(u32::try_from(self.most).unwrap_or(u32::MAX));
            self.given.retain(|_, number| *number > newest);
        }
    }
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
