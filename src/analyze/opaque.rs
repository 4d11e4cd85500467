//! A connection in TLS whose inside is not read: followed by what it shows without secrets.

use crate::flow::{Side, Stamp};
use crate::tcp::{self, Data, Gap};
use crate::time::Span;
use crate::timeline::{Kind, NotTls, Sealed, Timeline, Tls, TlsAlert};
use crate::tls::{Shape, ShapeEvent, Why};

use super::framing::new_timeline;
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
    shape: Shape,
    seen: Seen,
    /// It was judged to be a likely one; that does not change.
    likely: bool,
    /// Nothing can make it one any more.
    hopeless: bool,
    newest: Stamp,
}

/// What the shape has told.
#[derive(Debug)]
struct Seen {
    sealed: Sealed,
    alerts: Vec<TlsAlert>,
    /// Secrets open it, so that its alerts are read.
    opened: bool,
    listed: usize,
}

impl Seen {
    fn take(&mut self, event: ShapeEvent, timeline: &mut Timeline) {
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
            ShapeEvent::Alert { .. } if self.opened => {}
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
}

impl Opaque {
    fn new(is_midstream: bool, listed: usize) -> Self {
        let sealed = Sealed { is_midstream, ..Sealed::default() };
        Self {
            shape: if is_midstream { Shape::midstream() } else { Shape::new() },
            seen: Seen { sealed, alerts: Vec::new(), opened: false, listed },
            likely: false,
            hopeless: false,
            newest: Stamp::default(),
        }
    }

    /// What the report tells of it.
    fn into_facts(self, timeline: &mut Timeline) -> Tls {
        let (shape, Seen { mut sealed, alerts, .. }) = (self.shape, self.seen);
        sealed.infer(shape.inferred());
        sealed.offered = shape.offered().to_vec();
        timeline.tls_inferred(&sealed);
        let negotiated = shape.negotiated().clone();
        Tls { negotiated, alerts, sealed: Some(Box::new(sealed)), ..Tls::default() }
    }

    /// Exchanges the sides of everything seen so far.
    pub(super) fn swap_sides(&mut self) {
        self.shape.swap_sides();
        self.seen.sealed.hellos.swap();
        self.seen.sealed.records.swap();
        self.seen.alerts.iter_mut().for_each(|alert| alert.from = alert.from.other());
    }

    /// Runs a step of the shape, and tells the record what it gives; whether it gave anything.
    fn step(
        &mut self,
        timeline: &mut Timeline,
        step: impl FnOnce(&mut Shape, &mut dyn FnMut(ShapeEvent)),
    ) -> bool {
        let Self { shape, seen, .. } = self;
        let mut told = false;
        step(shape, &mut |event| {
            told = true;
            seen.take(event, timeline);
        });
        told
    }

    /// Judges it anew.
    fn judge(&mut self, patience: u64) {
        if !self.likely {
            self.likely = self.shape.is_likely(self.newest);
            self.hopeless = !self.likely && self.shape.is_hopeless(patience, self.newest);
        }
    }
}

impl Reading {
    /// Begins to follow a connection in TLS by what it shows without secrets, where that is asked for.
    pub(super) fn begin_opaque(&mut self, is_midstream: bool, context: &Context) {
        if context.opaque == OpaqueTls::None || self.timeline.is_some() {
            return;
        }
        self.opaque = Some(Box::new(Opaque::new(is_midstream, context.limits.listed)));
        self.timeline = Some(new_timeline(context, self.segments));
        self.kind = Kind::OpaqueTls;
    }

    /// Lets go of what was seen without secrets: they open the connection, or it cannot be a WebSocket.
    pub(super) fn leave_opaque(&mut self) {
        if self.opaque.take().is_none() {
            return;
        }
        if let Some(timeline) = self.timeline.take() {
            self.segments = timeline.newest_segments();
        }
        self.kind = Kind::RefusedUpgrade;
    }

    /// Secrets open it; whether it carries a WebSocket is still to be seen.
    pub(super) fn note_opened(&mut self) {
        if let Some(opaque) = &mut self.opaque {
            opaque.seen.opened = true;
        }
    }

    /// The next bytes of a side, as they are on the wire.
    pub(super) fn opaque_data(&mut self, data: &Data<'_>, context: &Context) {
        let (Some(opaque), Some(timeline)) = (&mut self.opaque, &mut self.timeline) else { return };
        let end = data.offset + data.bytes.len() as i64;
        opaque.newest = data.at;
        let told = opaque.step(timeline, |shape, sink| {
            shape.push(data.side, data.bytes, data.at, end, &mut |event| sink(event));
        });
        if told {
            opaque.judge(context.limits.tls_undecided);
        }
    }

    /// A hole in a side's stream.
    pub(super) fn opaque_gap(&mut self, gap: &Gap, context: &Context) {
        let (Some(opaque), Some(timeline)) = (&mut self.opaque, &mut self.timeline) else { return };
        let told = opaque.step(timeline, |shape, sink| {
            shape.gap(gap.side, gap.bytes, gap.at, gap.end, &mut |event| sink(event));
        });
        if told {
            opaque.judge(context.limits.tls_undecided);
        }
    }

    /// A FIN or an RST is to be told: what was said before it is decided now.
    pub(super) fn opaque_end(&mut self, event: &tcp::Event, side: Side) {
        let ends = matches!(event.kind, tcp::EventKind::Fin { .. } | tcp::EventKind::Reset(_));
        let (Some(opaque), Some(timeline)) = (&mut self.opaque, &mut self.timeline) else { return };
        if ends {
            opaque.newest = event.at;
            opaque.step(timeline, |shape, sink| shape.end(side, event.at, &mut |event| sink(event)));
            opaque.judge(u64::MAX);
        }
    }

    /// The round trip, within which answers are looked for.
    pub(super) fn opaque_round_trip(&mut self, rtt: impl FnOnce() -> Option<Span>) {
        let Some(opaque) = self.opaque.as_mut().filter(|opaque| opaque.seen.sealed.established.is_none())
        else {
            return;
        };
        if let Some(rtt) = rtt() {
            opaque.shape.set_round_trip(rtt);
        }
    }

    /// The streams have ended.
    pub(super) fn finish_opaque(&mut self) {
        let (Some(opaque), Some(timeline)) = (&mut self.opaque, &mut self.timeline) else { return };
        opaque.step(timeline, |shape, sink| shape.finish(&mut |event| sink(event)));
        opaque.judge(u64::MAX);
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
        match (self.opaque.take(), &mut self.timeline) {
            (Some(opaque), Some(timeline)) => Some(both(secure, opaque.into_facts(timeline))),
            _ => secure,
        }
    }
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
