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
    match KEYS.iter().find_map(|key| value(start, key))?.to_ascii_lowercase().as_slice() {
        b"ping" | b"heartbeat" | b"keepalive" | b"hb" | b"public/heartbeat" => Some(Beat::Ping),
        b"pong" | b"heartbeat_ack" | b"ack" => Some(Beat::Pong),
        _ => None,
    }
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
        assert_eq!(read(&client(r#"{"type":"chat","text":"ping"}"#)), None);
    }
}
