//! graphql-transport-ws (ping, pong) and the older graphql-ws (ka), `AppSync` included.
//! <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>

use super::{Announced, Beat, Message, Sought};
use crate::flow::Side;

/// What both of them begin with.
static OWN: Sought = Sought::new("\"connection_");
static INIT: Sought = Sought::new("\"connection_init\"");
static ACK: Sought = Sought::new("\"connection_ack\"");

pub(super) fn is_start(message: &Message<'_>) -> bool {
    message.begins("{") && message.holds(&OWN) && (message.holds(&INIT) || message.holds(&ACK))
}

pub(super) fn read(message: &Message<'_>) -> Option<Beat> {
    if !message.begins("{") {
        return None;
    }
    if message.begins("{\"type\":\"ping\"") {
        return Some(Beat::Ping);
    }
    if message.begins("{\"type\":\"pong\"") {
        return Some(Beat::Pong);
    }
    if message.from == Side::Server && message.begins("{\"type\":\"ka\"") {
        return Some(Beat::Sign);
    }
    let server_silence = Some(message.millis("\"connectionTimeoutMs\"")?);
    Some(Beat::Announced(Box::new(Announced { server_silence, ..Announced::default() })))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{client, server};
    use super::*;
    use crate::time::Span;

    #[test]
    fn both_protocols_are_read() {
        assert!(is_start(&client(r#"{"type":"connection_init","payload":{}}"#)));
        assert_eq!(read(&client(r#"{"type":"ping"}"#)), Some(Beat::Ping));
        assert_eq!(read(&server(r#"{"type":"pong"}"#)), Some(Beat::Pong));
        assert_eq!(read(&server(r#"{"type":"ka"}"#)), Some(Beat::Sign));
        let ack = r#"{"type":"connection_ack","payload":{"connectionTimeoutMs":300000}}"#;
        let Some(Beat::Announced(announced)) = read(&server(ack)) else { panic!() };
        assert_eq!(announced.server_silence, Some(Span::from_secs(300)));
    }
}
