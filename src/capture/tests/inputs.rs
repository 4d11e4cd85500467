//! Inputs of any format, and those that are no capture.

use std::io::Read;
use std::path::Path;

use crate::capture::Capture;
use crate::capture::testing::*;
use crate::limits::Limits;

#[test]
fn a_block_larger_than_the_first_buffer_is_read() {
    let large = vec![7; 200_000];
    let limits = Limits { capture_buffer: 4096, ..Limits::default() };
    let mut pcap = pcap_header(Little, 0xa1b2_c3d4, 262_144, 1);
    pcap.extend(pcap_record(Little, (0, 0), &large, 200_000));
    let pcapng =
        [section(Little), interface(Little, 1, 0, &[]), enhanced(Little, 0, 1, &large, &[])].concat();
    for file in [pcap, pcapng] {
        let (seen, _) = read_all(open_with(Box::new(Pieces::new(&file, &[4000])), &limits).unwrap());
        assert_eq!(seen[0].data, large);
    }
}

#[test]
fn reading_that_fails_midway_is_a_warning() {
    struct Fails(Pieces);
    impl Read for Fails {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            match self.0.read(into)? {
                0 => Err(std::io::Error::other("the disk is gone")),
                got => Ok(got),
            }
        }
    }
    let input = Fails(Pieces::new(&small_pcap(2), &[1000]));
    let (seen, summary) = read_all(open_with(Box::new(input), &Limits::default()).unwrap());
    assert_eq!(seen.len(), 2);
    assert!(!summary.complete);
    assert!(summary.warnings[0].contains("reading failed: the disk is gone"));
}

fn error_of(bytes: &[u8]) -> String {
    open(bytes).err().unwrap().to_string()
}

#[test]
fn what_is_no_capture_is_told() {
    assert!(error_of(b"").starts_with("t.pcap: is empty"));
    assert!(
        error_of(b"snoop\0\0\0\0\0\0\x02").ends_with("convert it: editcap -F pcapng t.pcap converted.pcapng")
    );
    assert!(error_of(b"<html><body>404").contains("is an HTML page"));
    assert!(error_of(b"\x01\x02\x03\x04").contains("starts with 01 02 03 04"));
    assert_eq!(
        error_of(&small_pcap(0)[..20]),
        "t.pcap: is cut short inside its pcap header: 24 bytes needed, 20 found; copy or capture it again"
    );
    let mut magic = section(Little);
    magic[8] = 0;
    assert!(error_of(&magic).contains("byte-order magic is 00 3c 2b 1a"));
    assert!(error_of(&section(Big)[..20]).contains("28 bytes needed, 20 found"));
}

#[test]
fn what_cannot_be_opened_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits::default();
    let error = |path: &Path| Capture::open_path(path, 0, &limits).err().unwrap().to_string();
    assert!(error(folder.path()).ends_with("is a directory; name the capture files in it"));
    assert!(error(&folder.path().join("none.pcap")).contains("no such file"));
    let path = folder.path().join("x.pcap");
    std::fs::write(&path, small_pcap(2)).unwrap();
    let (seen, summary) = read_all(Capture::open_path(&path, 3, &limits).unwrap());
    assert_eq!(seen.len(), 2);
    assert_eq!(summary.path, path.display().to_string());
}
