//! Heartbeats inside messages: which protocol they are of, and what they amount to.

use serde::{Deserialize, Serialize};

use crate::flow::{Side, Sides, Stamp};
use crate::heartbeat::{Announced, Beat, Kind, Message, agree};
use crate::time::Span;
use crate::ws::{Frame, Opcode, ReservedBits};

use super::pings::Pings;

/// A message as the first frame of it shows; compressed ones show nothing.
pub(super) fn message<'a>(from: Side, frame: &Frame<'a>) -> Option<Message<'a>> {
    let header = &frame.header;
    let first = matches!(header.opcode, Opcode::TEXT | Opcode::BINARY);
    let start = frame.preview().filter(|_| first && header.rsv == ReservedBits::NONE)?;
    let is_whole = header.fin && start.len() as u64 == header.payload_len;
    Some(Message { from, is_text: header.opcode == Opcode::TEXT, start, is_whole })
}

/// The heartbeats that one connection's application sends.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Beats {
    /// The protocol.
    pub kind: Kind,
    /// Heartbeats by the side that sent them: as pings where they want an answer, else as unsolicited pongs.
    pub sides: Sides<Pings>,
    /// What the peers announced.
    pub announced: Option<Announced>,
    offers: Sides<Option<(Span, Span)>>,
}

impl Beats {
    pub(crate) const fn new(kind: Kind, sides: Sides<Pings>) -> Self {
        Self { kind, sides, announced: None, offers: Sides { client: None, server: None } }
    }

    /// A message that ends at `end` of its sender's stream; at most `bound` heartbeats are remembered as
    /// waiting, and its end has begun if it is `ending`.
    ///
    /// Gives what the message is where it is a heartbeat.
    pub(crate) fn message(
        &mut self,
        message: &Message<'_>,
        at: Stamp,
        end: i64,
        bound: usize,
        ending: bool,
    ) -> Option<Beat> {
        let beat = self.kind.read(message)?;
        self.beat(message.from, &beat, at, end, bound, ending);
        matches!(beat, Beat::Ping | Beat::Pong | Beat::Sign).then_some(beat)
    }

    /// Exchanges the sides.
    pub(crate) const fn swap_sides(&mut self) {
        self.sides.swap();
        self.offers.swap();
    }

    fn beat(&mut self, from: Side, beat: &Beat, at: Stamp, end: i64, bound: usize, ending: bool) {
        match beat {
            Beat::Ping => self.sides.get_mut(from).ping(at, end, b"", bound),
            Beat::Pong => {
                let _ = self.sides.get_mut(from.other()).pong(at, b"", ending);
            }
            Beat::Sign => self.sides.get_mut(from).unsolicited(at),
            Beat::Announced(announced) => self.announced = Some(**announced),
            Beat::Offered { can, wants } => {
                *self.offers.get_mut(from) = Some((*can, *wants));
                if let Sides { client: Some(client), server: Some(server) } = self.offers {
                    self.announced = Some(agree(&Sides { client, server }));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::PacketRef;
    use crate::time::Timestamp;

    fn at(second: i64) -> Stamp {
        let packet = PacketRef::new(0, second as u64);
        Stamp { packet, time: Timestamp::from_nanos(second * 1_000_000_000) }
    }

    fn text(from: Side, text: &str) -> Message<'_> {
        Message { from, is_text: true, start: text.as_bytes(), is_whole: true }
    }

    #[test]
    fn pings_of_the_application_are_paired() {
        let mut beats = Beats::new(Kind::EngineIo, Sides::default());
        let open = r#"0{"sid":"x","pingInterval":25000,"pingTimeout":20000}"#;
        let said = [(Side::Server, open), (Side::Server, "2"), (Side::Client, "3"), (Side::Server, "2")];
        for (second, (from, words)) in (1..).zip(said) {
            beats.message(&text(from, words), at(second), second, 8, false);
        }
        let server = &beats.sides.server;
        assert_eq!((server.sent, server.answered, server.waiting().len()), (2, 1, 1));
        assert_eq!(beats.announced.unwrap().wait, Some(Span::from_secs(20)));
    }

    #[test]
    fn two_offers_become_an_announcement() {
        let mut beats = Beats::new(Kind::Stomp, Sides::default());
        beats.message(&text(Side::Client, "CONNECT\nheart-beat:10000,10000\n\n\0"), at(1), 1, 8, false);
        assert_eq!(beats.announced, None);
        beats.message(&text(Side::Server, "CONNECTED\nheart-beat:0,20000\n\n\0"), at(2), 2, 8, false);
        beats.message(&text(Side::Client, "\n"), at(3), 3, 8, false);
        assert_eq!(beats.announced.unwrap().interval, Some(Span::from_secs(20)));
        assert_eq!(beats.sides.client.unsolicited, 1);
    }
}
