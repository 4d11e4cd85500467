//! A connection in TLS whose inside is not read: followed by what it shows without secrets.

use crate::flow::{Side, Stamp};
use crate::tcp::{self, Data, Flow, Gap};
use crate::timeline::{Bounds, Kind, Timeline, Tls};
use crate::tls::{Shape, ShapeEvent, Why};

use super::notes::{Notes, Seen};
use super::reading::Reading;
use super::tracked::{Context, Next};

/// Which connections in TLS without secrets are reported.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum OpaqueTls {
    /// All of them.
    All,
    /// Those that may be a WebSocket.
    #[default]
    Likely,
    /// None; they are counted.
    None,
}

/// What is seen of a connection in TLS without its secrets, for the record in [`Reading`].
#[derive(Debug)]
pub(super) struct Opaque {
    told: Told,
    newest: Stamp,
    /// Secrets open it, so that its alerts are read.
    opened: bool,
    /// It was judged to be a likely one; that does not change.
    likely: bool,
    /// Nothing can make it one any more.
    hopeless: bool,
    shape: Shape,
}

/// What becomes of what is seen.
#[derive(Debug)]
enum Told {
    /// It is kept until a record is wanted.
    Kept(Notes),
    /// It is told to the record; this goes beside it.
    Recorded(Box<Seen>),
}

impl Opaque {
    fn with(shape: Shape, bounds: Bounds) -> Self {
        let told = Told::Kept(Notes::new(bounds));
        Self { told, newest: Stamp::default(), opened: false, likely: false, hopeless: false, shape }
    }

    /// Exchanges the sides of everything seen so far.
    pub(super) fn swap_sides(&mut self) {
        self.shape.swap_sides();
        if let Told::Recorded(seen) = &mut self.told {
            seen.swap_sides();
        }
    }

    /// Whether segments without bytes change nothing.
    pub(super) const fn is_settled(&self) -> bool {
        let Told::Kept(notes) = &self.told else { return false };
        notes.are_settled() && !self.hopeless && !self.wants_round_trip()
    }

    const fn wants_round_trip(&self) -> bool {
        self.shape.is_midstream() || !self.shape.is_established()
    }

    /// What is kept for a record, as long as there is none.
    const fn notes(&mut self) -> Option<&mut Notes> {
        match &mut self.told {
            Told::Kept(notes) => Some(notes),
            Told::Recorded(_) => None,
        }
    }

    /// Runs a step of the shape, and tells what it gives; whether it gave anything.
    fn step(
        &mut self,
        mut timeline: Option<&mut Timeline>,
        step: impl FnOnce(&mut Shape, &mut dyn FnMut(ShapeEvent)),
    ) -> bool {
        let Self { shape, told, opened, .. } = self;
        let mut any = false;
        step(shape, &mut |event| {
            any = true;
            match (&mut *told, &mut timeline) {
                _ if *opened && matches!(event, ShapeEvent::Alert { .. }) => {}
                (Told::Kept(notes), _) => notes.shape(event),
                (Told::Recorded(seen), Some(timeline)) => seen.take(event, timeline),
                (Told::Recorded(_), None) => {}
            }
        });
        any
    }

    /// Judges it anew; whether a record is wanted now.
    fn judge(&mut self, patience: u64) -> bool {
        if !self.likely {
            self.likely = self.shape.is_likely(self.newest);
            self.hopeless = !self.likely && self.shape.is_hopeless(patience, self.newest);
        }
        self.likely
    }
}

impl Reading {
    /// Begins to follow a connection in TLS by what it shows without secrets, where that is asked for.
    pub(super) fn begin_opaque(&mut self, is_midstream: bool, context: &Context) {
        if context.opaque == OpaqueTls::None || self.has_record() {
            return;
        }
        let shape = if is_midstream { Shape::midstream() } else { Shape::new() };
        self.opaque = Some(Box::new(Opaque::with(shape, context.bounds())));
        self.kind = Kind::OpaqueTls;
        if context.opaque == OpaqueTls::All {
            self.begin_record();
        }
    }

    /// Begins the record of what is seen without secrets, if there is none yet.
    pub(super) fn begin_record(&mut self) {
        let Some(opaque) = &mut self.opaque else { return };
        let is_midstream = opaque.shape.is_midstream();
        let Some(notes) = opaque.notes() else { return };
        let (mut timeline, seen) = notes.begin_record(is_midstream);
        timeline.note_segments(self.segments);
        opaque.told = Told::Recorded(seen);
        self.timeline = Some(timeline);
    }

    /// Lets go of what was seen without secrets: they open the connection, or it cannot be a WebSocket.
    pub(super) fn leave_opaque(&mut self) {
        if self.opaque.take().is_none() {
            return;
        }
        self.timeline = None;
        self.kind = Kind::RefusedUpgrade;
    }

    /// Secrets open it; whether it carries a WebSocket is still to be seen.
    pub(super) fn note_opened(&mut self) {
        if let Some(opaque) = &mut self.opaque {
            opaque.opened = true;
        }
    }

    /// The next bytes of a side, as they are on the wire.
    pub(super) fn opaque_data(&mut self, data: &Data<'_>, context: &Context) {
        let Some(opaque) = &mut self.opaque else { return };
        opaque.newest = data.at;
        if opaque.shape.pass(data.side, data.bytes) {
            return;
        }
        let end = data.offset + data.bytes.len() as i64;
        let told = opaque.step(self.timeline.as_deref_mut(), |shape, sink| {
            shape.push(data.side, data.bytes, data.at, end, &mut |event| sink(event));
        });
        if told && opaque.judge(context.limits.tls_undecided) {
            self.begin_record();
        }
    }

    /// A hole in a side's stream.
    pub(super) fn opaque_gap(&mut self, gap: &Gap, context: &Context) {
        let Some(opaque) = &mut self.opaque else { return };
        if let Some(notes) = opaque.notes() {
            notes.gap(*gap);
        }
        let told = opaque.step(self.timeline.as_deref_mut(), |shape, sink| {
            shape.gap(gap.side, gap.bytes, gap.at, gap.end, &mut |event| sink(event));
        });
        if told && opaque.judge(context.limits.tls_undecided) {
            self.begin_record();
        }
    }

    /// A FIN or an RST is to be told: what was said before it is decided now.
    pub(super) fn opaque_end(&mut self, event: &tcp::Event, side: Side) {
        let ends = matches!(event.kind, tcp::EventKind::Fin { .. } | tcp::EventKind::Reset(_));
        let Some(opaque) = self.opaque.as_mut().filter(|_| ends) else { return };
        opaque.newest = event.at;
        let timeline = self.timeline.as_deref_mut();
        opaque.step(timeline, |shape, sink| shape.end(side, event.at, &mut |event| sink(event)));
        if opaque.judge(u64::MAX) {
            self.begin_record();
        }
    }

    /// Notes something on the TCP level, as long as there is no record.
    pub(super) fn opaque_tcp(&mut self, event: &tcp::Event) {
        let Some(notes) = self.opaque.as_mut().and_then(|opaque| opaque.notes()) else { return };
        notes.event(*event, self.segments);
        if notes.are_many() {
            self.begin_record();
        }
    }

    /// The round trip, within which answers are looked for.
    pub(super) fn opaque_round_trip(&mut self, flow: &Flow) {
        let Some(opaque) = self.opaque.as_mut().filter(|opaque| opaque.wants_round_trip()) else { return };
        if let Some(rtt) = flow.round_trip() {
            opaque.shape.set_round_trip(rtt);
        }
    }

    /// Notes what TCP tells once, as long as there is no record.
    pub(super) fn settle_opaque(&mut self, flow: &Flow) {
        let Some(notes) = self.opaque.as_mut().and_then(|opaque| opaque.notes()) else { return };
        notes.settle(flow);
        if notes.are_many() {
            self.begin_record();
        }
    }

    /// The streams have ended.
    pub(super) fn finish_opaque(&mut self) {
        let Some(opaque) = &mut self.opaque else { return };
        let timeline = self.timeline.as_deref_mut();
        opaque.step(timeline, |shape, sink| shape.finish(&mut |event| sink(event)));
        if opaque.judge(u64::MAX) {
            self.begin_record();
        }
    }

    /// What is to be done with a connection whose inside is not read, where it is followed at all.
    pub(super) fn next_opaque(&mut self, is_over: bool, context: &Context) -> Option<Next> {
        let opaque = self.opaque.as_ref()?;
        let wanted = context.opaque == OpaqueTls::All || opaque.likely;
        if wanted || !(is_over || opaque.hopeless) {
            return Some(Next::GoOn);
        }
        self.leave_opaque();
        None
    }

    /// Whether it is to be reported.
    pub(super) fn is_wanted(&self, context: &Context) -> bool {
        self.opaque.as_ref().is_none_or(|opaque| context.opaque == OpaqueTls::All || opaque.likely)
    }

    /// What the report tells of the TLS.
    pub(super) fn tls_facts(&mut self) -> Option<Tls> {
        let secure = self.tls.take().map(|tls| tls.into_facts());
        let (Some(opaque), Some(timeline)) = (self.opaque.take(), &mut self.timeline) else { return secure };
        let Opaque { told: Told::Recorded(seen), shape, .. } = *opaque else { return secure };
        Some(both(secure, sealed(*seen, &shape, timeline)))
    }
}

/// What the report tells of TLS that was not read; the record is told what its shape suggests.
fn sealed(seen: Seen, shape: &Shape, timeline: &mut Timeline) -> Tls {
    let Seen { mut sealed, alerts, .. } = seen;
    sealed.infer(shape.inferred());
    sealed.offered = shape.offered().to_vec();
    timeline.tls_inferred(&sealed);
    Tls { negotiated: shape.negotiated().clone(), alerts, sealed: Some(Box::new(sealed)), ..Tls::default() }
}

/// What was seen without secrets, with what became of those that were known.
fn both(secure: Option<Tls>, sealed: Tls) -> Tls {
    let Some(secure) = secure else { return sealed };
    let established = sealed.sealed.as_ref().is_some_and(|sealed| sealed.established.is_some());
    let not_decrypted = secure.not_decrypted.map(|why| match why {
        // Where the handshake was seen to its end, it is the secrets that do not fit.
        Why::HandshakeUnfinished if established => Why::WrongKeys,
        why => why,
    });
    // What was opened tells more than what shows.
    let opened = secure.negotiated.keys_from.is_some();
    let (negotiated, alerts) =
        if opened { (secure.negotiated, secure.alerts) } else { (sealed.negotiated, sealed.alerts) };
    Tls { not_decrypted, negotiated, alerts, sealed: sealed.sealed }
}
