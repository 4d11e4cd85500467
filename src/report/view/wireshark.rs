//! Where to look in Wireshark.

use schemars::JsonSchema;
use serde::Serialize;

/// Display filters that lead to a connection, for Wireshark or `tshark -Y`.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Wireshark {
    /// All packets of the connection, by addresses, ports and time.
    pub filter: String,
    /// The packets that show what was concluded, in each capture that holds some.
    pub packets: Vec<PacketFilter>,
}

/// A display filter for some packets of one capture.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct PacketFilter {
    /// Index into the report's captures.
    pub file: u32,
    /// The packets by their numbers in that file.
    pub filter: String,
}
