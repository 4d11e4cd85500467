//! Any bytes on a connection that speaks TLS, as its key log, and as secrets in a capture.

use std::io::Cursor;

use super::steps::{Step, What, steps};
use crate::capture::Capture;
use crate::flow::{Side, Sides};
use crate::limits::Limits;
use crate::tls::{Event, KeyLog, KeySource, Negotiated, RecordSearch, Session, Why};

/// Sessions made by OpenSSL whose secrets are known, so that inputs can get behind the handshake; the
/// seeds hold their bytes.
const TRANSCRIPTS: [&str; 4] = [
    include_str!("../tls/session/transcripts/tls12-aes128-gcm.txt"),
    include_str!("../tls/session/transcripts/tls12-cbc-sha256-etm.txt"),
    include_str!("../tls/session/transcripts/tls13-aes128-gcm.txt"),
    include_str!("../tls/session/transcripts/tls13-key-update.txt"),
];

/// Longest body of the records that handshake messages are put into.
const MOST_IN_RECORD: usize = 1 << 14;

/// Bounds under which one input costs little.
fn limits() -> Limits {
    Limits {
        early_data: 64,
        tls_tries: 2000,
        tls_search_numbers: 40,
        tls_search_sessions: 50,
        tls_secrets: 24,
        tls_secrets_per_session: 8,
        ..Limits::default()
    }
}

fn known_keys() -> KeyLog {
    let mut keys = KeyLog::new(&limits());
    let lines = TRANSCRIPTS.iter().flat_map(|text| text.lines());
    let known: Vec<&str> = lines.filter_map(|line| line.strip_prefix("key ")).collect();
    keys.read(known.join("\n").as_bytes(), KeySource::KeyLog);
    keys
}

/// Plays `data` as the steps of a connection, whole and in pieces.
///
/// Its first byte is how the session begins, the second the size of the pieces.
///
/// # Panics
///
/// When the pieces matter, more comes out than went in, or anything is told after the end.
pub fn tls_records(data: &[u8]) {
    let Some((&[kind, size], data)) = data.split_first_chunk::<2>() else { return };
    let steps = steps(data);
    let whole = play(kind, &steps, usize::MAX);
    for side in [Side::Client, Side::Server] {
        assert!(whole.plain.get(side).len() <= sent(&steps, side), "the {side} sent less than is told");
    }
    // Behind a hole, and without the beginning, how much is tried depends on what comes together.
    if kind & 1 == 0 && steps.iter().all(|step| matches!(step.what, What::Bytes(_))) {
        let size = usize::from(size).max(1);
        assert_eq!(whole, play(kind, &steps, size), "in pieces of {size}");
    }
}

/// Plays `data` as handshake messages, in records of two sizes.
///
/// Its first byte is the size of the records.
///
/// # Panics
///
/// When the size of the records matters.
pub fn tls_handshake(data: &[u8]) {
    let Some((&size, data)) = data.split_first() else { return };
    let steps = steps(data);
    let in_records = |size: usize| {
        let mut records = Vec::new();
        for step in &steps {
            let What::Bytes(bytes) = step.what else { continue };
            for piece in bytes.chunks(size) {
                let len = (piece.len() as u16).to_be_bytes();
                records.push((*step, [&[22, 3, 3][..], &len, piece].concat()));
            }
        }
        let steps: Vec<_> =
            records.iter().map(|(step, bytes)| Step { what: What::Bytes(bytes), ..*step }).collect();
        play(0, &steps, usize::MAX)
    };
    let size = usize::from(size).max(1);
    assert_eq!(in_records(MOST_IN_RECORD), in_records(size), "in records of {size}");
}

/// Reads `data` as the text of a key log, whole and in two parts.
///
/// # Panics
///
/// When a bound does not hold, a line is told that is not there, or the parts matter.
pub fn keylog(data: &[u8]) {
    let limits = limits();
    let mut whole = KeyLog::new(&limits);
    let reading = whole.read(data, KeySource::KeyLog);
    let lines = data.split(|byte| *byte == b'\n').count() as u64;
    assert!(whole.sessions() <= limits.tls_secrets);
    assert!(reading.added + reading.bad_total <= lines && reading.bad.len() as u64 <= reading.bad_total);
    assert!(reading.bad.iter().all(|bad| (1..=lines).contains(&bad.line)));
    assert_eq!(whole.is_empty(), whole.sessions() == 0);
    if !reading.full {
        assert_eq!(whole.read(data, KeySource::Dsb).added, 0, "all secrets are known");
    }
    let middle = data[data.len() / 2..].iter().position(|byte| *byte == b'\n');
    let (first, second) = data.split_at(middle.map_or(0, |at| data.len() / 2 + at + 1));
    let mut parts = KeyLog::new(&limits);
    let (first, second) = (parts.read(first, KeySource::KeyLog), parts.read(second, KeySource::KeyLog));
    assert_eq!(first.added + second.added, reading.added);
    assert_eq!(first.bad_total + second.bad_total, reading.bad_total);
    assert_eq!(parts.sessions(), whole.sessions());
}

/// Reads `data` as what a pcapng file with secrets holds behind its section header.
///
/// The first byte tells whether the rest is put into a block of secrets, or is blocks already.
///
/// # Panics
///
/// When secrets come out that the file does not hold, or more than the bound allows.
pub fn dsb(data: &[u8]) {
    const SECTION: [u32; 7] = [0x0a0d_0d0a, 28, 0x1a2b_3c4d, 1, u32::MAX, u32::MAX, 28];
    let Some((&kind, data)) = data.split_first() else { return };
    let limits = Limits { capture_secrets: 64, ..limits() };
    let mut file = SECTION.map(u32::to_le_bytes).concat();
    if kind & 1 == 0 {
        file.extend_from_slice(data);
    } else {
        let padded = data.len().next_multiple_of(4);
        let head = [10, 20 + padded as u32, 0x544c_534b, data.len() as u32];
        file.extend(head.map(u32::to_le_bytes).concat());
        file.extend_from_slice(data);
        file.resize(SECTION.len() * 4 + 16 + padded, 0);
        file.extend(head[1].to_le_bytes());
    }
    let holds = |text: &[u8]| text.is_empty() || file.windows(text.len()).any(|window| window == text);
    let Ok(mut capture) = Capture::open(Box::new(Cursor::new(file.clone())), "a".to_owned(), 0, &limits)
    else {
        return;
    };
    let mut keys = KeyLog::new(&limits);
    loop {
        let secrets = capture.take_secrets();
        assert!(secrets.iter().map(|each| each.key_log().len()).sum::<usize>() <= limits.capture_secrets);
        for each in &secrets {
            assert!(holds(each.key_log()));
            keys.read(each.key_log(), KeySource::Dsb);
        }
        if !matches!(capture.next(), Ok(Some(_))) {
            break;
        }
    }
    assert!(keys.sessions() <= limits.tls_secrets);
}

/// What a session told.
#[derive(Debug, Default, PartialEq)]
struct Told {
    plain: Sides<Vec<u8>>,
    alerts: Vec<String>,
    negotiated: Negotiated,
    why: Option<Why>,
}

fn play(kind: u8, steps: &[Step<'_>], size: usize) -> Told {
    let limits = limits();
    let mut keys = known_keys();
    keys.search_by(RecordSearch::of(limits.tls_search_numbers, &limits));
    let mut session =
        if kind & 1 == 0 { Session::new(&limits) } else { Session::midstream(&limits, kind & 2 == 0) };
    let (mut told, mut turned) = (Told::default(), false);
    for step in steps {
        match step.what {
            What::Hole(bytes) => {
                session.gap(if turned { step.side.other() } else { step.side }, bytes, step.at);
            }
            What::Bytes(bytes) => {
                for piece in bytes.chunks(size) {
                    let side = if turned { step.side.other() } else { step.side };
                    session.push(side, piece, step.at, &keys, &mut |event| told.take(event, &mut turned));
                }
            }
        }
    }
    let over = session.is_over();
    session.finish(&mut |event| {
        assert!(!over, "told after the end: {event:?}");
        told.take(event, &mut turned);
    });
    if turned {
        told.plain.swap();
    }
    told
}

impl Told {
    fn take(&mut self, event: Event<'_>, turned: &mut bool) {
        match event {
            Event::Turned => {
                assert!(
                    !*turned && self.plain == Sides::default(),
                    "sides turn once, before anything is told"
                );
                *turned = true;
            }
            Event::Negotiated(negotiated) => self.negotiated = negotiated.clone(),
            Event::Plain { side, bytes, .. } => self.plain.get_mut(side).extend_from_slice(bytes),
            Event::PlainHole { .. } => {}
            Event::Alert { side, alert, .. } => self.alerts.push(format!("{side} {alert:?}")),
            Event::Undecryptable { why, .. } => self.why = Some(why),
        }
    }
}

/// The bytes that a side sent.
fn sent(steps: &[Step<'_>], side: Side) -> usize {
    let of_side = steps.iter().filter(|step| step.side == side);
    of_side.map(|step| if let What::Bytes(bytes) = step.what { bytes.len() } else { 0 }).sum()
}
