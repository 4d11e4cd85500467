//! TCP as it can be: connections that open in unusual ways, bytes sent twice or out of turn, captures with holes
//! and clocks that are set back.

mod common;

use serde_json::{Value, json};

use common::encode::Encoding;
use common::memory;
use common::session::{Packet, Side, close, frame};
use common::wrap::{ethernet, ipv4};

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const ACK: u8 = 0x10;
const URG: u8 = 0x20;

const REQUEST: &[u8] = b"GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
const ANSWER: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Server: nginx/1.26.3\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// A connection being written, segment by segment.
struct Talk {
    packets: Vec<Packet>,
    nanos: u64,
    isn: [u32; 2],
    /// Sequence numbers used by each side: the SYN and its bytes.
    sent: [u32; 2],
}

use Side::{Client, Server};

impl Talk {
    fn new() -> Self {
        Self { packets: Vec::new(), nanos: 1_700_000_000_000_000_000, isn: [7000, 90_000], sent: [1; 2] }
    }

    /// A segment whose first byte is the side's number `at`, its SYN being number 0.
    fn put(&mut self, from: Side, flags: u8, at: u32, options: &[u8], bytes: &[u8]) {
        let (me, peer) = (from as usize, from.other() as usize);
        let ack = if flags & ACK == 0 { 0 } else { self.isn[peer].wrapping_add(self.sent[peer]) };
        self.put_acking(from, flags, at, ack.wrapping_sub(self.isn[peer]), options, bytes);
        self.sent[me] = self.sent[me].max(at + bytes.len() as u32 + u32::from(flags & FIN));
    }

    fn put_acking(&mut self, from: Side, flags: u8, at: u32, acks: u32, options: &[u8], bytes: &[u8]) {
        let (me, peer) = (from as usize, from.other() as usize);
        let ports = if from == Client { [50_000_u16, 80] } else { [80, 50_000] };
        let mut tcp = ports.map(u16::to_be_bytes).concat();
        let numbers = [self.isn[me].wrapping_add(at), self.isn[peer].wrapping_add(acks)];
        tcp.extend(numbers.map(u32::to_be_bytes).concat());
        let padded = options.len().next_multiple_of(4);
        tcp.extend([0x50 + ((padded / 4) << 4) as u8, flags, 0x40, 0, 0, 0, 0, 0]);
        tcp.extend(options);
        tcp.resize(20 + padded, 0);
        tcp.extend(bytes);
        let mut ip = ipv4(6, &tcp);
        // Each packet has an identification of its own: none is a copy made on the way.
        ip[4..6].copy_from_slice(&(self.packets.len() as u16 + 1).to_be_bytes());
        let hosts = [[10, 0, 0, 1], [10, 0, 0, 2]];
        ip[12..20].copy_from_slice(&[hosts[me], hosts[peer]].concat());
        self.packets.push(Packet { nanos: self.nanos, data: ethernet(0x0800, &ip) });
        self.nanos += 1_000_000;
    }

    /// Bytes in order, which the other side acknowledges.
    fn say(&mut self, from: Side, bytes: &[u8]) {
        self.put(from, ACK, self.sent[from as usize], &[], bytes);
        self.ack(from.other(), &[]);
    }

    fn ack(&mut self, from: Side, options: &[u8]) {
        self.put(from, ACK, self.sent[from as usize], options, &[]);
    }

    fn open(&mut self) {
        self.put(Client, SYN, 0, &[], &[]);
        self.put(Server, SYN | ACK, 0, &[], &[]);
        self.ack(Client, &[]);
    }

    fn upgrade(&mut self) {
        self.say(Client, REQUEST);
        self.say(Server, ANSWER);
    }

    fn messages(&mut self) {
        self.say(Client, &frame(Client, 0x81, b"hello"));
        self.say(Server, &frame(Server, 0x89, b"ping"));
        self.say(Client, &frame(Client, 0x8a, b"ping"));
    }

    fn end(&mut self) {
        self.say(Server, &frame(Server, 0x88, &close(1001, "over")));
        self.say(Client, &frame(Client, 0x88, &close(1001, "")));
        self.put(Server, FIN | ACK, self.sent[1], &[], &[]);
        self.put(Client, FIN | ACK, self.sent[0], &[], &[]);
        self.ack(Server, &[]);
    }
}

fn report(packets: &[Packet]) -> Value {
    memory::report(&Encoding::USUAL.file(packets))
}

/// What does not depend on how the bytes were carried.
fn essence(report: &Value) -> Value {
    let connections = report["connections"].as_array().unwrap();
    let parts = |each: &Value| {
        let closes = each["close_frames"].as_array().unwrap().iter();
        let closes: Vec<Value> =
            closes.map(|each| json!([each["from"], each["code"], each["reason"]])).collect();
        json!({
            "kind": each["kind"], "client": each["client"], "server": each["server"],
            "path": each["handshake"]["path"], "status": each["handshake"]["status"],
            "frames": each["frames"], "closes": closes, "close_handshake": each["close_handshake"],
            "unparsed": each["unparsed"], "violations": each["violations"],
            "party": each["verdict"]["party"], "cause": each["verdict"]["cause"],
        })
    };
    connections.iter().map(parts).collect()
}

/// The conversation as it usually goes.
fn usual() -> Value {
    let mut talk = Talk::new();
    talk.open();
    talk.upgrade();
    talk.messages();
    talk.end();
    let essence = essence(&report(&talk.packets));
    assert_eq!(essence[0]["closes"], json!([["server", 1001, "over"], ["client", 1001, null]]));
    assert_eq!((&essence[0]["status"], &essence[0]["client"]["port"]), (&json!(101), &json!(50_000)));
    essence
}

/// A conversation that opens in some other way, up to and without what `open` has sent of the upgrade.
fn opened(open: impl FnOnce(&mut Talk)) -> Value {
    let mut talk = Talk::new();
    open(&mut talk);
    talk.messages();
    talk.end();
    report(&talk.packets)
}

/// A Fast Open cookie (RFC 7413 §4.1.1).
const FAST_OPEN: &[u8] = &[34, 10, 1, 2, 3, 4, 5, 6, 7, 8];

#[test]
fn fast_open_carries_the_request_in_the_syn() {
    let taken = opened(|talk| {
        talk.put_acking(Client, SYN, 0, 0, FAST_OPEN, REQUEST);
        talk.sent[0] = 1 + REQUEST.len() as u32;
        talk.put(Server, SYN | ACK, 0, &[], &[]);
        talk.ack(Client, &[]);
        talk.say(Server, ANSWER);
    });
    assert_eq!(essence(&taken), usual());
    assert_eq!(taken["connections"][0]["tcp"]["client"]["retransmissions"], 0);
    assert_eq!(taken["connections"][0]["handshake"]["request_packet"]["packet"], 1);
}

#[test]
fn fast_open_that_the_server_did_not_take_is_sent_again() {
    let refused = opened(|talk| {
        talk.put_acking(Client, SYN, 0, 0, FAST_OPEN, REQUEST);
        talk.put(Server, SYN | ACK, 0, &[], &[]);
        talk.upgrade();
    });
    assert_eq!(essence(&refused), usual());
}

#[test]
fn an_answer_may_come_with_the_syn_ack() {
    let answered = opened(|talk| {
        talk.put_acking(Client, SYN, 0, 0, FAST_OPEN, REQUEST);
        talk.sent[0] = 1 + REQUEST.len() as u32;
        talk.put_acking(Server, SYN | ACK, 0, talk.sent[0], &[], ANSWER);
        talk.sent[1] = 1 + ANSWER.len() as u32;
        talk.ack(Client, &[]);
    });
    assert_eq!(essence(&answered), usual());
}

#[test]
fn whoever_asks_is_the_client_of_a_simultaneous_open() {
    for first in [Client, Server] {
        let opened = opened(|talk| {
            talk.put_acking(first, SYN, 0, 0, &[], &[]);
            talk.put_acking(first.other(), SYN, 0, 0, &[], &[]);
            talk.put(first, SYN | ACK, 0, &[], &[]);
            talk.put(first.other(), SYN | ACK, 0, &[], &[]);
            talk.upgrade();
        });
        assert_eq!(essence(&opened), usual(), "{first:?} first");
        let tcp = &opened["connections"][0]["tcp"];
        let again = [&tcp["client"]["retransmissions"], &tcp["server"]["retransmissions"]];
        assert_eq!(again, [0, 0], "{first:?} first");
    }
}

#[test]
fn a_split_handshake_is_one_connection() {
    for with_ack in [false, true] {
        let split = opened(|talk| {
            talk.put_acking(Client, SYN, 0, 0, &[], &[]);
            if with_ack {
                // Its number has nothing to do with the SYN that follows.
                talk.put_acking(Server, ACK, 0x5555_0000, 1, &[], &[]);
            }
            talk.put_acking(Server, SYN, 0, 0, &[], &[]);
            talk.put(Client, SYN | ACK, 0, &[], &[]);
            talk.ack(Server, &[]);
            talk.upgrade();
        });
        assert_eq!(essence(&split), usual(), "with an ACK first: {with_ack}");
        assert_eq!(split["connections"][0]["tcp"]["client"]["retransmissions"], 0);
    }
}

#[test]
fn sequence_numbers_wrap_anywhere_in_the_conversation() {
    let usual = usual();
    for before in (0..600).step_by(7) {
        let mut talk = Talk::new();
        talk.isn = [0_u32.wrapping_sub(before), 0_u32.wrapping_sub(before / 2)];
        talk.open();
        talk.upgrade();
        talk.messages();
        talk.end();
        assert_eq!(essence(&report(&talk.packets)), usual, "{before} before the wrap");
    }
}

/// A SACK option for the peer's numbers from `start` to `end` (RFC 2018 §3).
fn sack(talk: &Talk, of: Side, start: u32, end: u32) -> Vec<u8> {
    let edges = [start, end].map(|at| talk.isn[of as usize].wrapping_add(at).to_be_bytes());
    [&[1, 1, 5, 10][..], &edges.concat()].concat()
}

#[test]
fn selective_acknowledgements_do_not_make_a_hole() {
    let conversation = |lost_on_the_path: bool| {
        let mut talk = Talk::new();
        talk.open();
        talk.upgrade();
        talk.messages();
        let first = frame(Server, 0x81, b"one");
        let second = frame(Server, 0x81, b"two");
        let start = talk.sent[1];
        let end = start + (first.len() + second.len()) as u32;
        let middle = start + first.len() as u32;
        if lost_on_the_path {
            talk.put_acking(Server, ACK, middle, talk.sent[0], &[], &second);
            for _ in 0..3 {
                let option = sack(&talk, Server, middle, end);
                talk.ack(Client, &option);
            }
            talk.put(Server, ACK, start, &[], &first);
            talk.sent[1] = end;
        } else {
            talk.put(Server, ACK, start, &[], &first);
            talk.put(Server, ACK, middle, &[], &second);
        }
        talk.ack(Client, &[]);
        talk.end();
        report(&talk.packets)
    };
    let (plain, sacked) = (conversation(false), conversation(true));
    assert_eq!(plain["connections"][0]["frames"]["server"]["text"], 2);
    assert_eq!(essence(&sacked), essence(&plain));
    assert_eq!(sacked["connections"][0]["tcp"]["server"]["lost_in_capture_bytes"], 0);
}

#[test]
fn urgent_data_stays_in_its_place() {
    let mut talk = Talk::new();
    talk.open();
    talk.upgrade();
    talk.messages();
    talk.end();
    for packet in &mut talk.packets {
        // Behind Ethernet and IPv4: the flags, and a pointer to the third byte.
        if packet.data.len() > 54 {
            packet.data[34 + 13] |= URG;
            packet.data[34 + 18..34 + 20].copy_from_slice(&[0, 3]);
        }
    }
    assert_eq!(essence(&report(&talk.packets)), usual());
}

#[test]
fn of_conflicting_retransmissions_the_first_counts_and_the_conflict_is_told() {
    let mut talk = Talk::new();
    talk.open();
    talk.upgrade();
    talk.messages();
    let at = talk.sent[1];
    let told = frame(Server, 0x88, &close(1001, "over"));
    let other = frame(Server, 0x88, &close(1011, "evil"));
    talk.put(Server, ACK, at, &[], &told);
    talk.put(Server, ACK, at, &[], &other);
    talk.ack(Client, &[]);
    talk.say(Client, &frame(Client, 0x88, &close(1001, "")));
    talk.put(Server, FIN | ACK, talk.sent[1], &[], &[]);
    talk.put(Client, FIN | ACK, talk.sent[0], &[], &[]);
    talk.ack(Server, &[]);
    let report = report(&talk.packets);
    assert_eq!(essence(&report), usual());
    let events = report["connections"][0]["timeline"].as_array().unwrap();
    let told = events.iter().find(|event| event["event"] == "retransmission").unwrap();
    assert!(told["detail"].as_str().unwrap().contains("differ"), "{told}");
}

#[test]
fn packets_written_out_of_the_order_of_their_times() {
    let mut talk = Talk::new();
    talk.open();
    talk.upgrade();
    talk.messages();
    talk.end();
    let usual = usual();
    let count = talk.packets.len();
    // Each packet in turn is written behind the one after it, as by another queue of the interface.
    for at in 5..count - 1 {
        let mut packets = talk.packets.clone();
        packets.swap(at, at + 1);
        let report = report(&packets);
        assert_eq!(essence(&report)[0]["frames"], usual[0]["frames"], "{at}");
        assert_eq!(essence(&report)[0]["closes"], usual[0]["closes"], "{at}");
        assert_eq!(report["captures"][0]["warnings"], json!([]), "{at}");
    }
}

#[test]
fn a_clock_that_is_set_back_is_told_and_changes_no_frame() {
    let mut talk = Talk::new();
    talk.open();
    talk.upgrade();
    talk.messages();
    talk.nanos += 5_000_000_000;
    talk.end();
    let usual = usual();
    for at in 1..talk.packets.len() {
        let mut packets = talk.packets.clone();
        packets[at..].iter_mut().for_each(|packet| packet.nanos -= 3_600_000_000_000);
        let report = report(&packets);
        let (found, connection) = (&essence(&report)[0], &report["connections"][0]);
        for part in ["kind", "client", "frames", "closes", "close_handshake", "unparsed"] {
            assert_eq!(found[part], usual[0][part], "{part}, set back at {at}");
        }
        let warning = report["captures"][0]["warnings"][0].as_str().unwrap();
        assert!(warning.contains(&format!("packet {} is 359", at + 1)), "{warning}");
        assert!(connection["idle"]["longest_s"].as_f64().unwrap() >= 0.0);
    }
}

/// A connection that carries other requests before the upgrade; its packets, and how many come before that.
fn keep_alive() -> (Vec<Packet>, usize) {
    let mut talk = Talk::new();
    talk.open();
    let body = "x".repeat(600);
    for (path, head) in [
        ("/a", "Content-Length: 2400\r\n\r\n".to_owned()),
        ("/b", "Transfer-Encoding: chunked\r\n\r\n".to_owned()),
        ("/c", "Content-Length: 0\r\n\r\n".to_owned()),
        ("/d", "Content-Length: 2400\r\n\r\n".to_owned()),
    ] {
        talk.say(Client, format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes());
        talk.say(Server, format!("HTTP/1.1 200 OK\r\n{head}").as_bytes());
        match path {
            "/b" => {
                for _ in 0..3 {
                    talk.say(Server, format!("258\r\n{body}\r\n").as_bytes());
                }
                talk.say(Server, b"0\r\n\r\n");
            }
            "/c" => {}
            _ => (0..4).for_each(|_| talk.say(Server, body.as_bytes())),
        }
    }
    let before = talk.packets.len();
    talk.upgrade();
    talk.messages();
    talk.end();
    (talk.packets, before)
}

#[test]
fn an_upgrade_is_found_behind_any_hole_in_earlier_exchanges() {
    let usual = usual();
    let (packets, before) = keep_alive();
    assert_eq!(essence(&report(&packets)), usual);
    for length in 1..=before {
        for start in 0..=before - length {
            let mut packets = packets.clone();
            packets.drain(start..start + length);
            assert_eq!(essence(&report(&packets)), usual, "without {length} packets from {start}");
        }
    }
}

#[test]
fn an_upgrade_is_found_wherever_the_capture_starts_before_it() {
    let usual = usual();
    let (packets, before) = keep_alive();
    for start in 0..=before {
        assert_eq!(essence(&report(&packets[start..])), usual, "from packet {start} on");
    }
}

/// Every order of the first four packets.
fn orders() -> Vec<[usize; 4]> {
    let places = || 0..4_usize;
    let all = places().flat_map(|a| places().flat_map(move |b| places().map(move |c| [a, b, c])));
    let distinct = all.filter(|[a, b, c]| a != b && b != c && a != c);
    distinct.map(|[a, b, c]| [a, b, c, 6 - a - b - c]).collect()
}

#[test]
fn a_capture_may_start_out_of_order() {
    let usual = usual();
    let (packets, before) = keep_alive();
    assert_eq!(orders().len(), 24);
    for start in 3..=before {
        for order in orders() {
            let mut mixed = packets[start..].to_vec();
            for (place, from) in order.into_iter().enumerate() {
                mixed[place] = packets[start + from].clone();
            }
            assert_eq!(essence(&report(&mixed)), usual, "from packet {start} on, as {order:?}");
        }
    }
}

#[test]
fn half_an_upgrade_shows_the_websocket_behind_it() {
    let usual = usual();
    let (packets, before) = keep_alive();
    let without = |at: usize| {
        let mut packets = packets.clone();
        packets.remove(at);
        essence(&report(&packets))
    };
    let (request, answer) = (before, before + 2);
    for (found, path, status) in
        [(without(request), json!(null), json!(101)), (without(answer), json!("/chat"), json!(null))]
    {
        assert_eq!((&found[0]["path"], &found[0]["status"]), (&path, &status), "{found}");
        assert_eq!(found[0]["closes"], usual[0]["closes"]);
        assert_eq!(found[0]["frames"], usual[0]["frames"]);
    }
}

#[test]
fn half_a_request_is_no_frame_whenever_its_answer_is_read() {
    let usual = usual();
    for cut in 1..REQUEST.len() {
        for first_half in [true, false] {
            let mut talk = Talk::new();
            talk.open();
            let (first, second) = REQUEST.split_at(cut);
            let at = talk.sent[0];
            if first_half {
                talk.put(Client, ACK, at, &[], first);
            } else {
                talk.put(Client, ACK, at + cut as u32, &[], second);
            }
            talk.sent[0] = at + REQUEST.len() as u32;
            // The answer comes before it is clear that the other half is not in the capture.
            talk.say(Server, ANSWER);
            talk.messages();
            talk.end();
            let (found, what) = (&essence(&report(&talk.packets))[0], format!("{cut}, first: {first_half}"));
            assert_eq!((&found["status"], &found["violations"]), (&json!(101), &json!([])), "{what}");
            assert_eq!(found["frames"]["server"], usual[0]["frames"]["server"], "{what}");
            assert_eq!(found["closes"], usual[0]["closes"], "{what}");
            for kind in ["text", "binary", "continuation", "ping", "pong", "close", "other"] {
                let count = |of: &Value| of["frames"]["client"][kind].as_u64().unwrap();
                assert!(count(found) <= count(&usual[0]), "{kind} {what}");
            }
        }
    }
}

#[test]
fn an_answer_written_before_its_request_opens_the_same_websocket() {
    let usual = usual();
    let (packets, before) = keep_alive();
    let mut packets = packets;
    let request = packets.remove(before);
    packets.insert(before + 1, request);
    let answer = packets.remove(before + 2);
    packets.insert(before, answer);
    assert_eq!(essence(&report(&packets)), usual);
}

#[test]
fn a_101_alone_is_a_websocket_that_nobody_has_used_yet() {
    let (packets, before) = keep_alive();
    let report = report(&packets[before + 1..before + 4]);
    let connection = &report["connections"][0];
    assert_eq!(
        (&connection["kind"], &connection["handshake"]["status"]),
        (&json!("websocket_midstream"), &json!(101))
    );
    assert_eq!(connection["handshake"]["server_header"], "nginx/1.26.3");
    assert_eq!(connection["handshake"]["request_packet"], Value::Null);
    assert_eq!(connection["client"]["port"], 50_000);
    assert_eq!(connection["verdict"]["observed"]["mechanism"], "still_open");
    let mut other = packets[before + 1..before + 4].to_vec();
    let at = other[1].data.windows(9).position(|window| window == b"websocket").unwrap();
    other[1].data[at..at + 9].copy_from_slice(b"something");
    assert_eq!(self::report(&other)["connections"], json!([]));
}
