//! Inputs that are no capture that can be read, and what to do about each.

use std::io::{self, ErrorKind};

use super::input::Input;
use super::recognise::Recognised;
use super::stop::Stop;
use super::summary::CaptureSummary;

/// An input of which not a single packet can be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// Nothing more has arrived yet of an input that does not wait, and reading may go on later.
    #[error("{name}: nothing more has arrived yet; read on later")]
    NotYet {
        /// The path as given.
        name: String,
    },
    /// The path does not exist.
    #[error("{name}: no such file; check the path")]
    NotFound {
        /// The path as given.
        name: String,
    },
    /// The file may not be read.
    #[error("{name}: permission denied; change its mode or owner, or run as a user who may read it")]
    PermissionDenied {
        /// The path as given.
        name: String,
    },
    /// The path is a directory.
    #[error("{name}: is a directory; name the capture files in it")]
    Directory {
        /// The path as given.
        name: String,
    },
    /// Opening the file failed for another reason.
    #[error("{name}: cannot be opened: {cause}")]
    Unopenable {
        /// The path as given.
        name: String,
        /// What the operating system said.
        cause: io::Error,
    },
    /// Reading failed before the first packet.
    #[error("{name}: cannot be read at byte {offset}: {cause}")]
    Unreadable {
        /// The path as given.
        name: String,
        /// Bytes read before.
        offset: u64,
        /// What the operating system said.
        cause: io::Error,
    },
    /// There is not a single byte.
    #[error(
        "{name}: is empty; capture again, and stop the capturing program with Ctrl-C so that it writes what it holds"
    )]
    Empty {
        /// The path as given.
        name: String,
    },
    /// The file ends within the mark by which its format is known.
    #[error(
        "{name}: is cut short after {found}, within the mark that a capture starts with; copy or capture it again"
    )]
    MarkCut {
        /// The path as given.
        name: String,
        /// The bytes there are, in words.
        found: String,
    },
    /// The file ends inside its header.
    #[error(
        "{name}: is cut short inside its {format} header: {needed} bytes needed, {found} found; copy or capture it again"
    )]
    HeaderCut {
        /// The path as given.
        name: String,
        /// The format it starts like.
        format: &'static str,
        /// Bytes of the header.
        needed: usize,
        /// Bytes there are.
        found: usize,
    },
    /// The file starts like a capture, but its header is wrong.
    #[error(
        "{name}: starts like {format}, but its header is damaged at byte {offset}: {reason}; copy or capture it again"
    )]
    HeaderDamaged {
        /// The path as given.
        name: String,
        /// The format it starts like.
        format: &'static str,
        /// Where the damage is.
        offset: u64,
        /// What is wrong, in words.
        reason: String,
    },
    /// The file is compressed in a way that is not read.
    #[error(
        "{name}: is compressed with {method}; {reason}; decompress first: {command} {name} | whoclosed -"
    )]
    Compressed {
        /// The path as given.
        name: String,
        /// The kind of compression.
        method: &'static str,
        /// Why it is not read.
        reason: String,
        /// The command that decompresses to standard output.
        command: &'static str,
    },
    /// The file is compressed, and nothing can be decompressed.
    #[error("{name}: cannot be decompressed: {reason}; copy or capture it again")]
    Undecompressed {
        /// The path as given.
        name: String,
        /// What is wrong, in words.
        reason: String,
    },
    /// The file is of a known format that is not read.
    #[error("{name}: is {kind}, not a pcap or pcapng capture; {advice}")]
    OtherFormat {
        /// The path as given.
        name: String,
        /// What it is.
        kind: &'static str,
        /// What to do.
        advice: String,
    },
    /// The file is of no known format.
    #[error(
        "{name}: is not a pcap or pcapng capture: it starts with {found}; try to convert it: editcap -F pcapng {name} converted.pcapng"
    )]
    Unrecognised {
        /// The path as given.
        name: String,
        /// Its first bytes in hexadecimal.
        found: String,
    },
}

impl CaptureError {
    /// The error for a file whose first bytes show that it is no pcap or pcapng.
    pub(super) fn unsupported(input: &Input, path: &str) -> Self {
        let name = input.label.clone();
        match input.recognised {
            Recognised::Compressed(method) => {
                let reason = "it is compressed more than twice".to_owned();
                Self::Compressed { name, method: method.name(), reason, command: method.command() }
            }
            Recognised::Other { kind, advice } => {
                Self::OtherFormat { name, kind, advice: advice.replace("{name}", path) }
            }
            Recognised::Cut => {
                let found = input.buffer.filled().len();
                Self::MarkCut { name, found: format!("{found} byte{}", if found == 1 { "" } else { "s" }) }
            }
            Recognised::Pcap | Recognised::PcapNg | Recognised::Unknown => {
                Self::Unrecognised { name, found: hex(input.buffer.filled()) }
            }
        }
    }

    /// The error for a read that failed before the first packet; the decompression's says all itself.
    pub(super) fn reading(name: &str, recognised: Recognised, offset: u64, cause: io::Error) -> Self {
        let (name, reason) = (name.to_owned(), cause.to_string());
        match (recognised, cause.kind()) {
            (Recognised::Compressed(method), ErrorKind::Unsupported) => {
                Self::Compressed { name, method: method.name(), reason, command: method.command() }
            }
            (Recognised::Compressed(_), ErrorKind::UnexpectedEof | ErrorKind::InvalidData) => {
                Self::Undecompressed { name, reason }
            }
            _ => Self::Unreadable { name, offset, cause },
        }
    }

    /// The error for a file whose header could not be read.
    pub(super) fn at_start(stop: Stop, input: &Input, summary: &CaptureSummary) -> Self {
        let (name, format, offset) = (input.label.clone(), summary.format.name(), input.buffer.offset());
        match stop {
            Stop::End => Self::Empty { name },
            Stop::Cut { needed, found, .. } => Self::HeaderCut { name, format, needed, found },
            Stop::Corrupt(reason) => Self::HeaderDamaged { name, format, offset, reason },
            Stop::Io(cause) => {
                let compression = Recognised::Compressed(summary.compression);
                Self::reading(&summary.path, compression, offset, cause)
            }
        }
    }
}

/// The first eight bytes as `0a 0d 0d 0a`.
fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    digits.join(" ")
}
