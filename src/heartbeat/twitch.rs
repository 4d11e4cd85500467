//! Twitch `EventSub`: `session_keepalive`; the welcome announces the longest silence.
//! <https://dev.twitch.tv/docs/eventsub/handling-websocket-events/>

use super::{Announced, Beat, Message};
use crate::flow::Side;

pub(super) fn is_start(message: &Message<'_>) -> bool {
    message.from == Side::Server && message.begins("{\"metadata\":") && message.holds("\"session_welcome\"")
}

pub(super) fn read(message: &Message<'_>) -> Option<Beat> {
    if message.from != Side::Server {
        return None;
    }
    if message.holds("\"session_keepalive\"") {
        return Some(Beat::Sign);
    }
    let interval = is_start(message).then(|| message.secs("\"keepalive_timeout_seconds\""))??;
    Some(Beat::Announced(Announced { interval: Some(interval), ..Announced::default() }))
}

#[cfg(test)]
mod tests {
    use super::super::testing::server;
    use super::*;
    use crate::time::Span;

    #[test]
    fn the_welcome_announces_the_silence() {
        let welcome = concat!(
            r#"{"metadata":{"message_id":"1","message_type":"session_welcome"},"payload":{"session":{"id":"2","#,
            r#""keepalive_timeout_seconds":10}}}"#
        );
        let Some(Beat::Announced(announced)) = read(&server(welcome)) else { panic!() };
        assert_eq!(announced.interval, Some(Span::from_secs(10)));
        let keepalive = r#"{"metadata":{"message_type":"session_keepalive"},"payload":{}}"#;
        assert_eq!(read(&server(keepalive)), Some(Beat::Sign));
    }
}
