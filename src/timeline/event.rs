//! The vocabulary of what happens on a connection.

use serde::{Deserialize, Serialize};

use crate::flow::{Side, Stamp};
use crate::heartbeat::{Beat, Kind};
use crate::http::ErrorCode;
use crate::tcp::{GapReason, PathError};
use crate::time::Span;
use crate::tls::Alert;
use crate::ws::{self, Opcode};

use super::record::CloseBody;

/// Something that happened, with the packet that shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Event {
    /// Packet and time.
    pub at: Stamp,
    /// The side that did it; `None` for what no side did (silence).
    pub from: Option<Side>,
    /// What it was.
    pub kind: EventKind,
}

/// Kinds of [`Event`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub enum EventKind {
    /// The side's SYN.
    Syn,
    /// The three-way handshake is complete.
    Established,
    /// The HTTP request that asks for a WebSocket.
    UpgradeRequest,
    /// The HTTP answer to it.
    UpgradeResponse {
        /// The status code.
        status: u16,
    },
    /// Data messages of one side without anything from the other side in between.
    Messages(Messages),
    /// A Ping.
    Ping {
        /// Payload bytes.
        bytes: u64,
    },
    /// A Pong.
    Pong {
        /// The ping that it answers; `None` where it answers none.
        answers: Option<Stamp>,
    },
    /// A heartbeat of the application, inside a message.
    Heartbeat {
        /// The protocol that it is of.
        kind: Kind,
        /// What it is.
        beat: Beat,
        /// Payload bytes of the message.
        bytes: u64,
    },
    /// A Close frame.
    Close(CloseBody),
    /// A frame with a reserved opcode.
    OtherFrame {
        /// The opcode.
        opcode: Opcode,
    },
    /// A stretch without a frame, at or above the threshold.
    Idle {
        /// Its length.
        span: Span,
    },
    /// The side's FIN.
    Fin,
    /// An RST in the side's name.
    Reset,
    /// Payload sent again.
    Retransmission {
        /// Bytes that were there before.
        bytes: u32,
        /// They differ from the first copy.
        differs: bool,
    },
    /// A keep-alive probe.
    KeepAliveProbe,
    /// A probe of a closed window.
    ZeroWindowProbe,
    /// The side closed its receive window.
    ZeroWindow,
    /// The side opened its receive window again.
    WindowOpened,
    /// A router says that a segment of the side did not get through.
    IcmpError(PathError),
    /// A SYN that is not this connection's own.
    SynOnOpenConnection,
    /// Bytes of the side's stream that the capture does not hold.
    Gap {
        /// How many.
        bytes: u64,
        /// Why.
        why: GapReason,
    },
    /// Framing was found again behind unparsed bytes.
    Resynced,
    /// Something that breaks RFC 6455.
    Violation(ws::Violation),
    /// A TLS alert; `None` where it could not be opened.
    TlsAlert(Option<Alert>),
    /// The side sends no more on the HTTP/2 stream (`END_STREAM`).
    StreamEnd,
    /// The side ends the HTTP/2 stream (`RST_STREAM`).
    StreamReset {
        /// Why.
        error: ErrorCode,
    },
    /// The side takes no further HTTP/2 streams (GOAWAY).
    GoAway {
        /// Why.
        error: ErrorCode,
    },
    /// A `ClientHello` or `ServerHello`.
    TlsHello,
    /// The TLS handshake is complete.
    TlsEstablished,
    /// Records of application data of one side, which were not opened, without anything from the other side
    /// in between.
    TlsData(Messages),
    /// What the lengths and times of such records suggest.
    TlsInferred(Guess),
}

/// What lengths and times of records suggest.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum Guess {
    /// A 101.
    Upgrade,
    /// A Close.
    Close,
    /// The echo of a Close.
    CloseEcho,
    /// A TLS alert.
    Alert,
}

/// A run of data messages.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Messages {
    /// Messages completed, as far as they can be counted: timelines hold many runs.
    pub count: u32,
    /// Frames that carried them, likewise.
    pub frames: u32,
    /// Their payload bytes.
    pub bytes: u64,
    /// The packet that completed the last one.
    pub last: Stamp,
}

impl EventKind {
    /// The report's word for it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Syn => "syn",
            Self::Established => "established",
            Self::UpgradeRequest => "upgrade_request",
            Self::UpgradeResponse { .. } => "upgrade_response",
            Self::Messages(_) => "message",
            Self::Ping { .. } => "ping",
            Self::Pong { .. } => "pong",
            Self::Heartbeat { .. } => "heartbeat",
            Self::Close(_) => "close",
            Self::OtherFrame { .. } => "other_frame",
            Self::Idle { .. } => "idle",
            Self::Fin => "fin",
            Self::Reset => "rst",
            Self::Retransmission { .. } => "retransmission",
            Self::KeepAliveProbe => "keepalive_probe",
            Self::ZeroWindowProbe => "zero_window_probe",
            Self::ZeroWindow => "zero_window",
            Self::WindowOpened => "window_opened",
            Self::IcmpError(_) => "icmp_error",
            Self::SynOnOpenConnection => "syn_on_open_connection",
            Self::Gap { .. } => "gap",
            Self::Resynced => "resynced",
            Self::Violation(_) => "violation",
            Self::TlsAlert(_) => "tls_alert",
            Self::StreamEnd => "stream_end",
            Self::StreamReset { .. } => "stream_reset",
            Self::GoAway { .. } => "go_away",
            Self::TlsHello => "tls_hello",
            Self::TlsEstablished => "tls_established",
            Self::TlsData(_) => "tls_data",
            Self::TlsInferred(_) => "tls_inferred",
        }
    }
}
