//! Whole sessions, made by OpenSSL at both ends; `samples/lab/tls_transcripts.py` tells how.

use proptest::prelude::*;

use super::*;
use crate::tls::keylog::KeySource;
use crate::tls::testing::hex;

mod incomplete;

/// A session's secrets, its chunks in the order of sight, and its application data.
struct Transcript {
    keys: String,
    chunks: Vec<(Side, Vec<u8>)>,
    plain: Sides<String>,
}

macro_rules! transcripts {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("transcripts/", $name, ".txt")))),*]
    };
}

const ALL: [(&str, &str); 24] = transcripts![
    "tls12-aes128-gcm",
    "tls12-aes256-gcm",
    "tls12-chacha20",
    "tls12-ccm",
    "tls12-ccm8",
    "tls12-cbc-sha1-etm",
    "tls12-cbc-sha256-etm",
    "tls12-cbc-sha384-etm",
    "tls12-cbc-sha1-mte",
    "tls12-cbc-sha256-mte",
    "tls12-cbc-sha384-mte",
    "tls12-resumed",
    "tls12-renegotiated",
    "tls13-aes128-gcm",
    "tls13-aes256-gcm",
    "tls13-chacha20",
    "tls13-ccm",
    "tls13-ccm8",
    "tls13-retry",
    "tls13-key-update",
    "tls13-padding",
    "tls13-resumed",
    "tls13-early-data",
    "tls13-early-data-rejected",
];

fn transcript(name: &str) -> Transcript {
    let (_, text) = ALL.into_iter().find(|(other, _)| *other == name).unwrap();
    let mut read = Transcript { keys: String::new(), chunks: Vec::new(), plain: Sides::default() };
    for line in text.lines() {
        match line.split_once(' ').unwrap() {
            ("key", key) => read.keys += &format!("{key}\n"),
            ("plain", text) => {
                let (side, text) = text.split_once(' ').unwrap();
                *read.plain.get_mut(side_of(side)) = text.replace('|', "\n");
            }
            (side, bytes) => read.chunks.push((side_of(side), hex(bytes))),
        }
    }
    read
}

fn side_of(letter: &str) -> Side {
    if letter == "C" { Side::Client } else { Side::Server }
}

/// What a session told.
#[derive(Debug, Default, PartialEq)]
struct Told {
    plain: Sides<Vec<u8>>,
    holes: Vec<(Side, Option<u64>)>,
    alerts: Vec<(Side, Option<Alert>)>,
    negotiated: Negotiated,
    why: Option<Why>,
    turned: bool,
}

impl Told {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Turned => self.turned = true,
            Event::Negotiated(negotiated) => self.negotiated = negotiated.clone(),
            Event::Plain { side, bytes, .. } => self.plain.get_mut(side).extend_from_slice(bytes),
            Event::PlainHole { side, bytes, .. } => self.holes.push((side, bytes)),
            Event::Alert { side, alert, .. } => self.alerts.push((side, alert)),
            Event::Undecryptable { why, .. } => self.why = Some(why),
        }
    }

    fn text(&self) -> Sides<String> {
        let text = |bytes: &Vec<u8>| String::from_utf8(bytes.clone()).unwrap();
        Sides { client: text(&self.plain.client), server: text(&self.plain.server) }
    }
}

/// Few numbers are searched, as tests are not optimised.
fn limits() -> Limits {
    Limits { tls_search_numbers: 100, ..Limits::default() }
}

fn keys(text: &str) -> KeyLog {
    let mut keys = KeyLog::new(&limits());
    keys.read(text.as_bytes(), KeySource::KeyLog);
    keys
}

/// Reads chunks; an empty one with a length stands for a hole.
fn read(keys: &KeyLog, chunks: impl IntoIterator<Item = (Side, Vec<u8>, u64)>) -> Told {
    let mut session = Session::new(&Limits::default());
    let mut told = Told::default();
    for (side, bytes, hole) in chunks {
        session.gap(side, hole, Stamp::default());
        session.push(side, &bytes, Stamp::default(), keys, &mut |event| told.take(event));
    }
    session.finish(&mut |event| told.take(event));
    told
}

fn whole(chunks: &[(Side, Vec<u8>)]) -> impl Iterator<Item = (Side, Vec<u8>, u64)> {
    chunks.iter().map(|(side, bytes)| (*side, bytes.clone(), 0))
}

#[test]
fn every_family_is_read() {
    for (name, _) in ALL {
        let transcript = transcript(name);
        let told = read(&keys(&transcript.keys), whole(&transcript.chunks));
        assert_eq!(told.why, None, "{name}");
        assert_eq!(told.text(), transcript.plain, "{name}");
        assert_eq!(told.negotiated.alpn.as_deref(), Some("http/1.1"), "{name}");
        assert_eq!(told.negotiated.sni.as_deref(), Some("ws.example.net"), "{name}");
        assert_eq!(told.negotiated.keys_from, Some(KeySource::KeyLog), "{name}");
        let version = if name.starts_with("tls12") { Version::TLS12 } else { Version::TLS13 };
        assert_eq!(told.negotiated.version, Some(version), "{name}");
        assert!(told.holes.is_empty(), "{name}");
        let closes = told.alerts.iter().any(|(side, alert)| {
            *side == Side::Client
                && alert.is_some_and(|alert| alert.description == crate::tls::AlertDescription::CLOSE_NOTIFY)
        });
        assert!(closes, "{name}: {:?}", told.alerts);
    }
}

/// Whether `part` is `whole` without one stretch.
fn lacks_one_stretch(part: &[u8], whole: &[u8]) -> bool {
    let same = part.iter().zip(whole).take_while(|(one, other)| one == other).count();
    (0..=same).any(|start| part.starts_with(&whole[..start]) && whole.ends_with(&part[start..]))
}

#[test]
fn any_chunk_of_the_client_may_be_missing() {
    for (name, _) in ALL {
        let transcript = transcript(name);
        let keys = keys(&transcript.keys);
        let is_protected = |at: &usize| {
            let (side, bytes) = &transcript.chunks[*at];
            *side == Side::Client && bytes[0] == 23
        };
        for lost in (0..transcript.chunks.len()).filter(is_protected) {
            let mut chunks: Vec<_> = whole(&transcript.chunks).collect();
            chunks[lost].2 = std::mem::take(&mut chunks[lost].1).len() as u64;
            let told = read(&keys, chunks);
            assert_eq!(told.why, None, "{name} {lost}");
            assert_eq!(told.plain.server, transcript.plain.server.as_bytes(), "{name} {lost}");
            let expected = transcript.plain.client.as_bytes();
            assert!(lacks_one_stretch(&told.plain.client, expected), "{name} {lost}");
            let missing = (expected.len() - told.plain.client.len()) as u64;
            let fits = |(side, bytes): &(Side, Option<u64>)| {
                *side == Side::Client && bytes.is_none_or(|bytes| bytes == missing)
            };
            assert!(told.holes.len() <= 1 && told.holes.iter().all(fits), "{name} {lost}: {:?}", told.holes);
        }
    }
}

#[test]
fn the_size_of_a_hole_is_certain_with_an_aead() {
    let transcript = transcript("tls12-aes128-gcm");
    let mut chunks: Vec<_> = whole(&transcript.chunks).collect();
    let request = chunks.iter().position(|(side, bytes, _)| *side == Side::Client && bytes[0] == 23).unwrap();
    let lost = std::mem::take(&mut chunks[request].1).len() as u64;
    chunks[request].2 = lost;
    let told = read(&keys(&transcript.keys), chunks);
    assert_eq!(told.holes, [(Side::Client, Some("GET /chat HTTP/1.1\n".len() as u64))]);
    assert_eq!(told.plain.client, b"client again\n");
}

#[test]
fn a_hole_over_the_end_of_the_handshake_is_passed() {
    let transcript = transcript("tls13-aes128-gcm");
    let mut chunks: Vec<_> = whole(&transcript.chunks).collect();
    let server = chunks.iter().position(|(side, ..)| *side == Side::Server).unwrap();
    let kept = 5 + usize::from(u16::from_be_bytes([chunks[server].1[3], chunks[server].1[4]]));
    let lost = chunks[server].1.split_off(kept).len() as u64;
    chunks.insert(server + 1, (Side::Server, Vec::new(), lost));
    let told = read(&keys(&transcript.keys), chunks);
    assert_eq!((told.why, told.text()), (None, transcript.plain));
}

#[test]
fn a_session_without_its_keys_is_not_read() {
    let transcript = transcript("tls13-aes128-gcm");
    let told = read(&keys(""), whole(&transcript.chunks));
    assert_eq!((told.why, told.plain), (Some(Why::NoKeys), Sides::default()));
}

#[test]
fn secrets_that_do_not_fit_give_nothing() {
    for (name, _) in ALL {
        let transcript = transcript(name);
        let wrong: String = transcript
            .keys
            .lines()
            .map(|line| {
                let (start, secret) = line.rsplit_once(' ').unwrap();
                format!("{start} {}\n", "5a".repeat(secret.len() / 2))
            })
            .collect();
        let told = read(&keys(&wrong), whole(&transcript.chunks));
        assert_eq!(told.plain, Sides::default(), "{name}");
        assert_eq!(told.negotiated.keys_from, None, "{name}");
        // Right ones that were logged before wrong ones are found.
        let both = transcript.keys.clone() + &wrong;
        assert_eq!(read(&keys(&both), whole(&transcript.chunks)).text(), transcript.plain, "{name}");
    }
}

#[test]
fn a_handshake_that_was_not_captured_is_told() {
    let transcript = transcript("tls12-aes256-gcm");
    let data = transcript.chunks.iter().find(|(_, bytes)| bytes[0] == 23).unwrap();
    let told = read(&keys(&transcript.keys), [(data.0, data.1.clone(), 300)]);
    assert_eq!(told.why, Some(Why::HandshakeMissing));
    let told = read(&keys(&transcript.keys), [(Side::Client, b"SSH-2.0-OpenSSH\r\n".to_vec(), 0)]);
    assert_eq!(told.why, Some(Why::NotTls));
}

#[test]
fn a_flood_of_records_that_do_not_open_ends() {
    let transcript = transcript("tls13-aes128-gcm");
    let flood = std::iter::repeat_n((Side::Server, [&[23, 3, 3, 0, 32][..], &[9; 32]].concat(), 0), 100);
    let told = read(&keys(&transcript.keys), whole(&transcript.chunks[..2]).chain(flood));
    assert_eq!(told.why, Some(Why::Lost));
}

#[test]
fn nothing_secret_shows() {
    let transcript = transcript("tls13-aes128-gcm");
    let keys = keys(&transcript.keys);
    let mut session = Session::new(&Limits::default());
    for (side, bytes) in &transcript.chunks {
        session.push(*side, bytes, Stamp::default(), &keys, &mut |_| {});
    }
    let shown = format!("{session:?} {keys:?}");
    for line in transcript.keys.lines() {
        let secret = hex(line.rsplit_once(' ').unwrap().1);
        assert!(!shown.contains(&format!("{:?}", &secret[..4]).replace(['[', ']'], "")), "{shown}");
    }
}

#[test]
fn a_handshake_that_does_not_end_is_told() {
    let transcript = transcript("tls13-aes128-gcm");
    let told = read(&keys(&transcript.keys), whole(&transcript.chunks[..1]));
    assert_eq!(told.why, Some(Why::HandshakeUnfinished));
}

/// Cuts chunks in pieces; the sizes go round.
fn cut(chunks: &[(Side, Vec<u8>)], sizes: &[usize]) -> Vec<(Side, Vec<u8>, u64)> {
    let mut sizes = sizes.iter().cycle();
    let mut pieces = Vec::new();
    for (side, bytes) in chunks {
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (piece, left) = rest.split_at(rest.len().min(*sizes.next().unwrap()));
            pieces.push((*side, piece.to_vec(), 0));
            rest = left;
        }
    }
    pieces
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_chunking_gives_the_same(which in 0..ALL.len(), sizes in prop::collection::vec(1_usize..400, 1..8)) {
        let transcript = transcript(ALL[which].0);
        let keys = keys(&transcript.keys);
        let told = read(&keys, cut(&transcript.chunks, &sizes));
        prop_assert_eq!(told, read(&keys, whole(&transcript.chunks)));
    }

    #[test]
    fn damage_never_gives_a_wrong_text(
        which in 0..ALL.len(),
        sizes in prop::collection::vec(1_usize..200, 1..8),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), any::<bool>()), 1..6),
    ) {
        let transcript = transcript(ALL[which].0);
        let mut pieces = cut(&transcript.chunks, &sizes);
        for (index, byte, is_hole) in damage {
            let piece = index.get(&pieces).clone();
            let (_, bytes, hole) = &mut pieces[index.index(transcript.chunks.len())];
            if is_hole || bytes.is_empty() {
                *hole += std::mem::take(bytes).len() as u64;
            } else {
                let at = piece.1.len() % bytes.len();
                bytes[at] = byte;
            }
        }
        let mut session = Session::new(&Limits::default());
        let keys = keys(&transcript.keys);
        for (side, bytes, hole) in pieces {
            let mut wrong = false;
            let expected = transcript.plain.clone();
            let mut check = |event: Event<'_>| {
                if let Event::Plain { side, bytes, .. } = event {
                    wrong |= !expected.get(side).contains(std::str::from_utf8(bytes).unwrap_or("\0"));
                }
            };
            session.gap(side, hole, Stamp::default());
            session.push(side, &bytes, Stamp::default(), &keys, &mut check);
            prop_assert!(!wrong);
        }
    }

    #[test]
    fn random_bytes_do_no_harm(
        start in 0_usize..10,
        chunks in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..300), 0_u64..100), 0..20),
    ) {
        let transcript = transcript("tls13-aes256-gcm");
        let first = whole(&transcript.chunks[..start]);
        let noise = chunks.into_iter().map(|(side, bytes, hole)| {
            (if side { Side::Client } else { Side::Server }, bytes, hole / 50 * hole)
        });
        read(&keys(&transcript.keys), first.chain(noise));
    }
}
