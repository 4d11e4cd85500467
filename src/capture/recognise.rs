//! Tells what a file is by its first bytes.

use super::compressed::mark;
use super::summary::Compression;

/// Bytes to look at; a file with fewer is told by what it has.
pub(super) const NEEDED: usize = 24;

/// What a file is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Recognised {
    /// Classic pcap.
    Pcap,
    /// pcapng.
    PcapNg,
    /// Something compressed.
    Compressed(Compression),
    /// A known format that is not read.
    Other {
        /// Which one.
        kind: &'static str,
        /// What to do, with `{name}` for the file's name.
        advice: &'static str,
    },
    /// It ends within the mark of a capture or of something compressed.
    Cut,
    /// No known format.
    Unknown,
}

/// Tells what the file called `name` is by how it starts.
pub(super) fn recognise(start: &[u8], name: &str) -> Recognised {
    if let Some(method) = mark::recognise(start) {
        return Recognised::Compressed(method);
    }
    let signature = SIGNATURES.iter().find(|(signature, _)| start.starts_with(signature));
    if let Some((_, recognised)) = signature {
        return *recognised;
    }
    if ends_within_a_mark(start) {
        return Recognised::Cut;
    }
    let lower = name.to_ascii_lowercase();
    let extension = EXTENSIONS.iter().find(|(extension, _)| lower.ends_with(extension));
    match extension {
        Some((_, recognised)) => *recognised,
        None if is_text(start) => TEXT,
        None => Recognised::Unknown,
    }
}

/// Whether these bytes are all that is left of a capture, plain or compressed.
fn ends_within_a_mark(start: &[u8]) -> bool {
    let captures =
        SIGNATURES.iter().filter(|(_, kind)| matches!(kind, Recognised::Pcap | Recognised::PcapNg));
    let is_start = captures.into_iter().any(|(signature, _)| signature.starts_with(start));
    !start.is_empty() && (is_start || mark::ends_within_one(start))
}

/// Whether these bytes are printable text; cut UTF-8 sequences included.
fn is_text(start: &[u8]) -> bool {
    let printable = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0x80..);
    let valid = match std::str::from_utf8(start) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    !start.is_empty() && valid && start.iter().all(printable)
}

const CONVERT: &str = "convert it: editcap -F pcapng {name} converted.pcapng";
const EXPORT: &str = "export the packets as pcapng (in Wireshark: File, Save As)";
const DOWNLOAD: &str = "a download may have failed; fetch the capture itself";
const NO_CAPTURE: &str = "name a capture file instead";

const TEXT: Recognised = Recognised::Other { kind: "text", advice: EXPORT };

/// How formats start.
const SIGNATURES: [(&[u8], Recognised); 27] = [
    (b"\xd4\xc3\xb2\xa1", Recognised::Pcap),
    (b"\xa1\xb2\xc3\xd4", Recognised::Pcap),
    (b"\x4d\x3c\xb2\xa1", Recognised::Pcap),
    (b"\xa1\xb2\x3c\x4d", Recognised::Pcap),
    (b"\x34\xcd\xb2\xa1", Recognised::Pcap),
    (b"\xa1\xb2\xcd\x34", Recognised::Pcap),
    (b"\x0a\x0d\x0d\x0a", Recognised::PcapNg),
    (b"PK\x03\x04", other("a zip archive", "unpack it first: unzip -p {name} | whoclosed -")),
    (b"\x1f\x9d", other("compressed with compress (.Z)", "unpack it first: zcat {name} | whoclosed -")),
    (b"\x89LZO", other("compressed with lzop", "unpack it first: lzop -dc {name} | whoclosed -")),
    (b"7z\xbc\xaf\x27\x1c", other("a 7-Zip archive", "unpack it first: 7z x -so {name} | whoclosed -")),
    (b"snoop\0\0\0", other("a snoop capture", CONVERT)),
    (b"btsnoop\0", other("a Bluetooth capture (btsnoop)", NO_CAPTURE)),
    (b"iptrace ", other("an AIX iptrace capture", CONVERT)),
    (b"TRSNIFF data", other("a Sniffer capture", CONVERT)),
    (b"\x7fver", other("a Savvius (Peek) capture", CONVERT)),
    (b"GMBU", other("a Microsoft Network Monitor 2 capture", CONVERT)),
    (b"RTSS", other("a Microsoft Network Monitor 1 capture", CONVERT)),
    (b"\x1c\x00\x01\xac", other("an IXIA lcap capture", CONVERT)),
    (b"\x1c\x00\x01\xab", other("an IXIA lcap capture", CONVERT)),
    (b"\x7fELF", other("a program (ELF)", NO_CAPTURE)),
    (b"MZ", other("a Windows program", NO_CAPTURE)),
    (b"%PDF-", other("a PDF document", NO_CAPTURE)),
    (b"\x89PNG", other("a picture (PNG)", NO_CAPTURE)),
    (b"<!DOCTYPE", other("an HTML page", DOWNLOAD)),
    (b"<html", other("an HTML page", DOWNLOAD)),
    (b"<?xml", other("XML", EXPORT)),
];

/// Formats without a mark at their start, by how their names end.
const EXTENSIONS: [(&str, Recognised); 2] = [
    (".etl", other("a Windows event trace (ETL)", "convert it: etl2pcapng {name} converted.pcapng")),
    (".erf", other("an Endace capture (ERF)", CONVERT)),
];

/// A format that is not read.
const fn other(kind: &'static str, advice: &'static str) -> Recognised {
    Recognised::Other { kind, advice }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(start: &[u8], name: &str) -> &'static str {
        match recognise(start, name) {
            Recognised::Pcap => "pcap",
            Recognised::PcapNg => "pcapng",
            Recognised::Compressed(method) => method.name(),
            Recognised::Other { kind, .. } => kind,
            Recognised::Cut => "cut",
            Recognised::Unknown => "unknown",
        }
    }

    #[test]
    fn content_decides_before_the_name() {
        assert_eq!(kind(b"\xd4\xc3\xb2\xa1rest", "x.etl"), "pcap");
        assert_eq!(kind(b"\x0a\x0d\x0d\x0a", "x.txt"), "pcapng");
        assert_eq!(kind(b"\x1f\x8b\x08\0", "x.pcap"), "gzip");
        assert_eq!(kind(b"\x00\x00\x01\x00", "TRACE.ETL"), "a Windows event trace (ETL)");
    }

    #[test]
    fn the_first_bytes_of_a_mark_are_cut_short() {
        for start in [&b"\xd4"[..], b"\x0a\x0d\x0d", b"\xa1\xb2", b"\x1f", b"(\xb5/", b"BZ", b"\xfd7zXZ"] {
            assert_eq!(kind(start, "x.pcap"), "cut", "{start:?}");
        }
        assert_eq!(kind(b"", "x.pcap"), "unknown");
    }

    #[test]
    fn text_is_told_from_binary() {
        assert_eq!(kind("12:00 IP a > b: Flags [S] é".as_bytes(), "x.pcap"), "text");
        assert_eq!(kind(b"BZ? said who", "x.pcap"), "text");
        assert_eq!(kind("12 é".as_bytes().split_last().unwrap().1, "x"), "text");
        assert_eq!(kind(b"\x01\x02\x03\x04", "x.pcap"), "unknown");
        assert_eq!(kind(b"\xff\xfe\xfd", "x.pcap"), "unknown");
    }
}
