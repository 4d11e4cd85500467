//! What a record of TLS that is not read would be told, kept small until it is known that one is wanted.
//!
//! Most connections in TLS carry no WebSocket: a record of each would cost more than all that is read of it.

use crate::flow::{Sides, Stamp};
use crate::tcp::{self, Flow, Gap, Liveness};
use crate::timeline::{Bounds, NotTls, Sealed, Timeline, TlsAlert};
use crate::tls::ShapeEvent;

/// Notes from which on there is a record: its lists have bounds of their own.
const MOST: usize = 256;

/// What was seen, in order.
#[derive(Debug)]
pub(super) struct Notes {
    list: Vec<Note>,
    /// Those of the record.
    bounds: Bounds,
    start_told: bool,
    /// A FIN or an RST was seen.
    ending: bool,
    liveness_told: bool,
}

#[derive(Debug)]
enum Note {
    Shape(ShapeEvent),
    Tcp(Box<TcpNote>),
}

/// What is rarer than records.
#[derive(Debug)]
enum TcpNote {
    Gap(Gap),
    /// With the segment before its own, and its own.
    Event(tcp::Event, [Stamp; 2]),
    Start(Sides<Option<Stamp>>, Option<Stamp>),
    AtEnd(Sides<Liveness>),
}

impl Notes {
    /// None yet, for a record with these bounds.
    pub(super) const fn new(bounds: Bounds) -> Self {
        Self { list: Vec::new(), bounds, start_told: false, ending: false, liveness_told: false }
    }

    /// Whether there are so many that a record is no larger.
    pub(super) const fn are_many(&self) -> bool {
        self.list.len() >= MOST
    }

    /// Whether TCP's start was noted, no end began, and there is room.
    pub(super) const fn are_settled(&self) -> bool {
        self.start_told && !self.ending && !self.are_many()
    }

    /// Something that its records show.
    pub(super) fn shape(&mut self, event: ShapeEvent) {
        self.list.push(Note::Shape(event));
    }

    /// A hole in a side's stream.
    pub(super) fn gap(&mut self, gap: Gap) {
        self.tcp(TcpNote::Gap(gap));
    }

    /// Something on the TCP level; `segments` are the one before its own, and its own.
    pub(super) fn event(&mut self, event: tcp::Event, segments: [Stamp; 2]) {
        self.ending |= matches!(event.kind, tcp::EventKind::Fin { .. } | tcp::EventKind::Reset(_));
        self.tcp(TcpNote::Event(event, segments));
    }

    /// Notes what is told once: TCP's start, and how alive the directions are at the first end act.
    pub(super) fn settle(&mut self, flow: &Flow) {
        if !std::mem::replace(&mut self.start_told, true) {
            let (syns, established) = flow.start();
            self.tcp(TcpNote::Start(syns, established));
        }
        if self.ending && !std::mem::replace(&mut self.liveness_told, true) {
            self.tcp(TcpNote::AtEnd(flow.liveness()));
        }
    }

    /// Begins the record, tells it everything, and gives what belongs beside it.
    pub(super) fn begin_record(&mut self, is_midstream: bool) -> (Box<Timeline>, Box<Seen>) {
        let mut timeline = Box::new(Timeline::new(self.bounds));
        let mut seen = Box::new(Seen::new(is_midstream, self.bounds.listed));
        for note in std::mem::take(&mut self.list) {
            match note {
                Note::Shape(event) => seen.take(event, &mut timeline),
                Note::Tcp(note) => note.tell(&mut timeline),
            }
        }
        (timeline, seen)
    }

    fn tcp(&mut self, note: TcpNote) {
        self.list.push(Note::Tcp(Box::new(note)));
    }
}

impl TcpNote {
    fn tell(&self, timeline: &mut Timeline) {
        match self {
            Self::Gap(gap) => timeline.gap(gap),
            Self::Event(event, segments) => {
                timeline.note_segments(*segments);
                timeline.tcp(event);
            }
            Self::Start(syns, established) => timeline.tcp_start(syns, *established),
            Self::AtEnd(liveness) => timeline.note_liveness(*liveness),
        }
    }
}

/// What is told beside the record.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) sealed: Sealed,
    pub(super) alerts: Vec<TlsAlert>,
    listed: usize,
}

impl Seen {
    fn new(is_midstream: bool, listed: usize) -> Self {
        Self { sealed: Sealed { is_midstream, ..Sealed::default() }, alerts: Vec::new(), listed }
    }

    /// Takes what the records show, and tells the record of it.
    pub(super) fn take(&mut self, event: ShapeEvent, timeline: &mut Timeline) {
        match event {
            ShapeEvent::Hello { side, at } => {
                self.sealed.hellos.get_mut(side).get_or_insert(at);
                timeline.tls_hello(side, at);
            }
            ShapeEvent::Established { at } => {
                self.sealed.established = Some(at);
                timeline.tls_established(at);
            }
            ShapeEvent::Data(record) => {
                self.sealed.record(&record);
                timeline.tls_data(&record);
            }
            ShapeEvent::Alert { side, alert, at, inferred } => {
                if self.alerts.len() < self.listed {
                    self.alerts.push(TlsAlert { from: side, at, alert, inferred });
                }
                if inferred {
                    timeline.tls_inferred_alert(side, at);
                } else {
                    timeline.tls_alert(side, at, alert);
                }
            }
            ShapeEvent::NotTls { at, is_http, .. } => self.sealed.not_tls = Some(NotTls { at, is_http }),
        }
    }

    /// Exchanges the sides of everything seen so far.
    pub(super) fn swap_sides(&mut self) {
        self.sealed.hellos.swap();
        self.sealed.records.swap();
        self.alerts.iter_mut().for_each(|alert| alert.from = alert.from.other());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::time::Span;

    #[test]
    fn too_many_ask_for_a_record() {
        let mut notes = Notes::new(Bounds::new(&Limits::default(), Span::ZERO));
        notes.start_told = true;
        for _ in 0..MOST {
            assert!(notes.are_settled() && !notes.are_many());
            notes.shape(ShapeEvent::Established { at: Stamp::default() });
        }
        assert!(!notes.are_settled() && notes.are_many());
    }

    #[test]
    fn a_note_is_small() {
        assert!(size_of::<Note>() <= 32, "{}", size_of::<Note>());
    }
}
