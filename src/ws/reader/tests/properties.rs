//! What holds of any frames, split and cut anywhere.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;

/// Fixed, since chance brings about a phantom after one of 30,000 holes with such chunks.
fn config() -> ProptestConfig {
    let rng_seed = RngSeed::Fixed(13);
    ProptestConfig { failure_persistence: None, rng_seed, ..ProptestConfig::default() }
}

fn one_frame() -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![
        8 => prop::sample::select(vec![0x81_u8, 0x82]),
        2 => prop::sample::select(vec![0x89_u8, 0x8a]),
        1 => any::<u8>(),
    ];
    let payload = prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 0..100),
        1 => prop::collection::vec(any::<u8>(), 120..400),
    ];
    (first, payload, any::<[u8; 4]>()).prop_map(|(first, payload, key)| {
        let control = first & 0x08 != 0;
        let payload = if control { &payload[..payload.len().min(125)] } else { &payload[..] };
        client_frame(first, payload, key)
    })
}

fn good_frame() -> impl Strategy<Value = Vec<u8>> {
    let first = prop::sample::select(vec![0x81_u8, 0x82, 0x82, 0x89, 0x8a]);
    let payload = prop::collection::vec(any::<u8>(), 0..120);
    (first, payload, any::<[u8; 4]>()).prop_map(|(first, payload, key)| client_frame(first, &payload, key))
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(1..40_usize, 1..20)
}

/// Pushes `bytes` in chunks of the given sizes, over and over.
fn push_split(mut bench: Bench, mut bytes: &[u8], sizes: &[usize]) -> Bench {
    for size in sizes.iter().cycle() {
        let Some((chunk, rest)) = bytes.split_at_checked(*size) else { break };
        bench = bench.push(chunk);
        bytes = rest;
    }
    bench.push(bytes)
}

/// Opcode and length of each frame.
fn frames(seen: &[Seen]) -> Vec<(Opcode, u64)> {
    let frames = seen.iter().filter_map(|seen| match seen {
        Seen::Frame { opcode, len, .. } => Some((*opcode, *len)),
        _ => None,
    });
    frames.collect()
}

/// Whether `part` comes out of `whole` by leaving frames out.
fn is_subsequence(part: &[(Opcode, u64)], whole: &[(Opcode, u64)]) -> bool {
    let mut whole = whole.iter();
    part.iter().all(|frame| whole.any(|other| other == frame))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_split_shows_the_same(
        stream in prop::collection::vec(one_frame(), 0..8).prop_map(|frames| frames.concat()),
        sizes in sizes(),
    ) {
        let whole = Bench::client().push(&stream).finish();
        prop_assert_eq!(push_split(Bench::client(), &stream, &sizes).finish(), whole);
    }

    #[test]
    fn every_prefix_shows_the_same_frames(
        stream in prop::collection::vec(one_frame(), 0..4).prop_map(|frames| frames.concat()),
        cut in any::<prop::sample::Index>(),
    ) {
        let whole = frames(&Bench::client().push(&stream).finish());
        let part = frames(&Bench::client().push(&stream[..cut.index(stream.len() + 1)]).finish());
        prop_assert_eq!(&whole[..part.len()], &part[..]);
    }

    #[test]
    fn a_hole_never_makes_a_frame_up(
        sent in prop::collection::vec(good_frame(), 6..20),
        start in any::<prop::sample::Index>(),
        len in 1..200_usize,
        sizes in sizes(),
        by_frame in any::<bool>(),
    ) {
        let stream = sent.concat();
        let whole = frames(&Bench::client().push(&stream).finish());
        let start = start.index(stream.len());
        let end = (start + len).min(stream.len());
        let bench = push_split(Bench::client(), &stream[..start], &sizes).gap((end - start) as u64);
        let bench = if by_frame {
            let mut at = 0;
            sent.iter().fold(bench, |bench, frame| {
                let from = at.max(end);
                at += frame.len();
                if from < at { bench.push(&stream[from..at]) } else { bench }
            })
        } else {
            push_split(bench, &stream[end..], &sizes)
        };
        let seen = bench.finish();
        prop_assert!(is_subsequence(&frames(&seen), &whole), "{:?}\n{:?}", seen, whole);
        // Whole frames in chunks of their own are found again.
        if by_frame && stream.len() - end > 1000 {
            prop_assert_eq!(seen.last().cloned().map(|seen| matches!(seen, Seen::Frame { .. })), Some(true));
        }
    }

    #[test]
    fn random_bytes_never_panic(
        chunks in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..60), 0..5_u64), 0..20),
        server in any::<bool>(),
    ) {
        let mut bench = if server { Bench::server() } else { Bench::client() };
        let mut missing = 0;
        for (bytes, hole) in &chunks {
            bench = bench.push(bytes).gap(*hole);
            missing += hole;
        }
        let told: u64 = bench.finish().iter().map(|seen| match seen {
            Seen::Unparsed { missing, .. } => *missing,
            _ => 0,
        }).sum();
        prop_assert!(told <= missing);
    }
}
