//! The packets that prove a verdict: which they are, what each shows, and a pcapng file of them.

mod mask;
mod pcapng;
mod rebuild;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use crate::flow::{self, FlowKey};
use crate::time::Timestamp;

use super::escape::escape;
use super::view::{Connection, PacketRef, Verdict, View};

pub use mask::Heads;
pub use pcapng::{Pcapng, Written};
pub use rebuild::{rebuild, with_payload};

/// Characters of what is said of one packet.
const LONGEST: usize = 2000;

/// How many packets of a connection are kept.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Amount {
    /// What the verdict cites, handshake, heartbeat and ending.
    Least,
    /// Every packet that the report names.
    Named,
    /// The whole connection.
    Whole,
}

/// Where a connection is found in the captures.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    id: u32,
    key: FlowKey,
    file: u32,
    start: Timestamp,
}

/// Where the connections of a report are; to be taken before its addresses are replaced.
pub fn find(view: &View) -> Vec<Found> {
    let end = |end: &super::view::Endpoint| flow::Endpoint { ip: end.ip, port: end.port };
    let found = |each: &Connection| {
        let first = each.timeline.iter().find_map(|event| Some((event.packet?, event.time)));
        let (file, time) = first.map_or((0, each.opened), |(packet, time)| (packet.file, time));
        Found {
            id: each.id,
            key: FlowKey::new(end(&each.client), end(&each.server)),
            file,
            start: Timestamp::from_nanos(time.unix_ns),
        }
    };
    view.connections.iter().map(found).collect()
}

/// Which packets to keep, and what to say of them.
#[derive(Debug, Default)]
pub struct Plan {
    flows: HashMap<FlowKey, Vec<Found>>,
    groups: Vec<Group>,
    group_of: HashMap<u32, usize>,
    notes: BTreeMap<PacketRef, Note>,
    paths: Vec<String>,
}

/// Connections that are proved together: one, or the legs of a session.
#[derive(Clone, Debug)]
pub struct Group {
    /// Their ids, in order.
    pub connections: Vec<u32>,
    /// What is concluded of them.
    pub summary: String,
}

#[derive(Debug)]
struct Note {
    amount: Amount,
    text: String,
}

impl Plan {
    /// A plan for every connection in `view`, or for the one with the id `only` and those it is joined with.
    pub fn new(found: &[Found], view: &View, only: Option<u32>) -> Self {
        let mut plan =
            Self { paths: view.captures.iter().map(|each| each.path.clone()).collect(), ..Self::default() };
        plan.group(view, only);
        let wanted = |id: &u32| plan.group_of.contains_key(id);
        let connections = view.connections.iter().filter(|each| wanted(&each.id));
        let sessions = view.sessions.iter().filter(|each| each.legs.iter().any(wanted));
        let mut all: Vec<Notes> = connections.map(Notes::of_connection).collect();
        all.extend(sessions.map(|session| Notes::of_verdict(&session.verdict)));
        all.into_iter().for_each(|notes| plan.take(notes));
        for each in found {
            plan.flows.entry(each.key).or_default().push(*each);
        }
        plan
    }

    /// What goes into one file each.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The group that a packet between these ends belongs to.
    pub fn group_of(&self, key: FlowKey, file: u32, time: Timestamp) -> Option<usize> {
        let flows = self.flows.get(&key)?;
        let here = flows.iter().filter(|each| each.file == file);
        let begun = here.clone().filter(|each| each.start <= time).max_by_key(|each| each.start);
        // What precedes the first known packet of a connection belongs to it; what follows its file, too.
        let earlier =
            || flows.iter().filter(|each| each.file < file).max_by_key(|each| (each.file, each.start));
        let first = || flows.iter().filter(|each| each.file == file).min_by_key(|each| each.start);
        let found = begun.or_else(earlier).or_else(first)?;
        self.group_of.get(&found.id).copied()
    }

    /// What is to be said of a packet, where it is kept.
    pub fn comment(&self, at: flow::PacketRef, amount: Amount) -> Option<String> {
        let note = self.notes.get(&at.into()).filter(|note| note.amount <= amount);
        let path = self.paths.get(at.file() as usize).map_or("?", String::as_str);
        let origin = format!("packet {} of {path}", at.packet());
        match note {
            Some(note) => Some(escape(&format!("{} ({origin})", note.text), LONGEST)),
            None if amount == Amount::Whole => Some(escape(&origin, LONGEST)),
            None => None,
        }
    }

    fn group(&mut self, view: &View, only: Option<u32>) {
        let sessions: HashMap<u32, _> = view
            .sessions
            .iter()
            .flat_map(|session| session.legs.iter().map(move |&id| (id, session)))
            .collect();
        let siblings = siblings(view);
        for connection in &view.connections {
            let session = sessions.get(&connection.id);
            let legs = session.map_or_else(|| vec![connection.id], |session| session.legs.clone());
            let with_siblings = |id: u32| siblings.get(&id).map_or_else(|| vec![id], |all| (**all).clone());
            let mut ids: Vec<u32> = legs.into_iter().flat_map(with_siblings).collect();
            ids.sort_unstable();
            ids.dedup();
            let wanted = only.is_none_or(|only| ids.contains(&only));
            if !wanted || self.group_of.contains_key(&connection.id) {
                continue;
            }
            ids.iter().for_each(|&id| {
                self.group_of.insert(id, self.groups.len());
            });
            let verdict = session.map_or(&connection.verdict, |session| &session.verdict);
            self.groups.push(Group { connections: ids, summary: verdict.summary.clone() });
        }
    }

    fn take(&mut self, notes: Notes) {
        for (packet, (amount, texts)) in notes.0 {
            let text = texts.into_iter().collect::<Vec<_>>().join("; ");
            match self.notes.get_mut(&packet) {
                Some(note) => {
                    note.amount = note.amount.min(amount);
                    note.text = format!("{}; {text}", note.text);
                }
                None => {
                    self.notes.insert(packet, Note { amount, text });
                }
            }
        }
    }
}

/// The streams of one HTTP/2 connection, by each of their ids: they have their packets in common.
fn siblings(view: &View) -> HashMap<u32, Rc<Vec<u32>>> {
    let mut streams: BTreeMap<_, Vec<u32>> = BTreeMap::new();
    for each in view.connections.iter().filter(|each| each.http2_stream.is_some()) {
        let first = each.timeline.iter().find_map(|event| event.packet);
        let ends = [&each.client, &each.server].map(|end| (end.ip, end.port));
        streams.entry((ends, first)).or_default().push(each.id);
    }
    let mut by_id = HashMap::new();
    for ids in streams.into_values().map(Rc::new) {
        by_id.extend(ids.iter().map(|id| (*id, Rc::clone(&ids))));
    }
    by_id
}

/// What one connection says of its packets.
#[derive(Default)]
struct Notes(BTreeMap<PacketRef, (Amount, BTreeSet<String>)>);

impl Notes {
    fn add(&mut self, packet: PacketRef, amount: Amount, text: String) {
        let (least, texts) = self.0.entry(packet).or_insert_with(|| (amount, BTreeSet::new()));
        *least = amount.min(*least);
        texts.insert(text);
    }

    fn of_connection(each: &Connection) -> Self {
        let mut notes = Self::default();
        notes.connection(each);
        notes
    }

    fn of_verdict(verdict: &Verdict) -> Self {
        let mut notes = Self::default();
        notes.verdict(verdict);
        notes
    }

    fn connection(&mut self, each: &Connection) {
        for event in &each.timeline {
            let Some(packet) = event.packet else { continue };
            let amount = match event.event {
                "message" | "retransmission" | "other_frame" => Amount::Named,
                _ => Amount::Least,
            };
            let from = event.from.map_or_else(String::new, |from| format!("{from}: "));
            let detail = if event.detail.is_empty() { String::new() } else { format!(": {}", event.detail) };
            self.add(packet, amount, format!("{from}{}{detail}", event.event.replace('_', " ")));
        }
        for close in &each.close_frames {
            self.add(close.packet, Amount::Least, format!("{}: close", close.from));
        }
        for reset in &each.tcp_end.resets {
            self.add(
                reset.packet,
                Amount::Least,
                format!("{}: rst, {}", reset.from, reset.role.replace('_', " ")),
            );
        }
        for gap in &each.idle.gaps {
            let seconds = gap.duration_s.as_f64();
            self.add(gap.from, Amount::Least, format!("then {seconds:.3} s without a frame"));
            self.add(gap.to, Amount::Least, format!("after {seconds:.3} s without a frame"));
        }
        for packet in [each.idle.longest_from, each.idle.longest_to].into_iter().flatten() {
            let seconds = each.idle.longest_s.as_f64();
            self.add(packet, Amount::Least, format!("one end of the longest silence, {seconds:.3} s"));
        }
        for beat in each.heartbeats.iter().filter_map(|beat| Some((beat.from, beat.last?))) {
            self.add(beat.1.packet, Amount::Least, format!("{}: last heartbeat", beat.0));
        }
        self.verdict(&each.verdict);
    }

    fn verdict(&mut self, verdict: &Verdict) {
        for evidence in &verdict.evidence {
            self.add(evidence.packet, Amount::Least, format!("evidence: {}", evidence.fact));
        }
    }
}
