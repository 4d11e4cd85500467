//! What a Close stands for.

use serde::Deserialize;

use crate::ws::CloseCode;

use super::{Catalogue, Wording};

/// What a Close means.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CloseMeaning {
    /// The purpose is fulfilled.
    Normal,
    /// A page was left, or a server goes down.
    GoingAway,
    /// The peer broke the protocol.
    ProtocolError,
    /// The peer sent data that cannot be accepted.
    BadData,
    /// The peer broke a rule of the application.
    Policy,
    /// A message was too big.
    MessageTooBig,
    /// Something failed inside.
    InternalError,
    /// Nobody spoke for too long.
    IdleTimeout,
    /// The connection lived for too long.
    LifetimeLimit,
    /// The peer did not answer pings.
    MissedHeartbeat,
    /// The peer does not read.
    SlowReader,
    /// The service restarts.
    Restart,
    /// The service is overloaded.
    Overload,
    /// A gateway got a bad answer.
    BadGateway,
    /// The application has its own meaning for it.
    Application,
    /// It cannot be told.
    Unknown,
}

/// What a Close with this code and reason means, whose wording is the known one where it has one; no code at all
/// is a plain close (RFC 6455 §7.1.5).
pub fn meaning(
    catalogue: &Catalogue,
    code: Option<CloseCode>,
    reason: Option<&str>,
    wording: Option<&Wording>,
) -> CloseMeaning {
    let Some(code) = code else { return CloseMeaning::Normal };
    match (code.0, wording) {
        (_, Some(wording)) => wording.cause,
        (1000 | 1008 | 1011 | 3000..=4999, None) if speaks_of_heartbeat(reason) => {
            CloseMeaning::MissedHeartbeat
        }
        (code, None) => registered(catalogue, code),
    }
}

/// The registered meaning; private codes mean what their application says, which the code cannot tell.
fn registered(catalogue: &Catalogue, code: u16) -> CloseMeaning {
    catalogue.registered(code).map_or(CloseMeaning::Unknown, |row| row.cause)
}

/// Servers that miss pongs say so in the reason, under various codes.
fn speaks_of_heartbeat(reason: Option<&str>) -> bool {
    let Some(reason) = reason else { return false };
    let reason = reason.to_lowercase();
    ["ping timeout", "ping timed out", "keepalive", "heartbeat", "pong"]
        .iter()
        .any(|word| reason.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_can_say_more_than_the_code() {
        let catalogue = Catalogue::built_in();
        let of = |code, reason: Option<&str>| {
            let wording = reason.and_then(|reason| catalogue.wording(code, reason));
            meaning(catalogue, Some(CloseCode(code)), reason, wording)
        };
        assert_eq!(of(1011, Some("keepalive ping timeout")), CloseMeaning::MissedHeartbeat);
        assert_eq!(of(1011, Some("oops")), CloseMeaning::InternalError);
        assert_eq!(of(1001, Some("Connection Idle Timeout")), CloseMeaning::IdleTimeout);
        assert_eq!(of(1000, Some("please reconnect")), CloseMeaning::LifetimeLimit);
        assert_eq!(of(1000, None), CloseMeaning::Normal);
        assert_eq!(of(4001, None), CloseMeaning::Application);
        assert_eq!(of(3012, Some("no pong")), CloseMeaning::MissedHeartbeat);
        assert_eq!(of(2000, None), CloseMeaning::Unknown);
        assert_eq!(meaning(catalogue, None, None, None), CloseMeaning::Normal);
    }
}
