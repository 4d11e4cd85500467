//! Phoenix channels: the event `heartbeat` of the topic `phoenix`, and its reply.
//! <https://github.com/phoenixframework/phoenix/blob/main/assets/js/phoenix/socket.js>

use super::{Beat, Message, Sought};
use crate::flow::Side;

/// What the names of its topic and its events begin with.
static OWN: Sought = Sought::new("\"ph");
static JOIN: Sought = Sought::new("\"phx_join\"");
static TOPIC: Sought = Sought::new("\"phoenix\"");
static REPLY: Sought = Sought::new("\"phx_reply\"");
static HEARTBEAT: Sought = Sought::new("\"heartbeat\"");

pub(super) fn is_start(message: &Message<'_>) -> bool {
    let framed = message.begins("[") || message.begins("{");
    framed && message.holds(&OWN) && (message.holds(&JOIN) || is_heartbeat(message))
}

pub(super) fn read(message: &Message<'_>) -> Option<Beat> {
    match message.from {
        Side::Client => is_heartbeat(message).then_some(Beat::Ping),
        Side::Server => (message.holds(&TOPIC) && message.holds(&REPLY)).then_some(Beat::Pong),
    }
}

fn is_heartbeat(message: &Message<'_>) -> bool {
    message.from == Side::Client && message.holds(&TOPIC) && message.holds(&HEARTBEAT)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{client, server};
    use super::*;

    #[test]
    fn both_serialisations_are_read() {
        for ping in [
            r#"[null,"7","phoenix","heartbeat",{}]"#,
            r#"{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"7"}"#,
        ] {
            assert!(is_start(&client(ping)));
            assert_eq!(read(&client(ping)), Some(Beat::Ping));
        }
        let reply = r#"[null,"7","phoenix","phx_reply",{"status":"ok","response":{}}]"#;
        assert_eq!(read(&server(reply)), Some(Beat::Pong));
        assert_eq!(read(&server(r#"["1","2","room:1","phx_reply",{}]"#)), None);
    }
}
