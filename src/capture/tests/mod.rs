//! Whole capture files in, packets and summaries out.

mod compressed;
mod inputs;
mod pcap;
mod pcapng;
mod properties;

use super::testing::Seen;

/// The bytes of all packets.
fn data(seen: &[Seen]) -> Vec<&[u8]> {
    seen.iter().map(|packet| packet.data.as_slice()).collect()
}
