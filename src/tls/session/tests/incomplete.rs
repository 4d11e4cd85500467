//! Sessions of which the capture lacks the handshake, a direction, or thousands of records.

use super::*;
use crate::tls::secret::Secret;
use crate::tls::testing::sealed;

/// A key log of other sessions, before and behind the right one.
fn among_others(right: &str) -> KeyLog {
    let mut keys = keys("");
    for other in 0..20_u8 {
        let lines = ["CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"].map(|label| {
            format!(
                "{label} {} {}\n",
                format!("{other:02x}").repeat(32),
                format!("{:02x}", other ^ 0x3c).repeat(32)
            )
        });
        keys.read(lines.concat().as_bytes(), KeySource::KeyLog);
        if other == 7 {
            keys.read(right.as_bytes(), KeySource::KeyLog);
        }
    }
    keys
}

/// Plays chunks to a session whose beginning was not seen.
fn read_midstream(keys: &KeyLog, chunks: &[(Side, Vec<u8>)], sides_known: bool) -> Told {
    let mut session = Session::midstream(&Limits::default(), sides_known);
    let mut told = Told::default();
    let mut turned = false;
    for (side, bytes) in chunks {
        let side = if turned { side.other() } else { *side };
        session.push(side, bytes, Stamp::default(), keys, &mut |event| told.take(event));
        turned = told.turned;
    }
    session.finish(&mut |event| told.take(event));
    told
}

/// The chunks behind the handshake.
fn behind_handshake(transcript: &Transcript) -> &[(Side, Vec<u8>)] {
    let plain = read(&keys(&transcript.keys), whole(&transcript.chunks));
    let mut start = transcript.chunks.len();
    while read(&keys(&transcript.keys), whole(&transcript.chunks[..start])).plain != Sides::default() {
        start -= 1;
    }
    assert_eq!(plain.text(), transcript.plain);
    &transcript.chunks[start..]
}

const OF_TLS13: [&str; 7] = [
    "tls13-aes128-gcm",
    "tls13-aes256-gcm",
    "tls13-chacha20",
    "tls13-ccm",
    "tls13-ccm8",
    "tls13-padding",
    "tls13-key-update",
];

#[test]
fn a_session_without_its_handshake_is_found_among_others() {
    for name in OF_TLS13 {
        let transcript = transcript(name);
        let keys = among_others(&transcript.keys);
        let chunks = behind_handshake(&transcript);
        let told = read_midstream(&keys, chunks, true);
        assert_eq!((told.why, told.text()), (None, transcript.plain.clone()), "{name}");
        assert_eq!(told.negotiated.version, Some(Version::TLS13), "{name}");
        assert_eq!(
            told.negotiated.found_at,
            Sides { client: Some(0), server: told.negotiated.found_at.server }
        );
        assert!(told.negotiated.cipher.is_some() && !told.turned, "{name}");
        // The first sender is not always the client.
        let other_way: Vec<_> = chunks.iter().map(|(side, bytes)| (side.other(), bytes.clone())).collect();
        let turned = read_midstream(&keys, &other_way, false);
        assert_eq!((turned.turned, turned.text()), (true, transcript.plain), "{name}");
    }
}

#[test]
fn records_behind_a_key_update_are_found() {
    let transcript = transcript("tls13-key-update");
    let keys = among_others(&transcript.keys);
    let told = read_midstream(&keys, &transcript.chunks[transcript.chunks.len() - 3..], true);
    assert_eq!(told.why, None);
    assert!(transcript.plain.server.ends_with(&told.text().server) && !told.plain.server.is_empty());
}

#[test]
fn a_session_that_the_key_log_lacks_is_not_found() {
    let transcript = transcript("tls13-aes128-gcm");
    let chunks = [behind_handshake(&transcript); 4].concat();
    let told = read_midstream(&among_others(""), &chunks, false);
    assert_eq!((told.why, told.plain), (Some(Why::NotFound), Sides::default()));
    // Without secrets of TLS 1.3 there is nothing to try.
    let told = read_midstream(
        &keys(&format!("CLIENT_RANDOM {} {}", "11".repeat(32), "22".repeat(48))),
        &chunks,
        false,
    );
    assert_eq!(told.why, Some(Why::HandshakeMissing));
    let mut off = among_others(&transcript.keys);
    off.search_by(crate::tls::RecordSearch::of(0, &Limits::default()));
    assert_eq!(read_midstream(&off, &chunks, true).why, Some(Why::HandshakeMissing));
    let mut few = among_others("");
    few.search_by(crate::tls::RecordSearch::of(
        10,
        &Limits { tls_search_numbers: 10, tls_search_sessions: 2, ..Limits::default() },
    ));
    assert_eq!(read_midstream(&few, &chunks, true).why, Some(Why::SearchGivenUp));
}

#[test]
fn a_capture_of_one_direction_is_read() {
    for name in OF_TLS13 {
        let transcript = transcript(name);
        for seen in [Side::Client, Side::Server] {
            let keys = among_others(&transcript.keys);
            let told = read(&keys, whole(&transcript.chunks).filter(|(side, ..)| *side == seen));
            assert_eq!(told.text().get(seen), transcript.plain.get(seen), "{name} {seen:?}");
            assert!(told.plain.get(seen.other()).is_empty(), "{name} {seen:?}");
        }
    }
}

#[test]
fn the_keys_of_tls12_need_its_server_hello() {
    for (name, _) in
        ALL.into_iter().filter(|(name, _)| name.starts_with("tls12") && !name.ends_with("renegotiated"))
    {
        let transcript = transcript(name);
        let keys = keys(&transcript.keys);
        let of = |seen| whole(&transcript.chunks).filter(move |(side, ..)| *side == seen);
        let told = read(&keys, of(Side::Server));
        assert_eq!(told.plain.server, transcript.plain.server.as_bytes(), "{name}: {:?}", told.why);
        let told = read(&keys, of(Side::Client));
        assert_eq!(told.plain, Sides::default(), "{name}");
        let hole = (Side::Server, Vec::new(), 2000);
        let behind =
            whole(&transcript.chunks).filter(|(side, bytes, _)| *side == Side::Client || bytes[0] == 23);
        let told = read(&keys, [of(Side::Client).next().unwrap(), hole].into_iter().chain(behind.skip(1)));
        assert_eq!((told.why, told.plain), (Some(Why::ServerHelloMissing), Sides::default()), "{name}");
    }
}

/// A key log of one session, its server's secret, and a session that its server began with number 0.
fn begun() -> (KeyLog, Secret, Session) {
    let keys = keys(&format!("SERVER_TRAFFIC_SECRET_0 {} {}", "0a".repeat(32), "1b".repeat(32)));
    let secret = Secret::new(&[0x1b; 32]);
    let mut session = Session::midstream(&limits(), true);
    let mut told = Told::default();
    let first = sealed(&secret, 0, b"first");
    session.push(Side::Server, &first, Stamp::default(), &keys, &mut |event| told.take(event));
    assert_eq!(told.plain.server, b"first");
    (keys, secret, session)
}

#[test]
fn behind_a_hole_of_thousands_of_records_reading_goes_on() {
    let (keys, secret, mut session) = begun();
    for (number, step) in [(3000_u64, 2999), (9500, 6499)] {
        let record = sealed(&secret, number, b"again");
        // Nothing tells where in the hole a record began.
        session.gap(Side::Server, step * record.len() as u64, Stamp::default());
        let mut told = Told::default();
        for piece in record.chunks(7) {
            session.push(Side::Server, piece, Stamp::default(), &keys, &mut |event| told.take(event));
        }
        assert_eq!(told.plain.server, b"again");
        assert_eq!(told.holes, [(Side::Server, Some(step * 5))]);
    }
}

#[test]
fn behind_a_hole_beyond_reach_it_is_told_that_reading_ended() {
    let (keys, secret, mut session) = begun();
    session.gap(Side::Server, 1 << 40, Stamp::default());
    let mut told = Told::default();
    for number in 1 << 24..(1 << 24) + 2000 {
        let record = sealed(&secret, number, b"unreachable");
        session.push(Side::Server, &record, Stamp::default(), &keys, &mut |event| told.take(event));
    }
    assert_eq!((told.why, told.plain), (Some(Why::Lost), Sides::default()));
}
