//! STOMP: a line end is a heartbeat; CONNECT and CONNECTED say how often (STOMP 1.2, “Heart-beating”).

use super::{Announced, Beat, DAY, Message};
use crate::flow::{Side, Sides};
use crate::time::Span;

pub(super) fn is_start(message: &Message<'_>) -> bool {
    match message.from {
        Side::Client => {
            message.begins("CONNECT\n") || message.begins("STOMP\n") || message.begins("CONNECT\r\n")
        }
        Side::Server => message.begins("CONNECTED\n") || message.begins("CONNECTED\r\n"),
    }
}

pub(super) fn read(message: &Message<'_>) -> Option<Beat> {
    if message.is("\n") || message.is("\r\n") {
        return Some(Beat::Sign);
    }
    if !is_start(message) {
        return None;
    }
    let header = message.start.get(message.find("heart-beat:")? + "heart-beat:".len()..)?;
    let end = header.iter().position(|byte| matches!(byte, b'\r' | b'\n'))?;
    let (can, wants) = std::str::from_utf8(header.get(..end)?).ok()?.split_once(',')?;
    Some(Beat::Offered { can: millis(can)?, wants: millis(wants)? })
}

fn millis(text: &str) -> Option<Span> {
    let millis: i64 = text.trim().parse().ok()?;
    (0..=DAY * 1000).contains(&millis).then(|| Span::from_millis(millis))
}

/// What two offers, `(can, wants)` of each side, come to: a side sends as often as both allow, or never.
pub fn agree(offers: &Sides<(Span, Span)>) -> Announced {
    let sends = |from: Side| {
        let ((can, _), (_, wants)) = (*offers.get(from), *offers.get(from.other()));
        (can > Span::ZERO && wants > Span::ZERO).then(|| can.max(wants))
    };
    let (client, server) = (sends(Side::Client), sends(Side::Server));
    Announced { interval: client.or(server), ..Announced::default() }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{client, server};
    use super::*;

    #[test]
    fn the_two_offers_make_an_agreement() {
        let second = Span::from_secs;
        let offer = |beat| match beat {
            Some(Beat::Offered { can, wants }) => (can, wants),
            other => panic!("{other:?}"),
        };
        let client_offer = offer(read(&client("CONNECT\naccept-version:1.2\nheart-beat:10000,5000\n\n\0")));
        let server_offer = offer(read(&server("CONNECTED\nversion:1.2\nheart-beat:0,20000\n\n\0")));
        let agreed = agree(&Sides { client: client_offer, server: server_offer });
        assert_eq!(agreed.interval, Some(second(20)));
        assert_eq!(read(&server("\n")), Some(Beat::Sign));
        assert_eq!(read(&server("MESSAGE\nheart-beat:1,1\n\n")), None);
    }
}
