//! The words ping and pong as whole messages.

use super::{Beat, Message};

pub(super) fn is_start(message: &Message<'_>) -> bool {
    is(message, "ping")
}

pub(super) fn read(message: &Message<'_>) -> Option<Beat> {
    if is(message, "ping") {
        Some(Beat::Ping)
    } else if is(message, "pong") {
        Some(Beat::Pong)
    } else {
        None
    }
}

/// Whether a message is this word, in quotes or not, in any case.
fn is(message: &Message<'_>, word: &str) -> bool {
    let text = message.start.trim_ascii();
    let text = text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")).unwrap_or(text);
    message.is_text && message.is_whole && text.eq_ignore_ascii_case(word.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::testing::client;
    use super::*;

    #[test]
    fn words_are_read_in_any_case() {
        for ping in ["ping", "PING", "\"Ping\"", "ping\n"] {
            assert_eq!(read(&client(ping)), Some(Beat::Ping), "{ping}");
        }
        assert_eq!(read(&client("pong")), Some(Beat::Pong));
        assert_eq!(read(&client("pinging")), None);
    }
}
