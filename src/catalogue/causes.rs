//! What a close code, with its reason, stands for.

use crate::ws::CloseCode;

/// What a Close means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
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
    /// The peer did not answer pings.
    MissedHeartbeat,
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

/// What a Close with this code and reason means; no code at all is a plain close (RFC 6455 §7.1.5).
pub fn meaning(code: Option<CloseCode>, reason: Option<&str>) -> CloseMeaning {
    let Some(code) = code else { return CloseMeaning::Normal };
    match code.0 {
        1000 | 1008 | 1011 | 3000..=4999 if speaks_of_heartbeat(reason) => CloseMeaning::MissedHeartbeat,
        1000 => CloseMeaning::Normal,
        1001 => CloseMeaning::GoingAway,
        1002 | 1010 => CloseMeaning::ProtocolError,
        1003 | 1007 => CloseMeaning::BadData,
        1008 => CloseMeaning::Policy,
        1009 => CloseMeaning::MessageTooBig,
        1011 => CloseMeaning::InternalError,
        1012 => CloseMeaning::Restart,
        1013 => CloseMeaning::Overload,
        1014 => CloseMeaning::BadGateway,
        3000..=4999 => CloseMeaning::Application,
        _ => CloseMeaning::Unknown,
    }
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
        let of = |code, reason| meaning(Some(CloseCode(code)), reason);
        assert_eq!(of(1011, Some("keepalive ping timeout")), CloseMeaning::MissedHeartbeat);
        assert_eq!(of(1011, Some("oops")), CloseMeaning::InternalError);
        assert_eq!(of(1000, None), CloseMeaning::Normal);
        assert_eq!(of(4001, None), CloseMeaning::Application);
        assert_eq!(of(2000, None), CloseMeaning::Unknown);
        assert_eq!(meaning(None, None), CloseMeaning::Normal);
    }
}
