//! What TCP's events add to a connection's record.

use crate::flow::{Side, Stamp};
use crate::tcp;
use crate::timeline::event::EventKind;
use crate::timeline::record::{Fin, Reset, Undelivered};

use super::Timeline;

impl Timeline {
    /// Something on the TCP level.
    pub fn tcp(&mut self, event: &tcp::Event) {
        let kind = match event.kind {
            tcp::EventKind::Fin { acked, end } => {
                return self.fin(Fin { from: event.side, at: event.at, acked, end });
            }
            tcp::EventKind::Reset(facts) => {
                return self.reset(Reset { from: event.side, at: event.at, facts });
            }
            tcp::EventKind::Retransmission { bytes, differs } => {
                EventKind::Retransmission { bytes, differs: differs == Some(true) }
            }
            tcp::EventKind::KeepAliveProbe => EventKind::KeepAliveProbe,
            tcp::EventKind::ZeroWindowProbe => EventKind::ZeroWindowProbe,
            tcp::EventKind::ZeroWindow => EventKind::ZeroWindow,
            tcp::EventKind::WindowOpened => EventKind::WindowOpened,
            tcp::EventKind::IcmpError(error) => {
                let undelivered = Undelivered { from: event.side, at: event.at, error };
                if self.undelivered.len() < self.bounds.listed {
                    self.undelivered.push(undelivered);
                }
                EventKind::IcmpError(error)
            }
            tcp::EventKind::SynOnOpenConnection => EventKind::SynOnOpenConnection,
        };
        self.history.push(event.at, Some(event.side), kind);
    }

    /// The first FIN or RST, whatever its effect: its side, its packet, and whether it is an RST.
    pub fn first_fin_or_rst(&self) -> Option<(Side, Stamp, bool)> {
        let fin = self.fins.first().map(|fin| (fin.from, fin.at, false));
        let reset = self.resets.first().map(|reset| (reset.from, reset.at, true));
        fin.into_iter().chain(reset).min_by_key(|(_, at, _)| at.packet)
    }

    fn fin(&mut self, fin: Fin) {
        self.end_act(fin.at);
        self.history.push(fin.at, Some(fin.from), EventKind::Fin);
        self.fins.push(fin);
    }

    fn reset(&mut self, reset: Reset) {
        self.end_act(reset.at);
        self.history.push(reset.at, Some(reset.from), EventKind::Reset);
        self.resets_total += 1;
        if self.resets.len() < self.bounds.listed {
            self.resets.push(reset);
        }
    }
}
