//! Action Cable: the server's pings, which nobody answers; the client gives up after two missed ones.
//! <https://github.com/rails/rails/blob/main/actioncable/app/javascript/action_cable/connection_monitor.js>

use super::{Announced, Beat, Message};
use crate::flow::Side;
use crate::time::Span;

pub(super) fn is_start(message: &Message<'_>) -> bool {
    message.from == Side::Server && message.begins("{\"type\":\"welcome\"")
}

pub(super) fn read(message: &Message<'_>) -> Option<Beat> {
    if is_start(message) {
        let (interval, server_silence) = (Some(Span::from_secs(3)), Some(Span::from_secs(6)));
        return Some(Beat::Announced(Box::new(Announced {
            interval,
            server_silence,
            ..Announced::default()
        })));
    }
    let ping = message.from == Side::Server && message.begins("{\"type\":\"ping\",\"message\":");
    ping.then_some(Beat::Sign)
}

#[cfg(test)]
mod tests {
    use super::super::testing::server;
    use super::*;

    #[test]
    fn pings_are_signs() {
        assert_eq!(read(&server(r#"{"type":"ping","message":1730000000}"#)), Some(Beat::Sign));
        assert!(matches!(read(&server(r#"{"type":"welcome"}"#)), Some(Beat::Announced(_))));
        assert_eq!(read(&server(r#"{"type":"confirm_subscription"}"#)), None);
    }
}
