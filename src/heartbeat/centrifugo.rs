//! Centrifugo: empty commands; the answer to connect announces how often.
//! <https://centrifugal.dev/docs/transports/client_protocol>

use super::{Announced, Beat, Message, Sought};
use crate::flow::Side;

static CONNECT: Sought = Sought::new("\"connect\":{\"client\":");
static PING: Sought = Sought::new("\"ping\":");

pub(super) fn is_start(message: &Message<'_>) -> bool {
    message.from == Side::Server && message.begins("{") && message.holds(&CONNECT) && message.holds(&PING)
}

pub(super) fn read(message: &Message<'_>) -> Option<Beat> {
    if message.is("{}") {
        return Some(if message.from == Side::Server { Beat::Ping } else { Beat::Pong });
    }
    if !is_start(message) {
        return None;
    }
    let announced = Announced { interval: Some(message.secs("\"ping\":")?), ..Announced::default() };
    Some(Beat::Announced(Box::new(announced)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{client, server};
    use super::*;
    use crate::time::Span;

    #[test]
    fn the_answer_to_connect_announces_the_interval() {
        let answer = r#"{"id":1,"connect":{"client":"x","version":"5.0","ping":25,"pong":true}}"#;
        let Some(Beat::Announced(announced)) = read(&server(answer)) else { panic!() };
        assert_eq!(announced.interval, Some(Span::from_secs(25)));
        assert_eq!((read(&server("{}")), read(&client("{}"))), (Some(Beat::Ping), Some(Beat::Pong)));
    }
}
