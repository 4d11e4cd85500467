//! What must hold for the whole way from a capture file to the report, whatever the packets.

mod common;

use proptest::prelude::*;
use serde_json::{Value, json};
use whoclosed::capture::CaptureError;

use common::encode::Encoding;
use common::memory::{open, report_on};
use common::session::{self, Packet, Segment, Session, Side, close, frame};

/// The JSON report on a capture file.
fn report(file: &[u8]) -> Result<Value, CaptureError> {
    report_on(open(file)?)
}

/// What a report must say of a connection however its bytes were cut into packets.
fn essence(report: &Value) -> Value {
    let connections = report["connections"].as_array().unwrap();
    let essence = connections.iter().map(|connection| {
        let closes = connection["close_frames"].as_array().unwrap();
        let closes = closes.iter().map(|close| json!([close["from"], close["code"], close["reason"]]));
        let violations = connection["violations"].as_array().unwrap();
        let violations = violations.iter().map(|violation| json!([violation["from"], violation["kind"]]));
        let first = &connection["tcp_end"]["first"];
        json!({
            "kind": connection["kind"],
            "handshake": [connection["handshake"]["path"], connection["handshake"]["status"]],
            "frames": connection["frames"],
            "closes": closes.collect::<Vec<_>>(),
            "close_handshake": connection["close_handshake"],
            "violations": violations.collect::<Vec<_>>(),
            "unparsed": connection["unparsed"],
            "end": [first["from"], first["by"]],
            "observed": connection["verdict"]["observed"],
            "inferred": [connection["verdict"]["party"], connection["verdict"]["cause"]],
        })
    });
    essence.collect()
}

/// What one side says in one turn.
#[derive(Clone, Debug)]
struct Turn {
    from: Side,
    frames: Vec<(u8, usize)>,
}

/// How a conversation ends.
#[derive(Clone, Copy, Debug)]
enum Ending {
    Closed { by: Side, code: u16 },
    ClosedUnanswered { by: Side },
    Fin { by: Side },
    Rst { by: Side },
    Open,
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Client), Just(Side::Server)]
}

fn conversation() -> impl Strategy<Value = (Vec<Turn>, Ending)> {
    let frame = prop_oneof![
        4 => (Just(0x81), 0..300_usize),
        1 => (Just(0x82), 0..2000_usize),
        1 => (Just(0x89), 0..8_usize),
        1 => (Just(0x8a), 0..8_usize),
    ];
    let turn = (side(), prop::collection::vec(frame, 1..4)).prop_map(|(from, frames)| Turn { from, frames });
    let ending = prop_oneof![
        (side(), 1000..1012_u16).prop_map(|(by, code)| Ending::Closed { by, code }),
        side().prop_map(|by| Ending::ClosedUnanswered { by }),
        side().prop_map(|by| Ending::Fin { by }),
        side().prop_map(|by| Ending::Rst { by }),
        Just(Ending::Open),
    ];
    (prop::collection::vec(turn, 0..6), ending)
}

/// The packets of a conversation whose turns are split like this.
fn packets(turns: &[Turn], ending: Ending, splitting: session::Splitting<'_>) -> Vec<Packet> {
    let mut session = Session::open(splitting);
    for Turn { from, frames } in turns {
        let frames = frames.iter().map(|&(first, len)| frame(*from, first, &vec![b'x'; len]));
        session.say(*from, &frames.collect::<Vec<_>>().concat());
    }
    match ending {
        Ending::Closed { by, code } => {
            session.say(by, &frame(by, 0x88, &close(code, "so long")));
            session.say(by.other(), &frame(by.other(), 0x88, &close(code, "")));
            session.fin(Side::Server);
            session.fin(Side::Client);
        }
        Ending::ClosedUnanswered { by } => {
            session.say(by, &frame(by, 0x88, &[]));
            session.wait(3);
            session.fin(by);
            session.fin(by.other());
        }
        Ending::Fin { by } => {
            session.fin(by);
            session.fin(by.other());
        }
        Ending::Rst { by } => session.rst(by),
        Ending::Open => session.wait(20),
    }
    session.into_packets()
}

/// Ethernet, IPv4 and TCP without options.
const HEADERS: usize = 14 + 20 + 20;

/// Packets from the SYN to the granted upgrade.
const UPGRADE: usize = 7;

fn whole(segment: Segment) -> Vec<Segment> {
    vec![segment]
}

/// How the bytes of a turn come out of their order.
#[derive(Clone, Debug)]
struct Disorder {
    sizes: Vec<usize>,
    /// Segments that come twice, that reach over the next one, and that change place.
    repeated: Vec<bool>,
    longer: Vec<usize>,
    places: Vec<usize>,
}

fn disorder() -> impl Strategy<Value = Disorder> {
    let sizes = prop::collection::vec(1..200_usize, 1..6);
    let repeated = prop::collection::vec(any::<bool>(), 1..5);
    let longer = prop::collection::vec(0..50_usize, 1..5);
    let places = prop::collection::vec(0..9_usize, 1..9);
    (sizes, repeated, longer, places).prop_map(|(sizes, repeated, longer, places)| Disorder {
        sizes,
        repeated,
        longer,
        places,
    })
}

impl Disorder {
    fn apply(&self, turn: &Segment) -> Vec<Segment> {
        let mut segments = Vec::new();
        let mut start = 0;
        for (index, size) in self.sizes.iter().cycle().enumerate() {
            if start >= turn.bytes.len() {
                break;
            }
            let longer = self.longer[index % self.longer.len()];
            let end = (start + size + longer).min(turn.bytes.len());
            let segment = Segment { from: turn.from, offset: start, bytes: turn.bytes[start..end].to_vec() };
            segments.push(segment.clone());
            if self.repeated[index % self.repeated.len()] {
                segments.push(segment);
            }
            start += size;
        }
        // Each segment waits for as many others at most as its place tells.
        let mut places: Vec<_> = segments.into_iter().enumerate().collect();
        places.sort_by_key(|(index, _)| index + self.places[index % self.places.len()]);
        places.into_iter().map(|(_, segment)| segment).collect()
    }
}

proptest! {
    #[test]
    fn frames_and_closes_do_not_depend_on_how_bytes_were_sent(
        (turns, ending) in conversation(),
        disorder in disorder(),
    ) {
        let tidy = packets(&turns, ending, &whole);
        let untidy = packets(&turns, ending, &|turn| disorder.apply(&turn));
        let expected = essence(&report(&Encoding::USUAL.file(&tidy)).unwrap());
        for side in [Side::Client, Side::Server] {
            for (kind, first) in [("text", 0x81), ("binary", 0x82), ("ping", 0x89), ("pong", 0x8a)] {
                let sent = turns.iter().filter(|turn| turn.from == side).flat_map(|turn| &turn.frames);
                let sent = sent.filter(|frame| frame.0 == first).count();
                prop_assert_eq!(&expected[0]["frames"][side.name()][kind], sent, "{} of {:?}", kind, side);
            }
        }
        let found = essence(&report(&Encoding::USUAL.file(&untidy)).unwrap());
        prop_assert_eq!(expected, found);
    }

    #[test]
    fn every_kind_of_file_gives_the_same_connections(
        (turns, ending) in conversation(),
        encoding in prop::sample::select(Encoding::all()),
    ) {
        let packets = packets(&turns, ending, &whole);
        let usual = report(&Encoding::USUAL.file(&packets)).unwrap();
        prop_assert_eq!(usual["captures"][0]["packets"].as_u64(), Some(packets.len() as u64));
        let other = report(&encoding.file(&packets)).unwrap();
        prop_assert_eq!(&usual["connections"], &other["connections"]);
        prop_assert_eq!(&usual["summary"], &other["summary"]);
    }

    #[test]
    fn what_the_capture_missed_adds_nothing(
        (turns, ending) in conversation(),
        disorder in disorder(),
        missed in prop::collection::vec(prop::bool::weighted(0.1), 1..40),
    ) {
        let is_upgrade = |turn: &Segment| turn.bytes.starts_with(b"GET ") || turn.bytes.starts_with(b"HTTP/");
        let splitting = |turn: Segment| if is_upgrade(&turn) { vec![turn] } else { disorder.apply(&turn) };
        let mut all = packets(&turns, ending, &splitting);
        let known = essence(&report(&Encoding::USUAL.file(&all)).unwrap());
        // The upgrade is kept, and whatever carries no payload.
        let mut number = 0;
        all.retain(|packet| {
            number += 1;
            number <= UPGRADE || packet.data.len() == HEADERS || !missed[number % missed.len()]
        });
        let found = report(&Encoding::USUAL.file(&all)).unwrap();
        let confidence = found["connections"][0]["verdict"]["confidence"].clone();
        let found = essence(&found);
        for side in ["client", "server"] {
            for (kind, count) in known[0]["frames"][side].as_object().unwrap() {
                let seen = found[0]["frames"][side][kind].as_u64().unwrap();
                prop_assert!(seen <= count.as_u64().unwrap(), "{} {} of the {}: {}", seen, kind, side, count);
            }
        }
        let closes = known[0]["closes"].as_array().unwrap();
        for close in found[0]["closes"].as_array().unwrap() {
            prop_assert!(closes.iter().any(|known| known[0] == close[0] && (known[1] == close[1] || close[1].is_null())), "{}", close);
        }
        if confidence == "high" {
            prop_assert_eq!(&found[0]["inferred"][0], &known[0]["inferred"][0], "{} and {}", found, known);
        }
    }
}

/// The frames that a report counts, and the Close frames it lists.
fn counted(report: &Value) -> (u64, Vec<Value>) {
    let Some(connection) = report["connections"].get(0) else { return (0, Vec::new()) };
    let of = |side: &str| {
        let counts = connection["frames"][side].as_object().unwrap();
        let kinds = counts.iter().filter(|(kind, _)| !["bytes", "messages"].contains(&kind.as_str()));
        kinds.map(|(_, count)| count.as_u64().unwrap()).sum::<u64>()
    };
    (of("client") + of("server"), connection["close_frames"].as_array().unwrap().clone())
}

#[test]
fn a_file_cut_anywhere_reports_what_is_there() {
    let turns = [
        Turn { from: Side::Client, frames: vec![(0x81, 5), (0x89, 4)] },
        Turn { from: Side::Server, frames: vec![(0x8a, 4), (0x82, 200)] },
    ];
    let ending = Ending::Closed { by: Side::Server, code: 1001 };
    let packets = packets(&turns, ending, &whole);
    for encoding in [Encoding::USUAL, Encoding::STRANGE] {
        let file = encoding.file(&packets);
        let (frames, closes) = counted(&report(&file).unwrap());
        assert_eq!((frames, closes.len()), (6, 2));
        let header = report_begins_at(&file);
        let mut before = (0, 0);
        for cut in header..file.len() {
            let report =
                report(&file[..cut]).unwrap_or_else(|error| panic!("{encoding:?} at {cut}: {error}"));
            let (frames, listed) = counted(&report);
            assert!((frames, listed.len()) >= before, "{encoding:?} at {cut}: less than before");
            assert!(closes.starts_with(&listed), "{encoding:?} at {cut}: {listed:?}");
            let told = !report["captures"][0]["warnings"].as_array().unwrap().is_empty();
            assert_ne!(report["captures"][0]["complete"], told, "{encoding:?} at {cut}");
            before = (frames, listed.len());
        }
    }
}

/// The shortest cut that still is a capture; shorter ones are an error that says so.
fn report_begins_at(file: &[u8]) -> usize {
    let cut = (0..file.len()).find(|&cut| report(&file[..cut]).is_ok()).unwrap();
    assert!(cut <= 28, "{cut}");
    cut
}
