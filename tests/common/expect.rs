//! What `expect.toml` says that a report must say.

use serde::Deserialize;

use super::report::{Frames, Sides};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expect {
    pub(crate) exit: i32,
    /// False where the file is cut short.
    pub(crate) complete: bool,
    /// Whole reports are held by snapshots, too, though the verdicts stand here.
    #[serde(default)]
    pub(crate) snapshot: bool,
    /// The kinds of findings that must be among the report's.
    #[serde(default)]
    pub(crate) findings: Vec<String>,
    pub(crate) session: Option<Session>,
    /// None where nothing is to be listed.
    #[serde(rename = "connection", default)]
    pub(crate) connections: Vec<Connection>,
}

impl Expect {
    /// Whole reports are held where the verdicts do not stand here, and where it is asked for.
    pub(crate) fn held_by_snapshots(&self) -> bool {
        self.snapshot || self.connections.iter().all(|connection| connection.verdict.is_none())
    }
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
    /// A reset is not by the host whose address it bears.
    #[serde(default)]
    pub(crate) forged: bool,
    pub(crate) frames: Sides<Frames>,
    pub(crate) verdict: Option<Judgement>,
}

/// What an expert says from this capture alone.
#[derive(Debug, Deserialize)]
pub(crate) struct Judgement {
    /// The best answer first; any of them will do.
    pub(crate) party: Vec<String>,
    pub(crate) cause: Vec<String>,
    /// The confidence that the capture allows.
    pub(crate) at_most: Confidence,
    pub(crate) at_least: Confidence,
    /// Packets that the evidence must name.
    #[serde(default)]
    pub(crate) cites: Vec<u64>,
    /// A row of the catalogue that must be among the candidates.
    pub(crate) candidate: Option<String>,
    /// What the program says instead, `PARTY CAUSE CONFIDENCE`: known, and to be removed once it is right.
    pub(crate) disagrees: Option<String>,
}

/// The session that these connections are legs of.
#[derive(Debug, Deserialize)]
pub(crate) struct Session {
    pub(crate) legs: Vec<u32>,
    #[serde(flatten)]
    pub(crate) verdict: Judgement,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Confidence {
    Low,
    Medium,
    High,
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
