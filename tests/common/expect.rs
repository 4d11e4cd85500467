//! What `expect.toml` says that a report must say.

use serde::Deserialize;

use super::report::{Frames, Sides};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expect {
    pub(crate) exit: i32,
    /// False where the file is cut short.
    pub(crate) complete: bool,
    #[serde(rename = "connection")]
    pub(crate) connections: Vec<Connection>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Connection {
    pub(crate) kind: String,
    pub(crate) client: String,
    pub(crate) server: String,
    pub(crate) status: Option<u16>,
    pub(crate) mechanism: String,
    pub(crate) closer: String,
    /// Who really ended it: a verdict of high confidence names one of these.
    pub(crate) party: Vec<String>,
    pub(crate) close_handshake: String,
    pub(crate) close_frames: Vec<CloseFrame>,
    pub(crate) first_end: Option<End>,
    /// How many RST segments there are.
    pub(crate) resets: u64,
    pub(crate) frames: Sides<Frames>,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct CloseFrame {
    pub(crate) from: String,
    pub(crate) code: Option<u16>,
    pub(crate) reason: Option<String>,
    pub(crate) packet: u64,
}

/// The first FIN or RST after the handshake.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct End {
    pub(crate) from: String,
    pub(crate) by: String,
    pub(crate) packet: u64,
}
