//! Whole connections, byte by byte.

use super::testing::at;
use super::*;
use crate::tls::testing::hex;

/// A record as it goes over the wire.
fn wire(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind, 3, 3, (body.len() >> 8) as u8, body.len() as u8], body].concat()
}

fn sealed(kind: u8, len: usize) -> Vec<u8> {
    wire(kind, &vec![0xaa; len])
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind, 0, (body.len() >> 8) as u8, body.len() as u8], body].concat()
}

/// A hello of a client that offers these protocols.
fn client_hello(protocols: &[&str]) -> Vec<u8> {
    let names: Vec<u8> =
        protocols.iter().flat_map(|name| [&[name.len() as u8], name.as_bytes()].concat()).collect();
    let list = [&(names.len() as u16).to_be_bytes()[..], &names].concat();
    let alpn = [&16_u16.to_be_bytes()[..], &(list.len() as u16).to_be_bytes(), &list].concat();
    let sni = hex("00000009000700000464656d6f");
    let extensions = if protocols.is_empty() { sni } else { [sni, alpn].concat() };
    let body = [&[3, 3][..], &[1; 32], &[0, 0, 2, 0x13, 0x01, 1, 0]].concat();
    let body = [body, (extensions.len() as u16).to_be_bytes().to_vec(), extensions].concat();
    wire(22, &message(1, &body))
}

/// The hello of a server that chose TLS 1.3, or TLS 1.2 with AES-128-GCM.
fn server_hello(is_tls13: bool) -> Vec<u8> {
    let suite = if is_tls13 { [0x13, 0x01] } else { [0xc0, 0x2f] };
    let extensions = if is_tls13 { hex("0006002b00020304") } else { hex("0000") };
    wire(22, &message(2, &[&[3, 3][..], &[2; 32], &[0], &suite, &[0], &extensions].concat()))
}

/// Plays what the sides send, each at its millisecond, in chunks of `size` bytes.
fn played(sent: &[(Side, i64, Vec<u8>)], size: usize) -> (Shape, Vec<ShapeEvent>) {
    let (mut shape, mut events, mut ends) = (Shape::new(), Vec::new(), Sides::default());
    for (side, millis, bytes) in sent {
        for chunk in bytes.chunks(size) {
            *ends.get_mut(*side) += chunk.len() as i64;
            shape.push(*side, chunk, at(*millis), *ends.get(*side), &mut |event| events.push(event));
        }
    }
    (shape, events)
}

const CLIENT: Side = Side::Client;
const SERVER: Side = Side::Server;

fn opened13() -> Vec<(Side, i64, Vec<u8>)> {
    vec![
        (CLIENT, 1, client_hello(&["http/1.1"])),
        (SERVER, 2, [server_hello(true), sealed(20, 1), sealed(23, 600)].concat()),
        (CLIENT, 3, [sealed(20, 1), sealed(23, 53), sealed(23, 239)].concat()),
        (SERVER, 4, [sealed(23, 282), sealed(23, 282), sealed(23, 146)].concat()),
        (CLIENT, 10, sealed(23, 28)),
        (SERVER, 11, sealed(23, 24)),
    ]
}

fn opened12() -> Vec<(Side, i64, Vec<u8>)> {
    vec![
        (CLIENT, 1, client_hello(&["h2", "http/1.1"])),
        (SERVER, 2, [server_hello(false), wire(22, &message(11, &[0; 700]))].concat()),
        (CLIENT, 3, [wire(22, &message(16, &[0; 60])), sealed(20, 1), sealed(22, 40)].concat()),
        (SERVER, 4, [sealed(20, 1), sealed(22, 40)].concat()),
        (CLIENT, 5, sealed(23, 246)),
        (SERVER, 6, sealed(23, 153)),
        (CLIENT, 10, sealed(23, 35)),
        (SERVER, 11, sealed(23, 31)),
    ]
}

#[test]
fn a_websocket_over_tls13_however_it_is_split() {
    let mut sent = opened13();
    sent.push((CLIENT, 1000, sealed(23, 25)));
    sent.push((SERVER, 1001, sealed(23, 21)));
    sent.push((SERVER, 1002, sealed(23, 19)));
    for size in [1, 7, 100, 10_000] {
        let (mut shape, mut events) = played(&sent, size);
        shape.end(SERVER, at(1003), &mut |event| events.push(event));
        let data = |event: &&ShapeEvent| matches!(event, ShapeEvent::Data(_));
        assert_eq!(events.iter().filter(data).count(), 8, "{size}");
        assert!(matches!(events.last(), Some(ShapeEvent::Alert { side: SERVER, inferred: true, .. })));
        assert!(shape.is_likely(at(1003)) && !shape.is_excluded());
        assert_eq!(shape.negotiated().sni.as_deref(), Some("demo"));
        assert_eq!(shape.offered(), ["http/1.1"]);
        let inferred = shape.inferred();
        assert_eq!(inferred.close.unwrap().from, CLIENT);
        assert_eq!(inferred.upgrade.unwrap().at, at(4));
    }
}

#[test]
fn alerts_of_tls12_have_a_type_of_their_own() {
    let mut sent = opened12();
    sent.push((SERVER, 3000, sealed(21, 26)));
    let (shape, events) = played(&sent, 50);
    let alert = |event: &ShapeEvent| matches!(event, ShapeEvent::Alert { inferred: false, alert: None, .. });
    assert!(events.iter().any(alert));
    assert!(shape.is_likely(at(3000)), "the server ignored the client's offer of h2");
    assert!(shape.inferred().close.is_none());
}

#[test]
fn an_offer_of_more_in_tls13_leaves_it_out() {
    let mut sent = opened13();
    sent[0].2 = client_hello(&["h2", "http/1.1"]);
    let (shape, _) = played(&sent, 1000);
    assert!(shape.is_excluded() && shape.is_hopeless(u64::MAX, at(20)));
}

#[test]
fn a_record_that_looks_like_an_alert_may_be_a_ping() {
    let mut sent = opened13();
    for round in 1..=4 {
        sent.push((SERVER, round * 30_000, sealed(23, 19)));
        sent.push((CLIENT, round * 30_000 + 1, sealed(23, 23)));
    }
    let (shape, events) = played(&sent, 1000);
    assert!(!events.iter().any(|event| matches!(event, ShapeEvent::Alert { .. })));
    let beats = shape.inferred().beats;
    assert_eq!(beats.len(), 1);
    assert_eq!((beats[0].from, beats[0].answered), (SERVER, 4));
}

#[test]
fn a_refused_handshake() {
    let sent = [(CLIENT, 1, client_hello(&[])), (SERVER, 2, wire(21, &[2, 70]))];
    let (shape, events) = played(&sent, 1000);
    let alert = events.iter().find_map(|event| match event {
        ShapeEvent::Alert { alert, .. } => *alert,
        _ => None,
    });
    assert_eq!(alert.unwrap().description.name(), Some("protocol_version"));
    assert!(shape.is_likely(at(2)) && !shape.is_established());
}

#[test]
fn a_warning_does_not_end_it() {
    let mut sent = opened13();
    sent.insert(1, (SERVER, 1, wire(21, &[1, 112])));
    let (shape, _) = played(&sent, 1000);
    assert!(shape.is_established() && shape.is_likely(at(20)));
}

#[test]
fn plain_http_is_no_tls() {
    let sent = [(CLIENT, 1, client_hello(&[])), (SERVER, 2, b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())];
    let (shape, events) = played(&sent, 1000);
    assert!(matches!(events.last(), Some(ShapeEvent::NotTls { side: SERVER, .. })));
    assert!(shape.is_likely(at(3)));
}

#[test]
fn a_connection_without_its_start() {
    let mut shape = Shape::midstream();
    let mut count = 0;
    for round in 1..=4_i64 {
        let mut sink = |event| count += u32::from(matches!(event, ShapeEvent::Data(_)));
        shape.push(SERVER, &sealed(23, 26), at(round * 20_000), round * 31, &mut sink);
        shape.push(CLIENT, &sealed(23, 30), at(round * 20_000 + 3), round * 35, &mut sink);
    }
    assert_eq!(count, 8);
    assert!(shape.is_likely(at(80_003)) && shape.is_established());
    assert_eq!(shape.inferred().beats[0].interval.median(), Some(Span::from_secs(20)));
}

#[test]
fn a_ping_that_the_end_follows_much_later_is_no_alert() {
    let mut sent = opened13();
    sent.push((SERVER, 10_000, sealed(23, 19)));
    let (mut shape, mut events) = played(&sent, 1000);
    shape.end(SERVER, at(12_000), &mut |event| events.push(event));
    assert!(matches!(events.last(), Some(ShapeEvent::Data(record)) if record.len == 19));
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    /// What a side sends: a record of any type and length, a hello, or no TLS at all.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            4 => (20_u8..=24, 0_usize..200).prop_map(|(kind, len)| sealed(kind, len)),
            4 => prop_oneof![Just(19_usize), Just(21), Just(23), Just(25)].prop_map(|len| sealed(23, len)),
            1 => Just(client_hello(&["http/1.1"])),
            1 => any::<bool>().prop_map(server_hello),
            1 => prop::collection::vec(0_u8..20, 0..40),
        ]
    }

    /// One thing that happens: bytes, a hole, or an end.
    fn step() -> impl Strategy<Value = (bool, i64, u8, Vec<u8>)> {
        (any::<bool>(), 0_i64..40_000, 0_u8..20, bytes())
    }

    /// Plays the steps on a shape, each side's bytes in pieces of `size`.
    fn run(mut shape: Shape, steps: &[(bool, i64, u8, Vec<u8>)], size: usize) -> (Shape, Vec<String>) {
        let (mut clock, mut ends, mut events) = (1, Sides::default(), Vec::new());
        for (is_client, pause, what, bytes) in steps {
            clock += pause;
            let side = if *is_client { CLIENT } else { SERVER };
            let mut sink = |event: ShapeEvent| events.push(format!("{event:?}"));
            match what {
                0 => {
                    *ends.get_mut(side) += bytes.len() as i64;
                    shape.gap(side, bytes.len() as u64, at(clock), *ends.get(side), &mut sink);
                }
                1 => shape.end(side, at(clock), &mut sink),
                _ => {
                    for chunk in bytes.chunks(size) {
                        *ends.get_mut(side) += chunk.len() as i64;
                        shape.push(side, chunk, at(clock), *ends.get(side), &mut sink);
                    }
                }
            }
        }
        shape.finish(&mut |event| events.push(format!("{event:?}")));
        (shape, events)
    }

    proptest! {
        #[test]
        fn anything_is_taken_and_little_is_kept(
            steps in prop::collection::vec(step(), 0..120),
            midstream in any::<bool>(),
        ) {
            let shape = if midstream { Shape::midstream() } else { Shape::new() };
            let (shape, _) = run(shape, &steps, usize::MAX);
            let inferred = shape.inferred();
            prop_assert!(inferred.beats.len() <= 8);
            for beat in &inferred.beats {
                prop_assert!(beat.answered >= 2 && beat.answered <= beat.sent && !beat.why.is_empty());
                prop_assert!(beat.interval.median().is_some());
            }
            for side in [CLIENT, SERVER] {
                prop_assert!(shape.sides.get(side).held <= HELLO + 300);
            }
            // What is hopeless is not likely.
            let end = at(10_000_000);
            prop_assert!(!(shape.is_hopeless(0, end) && shape.is_likely(end) && shape.is_excluded()));
        }

        #[test]
        fn splitting_records_changes_nothing(
            steps in prop::collection::vec(step(), 0..60),
            size in 1_usize..50,
        ) {
            // Where the beginning of the next record is lost, whole segments help to find it again.
            let is_whole = |(_, _, what, bytes): &(bool, i64, u8, Vec<u8>)| {
                *what > 0 && matches!(bytes[..], [20..=24, 3, ..])
            };
            let steps: Vec<_> = steps.into_iter().filter(is_whole).collect();
            let whole = run(Shape::new(), &steps, usize::MAX).1;
            prop_assert_eq!(whole, run(Shape::new(), &steps, size).1);
        }
    }
}
