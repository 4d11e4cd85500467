//! `SockJS`: the text h of the server, after the text o that opens a session.
//! <https://github.com/sockjs/sockjs-protocol>

use super::{Beat, Message};
use crate::flow::Side;

pub(super) fn is_start(message: &Message<'_>) -> bool {
    message.from == Side::Server && message.is("o")
}

pub(super) fn read(message: &Message<'_>) -> Option<Beat> {
    (message.from == Side::Server && message.is("h")).then_some(Beat::Sign)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{client, server};
    use super::*;

    #[test]
    fn only_the_servers_h_is_a_heartbeat() {
        assert!(is_start(&server("o")) && !is_start(&client("o")));
        assert_eq!((read(&server("h")), read(&client("h"))), (Some(Beat::Sign), None));
    }
}
