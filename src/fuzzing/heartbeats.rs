//! Any bytes as the messages of an application.

use super::steps::{What, steps};
use crate::heartbeat::{Announced, Beat, Kind, Message};
use crate::time::Span;

/// Every protocol: none may fail on what another one sends.
const KINDS: [Kind; 14] = [
    Kind::ActionCable,
    Kind::Centrifugo,
    Kind::Discord,
    Kind::EngineIo,
    Kind::GraphqlWs,
    Kind::JsonPeriodic,
    Kind::Mqtt,
    Kind::Phoenix,
    Kind::Pusher,
    Kind::SignalR,
    Kind::SockJs,
    Kind::Stomp,
    Kind::TextPing,
    Kind::TwitchEventSub,
];

/// Reads `data` as messages of both sides, each by every protocol; its first byte tells what they are.
///
/// # Panics
///
/// When a message is read in two ways, or a time that it announces cannot be.
pub fn heartbeats(data: &[u8]) {
    let Some((&flags, data)) = data.split_first() else { return };
    for step in steps(data) {
        let What::Bytes(start) = step.what else { continue };
        let is_text = flags & 1 == 0;
        let message = Message { from: step.side, is_text, start, is_whole: flags & 2 == 0 };
        assert_eq!(Kind::of_message(&message), Kind::of_message(&message));
        for kind in KINDS {
            let beat = kind.read(&message);
            assert_eq!(format!("{beat:?}"), format!("{:?}", kind.read(&message)), "{kind:?}");
            check(beat);
        }
    }
}

fn check(beat: Option<Beat>) {
    let none = Span::from_nanos(0);
    match beat {
        Some(Beat::Announced(announced)) => {
            let Announced { interval, wait, client_silence, server_silence } = *announced;
            assert!(
                [interval, wait, client_silence, server_silence]
                    .into_iter()
                    .flatten()
                    .all(|span| span >= none)
            );
        }
        Some(Beat::Offered { can, wants }) => assert!(can >= none && wants >= none),
        _ => {}
    }
}
