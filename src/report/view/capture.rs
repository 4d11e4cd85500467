//! A capture file in the report.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Time, Word};

/// What was read from one capture file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Capture {
    /// The path as given, `-` for standard input.
    pub path: String,
    /// `pcap` or `pcapng`.
    pub format: Word,
    /// `none`, `gzip`, `zstd`, `lz4` …
    pub compression: Word,
    /// The link types of its packets.
    pub link_types: Vec<String>,
    /// Packets read.
    pub packets: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Time of the earliest packet.
    pub first: Option<Time>,
    /// Time of the latest packet.
    pub last: Option<Time>,
    /// The largest number of bytes kept of a packet, where the file says so.
    pub snaplen: Option<u32>,
    /// Packets that the capturing host says it lost, where the file says so.
    pub dropped: Option<u64>,
    /// Packets left out because an earlier file of the same set holds them too.
    pub repeated: u64,
    /// False where the file is cut short.
    pub complete: bool,
    /// What a reader of the report should know about this file.
    pub warnings: Vec<String>,
}
