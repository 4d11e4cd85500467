//! How a connection's end looks at this vantage point.

use crate::timeline::{Connection, Kind};

use super::act::{Act, ActKind};
use super::close::CloseHandshake;
use super::quiet::Quiet;
use super::reset::{Class, JudgedReset};

/// How the end looks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
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
        return Mechanism::RefusedUpgrade;
    }
    let Some(act) = act else {
        return if quiet.is_some() { Mechanism::Silence } else { Mechanism::StillOpen };
    };
    match act.kind {
        ActKind::Close(_) => match CloseHandshake::of(&connection.timeline.closes) {
            CloseHandshake::Only(_) | CloseHandshake::None => Mechanism::CloseUnanswered,
            CloseHandshake::StartedBy(_) | CloseHandshake::Simultaneous => Mechanism::CloseHandshake,
        },
        ActKind::Fin(_) => Mechanism::FinWithoutClose,
        ActKind::Reset(index) => match resets.get(index).map(|reset| reset.class) {
            Some(Class::KeepaliveGaveUp) => Mechanism::Silence,
            _ => Mechanism::RstWithoutClose,
        },
    }
}
