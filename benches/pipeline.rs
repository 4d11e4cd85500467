//! How fast packets go through the stages: `cargo bench --bench pipeline`.

#[allow(dead_code, reason = "the generator tells more than is needed here")]
mod generator;

use std::hint::black_box;
use std::io::{self, Cursor};
use std::sync::Arc;

use criterion::{
    BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};
use generator::profile::{self, Profile};
use whoclosed::analyze::{Analyzer, Options};
use whoclosed::capture::{Capture, Packet, Packets};
use whoclosed::decode::Decoder;
use whoclosed::limits::Limits;

/// Bytes of a capture: more than the caches hold.
const SIZE: u64 = 8_000_000;

/// Connections open at a time where the profile has more; others would hardly end in a small capture.
const OPEN: usize = 100;

const PROFILES: [&str; 5] = ["small-frames", "bulk", "mixed", "short", "lossy"];

fn pipeline(criterion: &mut Criterion) {
    for name in PROFILES {
        let profile = profile::named(name).expect("a profile of the generator");
        let capture = capture(Profile { open: profile.open.min(OPEN), ..profile });
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(packets(&capture)));
        stages(&mut group, &capture);
        group.finish();
    }
}

fn stages(group: &mut BenchmarkGroup<'_, WallTime>, capture: &Arc<[u8]>) {
    group.bench_function("read", |bencher| {
        bencher.iter(|| each_packet(capture, |packet| _ = black_box(packet.data)));
    });
    group.bench_function("decode", |bencher| {
        let mut decoder = Decoder::new(&Limits::default());
        bencher.iter(|| each_packet(capture, |packet| _ = black_box(decoder.decode(packet))));
    });
    group.bench_function("analyze", |bencher| {
        bencher.iter(|| {
            let mut analyzer = Analyzer::new(Options::default());
            each_run(capture, |packets| analyzer.push_all(packets));
            analyzer.finish()
        });
    });
}

fn capture(profile: Profile) -> Arc<[u8]> {
    let mut bytes = Vec::new();
    generator::generate(profile, SIZE, 1, &mut bytes, io::sink()).expect("memory does not fail");
    bytes.into()
}

fn packets(capture: &Arc<[u8]>) -> u64 {
    let mut count = 0;
    each_packet(capture, |_| count += 1);
    count
}

fn each_packet(bytes: &Arc<[u8]>, mut take: impl FnMut(&Packet<'_>)) {
    each_run(bytes, |packets| packets.for_each(|packet| take(&packet)));
}

/// Gives the packets as they are in memory together.
fn each_run(bytes: &Arc<[u8]>, mut take: impl FnMut(&mut Packets<'_>)) {
    let input = Box::new(Cursor::new(Arc::clone(bytes)));
    let mut capture = Capture::open(input, "bench".to_owned(), 0, &Limits::default()).expect("a capture");
    while capture.next_packets(&mut take).expect("a whole capture") {}
}

criterion_group!(benches, pipeline);
criterion_main!(benches);
