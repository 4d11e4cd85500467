//! A connection in TLS: what its secrets open is read like any other bytes.

use crate::flow::Side;
use crate::tcp::{Data, Gap, GapReason};
use crate::timeline::{Reason, Tls, TlsAlert, Unparsed};
use crate::tls::{Event, Session, Why, is_record_chain};

use super::detect::{First, first};
use super::reading::{Layer, Reading};
use super::tracked::Context;

/// The first byte of a record that carries handshake messages (RFC 8446 §5.1).
const HANDSHAKE: u8 = 22;

/// The type of a `ServerHello`, behind the five bytes of a record's header.
const SERVER_HELLO: u8 = 2;

/// The TLS of a connection, and what the report tells of it.
#[derive(Debug)]
pub(super) struct Secure {
    session: Session,
    facts: Tls,
}

impl Secure {
    fn new(session: Session) -> Self {
        Self { session, facts: Tls::default() }
    }

    /// Whether secrets open it.
    pub(super) const fn is_open(&self) -> bool {
        self.facts.negotiated.keys_from.is_some()
    }

    /// What the report tells of it.
    pub(super) fn into_facts(self) -> Tls {
        self.facts
    }
}

impl Reading {
    /// A connection is TLS: it is read where secrets may open it, and followed by what it shows without them
    /// until they do.
    pub(super) fn begin_tls(&mut self, side: Side, data: &Data<'_>, context: &Context) {
        let has_start = data.bytes.first() == Some(&HANDSHAKE);
        let may_open = !context.keys.is_empty() && (has_start || context.keys.search().numbers() > 0);
        self.layer = Layer::Other { is_tls: true };
        if std::mem::replace(&mut self.is_secure, true) {
            return;
        }
        if !has_start {
            return self.join_tls(data, may_open, context);
        }
        let client = if data.bytes.get(5) == Some(&SERVER_HELLO) { side.other() } else { side };
        let data = self.with_client(client, data);
        self.sides_known = true;
        self.begin_opaque(false, context);
        self.opaque_data(&data, context);
        if may_open {
            self.layer = Layer::NEW;
            self.secure(Box::new(Secure::new(Session::new(&context.limits))), &data, context);
        }
    }

    /// A connection without its start: it is followed by what it shows, and searched for secrets that fit.
    fn join_tls(&mut self, data: &Data<'_>, may_open: bool, context: &Context) {
        let known = self.sides_known;
        let data = if is_record_chain(data.bytes) { self.join_opaque(data, context) } else { *data };
        if may_open {
            // Which side is the client is what the search tells, where only the ports told it.
            self.sides_known = known;
            self.layer = Layer::NEW;
            let session = Session::midstream(&context.limits, known);
            self.secure(Box::new(Secure::new(session)), &data, context);
        }
    }

    /// Follows a connection without its start by what it shows; its sides are told by the ports.
    fn join_opaque<'a>(&mut self, data: &Data<'a>, context: &Context) -> Data<'a> {
        let data = self.with_client(self.likely_client, data);
        self.sides_known = true;
        self.begin_opaque(true, context);
        self.opaque_data(&data, context);
        data
    }

    /// Whether bytes in the middle of a connection may be TLS that the secrets open.
    pub(super) fn may_join_tls(&self, data: &Data<'_>, context: &Context) -> bool {
        let may_open = !context.keys.is_empty() && context.keys.search().numbers() > 0;
        may_open && !self.is_secure && is_application_data(data.bytes)
    }

    /// Whether bytes in the middle of a connection without its start are records.
    pub(super) fn is_tls_midstream(&self, data: &Data<'_>) -> bool {
        !self.is_secure && is_record_chain(data.bytes)
    }

    /// Bytes within a tunnel, which may be TLS since the bytes before.
    pub(super) fn inside_tunnel(&mut self, data: &Data<'_>, context: &Context) {
        if self.opaque.is_some() {
            self.opaque_data(data, context);
        }
        match self.tls.take() {
            None => self.plain(data, context),
            Some(tls) => self.secure(tls, data, context),
        }
    }

    /// The next bytes of a connection in TLS.
    pub(super) fn secure(&mut self, mut tls: Box<Secure>, data: &Data<'_>, context: &Context) {
        let Secure { session, facts } = &mut *tls;
        let mut data = *data;
        session.push(data.side, data.bytes, data.at, &context.keys, &mut |event| match event {
            Event::Turned => data = self.with_client(Side::Server, &data),
            _ => self.opened(event, facts, &data, context),
        });
        if facts.not_decrypted == Some(Why::InnerTls) {
            session.give_up();
        }
        self.tls = Some(tls);
    }

    /// A hole in the stream of a connection in TLS.
    pub(super) fn secure_gap(&mut self, mut tls: Box<Secure>, gap: &Gap) {
        tls.session.gap(gap.side, gap.bytes, gap.at);
        self.tls = Some(tls);
    }

    /// The streams of a connection in TLS have ended.
    pub(super) fn finish_tls(&mut self, context: &Context) {
        let Some(mut tls) = self.tls.take() else { return };
        let Secure { session, facts } = &mut *tls;
        session.finish(&mut |event| match event {
            Event::PlainHole { side, .. } => self.lose(side, context),
            Event::Undecryptable { why, .. } => facts.not_decrypted = Some(why),
            _ => {}
        });
        self.tls = Some(tls);
    }

    /// Takes what a session tells while it reads `data`.
    fn opened(&mut self, event: Event<'_>, facts: &mut Tls, data: &Data<'_>, context: &Context) {
        match event {
            // The sides change where the data is, with its sender.
            Event::Turned => {}
            Event::Negotiated(negotiated) => {
                facts.negotiated = negotiated.clone();
                if negotiated.keys_from.is_some() {
                    self.note_opened();
                }
                self.sides_known |= negotiated.keys_from.is_some();
                let found_at = negotiated.found_at;
                self.starts_inside |=
                    [found_at.client, found_at.server].iter().any(|number| *number > Some(0));
            }
            Event::Plain { side, bytes, at } => {
                let (end, acked) = place(side, data);
                let offset = end - bytes.len() as i64;
                self.inside(&Data { side, offset, bytes, at, acked }, facts, context);
            }
            Event::PlainHole { side, bytes: Some(bytes), at } => {
                let end = place(side, data).0;
                self.plain_gap(&Gap { side, bytes, end, why: GapReason::CaptureGap, at }, context);
            }
            Event::PlainHole { side, bytes: None, .. } => self.lose(side, context),
            Event::Alert { side, alert, at } => {
                if facts.alerts.len() < context.limits.listed {
                    facts.alerts.push(TlsAlert { from: side, at, alert, inferred: false });
                }
                if self.opaque.is_none() || facts.negotiated.keys_from.is_some() {
                    self.begin_record();
                    self.timelines_mut().for_each(|timeline| timeline.tls_alert(side, at, alert));
                }
            }
            Event::Undecryptable { why, at } => {
                facts.not_decrypted = Some(why);
                let bytes = data.bytes.len() as u64;
                let (from, why) = (data.side, Reason::Undecryptable);
                let unparsed = Unparsed { from, bytes, why, at, resynced_at: None };
                if self.opaque.is_none() {
                    self.timelines_mut().for_each(|timeline| timeline.unparsed(unparsed));
                }
                self.leave_tls();
            }
        }
    }

    /// Takes application data that was opened: what is seen without secrets matters no more, unless it is TLS
    /// again.
    fn inside(&mut self, data: &Data<'_>, facts: &mut Tls, context: &Context) {
        if facts.not_decrypted == Some(Why::InnerTls) {
            return;
        }
        if first(data.bytes) == First::Tls && self.opaque.is_some() {
            self.layer = Layer::Other { is_tls: true };
        } else {
            self.leave_opaque();
            self.plain(data, context);
        }
        if matches!(self.layer, Layer::Other { is_tls: true }) {
            facts.not_decrypted = Some(Why::InnerTls);
            // In the tunnel of a proxy it begins here.
            self.begin_opaque(true, context);
        }
    }

    /// Lets a connection go of which nothing was told yet.
    fn leave_tls(&mut self) {
        if self.opaque.is_some() || self.timelines_mut().next().is_none() {
            self.layer = Layer::Other { is_tls: true };
        }
    }
}

/// Whether bytes begin like a protected record; a WebSocket has no such opcode.
const fn is_application_data(bytes: &[u8]) -> bool {
    match bytes {
        [23, 3, 3, high, low, ..] => matches!(u16::from_be_bytes([*high, *low]), 17..=0x4100),
        _ => false,
    }
}

/// Where a side's stream stands after `data`, and how far it acknowledges the other side's.
const fn place(side: Side, data: &Data<'_>) -> (i64, i64) {
    let end = data.offset + data.bytes.len() as i64;
    match (side, data.side) {
        (Side::Client, Side::Client) | (Side::Server, Side::Server) => (end, data.acked),
        _ => (data.acked, end),
    }
}
