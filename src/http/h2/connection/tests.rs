use super::*;
use crate::http::h2::frame::PREFACE;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let len = (payload.len() as u32).to_be_bytes();
    [&len[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A field without indexing, as it is.
fn field(name: &str, value: &str) -> Vec<u8> {
    let text = |text: &str| [&[text.len() as u8], text.as_bytes()].concat();
    [vec![0x00], text(name), text(value)].concat()
}

fn connect() -> Vec<u8> {
    [
        field(":method", "CONNECT"),
        field(":protocol", "websocket"),
        field(":scheme", "https"),
        field(":path", "/chat?token=secret"),
        field(":authority", "chat.example.com"),
        field("sec-websocket-version", "13"),
        field("sec-websocket-protocol", "chat"),
    ]
    .concat()
}

/// What a listener is told, in one line each.
fn told(event: &StreamEvent<'_>) -> String {
    match event {
        StreamEvent::Request { stream, request } => {
            let host = request.host.as_deref().unwrap_or("?");
            format!(
                "{stream} asks {} {host} {} missing {:?}",
                request.method,
                request.path(),
                request.missing
            )
        }
        StreamEvent::Opened { stream, response } => format!("{stream} opens {}", response.status),
        StreamEvent::Refused { stream, response } => format!("{stream} refused {}", response.status),
        StreamEvent::AnswerMissing { stream } => format!("{stream} answer missing"),
        StreamEvent::Data { stream, side, bytes, .. } => {
            format!("{stream} {} {}", side.name(), String::from_utf8_lossy(bytes))
        }
        StreamEvent::Hole { stream, side, bytes, .. } => format!("{stream} {} hole {bytes}", side.name()),
        StreamEvent::Ended { stream, side, by, .. } => format!("{stream} {} ended {by:?}", side.name()),
        StreamEvent::GoAway { side, last, error, .. } => format!("{} goes away {last} {error}", side.name()),
        StreamEvent::Lost { side, .. } => format!("{} lost", side.name()),
        StreamEvent::TooMany { stream } => format!("{stream} too many"),
    }
}

struct Listener {
    http2: Http2,
    told: Vec<String>,
}

impl Listener {
    fn new() -> Self {
        Self { http2: Http2::new(&Limits::default()), told: Vec::new() }
    }

    fn push(&mut self, side: Side, bytes: &[u8]) {
        let Self { http2, told: all } = self;
        http2.push(side, bytes, Stamp::default(), &mut |event| all.push(told(&event)));
    }

    fn gap(&mut self, side: Side, bytes: Option<u64>) {
        let Self { http2, told: all } = self;
        http2.gap(side, bytes, Stamp::default(), &mut |event| all.push(told(&event)));
    }

    fn open() -> Self {
        let mut listener = Self::new();
        let client = [&PREFACE[..], &frame(4, 0, 0, &[]), &frame(1, 4, 1, &connect())].concat();
        listener.push(Side::Client, &client);
        listener
            .push(Side::Server, &[frame(4, 0, 0, &[]), frame(1, 4, 1, &field(":status", "200"))].concat());
        assert_eq!(listener.told, OPENED);
        listener.told.clear();
        listener
    }
}

const OPENED: [&str; 2] = ["1 asks CONNECT chat.example.com /chat missing []", "1 opens 200"];

#[test]
fn a_websocket_is_asked_for_opened_used_and_ended() {
    let mut listener = Listener::open();
    listener.push(Side::Client, &frame(0, 0, 1, b"hello"));
    listener.push(Side::Client, &frame(0, 0, 3, b"of another stream"));
    listener.push(Side::Server, &[frame(6, 0, 0, &[0; 8]), frame(0, 1, 1, b"bye")].concat());
    listener.push(Side::Client, &frame(3, 0, 1, &8_u32.to_be_bytes()));
    listener.push(Side::Server, &frame(7, 0, 0, &[0, 0, 0, 1, 0, 0, 0, 11, b'x']));
    let wanted = [
        "1 client hello",
        "1 server bye",
        "1 server ended EndStream",
        "1 client ended Reset(ErrorCode(8))",
        "server goes away 1 ENHANCE_YOUR_CALM",
    ];
    assert_eq!(listener.told, wanted);
}

#[test]
fn padding_priority_and_continuation_are_taken_apart() {
    let mut listener = Listener::new();
    let fields = connect();
    let (start, end) = fields.split_at(30);
    let headers = [&[3][..], &[0, 0, 0, 0, 5], start, &[0; 3]].concat();
    listener.push(Side::Client, &[frame(1, 0x28, 1, &headers), frame(9, 4, 1, end)].concat());
    listener.push(Side::Server, &frame(1, 4, 1, &field(":status", "103")));
    listener.push(Side::Server, &frame(1, 4, 1, &field(":status", "200")));
    assert_eq!(listener.told, OPENED);
    listener.push(Side::Server, &frame(0, 8, 1, &[&[4][..], b"padded", &[0; 4]].concat()));
    listener.push(Side::Server, &frame(0, 8, 1, &[0]));
    assert_eq!(listener.told[2..], ["1 server padded"]);
}

#[test]
fn a_refusal_opens_nothing() {
    let mut listener = Listener::new();
    listener.push(Side::Client, &[frame(1, 4, 1, &connect()), frame(0, 0, 1, b"early")].concat());
    listener
        .push(Side::Server, &[frame(1, 4, 1, &field(":status", "502")), frame(0, 1, 1, b"html")].concat());
    assert_eq!(listener.told[1..], ["1 refused 502", "1 server ended EndStream"]);
}

#[test]
fn what_the_client_sent_early_belongs_to_the_websocket() {
    let mut listener = Listener::new();
    listener.push(Side::Client, &[frame(1, 4, 1, &connect()), frame(0, 0, 1, b"early")].concat());
    listener.push(Side::Server, &frame(1, 4, 1, &field(":status", "200")));
    assert_eq!(listener.told[1..], ["1 opens 200", "1 client early"]);
}

#[test]
fn a_hole_in_a_payload_is_counted_and_framing_goes_on() {
    let mut listener = Listener::open();
    let data = frame(0, 1, 1, b"0123456789");
    listener.push(Side::Server, &data[..12]);
    listener.gap(Side::Server, Some(5));
    listener.push(Side::Server, &data[17..]);
    let wanted = ["1 server 012", "1 server hole 5", "1 server 89", "1 server ended EndStream"];
    assert_eq!(listener.told, wanted);
}

#[test]
fn framing_is_found_again_behind_any_other_hole() {
    let mut listener = Listener::open();
    listener.gap(Side::Server, Some(100));
    listener.push(Side::Server, b"the rest of some frame");
    listener.push(Side::Server, &[frame(6, 0, 0, &[0; 8]), frame(0, 0, 1, b"again")].concat());
    assert_eq!(listener.told, ["server lost", "1 server again"]);
}

#[test]
fn an_answer_in_a_hole_is_told_to_be_missing() {
    let mut listener = Listener::new();
    listener.push(Side::Client, &frame(1, 4, 1, &connect()));
    listener.gap(Side::Server, None);
    listener.push(Side::Server, &frame(0, 0, 1, b"data"));
    assert_eq!(listener.told[1..], ["server lost", "1 answer missing", "1 server data"]);
}

#[test]
fn streams_have_a_bound() {
    let most = Limits::default().http2_streams as u32;
    let mut listener = Listener::new();
    for id in 0..=most {
        listener.push(Side::Client, &frame(1, 4, 2 * id + 1, &connect()));
    }
    assert_eq!(listener.told.last().unwrap(), &format!("{} too many", 2 * most + 1));
}

#[test]
fn streams_without_their_start_are_told_and_make_room_for_each_other() {
    let limits = Limits { http2_streams: 4, ..Limits::default() };
    let mut listener = Listener { http2: Http2::midstream(&limits), told: Vec::new() };
    // The rest of a frame, and then frames.
    listener.push(
        Side::Client,
        &[&b"the rest"[..], &frame(6, 0, 0, &[0; 8]), &frame(0, 0, 7, b"of seven")].concat(),
    );
    for stream in (9..2000).step_by(2) {
        listener.push(Side::Server, &frame(0, 1, stream, b"page"));
        assert!(listener.http2.streams.open.len() <= 4);
    }
    listener.push(Side::Server, &frame(0, 0, 7, b"for seven"));
    assert_eq!(listener.told.first().unwrap(), "7 client of seven");
    assert_eq!(listener.told.last().unwrap(), "7 server for seven");
    assert!(listener.told.contains(&"1999 server page".to_owned()));
}

#[test]
fn sides_may_be_exchanged() {
    let mut listener = Listener { http2: Http2::midstream(&Limits::default()), told: Vec::new() };
    listener.push(Side::Server, &[frame(6, 0, 0, &[0; 8]), frame(0, 0, 7, b"one")].concat());
    listener.push(Side::Server, &frame(0, 0, 7, b"two")[..10]);
    listener.http2.swap_sides();
    listener.push(Side::Client, &frame(0, 0, 7, b"two")[10..]);
    assert_eq!(listener.told, ["7 server one", "7 server t", "7 client wo"]);
}

proptest::proptest! {
    /// However the bytes are cut into chunks, the same is told.
    #[test]
    fn splitting_changes_nothing(cuts in proptest::collection::vec(1_usize..30, 1..40)) {
        let client = [
            &PREFACE[..], &frame(4, 0, 0, &[0; 12]), &frame(1, 0, 1, &connect()[..40]), &frame(9, 4, 1, &connect()[40..]),
            &frame(0, 8, 1, &[&[2][..], b"hello", &[0; 2]].concat()), &frame(3, 0, 1, &[0, 0, 0, 8]),
        ].concat();
        let whole = {
            let mut listener = Listener::new();
            listener.push(Side::Client, &client);
            listener.told
        };
        let mut listener = Listener::new();
        let (mut rest, mut cuts) = (&client[..], cuts.iter().cycle());
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at(rest.len().min(*cuts.next().unwrap()));
            listener.push(Side::Client, chunk);
            rest = after;
        }
        let text = |told: &[String]| told.concat().replace("1 client ", "");
        proptest::prop_assert_eq!(text(&listener.told), text(&whole));
    }

    /// Any bytes and holes are read to their end.
    #[test]
    fn any_bytes_are_read(chunks in proptest::collection::vec((proptest::bool::ANY, proptest::collection::vec(0_u8.., 0..100), 0_u64..200), 0..50)) {
        let midstream = Listener { http2: Http2::midstream(&Limits::default()), told: Vec::new() };
        for mut listener in [Listener::open(), midstream] {
            for (client, bytes, hole) in &chunks {
                let side = if *client { Side::Client } else { Side::Server };
                listener.push(side, bytes);
                if *hole < 20 {
                    listener.gap(side, (*hole > 0).then_some(*hole));
                }
            }
        }
    }
}
