//! Captures in every compression.

use std::io::{Read, Write};

use proptest::prelude::*;

use crate::capture::testing::*;
use crate::capture::{CaptureSummary, Compression};
use crate::limits::Limits;

const ALL: [Compression; 5] =
    [Compression::Gzip, Compression::Zstd, Compression::Lz4, Compression::Bzip2, Compression::Xz];

/// One stream of `bytes`.
fn compress(method: Compression, bytes: &[u8]) -> Vec<u8> {
    match method {
        Compression::None => bytes.to_vec(),
        Compression::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Zstd => {
            ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
        }
        Compression::Lz4 => {
            let info = lz4_flex::frame::FrameInfo::new().content_checksum(true);
            let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Bzip2 => {
            let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Xz => {
            let options = lzma_rust2::XzOptions::with_preset(0);
            let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
    }
}

/// The first `packets` packets of `small_pcap`.
fn check_prefix(seen: &[Seen], summary: &CaptureSummary) {
    let (whole, _) = read(&small_pcap(20));
    assert_eq!(seen, &whole[..seen.len()]);
    assert_eq!(summary.packets, seen.len() as u64);
}

#[test]
fn every_compression_is_read_in_one_stream_and_in_many() {
    for method in ALL {
        let whole = small_pcap(20);
        let one = compress(method, &whole);
        let many: Vec<u8> = whole.chunks(100).flat_map(|part| compress(method, part)).collect();
        for file in [one, many] {
            let (seen, summary) = read(&file);
            check_prefix(&seen, &summary);
            assert_eq!((seen.len(), summary.complete, summary.compression), (20, true, method));
            assert_eq!(summary.bytes, file.len() as u64);
            assert_eq!(summary.warnings, [""; 0]);
            let pieces = open_with(Box::new(Pieces::new(&file, &[1, 3])), &Limits::default()).unwrap();
            assert_eq!(read_all(pieces).0, seen);
        }
    }
}

#[test]
fn frames_to_skip_and_zeros_are_passed_over() {
    let skippable = b"\x5e\x2a\x4d\x18\x03\0\0\0abc".as_slice();
    let (first, second) = (small_pcap(20)[..200].to_vec(), small_pcap(20)[200..].to_vec());
    for method in [Compression::Zstd, Compression::Lz4] {
        let (first, second) = (compress(method, &first), compress(method, &second));
        let (seen, summary) = read(&[skippable, &first, skippable, &second, skippable].concat());
        assert_eq!((seen.len(), summary.complete, summary.compression), (20, true, method));
    }
    let (seen, summary) = read(&[compress(Compression::Xz, &small_pcap(20)), vec![0; 8]].concat());
    assert_eq!((seen.len(), summary.complete), (20, true));
}

#[test]
fn a_cut_at_any_byte_keeps_what_is_before_it() {
    for method in ALL {
        let whole = small_pcap(20);
        let file: Vec<u8> = whole.chunks(200).flat_map(|part| compress(method, part)).collect();
        let mut most = 0;
        for cut in 0..file.len() {
            match open(&file[..cut]) {
                Ok(capture) => {
                    let (seen, summary) = read_all(capture);
                    check_prefix(&seen, &summary);
                    assert_eq!(summary.complete, summary.warnings.is_empty());
                    assert!(seen.len() >= most, "{method} {cut}");
                    most = seen.len();
                }
                Err(error) => assert!(most == 0, "{method} {cut}: {error}"),
            }
        }
        assert!(most >= 15, "{method}: {most}");
        let (_, summary) = read(&file[..file.len() - 1]);
        assert!(!summary.complete);
        let warning = &summary.warnings[0];
        let told = format!(": the file is cut short: its {method} data end too early, at byte");
        assert!(warning.contains(&told) && warning.contains("of the decompressed capture"), "{warning}");
    }
}

#[test]
fn a_zstd_frame_that_is_cut_gives_what_it_held_back() {
    let large = [small_pcap(20), vec![0; 400_000]].concat();
    let file = compress(Compression::Zstd, &large);
    let (seen, _) = read(&file[..file.len() - 5]);
    assert_eq!(seen[..20], read(&small_pcap(20)).0);
}

#[test]
fn damage_is_told_with_its_place() {
    for method in ALL {
        let mut file: Vec<u8> = small_pcap(20).chunks(200).flat_map(|part| compress(method, part)).collect();
        let place = file.len() - 14;
        file[place] ^= 0x55;
        let (seen, summary) = read(&file);
        // What the checksum then tells to be wrong is given before.
        assert_eq!(seen[..15], read(&small_pcap(20)).0[..15]);
        assert!(!summary.complete, "{method}");
        assert!(summary.warnings[0].contains(" damaged"), "{:?}", summary.warnings);
    }
    let (seen, summary) = read(&[compress(Compression::Gzip, &small_pcap(20)), b"rest".to_vec()].concat());
    assert_eq!((seen.len(), summary.complete), (20, false));
    assert!(summary.warnings[0].contains("but something else follows"), "{:?}", summary.warnings);
}

fn error_of(bytes: &[u8]) -> String {
    open(bytes).err().unwrap().to_string()
}

#[test]
fn what_is_inside_is_told() {
    for method in ALL {
        let inside = |bytes: &[u8]| error_of(&compress(method, bytes));
        assert!(inside(b"").starts_with("t.pcap, decompressed: is empty"), "{}", inside(b""));
        assert!(inside(b"<html><body>404").starts_with("t.pcap, decompressed: is an HTML page"));
        assert!(inside(b"\x01\x02\x03\x04").contains("starts with 01 02 03 04"));
        assert!(inside(b"snoop\0\0\0").ends_with("convert it: editcap -F pcapng t.pcap converted.pcapng"));
        assert!(inside(&small_pcap(0)[..20]).contains("24 bytes needed, 20 found"));
        let cut = error_of(&compress(method, &small_pcap(0))[..8]);
        assert!(cut.starts_with("t.pcap: cannot be decompressed: its "), "{cut}");
    }
}

#[test]
fn two_compressions_are_taken_off_and_not_three() {
    let twice = compress(Compression::Gzip, &compress(Compression::Zstd, &small_pcap(20)));
    let (seen, summary) = read(&twice);
    assert_eq!((seen.len(), summary.complete, summary.compression), (20, true, Compression::Gzip));
    let error = error_of(&compress(Compression::Gzip, &twice));
    assert!(error.contains("compressed with zstd; it is compressed more than twice"), "{error}");
}

#[test]
fn a_window_beyond_the_limit_is_refused() {
    let limits = Limits { decompression_window: 16 * 1024, ..Limits::default() };
    let large = [small_pcap(20), vec![7; 4_000_000]].concat();
    let zstd = compress(Compression::Zstd, &large);
    let mut options = lzma_rust2::XzOptions::with_preset(6);
    options.lzma_options.dict_size = 64 << 20;
    let mut xz = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    xz.write_all(&large).unwrap();
    for file in [zstd, xz.finish().unwrap()] {
        let opened = open_with(Box::new(std::io::Cursor::new(file)), &limits);
        let error = opened.err().unwrap().to_string();
        assert!(error.contains("need more than 0 MiB of memory; decompress first: "), "{error}");
    }
}

#[test]
fn an_input_that_fails_is_not_taken_for_damage() {
    struct Fails(Pieces);
    impl Read for Fails {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            match self.0.read(into)? {
                0 => Err(std::io::Error::other("the disk is gone")),
                got => Ok(got),
            }
        }
    }
    for method in ALL {
        let file: Vec<u8> = small_pcap(20).chunks(200).flat_map(|part| compress(method, part)).collect();
        let input = Fails(Pieces::new(&file[..file.len() - 5], &[1000]));
        let (seen, summary) = read_all(open_with(Box::new(input), &Limits::default()).unwrap());
        assert!(seen.len() >= 15);
        assert!(summary.warnings[0].contains("reading failed: the disk is gone"), "{:?}", summary.warnings);
    }
}

/// What must not depend on the pieces in which the input comes.
fn outcome((seen, summary): (Vec<Seen>, CaptureSummary)) -> (Vec<Seen>, Vec<String>, bool) {
    (seen, summary.warnings, summary.complete)
}

proptest! {
    #[test]
    fn any_damage_is_survived(
        method in prop::sample::select(ALL.to_vec()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut file = compress(method, &small_pcap(60));
        for (place, value) in changes {
            let place = place.index(file.len());
            file[place] = value;
        }
        let whole = open(&file).map(|capture| outcome(read_all(capture)));
        let pieces = open_with(Box::new(Pieces::new(&file, &[1, 7])), &Limits::default());
        let pieces = pieces.map(|capture| outcome(read_all(capture)));
        prop_assert_eq!(whole.map_err(|error| error.to_string()), pieces.map_err(|error| error.to_string()));
    }

    #[test]
    fn garbage_behind_a_mark_is_survived(
        method in prop::sample::select(ALL.to_vec()),
        kept in 3..24_usize,
        garbage in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let mut file = compress(method, &small_pcap(3));
        file.truncate(kept);
        file.extend(garbage);
        if let Ok(mut capture) = open(&file) {
            while capture.next().unwrap().is_some() {}
        }
    }
}
