//! A capture file in the report.

use schemars::JsonSchema;
use serde::Serialize;

use super::{PacketRef, Time, Word};

/// What was read from one capture file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
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
    /// The interfaces that a pcapng file describes.
    pub interfaces: Vec<Interface>,
    /// Interfaces that are not listed.
    pub interfaces_omitted: u64,
    /// What somebody wrote into a pcapng file.
    pub comments: Vec<Comment>,
    /// Comments that are not listed.
    pub comments_omitted: u64,
    /// False where the file is cut short.
    pub complete: bool,
    /// What a reader of the report should know about this file.
    pub warnings: Vec<String>,
}

/// An interface as a pcapng file describes it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Interface {
    /// Its number in its section of the file, Wireshark's `frame.interface_id`.
    pub id: u32,
    /// Its name, such as `eth0`.
    pub name: Option<String>,
    /// What its user calls it.
    pub description: Option<String>,
    /// The capture filter: what does not match it is not in the file.
    pub filter: Option<String>,
    /// The link type of its packets.
    pub link_type: String,
    /// The largest number of bytes kept of a packet, where there is a limit.
    pub snaplen: Option<u32>,
    /// Packets lost on it, where the file says so.
    pub dropped: Option<u64>,
}

/// What somebody wrote into a pcapng file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Comment {
    /// What it is about: `capture`, `interface` or `packet`.
    pub about: Word,
    /// The number of the interface that it is about.
    pub interface: Option<u32>,
    /// The packet that it is about.
    pub packet: Option<PacketRef>,
    /// The text, cut where it is very long.
    pub text: String,
}
