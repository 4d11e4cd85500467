//! The Pusher protocol: `pusher:ping` and `pusher:pong`; the first message announces the silence allowed.
//! <https://pusher.com/docs/channels/library_auth_reference/pusher-websockets-protocol/>

use super::{Announced, Beat, Message, Sought, sum};
use crate::flow::Side;
use crate::time::Span;

static ESTABLISHED: Sought = Sought::new("\"pusher:connection_established");
static PING: Sought = Sought::new("\"pusher:ping\"");
static PONG: Sought = Sought::new("\"pusher:pong\"");

/// How long the protocol lets a pong take.
const WAIT: Span = Span::from_secs(30);

pub(super) fn is_start(message: &Message<'_>) -> bool {
    message.from == Side::Server && message.begins("{") && message.holds(&ESTABLISHED)
}

pub(super) fn read(message: &Message<'_>) -> Option<Beat> {
    if message.holds(&PING) {
        return Some(Beat::Ping);
    }
    if message.holds(&PONG) {
        return Some(Beat::Pong);
    }
    if !is_start(message) {
        return None;
    }
    let interval = message.secs("activity_timeout")?;
    let server_silence = Some(sum(interval, WAIT));
    let announced =
        Announced { interval: Some(interval), wait: Some(WAIT), server_silence, ..Announced::default() };
    Some(Beat::Announced(Box::new(announced)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{client, server};
    use super::*;

    #[test]
    fn the_silence_allowed_is_announced() {
        let first = r#"{"event":"pusher:connection_established","data":"{\"socket_id\":\"1.2\",\"activity_timeout\":120}"}"#;
        let Some(Beat::Announced(announced)) = read(&server(first)) else { panic!() };
        assert_eq!(announced.server_silence, Some(Span::from_secs(150)));
        assert_eq!(read(&client(r#"{"event":"pusher:ping","data":{}}"#)), Some(Beat::Ping));
        assert_eq!(read(&server(r#"{"event":"pusher:pong","data":{}}"#)), Some(Beat::Pong));
    }
}
