//! The kinds of events that have a row of their own, and what follows the stamp in it.

use crate::timeline::event::{Event, EventKind};

/// What follows the stamp in a row: the first byte has its number and the side.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(super) enum Form {
    /// Nothing: the kind is among the others.
    Other,
    /// A run, as the next two.
    Messages,
    TlsData,
    /// Bytes of the payload.
    Ping,
    /// Nothing, as of all those behind it but two.
    Pong,
    /// The ping's stamp.
    Answer,
    Syn,
    Established,
    UpgradeRequest,
    Fin,
    Reset,
    KeepAliveProbe,
    /// Its length.
    Idle,
    /// Bytes that were sent again, as they were.
    Retransmission,
    /// Bytes of a run of one message, which lies in one packet.
    Message,
}

impl Form {
    /// All of them by their numbers.
    pub(super) const ALL: [Self; 15] = [
        Self::Other,
        Self::Messages,
        Self::TlsData,
        Self::Ping,
        Self::Pong,
        Self::Answer,
        Self::Syn,
        Self::Established,
        Self::UpgradeRequest,
        Self::Fin,
        Self::Reset,
        Self::KeepAliveProbe,
        Self::Idle,
        Self::Retransmission,
        Self::Message,
    ];

    /// Bits of its number.
    pub(super) const BITS: u32 = 4;

    /// That of an event which is no run of messages.
    pub(super) fn of(Event { kind, .. }: &Event) -> Self {
        match kind {
            EventKind::TlsData(_) => Self::TlsData,
            EventKind::Ping { .. } => Self::Ping,
            EventKind::Pong { answers: None } => Self::Pong,
            EventKind::Pong { answers: Some(_) } => Self::Answer,
            EventKind::Syn => Self::Syn,
            EventKind::Established => Self::Established,
            EventKind::UpgradeRequest => Self::UpgradeRequest,
            EventKind::Fin => Self::Fin,
            EventKind::Reset => Self::Reset,
            EventKind::KeepAliveProbe => Self::KeepAliveProbe,
            EventKind::Idle { .. } => Self::Idle,
            EventKind::Retransmission { differs: false, .. } => Self::Retransmission,
            _ => Self::Other,
        }
    }

    /// Pairs of numbers that follow the first byte, that of the stamp included.
    pub(super) const fn pairs(self) -> usize {
        match self {
            Self::Messages | Self::TlsData => 4,
            Self::Ping | Self::Answer | Self::Idle | Self::Retransmission | Self::Message => 2,
            Self::Other
            | Self::Pong
            | Self::Syn
            | Self::Established
            | Self::UpgradeRequest
            | Self::Fin
            | Self::Reset
            | Self::KeepAliveProbe => 1,
        }
    }
}
