use super::*;
use crate::flow::PacketRef;
use crate::time::Timestamp;

/// What tests compare of an event.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Seen {
    Request(String),
    Upgraded(u16, Option<bool>),
    Refused(u16),
    AnswerMissing,
    Tunnel,
    Data(Side, Vec<u8>),
    Hole(Side, u64),
    GivenUp(GiveUp, Side),
}

impl Seen {
    fn of(event: Event<'_>) -> Self {
        match event {
            Event::Request(request) => Self::Request(request.path().to_owned()),
            Event::Upgraded(response) => Self::Upgraded(response.status, response.accept_valid),
            Event::Refused(response) => Self::Refused(response.status),
            Event::AnswerMissing { .. } => Self::AnswerMissing,
            Event::Tunnel { .. } => Self::Tunnel,
            Event::Data { side, bytes, .. } => Self::Data(side, bytes.to_vec()),
            Event::Hole { side, bytes, .. } => Self::Hole(side, bytes),
            Event::GivenUp { why, side, .. } => Self::GivenUp(why, side),
        }
    }
}

/// Adds what an event shows; data that follows data of the same side is joined to it.
fn note(seen: &mut Vec<Seen>, event: Event<'_>) {
    match (seen.last_mut(), Seen::of(event)) {
        (Some(Seen::Data(last, before)), Seen::Data(side, bytes)) if *last == side => before.extend(bytes),
        (_, new) => seen.push(new),
    }
}

fn stamp(packet: u64) -> Stamp {
    Stamp { packet: PacketRef::new(0, packet), time: Timestamp::from_nanos(packet as i64) }
}

/// A step of a scene.
#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Client(&'a [u8]),
    Server(&'a [u8]),
    ClientHole(u64),
    ServerHole(u64),
}

use Step::{Client as C, ClientHole, Server as S, ServerHole};

/// Plays a scene, each piece of bytes split into chunks of `size`.
fn play_split(steps: &[Step<'_>], size: usize) -> Vec<Seen> {
    let mut exchange = Exchange::new(&Limits::default());
    let mut seen = Vec::new();
    let mut packet = 0;
    for step in steps {
        let (side, bytes) = match *step {
            C(bytes) => (Side::Client, bytes),
            S(bytes) => (Side::Server, bytes),
            ClientHole(bytes) | ServerHole(bytes) => {
                let side = if matches!(step, ClientHole(_)) { Side::Client } else { Side::Server };
                exchange.gap(side, bytes, stamp(packet), &mut |event| note(&mut seen, event));
                continue;
            }
        };
        for chunk in bytes.chunks(size) {
            packet += 1;
            exchange.push(side, chunk, stamp(packet), &mut |event| note(&mut seen, event));
        }
    }
    seen
}

/// Plays a scene whole and byte by byte; both must show the same.
fn play(steps: &[Step<'_>]) -> Vec<Seen> {
    let seen = play_split(steps, usize::MAX);
    for size in [1, 2, 3, 7, 50] {
        assert_eq!(play_split(steps, size), seen, "chunks of {size}");
    }
    seen
}

const REQUEST: &[u8] = b"GET /chat?x=1 HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
const ANSWER: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

fn request() -> Seen {
    Seen::Request("/chat".to_owned())
}

fn upgraded() -> Seen {
    Seen::Upgraded(101, Some(true))
}

fn client(bytes: &[u8]) -> Seen {
    Seen::Data(Side::Client, bytes.to_vec())
}

fn server(bytes: &[u8]) -> Seen {
    Seen::Data(Side::Server, bytes.to_vec())
}

#[test]
fn an_upgrade_and_its_first_bytes() {
    let with_frame = [ANSWER, b"\x81\x01a"].concat();
    let seen = play(&[C(REQUEST), S(&with_frame), C(b"\x8a\x80")]);
    assert_eq!(seen, [request(), upgraded(), server(b"\x81\x01a"), client(b"\x8a\x80")]);
}

#[test]
fn client_bytes_before_the_answer_are_held() {
    let seen = play(&[C(REQUEST), C(b"\x89\x80"), ClientHole(4), C(b"\x8a\x80"), S(ANSWER), S(b"\x81\x00")]);
    let hole = Seen::Hole(Side::Client, 4);
    let early = [client(b"\x89\x80"), hole, client(b"\x8a\x80")];
    assert_eq!(seen, [&[request(), upgraded()][..], &early, &[server(b"\x81\x00")]].concat());
}

#[test]
fn early_bytes_beyond_the_bound_become_a_hole() {
    let early = vec![0x55; Limits::default().early_data + 10];
    let seen = play_split(&[C(REQUEST), C(&early), S(ANSWER)], 1000);
    assert_eq!(seen[3], Seen::Hole(Side::Client, 10));
}

#[test]
fn a_refusal_may_be_followed_by_a_second_attempt() {
    let refusal = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n\r\nnope";
    let seen = play(&[C(REQUEST), S(refusal), C(REQUEST), S(ANSWER)]);
    assert_eq!(seen, [request(), Seen::Refused(401), request(), upgraded()]);
}

#[test]
fn held_bytes_are_the_next_request_after_a_refusal() {
    let refusal = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
    let seen = play(&[C(REQUEST), C(REQUEST), C(b"\x89\x80"), S(refusal), S(ANSWER)]);
    assert_eq!(seen, [request(), Seen::Refused(503), request(), upgraded(), client(b"\x89\x80")]);
}

#[test]
fn a_redirect_and_a_plain_page_are_refusals() {
    for (status, head) in [
        (302, &b"HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n"[..]),
        (200, b"HTTP/1.0 200\r\n\r\n<html>"),
    ] {
        assert_eq!(play(&[C(REQUEST), S(head)]), [request(), Seen::Refused(status)]);
    }
}

#[test]
fn interim_answers_are_passed_over() {
    let seen = play(&[C(REQUEST), S(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"), S(ANSWER)]);
    assert_eq!(seen, [request(), upgraded()]);
}

#[test]
fn ordinary_exchanges_before_the_upgrade() {
    let get = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let scenes: [(&[u8], &[u8]); 9] = [
        (get, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
        (get, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: 1\r\n\r\n"),
        (get, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: 9\r\n\r\n0\r\n\r\n"),
        (get, b"HTTP/1.1 204 No Content\r\n\r\n"),
        (get, b"HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n"),
        (b"HEAD / HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nGET", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        (
            b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        ),
        (
            b"PUT / HTTP/1.1\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n",
            b"HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n",
        ),
    ];
    for (ask, tell) in scenes {
        let seen = play(&[C(ask), S(tell), C(REQUEST), S(ANSWER)]);
        assert_eq!(seen, [request(), upgraded()], "{}", String::from_utf8_lossy(tell));
    }
}

#[test]
fn pipelined_requests_keep_their_order() {
    let asked = [&b"HEAD / HTTP/1.1\r\n\r\n"[..], b"GET / HTTP/1.1\r\n\r\n\r\n", REQUEST].concat();
    let told = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
        &b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"[..],
        ANSWER,
    ]
    .concat();
    assert_eq!(play(&[C(&asked), S(&told)]), [request(), upgraded()]);
    let mut exchange = Exchange::new(&Limits::default());
    exchange.push(Side::Client, &asked, stamp(1), &mut |_| {});
    assert_eq!(exchange.plain_requests(), 2);
}

#[test]
fn attempts_whose_upgrade_a_proxy_took_away() {
    let stripped = b"GET /chat HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let seen = play(&[C(stripped), S(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")]);
    assert_eq!(seen, [request(), Seen::Refused(400)]);
}

#[test]
fn a_tunnel_passes_everything_on() {
    let connect = b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n";
    let denied = b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n";
    let granted = b"HTTP/1.1 200 Connection established\r\n\r\n";
    let seen = play(&[C(connect), S(denied), C(connect), C(b"\x16\x03"), S(granted), S(b"\x16")]);
    assert_eq!(seen, [Seen::Tunnel, client(b"\x16\x03"), server(b"\x16")]);
}

#[test]
fn lenient_heads() {
    let request = b"\r\n\nGET http://a:80/chat HTTP/1.1\nHOST : a\nUPGRADE:\n websocket\n\
        connection:keep-alive,\r\n\tUpgrade\r\nno colon\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\n\n";
    let answer = b"\nHTTP/1.1 101\nupgrade : WebSocket\nconnection: upgrade\n\
        Sec-WebSocket-Accept:\r\n s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\n\n";
    assert_eq!(play(&[C(request), S(answer)]), [self::request(), upgraded()]);
}

#[test]
fn another_protocol_ends_it() {
    let tls = b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: TLS/1.0\r\n\r\n";
    let seen =
        play(&[C(tls), S(b"HTTP/1.1 101 Switching\r\nUpgrade: TLS/1.0, HTTP/1.1\r\n\r\n\x16\x03\x01")]);
    assert_eq!(seen, [Seen::GivenUp(GiveUp::OtherProtocol, Side::Server)]);
}

#[test]
fn http2_begins_behind_an_upgrade_to_it() {
    let h2c = b"GET / HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n";
    let seen =
        play(&[C(h2c), S(b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n\0\0\0"), C(b"PRI * HTTP/2.0")]);
    assert_eq!(seen, [Seen::Tunnel, server(b"\0\0\0"), client(b"PRI * HTTP/2.0")]);
    // An answer that names h2c to a request for a WebSocket grants nothing.
    let seen = play(&[C(REQUEST), S(b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n")]);
    assert_eq!(seen.last(), Some(&Seen::GivenUp(GiveUp::OtherProtocol, Side::Server)));
}

#[test]
fn an_answer_before_its_request() {
    let seen = play(&[S(ANSWER), C(REQUEST), C(b"\x8a\x80")]);
    assert_eq!(seen, [Seen::Upgraded(101, None), request(), client(b"\x8a\x80")]);
    let without = play(&[S(ANSWER), C(b"\x8a\x80")]);
    assert_eq!(without, [Seen::Upgraded(101, None), client(b"\x8a\x80")]);
}

mod holes {
    use super::*;

    #[test]
    fn requests_behind_a_hole_may_come_after_the_101() {
        let plain = b"GET / HTTP/1.1\r\n\r\n";
        let seen = play(&[S(ANSWER), ClientHole(30), C(plain), C(REQUEST), C(b"\x8a\x80")]);
        assert_eq!(seen, [Seen::Upgraded(101, None), request(), client(b"\x8a\x80")]);
        let without = play(&[S(ANSWER), ClientHole(30), C(b"\x8a\x80")]);
        let hole = Seen::Hole(Side::Client, 30);
        assert_eq!(without, [Seen::Upgraded(101, None), hole, client(b"\x8a\x80")]);
    }

    #[test]
    fn a_hole_may_hide_a_request_that_was_answered_already() {
        let plain = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        let first = b"GET / HTTP/1.1\r\n\r\n";
        let seen =
            play(&[C(first), S(plain), S(plain), ClientHole(18), C(REQUEST), S(ANSWER), C(b"\x8a\x80")]);
        assert_eq!(seen, [request(), upgraded(), client(b"\x8a\x80")]);
    }

    #[test]
    fn a_lost_answer_is_told() {
        let seen = play(&[C(REQUEST), C(b"\x89\x80"), ServerHole(130), S(b"\x81\x01a")]);
        let hole = Seen::Hole(Side::Server, 130);
        let expected = [request(), Seen::AnswerMissing, client(b"\x89\x80"), hole, server(b"\x81\x01a")];
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_hole_inside_a_body_is_passed_over() {
        let part = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab";
        let seen = play(&[C(b"GET / HTTP/1.1\r\n\r\n"), S(part), ServerHole(8), C(REQUEST), S(ANSWER)]);
        assert_eq!(seen, [request(), upgraded()]);
    }

    #[test]
    fn a_hole_beyond_a_body_ends_it() {
        let part = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab";
        let seen = play(&[C(b"GET / HTTP/1.1\r\n\r\n"), S(part), ServerHole(9)]);
        assert_eq!(seen, [Seen::GivenUp(GiveUp::Hole, Side::Server)]);
    }

    #[test]
    fn a_101_cut_by_the_snap_length_still_upgrades() {
        let seen = play(&[C(REQUEST), S(&ANSWER[..50]), ServerHole(60), S(b"\x81\x01a")]);
        let hole = Seen::Hole(Side::Server, 60);
        assert_eq!(seen, [request(), Seen::Upgraded(101, None), hole, server(b"\x81\x01a")]);
    }

    #[test]
    fn a_request_cut_by_the_snap_length_waits_for_its_answer() {
        let seen = play(&[C(&REQUEST[..30]), ClientHole(90), C(b"\x8a\x80"), S(ANSWER)]);
        let hole = Seen::Hole(Side::Client, 90);
        assert_eq!(seen, [Seen::Upgraded(101, None), hole, client(b"\x8a\x80")]);
        let shown = play(&[C(&REQUEST[..60]), ClientHole(60), S(&ANSWER[..20]), ServerHole(9)]);
        let holes = [Seen::Hole(Side::Client, 60), Seen::Hole(Side::Server, 9)];
        assert_eq!(shown, [&[request(), Seen::Upgraded(101, None)][..], &holes].concat());
    }

    #[test]
    fn an_unseen_request_that_was_plain_is_forgotten() {
        let plain = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        let seen = play(&[ClientHole(90), S(plain), C(REQUEST), S(ANSWER)]);
        assert_eq!(seen, [request(), upgraded()]);
    }

    #[test]
    fn a_cut_refusal_is_told() {
        let seen = play(&[C(REQUEST), S(b"HTTP/1.1 403 Forbidden\r\nContent-"), ServerHole(9)]);
        assert_eq!(seen, [request(), Seen::Refused(403), Seen::GivenUp(GiveUp::Hole, Side::Server)]);
    }

    #[test]
    fn a_lost_handshake_leaves_two_holes() {
        let seen = play(&[ClientHole(90), ServerHole(130), C(b"\x8a\x80"), S(b"\x81\x00")]);
        let holes = [Seen::Hole(Side::Client, 90), Seen::Hole(Side::Server, 130)];
        let data = [client(b"\x8a\x80"), server(b"\x81\x00")];
        assert_eq!(seen, [&[Seen::AnswerMissing][..], &holes, &data].concat());
    }
}

mod giving_up {
    use super::*;

    #[test]
    fn bytes_of_other_protocols() {
        let first: [&[u8]; 7] = [
            b"\x16\x03\x01\x02\x00",
            b"*1\r\n$4\r\n",
            b"\x10\x0c\x00\x04MQTT",
            b"\x81\x80abcd",
            b" GET",
            b"GET\r",
            b"GETGETGETGETGETGETGETGETGETGET",
        ];
        for bytes in first {
            assert_eq!(play(&[C(bytes)]), [Seen::GivenUp(GiveUp::NotHttp, Side::Client)]);
        }
        let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        assert_eq!(play(&[C(preface)]), [Seen::GivenUp(GiveUp::NotHttp, Side::Client)]);
        for bytes in [&b"SSH-2.0-OpenSSH"[..], b"220 mail", b"HTTP/2 200\r\n\r\n"] {
            assert_eq!(play(&[S(bytes)]), [Seen::GivenUp(GiveUp::NotHttp, Side::Server)]);
        }
    }

    #[test]
    fn heads_without_bound() {
        let long = [&b"GET / HTTP/1.1\r\nX: "[..], &vec![b'a'; 70_000]].concat();
        let seen = play_split(&[C(&long)], 1448);
        assert_eq!(seen, [Seen::GivenUp(GiveUp::HeadTooLong, Side::Client)]);
        assert_eq!(play_split(&[C(&long)], usize::MAX), seen);
        let many = ["GET / HTTP/1.1\r\n", &"a: b\r\n".repeat(257), "\r\n"].concat();
        assert_eq!(play(&[C(many.as_bytes())]), [Seen::GivenUp(GiveUp::TooManyHeaders, Side::Client)]);
        let fewer = many.replacen("a: b\r\n", "", 1);
        assert_eq!(play(&[C(fewer.as_bytes())]), []);
    }

    #[test]
    fn requests_without_answers() {
        let asked = b"GET / HTTP/1.1\r\n\r\n".repeat(2000);
        let seen = play_split(&[C(&asked)], usize::MAX);
        assert_eq!(seen, [Seen::GivenUp(GiveUp::TooManyRequests, Side::Client)]);
    }
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    fn step(kind: u8, bytes: &[u8]) -> Step<'_> {
        match kind {
            0 => ClientHole(bytes.len() as u64),
            1 => ServerHole(bytes.len() as u64),
            2..=4 => C(bytes),
            _ => S(bytes),
        }
    }

    fn part() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            Just(REQUEST.to_vec()),
            Just(ANSWER.to_vec()),
            Just(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n".to_vec()),
            Just(b"POST / HTTP/1.1\r\nContent-Length: 7\r\n\r\nabc".to_vec()),
            prop::collection::vec(any::<u8>(), 0..20),
            "(\r\n|[ :a-z]){0,20}".prop_map(String::into_bytes),
            (0..REQUEST.len()).prop_map(|cut| REQUEST[..cut].to_vec()),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_split_shows_the_same(scene in prop::collection::vec((0..8_u8, part()), 0..8)) {
            let steps: Vec<Step<'_>> = scene.iter().map(|(kind, bytes)| step(*kind, bytes)).collect();
            play(&steps);
        }
    }
}
