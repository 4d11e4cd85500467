//! The Discord gateway: opcode 1 and its acknowledgement 11; the hello (10) announces the interval.
//! <https://discord.com/developers/docs/events/gateway>

use super::{Announced, Beat, Message, Sought};
use crate::flow::Side;

static INTERVAL: Sought = Sought::new("\"heartbeat_interval\"");

pub(super) fn is_start(message: &Message<'_>) -> bool {
    message.from == Side::Server && message.begins("{") && message.holds(&INTERVAL)
}

pub(super) fn read(message: &Message<'_>) -> Option<Beat> {
    if is_start(message) {
        let interval = message.millis("\"heartbeat_interval\"")?;
        return Some(Beat::Announced(Box::new(Announced {
            interval: Some(interval),
            ..Announced::default()
        })));
    }
    match (message.from, message.number("\"op\"")?) {
        (Side::Client, 1) => Some(Beat::Ping),
        (Side::Server, 11) => Some(Beat::Pong),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{client, server};
    use super::*;
    use crate::time::Span;

    #[test]
    fn the_hello_announces_the_interval() {
        let hello = r#"{"t":null,"s":null,"op":10,"d":{"heartbeat_interval":41250}}"#;
        let Some(Beat::Announced(announced)) = read(&server(hello)) else { panic!() };
        assert_eq!(announced.interval, Some(Span::from_millis(41_250)));
        assert_eq!(read(&client(r#"{"op":1,"d":251}"#)), Some(Beat::Ping));
        assert_eq!(read(&server(r#"{"t":null,"s":null,"op":11,"d":null}"#)), Some(Beat::Pong));
        assert_eq!(read(&server(r#"{"op":0,"d":{}}"#)), None);
    }
}
