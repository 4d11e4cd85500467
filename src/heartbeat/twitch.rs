//! Twitch `EventSub`: `session_keepalive`; the welcome announces the longest silence.
//! <https://dev.twitch.tv/docs/eventsub/handling-websocket-events/>

use super::{Announced, Beat, Message, Sought};
use crate::flow::Side;

static WELCOME: Sought = Sought::new("\"session_welcome\"");
static KEEPALIVE: Sought = Sought::new("\"session_keepalive\"");

pub(super) fn is_start(message: &Message<'_>) -> bool {
    message.from == Side::Server && message.begins("{\"metadata\":") && message.holds(&WELCOME)
}

pub(super) fn read(message: &Message<'_>) -> Option<Beat> {
    if message.from != Side::Server {
        return None;
    }
    if message.holds(&KEEPALIVE) {
        return Some(Beat::Sign);
    }
    let interval = is_start(message).then(|| message.secs("\"keepalive_timeout_seconds\""))??;
    Some(Beat::Announced(Box::new(Announced { interval: Some(interval), ..Announced::default() })))
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
