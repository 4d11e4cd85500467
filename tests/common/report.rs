//! The parts of the JSON report that the tests look at.

use std::fmt;

use serde::Deserialize;

use super::expect::{CloseFrame, Confidence, End};

#[derive(Debug, Deserialize)]
pub(crate) struct Report {
    pub(crate) captures: Vec<Capture>,
    pub(crate) connections: Vec<Connection>,
    pub(crate) sessions: Vec<Session>,
    pub(crate) findings: Vec<Finding>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Session {
    pub(crate) legs: Vec<u32>,
    pub(crate) verdict: Verdict,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Finding {
    pub(crate) kind: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Capture {
    pub(crate) path: String,
    pub(crate) complete: bool,
    pub(crate) warnings: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Connection {
    pub(crate) http2_stream: Option<u32>,
    pub(crate) id: u32,
    pub(crate) kind: String,
    pub(crate) client: Endpoint,
    pub(crate) server: Endpoint,
    pub(crate) handshake: Option<Handshake>,
    pub(crate) frames: Sides<Frames>,
    pub(crate) violations: Vec<Violation>,
    close_frames: Vec<Close>,
    pub(crate) close_handshake: String,
    tcp_end: TcpEnd,
    pub(crate) idle: Idle,
    pub(crate) verdict: Verdict,
}

impl Connection {
    pub(crate) fn status(&self) -> Option<u16> {
        self.handshake.as_ref()?.status
    }

    pub(crate) fn close_frames(&self) -> Vec<CloseFrame> {
        let plain = |close: &Close| CloseFrame {
            from: close.from.clone(),
            code: close.code,
            reason: close.reason.clone(),
            packet: close.packet.packet,
        };
        self.close_frames.iter().map(plain).collect()
    }

    pub(crate) fn first_end(&self) -> Option<End> {
        let first = self.tcp_end.first.as_ref()?;
        Some(End { from: first.from.clone(), by: first.by.clone(), packet: first.packet.packet })
    }

    pub(crate) fn resets(&self) -> u64 {
        self.tcp_end.resets_total
    }

    /// The packets of resets that the report says were forged.
    pub(crate) fn injected(&self) -> Vec<u64> {
        let forged = self.tcp_end.resets.iter().filter(|reset| reset.origin == "injected");
        forged.map(|reset| reset.packet.packet).collect()
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Endpoint {
    ip: String,
    port: u16,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ip.contains(':') {
            true => write!(f, "[{}]:{}", self.ip, self.port),
            false => write!(f, "{}:{}", self.ip, self.port),
        }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Handshake {
    pub(crate) path: Option<String>,
    pub(crate) status: Option<u16>,
}

/// A value for each side.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
pub(crate) struct Sides<T> {
    pub(crate) client: T,
    pub(crate) server: T,
}

impl<T> Sides<T> {
    /// The value of the side with this name.
    pub(crate) fn of(&mut self, side: &str) -> &mut T {
        match side {
            "client" => &mut self.client,
            _ => &mut self.server,
        }
    }
}

/// How many frames of each kind one side sent.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
pub(crate) struct Frames {
    pub(crate) text: u64,
    pub(crate) binary: u64,
    pub(crate) continuation: u64,
    pub(crate) ping: u64,
    pub(crate) pong: u64,
    pub(crate) close: u64,
    #[serde(default)]
    pub(crate) other: u64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Violation {
    pub(crate) kind: String,
    packet: PacketRef,
}

impl Violation {
    pub(crate) fn packet(&self) -> u64 {
        self.packet.packet
    }
}

#[derive(Debug, Deserialize)]
struct Close {
    from: String,
    code: Option<u16>,
    reason: Option<String>,
    packet: PacketRef,
}

#[derive(Debug, Deserialize)]
struct TcpEnd {
    first: Option<FirstEnd>,
    resets_total: u64,
    resets: Vec<Reset>,
}

#[derive(Debug, Deserialize)]
struct Reset {
    packet: PacketRef,
    origin: String,
}

#[derive(Debug, Deserialize)]
struct FirstEnd {
    from: String,
    by: String,
    packet: PacketRef,
}

#[derive(Debug, Deserialize)]
struct PacketRef {
    packet: u64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Idle {
    pub(crate) gaps: Vec<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Verdict {
    pub(crate) observed: Observed,
    pub(crate) party: String,
    pub(crate) cause: String,
    pub(crate) confidence: Confidence,
    pub(crate) summary: String,
    evidence: Vec<Evidence>,
    candidates: Vec<Candidate>,
    pub(crate) would_settle: Option<String>,
}

impl Verdict {
    /// Whether the evidence names this packet.
    pub(crate) fn cites(&self, packet: u64) -> bool {
        self.evidence.iter().any(|fact| fact.packet.packet == packet)
    }

    /// Whether this row of the catalogue is among the candidates.
    pub(crate) fn considers(&self, id: &str) -> bool {
        self.candidates.iter().any(|candidate| candidate.id == id)
    }
}

#[derive(Debug, Deserialize)]
struct Evidence {
    packet: PacketRef,
}

#[derive(Debug, Deserialize)]
struct Candidate {
    id: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Observed {
    pub(crate) closer: String,
    pub(crate) mechanism: String,
}
