//! How fast TLS is opened, and record numbers are searched: `cargo bench --bench tls`.

use std::hint::black_box;

use aes_gcm::aead::{AeadInOut, KeyInit, consts::U12};
use aes_gcm::{Aes128Gcm, Aes256Gcm};
use chacha20poly1305::ChaCha20Poly1305;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use hmac::{Hmac, Mac};
use sha2::{Sha256, Sha384};
use whoclosed::flow::{Side, Stamp};
use whoclosed::limits::Limits;
use whoclosed::tls::{Event, KeyLog, KeySource, RecordSearch, Session};

/// Bytes of application data opened in one go.
const BATCH: usize = 1 << 20;

/// A cipher suite of TLS 1.3.
struct Suite {
    name: &'static str,
    secret_len: usize,
    seal: fn(secret: &[u8], number: u64, header: &[u8; 5], content: &mut Vec<u8>),
}

const SUITES: [Suite; 3] = [
    Suite { name: "aes-128-gcm", secret_len: 32, seal: seal::<Aes128Gcm, Hmac<Sha256>> },
    Suite { name: "aes-256-gcm", secret_len: 48, seal: seal::<Aes256Gcm, Hmac<Sha384>> },
    Suite { name: "chacha20-poly1305", secret_len: 32, seal: seal::<ChaCha20Poly1305, Hmac<Sha256>> },
];

fn open(criterion: &mut Criterion) {
    for suite in SUITES {
        for size in [1300, 16_384] {
            let mut group = criterion.benchmark_group(format!("open-{}-{size}", suite.name));
            let mut keys = keys(&suite, 0x41);
            keys.search_by(search_for_all(16));
            let number = BATCH / size;
            let records: Vec<_> = (0..=number as u64).map(|number| record(&suite, number, size)).collect();
            group.throughput(Throughput::Bytes((number * size) as u64));
            let begun = || {
                let mut session = Session::midstream(&Limits::default(), true);
                assert_eq!(push(&mut session, &keys, &records[0]), size);
                session
            };
            group.bench_function("session", |bencher| {
                bencher.iter_batched(
                    begun,
                    |mut session| {
                        let told: usize =
                            records[1..].iter().map(|record| push(&mut session, &keys, record)).sum();
                        assert_eq!(told, number * size);
                    },
                    BatchSize::LargeInput,
                );
            });
            group.finish();
        }
    }
}

/// Tries of a record that no secret opens.
fn search(criterion: &mut Criterion) {
    const NUMBERS: u64 = 200_000;
    for suite in SUITES {
        let limits = Limits::default();
        let mut keys = keys(&suite, 0x42);
        keys.search_by(search_for_all(NUMBERS));
        let record = record(&suite, 0, 40);
        let tries = || {
            let before = keys.search().tries();
            let mut session = Session::midstream(&limits, true);
            push(&mut session, &keys, &record);
            keys.search().tries() - before
        };
        let mut group = criterion.benchmark_group(format!("search-{}-bytes-of-secret", suite.secret_len));
        group.sample_size(10).throughput(Throughput::Elements(tries()));
        group.bench_function(suite.name, |bencher| bencher.iter(|| black_box(tries())));
        group.finish();
    }
}

/// A search of so many numbers for as many sessions as a bench takes.
fn search_for_all(numbers: u64) -> RecordSearch {
    let mut limits = Limits::default();
    limits.tls_search_sessions = 1_000_000_000;
    RecordSearch::of(numbers, &limits)
}

/// A key log of one session whose secrets consist of this byte.
fn keys(suite: &Suite, byte: u8) -> KeyLog {
    let mut keys = KeyLog::new(&Limits::default());
    let secret = format!("{byte:02x}").repeat(suite.secret_len);
    let random = "07".repeat(32);
    keys.read(format!("SERVER_TRAFFIC_SECRET_0 {random} {secret}\n").as_bytes(), KeySource::KeyLog);
    keys
}

/// A record of the server with `size` bytes.
fn record(suite: &Suite, number: u64, size: usize) -> Vec<u8> {
    let len = ((size + 17) as u16).to_be_bytes();
    let header = [23, 3, 3, len[0], len[1]];
    let mut content = vec![0x2e; size];
    content.push(23);
    (suite.seal)(&vec![0x41; suite.secret_len], number, &header, &mut content);
    [&header[..], &content].concat()
}

fn seal<A, M>(secret: &[u8], number: u64, header: &[u8; 5], content: &mut Vec<u8>)
where
    A: AeadInOut<NonceSize = U12> + KeyInit,
    M: Mac + KeyInit,
{
    let key = expand::<M>(secret, "key", A::key_size());
    let mut nonce: [u8; 12] = expand::<M>(secret, "iv", 12).try_into().expect("twelve bytes");
    nonce[4..].iter_mut().zip(number.to_be_bytes()).for_each(|(byte, other)| *byte ^= other);
    let aead = <A as KeyInit>::new_from_slice(&key).expect("a key");
    let tag = aead
        .encrypt_inout_detached(&nonce.into(), header, (&mut content[..]).into())
        .expect("a short content");
    content.extend_from_slice(&tag);
}

/// HKDF-Expand-Label of one block (RFC 8446 §7.1).
fn expand<M: Mac + KeyInit>(secret: &[u8], label: &str, len: usize) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(secret).expect("a key of any length");
    mac.update(&[&[0, len as u8, 6 + label.len() as u8][..], b"tls13 ", label.as_bytes(), &[0, 1]].concat());
    mac.finalize().into_bytes()[..len].to_vec()
}

/// Gives a record to a session; the bytes that it tells.
fn push(session: &mut Session, keys: &KeyLog, record: &[u8]) -> usize {
    let mut told = 0;
    session.push(Side::Server, record, Stamp::default(), keys, &mut |event| {
        if let Event::Plain { bytes, .. } = event {
            told += black_box(bytes).len();
        }
    });
    told
}

criterion_group!(benches, open, search);
criterion_main!(benches);
