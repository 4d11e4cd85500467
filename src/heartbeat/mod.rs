//! Heartbeats that applications send inside messages, one file per protocol.
//!
//! Everything here looks at the first bytes of one message and keeps nothing: a [`Kind`] is recognised by
//! the upgrade or by first messages, and from then on tells which messages are heartbeats, and which ones
//! announce how often they come. No payload leaves this room.

mod action_cable;
mod centrifugo;
mod discord;
mod engine_io;
mod graphql_ws;
mod json;
mod mqtt;
mod phoenix;
mod pusher;
mod signalr;
mod sockjs;
mod stomp;
mod text;
mod twitch;

use std::iter;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use memchr::memmem;

use crate::flow::Side;
use crate::time::Span;

pub use stomp::agree;

/// A message as its first bytes tell it.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Who sent it.
    pub from: Side,
    /// Whether it is text.
    pub is_text: bool,
    /// Its first bytes, unmasked.
    pub start: &'a [u8],
    /// Whether those are all of it.
    pub is_whole: bool,
}

/// What a message says about heartbeats.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum Beat {
    /// It wants an answer.
    Ping,
    /// It answers one.
    Pong,
    /// It wants none: it only shows that its sender is there.
    Sign,
    /// It announces how often they come; boxed, as timelines hold many of the others.
    Announced(Box<Announced>),
    /// It offers how often its sender can send them, and wants to get them (STOMP).
    Offered {
        /// How often its sender can send one; zero for never.
        can: Span,
        /// How often it wants one; zero for never.
        wants: Span,
    },
}

/// Timers that the peers tell each other.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Announced {
    /// Time between two heartbeats.
    pub interval: Option<Span>,
    /// How long the answer to one may take.
    pub wait: Option<Span>,
    /// How long the client may be silent before the server gives it up.
    pub client_silence: Option<Span>,
    /// How long the server may be silent before the client gives it up.
    pub server_silence: Option<Span>,
}

/// A protocol with heartbeats of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Kind {
    /// Action Cable (Rails).
    ActionCable,
    /// Centrifugo.
    Centrifugo,
    /// The Discord gateway.
    Discord,
    /// Engine.IO, which carries Socket.IO.
    EngineIo,
    /// graphql-transport-ws and its predecessor, `AppSync` included.
    GraphqlWs,
    /// Objects such as `{"type":"ping"}`.
    JsonPeriodic,
    /// MQTT.
    Mqtt,
    /// Phoenix channels.
    Phoenix,
    /// The Pusher protocol.
    Pusher,
    /// `SignalR` of ASP.NET Core.
    SignalR,
    /// `SockJS`.
    SockJs,
    /// STOMP.
    Stomp,
    /// The words ping and pong.
    TextPing,
    /// Twitch `EventSub`.
    TwitchEventSub,
}

/// The protocols with what recognises them and what reads them; the general ones last.
static PROTOCOLS: [Protocol; 14] = [
    Protocol::new(Kind::EngineIo, b"0", engine_io::is_start, engine_io::read),
    Protocol::new(Kind::Mqtt, b"\x10", mqtt::is_start, mqtt::read),
    Protocol::new(Kind::Stomp, b"CS", stomp::is_start, stomp::read),
    Protocol::new(Kind::SignalR, b"{", signalr::is_start, signalr::read),
    Protocol::new(Kind::Phoenix, b"[{", phoenix::is_start, phoenix::read).by_word(),
    Protocol::new(Kind::Pusher, b"{", pusher::is_start, pusher::read).by_word(),
    Protocol::new(Kind::Discord, b"{", discord::is_start, discord::read).by_word(),
    Protocol::new(Kind::GraphqlWs, b"{", graphql_ws::is_start, graphql_ws::read).by_word(),
    Protocol::new(Kind::ActionCable, b"{", action_cable::is_start, action_cable::read),
    Protocol::new(Kind::Centrifugo, b"{", centrifugo::is_start, centrifugo::read).by_word(),
    Protocol::new(Kind::TwitchEventSub, b"{", twitch::is_start, twitch::read),
    Protocol::new(Kind::SockJs, b"o", sockjs::is_start, sockjs::read),
    Protocol::new(Kind::TextPing, b"pP\" \t\n\x0c\r", text::is_start, text::read),
    Protocol::new(Kind::JsonPeriodic, b"{", json::is_start, json::read).by_word(),
];

struct Protocol {
    kind: Kind,
    /// What the first byte of a first message may be.
    first: &'static [u8],
    /// Whether a string of a first message begins with one of the [`INITIALS`].
    by_word: bool,
    is_start: IsStart,
    read: Read,
}

type IsStart = fn(&Message<'_>) -> bool;

type Read = fn(&Message<'_>) -> Option<Beat>;

impl Protocol {
    const fn new(kind: Kind, first: &'static [u8], is_start: IsStart, read: Read) -> Self {
        Self { kind, first, by_word: false, is_start, read }
    }

    const fn by_word(self) -> Self {
        Self { by_word: true, ..self }
    }
}

/// For each byte, the protocols whose first messages may begin with it, as bits by their places.
const LIKELY: [u16; 256] = {
    let mut likely = [0; 256];
    let mut place = 0;
    while place < PROTOCOLS.len() {
        let mut first = PROTOCOLS[place].first;
        while let [byte, others @ ..] = first {
            likely[*byte as usize] |= 1 << place;
            first = others;
        }
        place += 1;
    }
    likely
};

/// Those that are known by a word, as such bits.
const BY_WORD: u16 = {
    let mut by_word = 0;
    let mut place = 0;
    while place < PROTOCOLS.len() {
        by_word |= (PROTOCOLS[place].by_word as u16) << place;
        place += 1;
    }
    by_word
};

/// The protocols whose places are set in `bits`, in their order.
fn protocols(mut bits: u16) -> impl Iterator<Item = &'static Protocol> {
    iter::from_fn(move || {
        let place = bits.trailing_zeros() as usize;
        bits &= bits.wrapping_sub(1);
        PROTOCOLS.get(place)
    })
}

/// What the words begin with by which most protocols in JSON are known, such as `"connect"` and `"ping"`, in any
/// case: in most messages no string does, and so no word need be sought in them.
const INITIALS: [u8; 4] = *b"chkp";

impl Kind {
    /// The protocol that an upgrade to `path` with the subprotocol agreed on is for.
    pub fn of_upgrade(path: &str, subprotocol: Option<&str>) -> Option<Self> {
        let by_name = match subprotocol.map(str::to_ascii_lowercase).as_deref() {
            Some("graphql-ws" | "graphql-transport-ws") => Some(Self::GraphqlWs),
            Some("mqtt" | "mqttv3.1") => Some(Self::Mqtt),
            Some("actioncable-v1-json" | "actioncable-v1-ext-json") => Some(Self::ActionCable),
            Some(name) if name.ends_with(".stomp") => Some(Self::Stomp),
            _ => None,
        };
        let by_path = || path.starts_with("/socket.io/") || path.starts_with("/engine.io/");
        by_name.or_else(|| by_path().then_some(Self::EngineIo))
    }

    /// The protocol that a message is a first one of.
    pub fn of_message(message: &Message<'_>) -> Option<Self> {
        let mut likely = LIKELY[usize::from(*message.start.first()?)];
        if likely & BY_WORD != 0 && !message.may_hold_word() {
            likely &= !BY_WORD;
        }
        let found = protocols(likely).find(|protocol| (protocol.is_start)(message))?;
        Some(found.kind)
    }

    /// What a message of this protocol says about heartbeats.
    pub fn read(self, message: &Message<'_>) -> Option<Beat> {
        let protocol = PROTOCOLS.iter().find(|protocol| protocol.kind == self)?;
        (protocol.read)(message)
    }

    /// The report's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ActionCable => "action_cable",
            Self::Centrifugo => "centrifugo",
            Self::Discord => "discord",
            Self::EngineIo => "engine_io",
            Self::GraphqlWs => "graphql_ws",
            Self::JsonPeriodic => "json_periodic",
            Self::Mqtt => "mqtt",
            Self::Phoenix => "phoenix",
            Self::Pusher => "pusher",
            Self::SignalR => "signalr",
            Self::SockJs => "sockjs",
            Self::Stomp => "stomp",
            Self::TextPing => "text_ping",
            Self::TwitchEventSub => "twitch_eventsub",
        }
    }
}

impl Message<'_> {
    /// Whether it is exactly this text.
    fn is(&self, text: &str) -> bool {
        self.is_whole && self.is_text && self.start == text.as_bytes()
    }

    /// Whether it is text that begins so.
    fn begins(&self, text: &str) -> bool {
        self.is_text && self.start.starts_with(text.as_bytes())
    }

    /// Whether a string in it begins with one of the [`INITIALS`].
    fn may_hold_word(&self) -> bool {
        let pairs = self.start.iter().zip(self.start.get(1..).unwrap_or_default());
        // Without a branch, so that many bytes are looked at together.
        pairs.fold(false, |found, (&quote, &next)| {
            let is_initial = INITIALS.iter().fold(false, |is, &initial| is | (next | 0x20 == initial));
            found | (quote == b'"') & is_initial
        })
    }

    /// Whether this text stands in what is known of it.
    fn holds(&self, sought: &Sought) -> bool {
        sought.find(self.start).is_some()
    }

    /// Where a text stands that is sought in few messages.
    fn find(&self, text: &str) -> Option<usize> {
        memmem::find(self.start, text.as_bytes())
    }

    /// The whole number behind `key`, with spaces and a colon between them at most.
    fn number(&self, key: &str) -> Option<i64> {
        let behind = self.start.get(self.find(key)? + key.len()..)?;
        let from = behind.iter().position(|byte| !matches!(byte, b' ' | b':' | b'"' | b'\\'))?;
        let digits = behind.get(from..)?.iter().take_while(|byte| byte.is_ascii_digit()).take(12);
        let digits: Vec<u8> = digits.copied().collect();
        std::str::from_utf8(&digits).ok()?.parse().ok()
    }

    /// The milliseconds behind `key`, where they make sense.
    fn millis(&self, key: &str) -> Option<Span> {
        self.number(key).filter(|&number| (1..=DAY * 1000).contains(&number)).map(Span::from_millis)
    }

    /// The seconds behind `key`, where they make sense.
    fn secs(&self, key: &str) -> Option<Span> {
        self.number(key).filter(|number| (1..=DAY).contains(number)).map(Span::from_secs)
    }
}

/// A text that is sought in the first messages of every connection; what the search needs is made once.
struct Sought {
    text: &'static str,
    finder: OnceLock<memmem::Finder<'static>>,
}

impl Sought {
    const fn new(text: &'static str) -> Self {
        Self { text, finder: OnceLock::new() }
    }

    fn find(&self, bytes: &[u8]) -> Option<usize> {
        self.finder.get_or_init(|| memmem::Finder::new(self.text)).find(bytes)
    }
}

/// Longer times are no heartbeats.
const DAY: i64 = 86_400;

/// Two times, one after the other.
fn sum(a: Span, b: Span) -> Span {
    Span::from_nanos(a.as_nanos().saturating_add(b.as_nanos()))
}

#[cfg(test)]
mod testing {
    use super::*;

    /// A whole text message of the client.
    pub(super) fn client(text: &str) -> Message<'_> {
        Message { from: Side::Client, is_text: true, start: text.as_bytes(), is_whole: true }
    }

    /// A whole text message of the server.
    pub(super) fn server(text: &str) -> Message<'_> {
        Message { from: Side::Server, ..client(text) }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{client, server};
    use super::*;

    #[test]
    fn protocols_are_known_by_the_upgrade_or_a_first_message() {
        assert_eq!(Kind::of_upgrade("/socket.io/", None), Some(Kind::EngineIo));
        assert_eq!(Kind::of_upgrade("/ws", Some("v12.stomp")), Some(Kind::Stomp));
        assert_eq!(Kind::of_upgrade("/ws", Some("chat")), None);
        assert_eq!(Kind::of_message(&client("PING")), Some(Kind::TextPing));
        assert_eq!(Kind::of_message(&server("{\"type\":\"welcome\"}")), Some(Kind::ActionCable));
        assert_eq!(Kind::of_message(&client("hello")), None);
    }

    #[test]
    fn no_first_message_is_passed_over() {
        let texts = [
            r#"0{"sid":"x"}"#,
            "CONNECT\n",
            "STOMP\n",
            "CONNECTED\r\n",
            "{\"protocol\":\"json\",\"version\":1}\u{1e}",
            r#"["1","1","room:1","phx_join",{}]"#,
            r#"{"topic":"phoenix","event":"heartbeat"}"#,
            r#"{"event":"pusher:connection_established","data":"{}"}"#,
            r#"{"op":10,"d":{"heartbeat_interval":41250}}"#,
            r#"{"type":"connection_init"}"#,
            r#"{"type":"connection_ack"}"#,
            r#"{"type":"welcome"}"#,
            r#"{"id":1,"connect":{"client":"x","ping":25}}"#,
            r#"{"metadata":{"message_type":"session_welcome"}}"#,
            "o",
            "\t\"PING\"\r\n",
            " ping",
            "\x0cPing",
            r#"{"type":"ping"}"#,
            r#"{"op" : "Heartbeat"}"#,
            r#"{"cmd":"keepalive"}"#,
            r#"{"event":"hb"}"#,
            r#"{"id":1,"method":"public/heartbeat"}"#,
        ];
        let connect = b"\x10\x0c\0\x04MQTT\x04\x02\0\x3c";
        let messages = texts.iter().flat_map(|text| [client(text), server(text)]);
        let packed = Message { is_text: false, start: connect, ..client("") };
        let mut seen: Vec<_> = messages
            .chain([packed])
            .filter_map(|message| {
                let any = PROTOCOLS.iter().find(|protocol| (protocol.is_start)(&message))?;
                assert_eq!(Kind::of_message(&message), Some(any.kind), "{message:?}");
                Some(any.kind.name())
            })
            .collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), PROTOCOLS.len(), "{seen:?}");
    }

    #[test]
    fn numbers_are_read_and_bounded() {
        let message = server(r#"{"a": 12,"b":"34","c":-1,"d":99999999999999999999,"e":"#);
        assert_eq!((message.number("\"a\""), message.number("\"b\"")), (Some(12), Some(34)));
        assert_eq!(
            (message.number("\"c\""), message.secs("\"d\""), message.number("\"e\"")),
            (None, None, None)
        );
    }

    #[test]
    fn no_bytes_are_too_odd() {
        for start in [
            &b""[..],
            b"\x00",
            b"{",
            b"\x10",
            b"\x10\xff\xff\xff\xff",
            b"CONNECTED\nheart-beat:",
            b"[",
            b"\x02\x91",
        ] {
            for (from, is_text) in [(Side::Client, true), (Side::Server, false)] {
                let message = Message { from, is_text, start, is_whole: true };
                let _ = Kind::of_message(&message);
                for protocol in &PROTOCOLS {
                    let _ = protocol.kind.read(&message);
                }
            }
        }
    }
}
