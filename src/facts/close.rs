//! The close handshake (RFC 6455 §7.1): who sent a Close, and who answered whom.

use crate::flow::Side;
use crate::timeline::Close;

/// Which sides sent a Close, and in which order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CloseHandshake {
    /// No Close.
    None,
    /// One side only.
    Only(Side),
    /// This side first; the other answered.
    StartedBy(Side),
    /// Both, neither having received the other's.
    Simultaneous,
}

impl CloseHandshake {
    /// Reads the order from Close frames in the order of sight.
    pub fn of(closes: &[Close]) -> Self {
        let Some(first) = closes.first() else { return Self::None };
        let Some(second) = closes.iter().find(|close| close.from != first.from) else {
            return Self::Only(first.from);
        };
        match (second.acked >= first.end, first.acked >= second.end) {
            (true, _) => Self::StartedBy(first.from),
            (false, true) => Self::StartedBy(second.from),
            (false, false) => Self::Simultaneous,
        }
    }

    /// The report's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Only(Side::Client) => "client_only",
            Self::Only(Side::Server) => "server_only",
            Self::StartedBy(Side::Client) => "client_then_server",
            Self::StartedBy(Side::Server) => "server_then_client",
            Self::Simultaneous => "simultaneous",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::CloseBody;

    fn close(from: Side, end: i64, acked: i64) -> Close {
        Close {
            from,
            at: Default::default(),
            body: CloseBody::Empty,
            end,
            acked,
            acked_at: None,
            masked: from == Side::Client,
        }
    }

    #[test]
    fn the_acknowledgement_tells_an_answer_from_a_crossing() {
        let (client, server) = (Side::Client, Side::Server);
        let of = |closes: &[Close]| CloseHandshake::of(closes).name();
        assert_eq!(of(&[]), "none");
        assert_eq!(of(&[close(server, 10, 0)]), "server_only");
        assert_eq!(of(&[close(client, 10, 5), close(server, 9, 10)]), "client_then_server");
        assert_eq!(of(&[close(client, 10, 5), close(server, 9, 4)]), "simultaneous");
        assert_eq!(of(&[close(client, 10, 9), close(server, 9, 4)]), "server_then_client");
    }
}
