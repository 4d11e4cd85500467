//! Objects whose type says ping, pong or heartbeat.

use super::{Beat, Message, Sought};

/// Keys that carry the type of a message.
static KEYS: [Sought; 7] = [
    Sought::new("\"type\""),
    Sought::new("\"op\""),
    Sought::new("\"event\""),
    Sought::new("\"action\""),
    Sought::new("\"cmd\""),
    Sought::new("\"msg\""),
    Sought::new("\"method\""),
];

/// Types that want an answer.
const PINGS: [&str; 5] = ["ping", "heartbeat", "keepalive", "hb", "public/heartbeat"];

/// Types that are one.
const PONGS: [&str; 3] = ["pong", "heartbeat_ack", "ack"];

/// Bytes of a message within which its type must stand.
const WITHIN: usize = 64;

pub(super) fn is_start(message: &Message<'_>) -> bool {
    read(message) == Some(Beat::Ping)
}

pub(super) fn read(message: &Message<'_>) -> Option<Beat> {
    if !message.begins("{") {
        return None;
    }
    let start = message.start.get(..WITHIN).unwrap_or(message.start);
    let value = KEYS.iter().find_map(|key| value(start, key))?;
    let is_one_of = |words: &[&str]| words.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes()));
    if is_one_of(&PINGS) { Some(Beat::Ping) } else { is_one_of(&PONGS).then_some(Beat::Pong) }
}

/// The text behind a key.
fn value<'a>(start: &'a [u8], key: &Sought) -> Option<&'a [u8]> {
    let behind = start
        .get(key.find(start)? + key.text.len()..)?
        .trim_ascii_start()
        .strip_prefix(b":")?
        .trim_ascii_start();
    let text = behind.strip_prefix(b"\"")?;
    text.get(..text.iter().position(|byte| *byte == b'"')?)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{client, server};
    use super::*;

    #[test]
    fn the_type_tells() {
        for ping in [r#"{"type":"ping"}"#, r#"{ "op" : "ping", "id": 3 }"#, r#"{"id":1,"method":"ping"}"#] {
            assert_eq!(read(&client(ping)), Some(Beat::Ping), "{ping}");
        }
        assert_eq!(read(&server(r#"{"type":"pong","id":1}"#)), Some(Beat::Pong));
        assert_eq!(read(&server(r#"{"op":"Heartbeat_ACK"}"#)), Some(Beat::Pong));
        assert_eq!(read(&client(r#"{"type":"chat","text":"ping"}"#)), None);
    }
}
