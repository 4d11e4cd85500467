//! Engine.IO: the texts 2 and 3; the open packet announces the times.
//!
//! In version 4 the server pings, in version 3 the client.
//! <https://github.com/socketio/socket.io/blob/main/docs/engine.io-protocol/v4-current.md>

use super::{Announced, Beat, Message, sum};
use crate::flow::Side;

pub(super) fn is_start(message: &Message<'_>) -> bool {
    message.from == Side::Server && message.begins("0{\"sid\":")
}

pub(super) fn read(message: &Message<'_>) -> Option<Beat> {
    if message.is("2") {
        return Some(Beat::Ping);
    }
    if message.is("3") {
        return Some(Beat::Pong);
    }
    if !is_start(message) {
        return None;
    }
    let (interval, wait) = (message.millis("\"pingInterval\"")?, message.millis("\"pingTimeout\"")?);
    let silence = Some(sum(interval, wait));
    let announced = Announced {
        interval: Some(interval),
        wait: Some(wait),
        client_silence: silence,
        server_silence: silence,
    };
    Some(Beat::Announced(Box::new(announced)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{client, server};
    use super::*;
    use crate::time::Span;

    #[test]
    fn pings_and_the_open_packet_are_read() {
        assert_eq!((read(&server("2")), read(&client("3"))), (Some(Beat::Ping), Some(Beat::Pong)));
        assert_eq!(read(&client("2probe")), None);
        let open = server(
            r#"0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#,
        );
        let Some(Beat::Announced(announced)) = read(&open) else { panic!() };
        assert_eq!(announced.wait, Some(Span::from_secs(20)));
        assert_eq!(announced.server_silence, Some(Span::from_secs(45)));
    }
}
