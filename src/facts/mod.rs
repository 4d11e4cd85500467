//! TIMELINE → FACTS: what the packets show, without judgement of who is to blame.
//!
//! Everything here follows from the packets at this vantage point and is right or a bug.

mod act;
mod close;
mod mechanism;
mod one_sided;
mod quiet;
mod reset;
mod signature;
mod unseen;
mod vantage;

pub use act::{Act, ActKind};
pub use close::CloseHandshake;
pub use mechanism::Mechanism;
pub use one_sided::OneSided;
pub use quiet::{Quiet, Silence};
pub use reset::{Class, JudgedReset, Origin, Role};
pub use vantage::{Clue, Place, Vantage};

use crate::flow::{Side, Stamp};
use crate::time::Span;
use crate::timeline::{Connection, Event};

/// How long after a frame its acknowledgement may come where no data goes with it.
pub(crate) const ACKNOWLEDGING: Span = Span::from_millis(250);

/// The facts of one connection.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The connection they are about.
    pub connection: Box<Connection>,
    /// Which sides sent a Close, and in which order.
    pub close_handshake: CloseHandshake,
    /// The RSTs with what they did.
    pub resets: Vec<JudgedReset>,
    /// The first end act that counts.
    pub act: Option<Act>,
    /// How the end looks.
    pub mechanism: Mechanism,
    /// A side that was not heard any more although it was spoken to.
    pub quiet: Option<Quiet>,
    /// The capture holds one side's packets only.
    pub one_sided: Option<OneSided>,
    /// Where the capture was taken.
    pub vantage: Vantage,
}

impl Facts {
    /// Gathers the facts of a connection.
    pub fn gather(connection: impl Into<Box<Connection>>) -> Self {
        let connection = connection.into();
        let resets = reset::judge(&connection);
        let act = act::first(&connection, &resets);
        let quiet = quiet::find(&connection, act.as_ref(), &resets);
        Self {
            close_handshake: CloseHandshake::of(&connection.timeline.closes),
            mechanism: mechanism::of(&connection, act.as_ref(), quiet.as_ref(), &resets),
            resets,
            act,
            quiet,
            one_sided: one_sided::find(&connection, act.as_ref()),
            vantage: vantage::find(&connection.tcp),
            connection,
        }
    }

    /// The side whose address sent the first end act.
    pub fn closer(&self) -> Option<Side> {
        self.act.map(|act| act.from)
    }

    /// The silence before the end; zero where the WebSocket never opened.
    pub fn silence_before_end(&self) -> Span {
        let idle = self.connection.timeline.idle.as_ref();
        idle.and_then(crate::timeline::IdleClock::before_end).map_or(Span::ZERO, |silence| silence.before_end)
    }

    /// The silence before a packet that provoked the end: up to that packet where it brought a frame, or up to
    /// the frame that it acknowledges; else up to the end.
    pub fn silence_before(&self, provoking: Option<Stamp>) -> Span {
        let idle = self.connection.timeline.idle.as_ref();
        let broken = idle.zip(provoking).and_then(|(idle, at)| idle.broken_before(at, ACKNOWLEDGING));
        broken.map_or_else(|| self.silence_before_end(), |gap| gap.span())
    }

    /// The connection in one line, by its events in the order of the capture.
    pub fn signature(&self, events: &[Event]) -> String {
        signature::of(&self.connection, events)
    }
}
