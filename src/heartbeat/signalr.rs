//! `SignalR`: messages of type 6, which nobody answers; in JSON or `MessagePack`.
//! <https://github.com/dotnet/aspnetcore/blob/main/src/SignalR/docs/specs/HubProtocol.md>

use super::{Beat, Message};
use crate::flow::Side;

pub(super) fn is_start(message: &Message<'_>) -> bool {
    message.from == Side::Client && message.begins("{\"protocol\":\"") && message.start.ends_with(b"}\x1e")
}

pub(super) fn read(message: &Message<'_>) -> Option<Beat> {
    let json = message.is("{\"type\":6}\u{1e}");
    let packed = !message.is_text && message.is_whole && message.start == [0x02, 0x91, 0x06];
    (json || packed).then_some(Beat::Sign)
}

#[cfg(test)]
mod tests {
    use super::super::testing::client;
    use super::*;

    #[test]
    fn pings_of_both_encodings_are_read() {
        assert!(is_start(&client("{\"protocol\":\"json\",\"version\":1}\u{1e}")));
        assert_eq!(read(&client("{\"type\":6}\u{1e}")), Some(Beat::Sign));
        let packed = Message { is_text: false, start: &[2, 0x91, 6], ..client("") };
        assert_eq!(read(&packed), Some(Beat::Sign));
        assert_eq!(read(&client("{\"type\":1}\u{1e}")), None);
    }
}
