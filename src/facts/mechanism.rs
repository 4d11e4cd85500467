//! How a connection's end looks at this vantage point.

use serde::{Deserialize, Serialize};

use crate::http::StreamEndBy;
use crate::timeline::{Connection, Kind, TlsAlert};

use super::act::{Act, ActKind};
use super::close::CloseHandshake;
use super::one_sided;
use super::quiet::Quiet;
use super::reset::{Class, JudgedReset};
use super::unseen;

/// How the end looks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Mechanism {
    /// Close from both sides.
    CloseHandshake,
    /// Close from one side only.
    CloseUnanswered,
    /// FIN first, without a Close before it.
    FinWithoutClose,
    /// RST first, without a Close before it.
    RstWithoutClose,
    /// Traffic unanswered until the capture's end or the giving up.
    Silence,
    /// Nothing ended it in this capture.
    StillOpen,
    /// The upgrade was not granted.
    RefusedUpgrade,
    /// The HTTP/2 stream was ended first, without a Close before it, by a reset or with one.
    Http2StreamReset,
    /// A TLS alert ended it: in its handshake, or later as something was wrong.
    TlsAlert,
    /// What was said last, or in answer to the upgrade, is not captured or not readable.
    NotCaptured,
}

impl Mechanism {
    /// The report's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CloseHandshake => "close_handshake",
            Self::CloseUnanswered => "close_unanswered",
            Self::FinWithoutClose => "fin_without_close",
            Self::RstWithoutClose => "rst_without_close",
            Self::Silence => "silence",
            Self::StillOpen => "still_open",
            Self::RefusedUpgrade => "refused_upgrade",
            Self::Http2StreamReset => "http2_stream_reset",
            Self::TlsAlert => "tls_alert",
            Self::NotCaptured => "not_captured",
        }
    }
}

pub(super) fn of(
    connection: &Connection,
    act: Option<&Act>,
    quiet: Option<&Quiet>,
    resets: &[JudgedReset],
) -> Mechanism {
    if connection.kind == Kind::RefusedUpgrade {
        return if unseen::hides_answer(connection) {
            Mechanism::NotCaptured
        } else {
            Mechanism::RefusedUpgrade
        };
    }
    if let Some(hidden) = hidden(connection, act) {
        return hidden;
    }
    let Some(act) = act else {
        return if quiet.is_some() { Mechanism::Silence } else { Mechanism::StillOpen };
    };
    let is_tcp = matches!(act.kind, ActKind::Fin(_) | ActKind::Reset(_));
    if is_tcp && connection.timeline.tls.as_ref().is_some_and(|tls| tls.broken_by(act.at).is_some()) {
        return Mechanism::TlsAlert;
    }
    match act.kind {
        ActKind::Close(_) => match CloseHandshake::of(&connection.timeline.closes) {
            CloseHandshake::Only(_) | CloseHandshake::None => Mechanism::CloseUnanswered,
            CloseHandshake::StartedBy(_) | CloseHandshake::Simultaneous => Mechanism::CloseHandshake,
        },
        ActKind::Fin(_) => Mechanism::FinWithoutClose,
        ActKind::Stream(_) if is_reset(connection, act) => Mechanism::Http2StreamReset,
        // What a FIN is to a connection, END_STREAM is to a stream (RFC 8441 §5).
        ActKind::Stream(_) => Mechanism::FinWithoutClose,
        ActKind::Reset(index) => match resets.get(index).map(|reset| reset.class) {
            Some(Class::KeepaliveGaveUp) => Mechanism::Silence,
            _ => Mechanism::RstWithoutClose,
        },
    }
}

/// Whether the side that ended the stream reset it in the same packet.
fn is_reset(connection: &Connection, act: &Act) -> bool {
    let ends = connection.timeline.stream.iter().flat_map(|stream| &stream.ends);
    let mut of_act = ends.filter(|end| end.from == act.from && end.at.packet == act.at.packet);
    of_act.any(|end| matches!(end.by, StreamEndBy::Reset(_)))
}

/// The end of a connection in TLS that was not opened, where it differs from that of others.
fn hidden(connection: &Connection, act: Option<&Act>) -> Option<Mechanism> {
    let tls = connection.timeline.tls.as_ref()?;
    let sealed = tls.sealed.as_ref()?;
    if sealed.handshake_failed() {
        // Of one side alone neither the handshake's end nor an alert that is not read can be known.
        return match (tls.fatal_alert(), one_sided::only(&connection.tcp)) {
            (Some(TlsAlert { alert: Some(_), .. }), _) | (Some(_), None) => Some(Mechanism::TlsAlert),
            (_, Some(_)) => Some(Mechanism::NotCaptured),
            (None, None) => None,
        };
    }
    act.filter(|_| sealed.close.is_some()).map(|_| Mechanism::NotCaptured)
}
