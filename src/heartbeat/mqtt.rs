//! MQTT: PINGREQ and PINGRESP; CONNECT holds the keep-alive (MQTT 3.1.1 §3.1.2.10, §3.12).

use super::{Announced, Beat, Message};
use crate::flow::Side;
use crate::time::Span;

/// The packet types CONNECT, PINGREQ and PINGRESP in a fixed header's first byte.
const CONNECT: u8 = 0x10;
const PINGREQ: [u8; 2] = [0xc0, 0];
const PINGRESP: [u8; 2] = [0xd0, 0];

pub(super) fn is_start(message: &Message<'_>) -> bool {
    keep_alive(message).is_some()
}

pub(super) fn read(message: &Message<'_>) -> Option<Beat> {
    match message.start {
        _ if message.is_text => None,
        start if start == PINGREQ => Some(Beat::Ping),
        start if start == PINGRESP => Some(Beat::Pong),
        _ => {
            let seconds = keep_alive(message).filter(|&seconds| seconds > 0)?;
            let interval = Span::from_secs(seconds);
            // The server waits for one and a half times the keep-alive.
            let silence = Span::from_millis(seconds * 1500);
            let announced =
                Announced { interval: Some(interval), client_silence: Some(silence), ..Announced::default() };
            Some(Beat::Announced(Box::new(announced)))
        }
    }
}

/// The keep-alive of a CONNECT in seconds; zero switches it off.
fn keep_alive(message: &Message<'_>) -> Option<i64> {
    let (first, rest) = message.start.split_first()?;
    if message.is_text || message.from != Side::Client || *first != CONNECT {
        return None;
    }
    // The remaining length takes one to four bytes; all but the last have their high bit set.
    let length = 1 + rest.iter().take(3).take_while(|byte| **byte & 0x80 != 0).count();
    let variable = rest.get(length..)?;
    let (name, rest) = variable
        .split_at_checked(6)
        .filter(|(name, _)| *name == b"\0\x04MQTT")
        .or_else(|| variable.split_at_checked(8).filter(|(name, _)| *name == b"\0\x06MQIsdp"))?;
    debug_assert!(!name.is_empty());
    match rest {
        [_level, _flags, high, low, ..] => Some(i64::from(u16::from_be_bytes([*high, *low]))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(from: Side, start: &[u8]) -> Option<Beat> {
        read(&Message { from, is_text: false, start, is_whole: true })
    }

    #[test]
    fn connect_announces_the_keep_alive() {
        let connect = b"\x10\x0f\0\x04MQTT\x04\x02\0\x3c\0\x03abc";
        let Some(Beat::Announced(announced)) = of(Side::Client, connect) else { panic!() };
        assert_eq!(announced.interval, Some(Span::from_secs(60)));
        assert_eq!(announced.client_silence, Some(Span::from_secs(90)));
        assert_eq!(of(Side::Client, &PINGREQ), Some(Beat::Ping));
        assert_eq!(of(Side::Server, &PINGRESP), Some(Beat::Pong));
        assert_eq!(of(Side::Client, b"\x10\x0f\0\x04MQTT\x04\x02\0\0"), None);
    }
}
