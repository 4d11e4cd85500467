//! The closed vocabularies of a verdict.

use serde::{Deserialize, Serialize};

/// Who ended a connection.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Party {
    /// The client.
    Client,
    /// The server.
    Server,
    /// Something that terminates TCP between them: proxy, load balancer, CDN, sidecar.
    Intermediary,
    /// Something that forged segments in an endpoint's name.
    Injector,
    /// The path was lost; no one spoke.
    Network,
    /// Nobody: it is open.
    None,
    /// The capture does not show it.
    Unknown,
}

/// Why a connection ended.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Cause {
    /// The purpose was fulfilled.
    Normal,
    /// A page was left, or a server went down.
    GoingAway,
    /// Nobody spoke for too long.
    IdleTimeout,
    /// The connection lived for as long as something allows.
    LifetimeLimit,
    /// The peer did not answer pings.
    MissedHeartbeat,
    /// The peer broke the protocol.
    ProtocolError,
    /// The peer sent data that cannot be accepted.
    BadData,
    /// A message was too big.
    MessageTooBig,
    /// The peer broke a rule of the application.
    Policy,
    /// Something failed inside.
    InternalError,
    /// The service restarts.
    Restart,
    /// The service is overloaded.
    Overload,
    /// A gateway got a bad answer.
    BadGateway,
    /// The application has its own reason.
    Application,
    /// An abrupt end with a live host.
    ProcessExit,
    /// A host knows no such connection any more.
    LostState,
    /// Something on the path forged an RST.
    FirewallReset,
    /// Packets no longer get through.
    PathLost,
    /// The proxy only passed on an end.
    UpstreamEnded,
    /// The upgrade was refused.
    Refused,
    /// TLS failed: its handshake, or TLS where plain text was expected and the other way round.
    TlsFailure,
    /// The peer stopped reading.
    SlowReader,
    /// The capture does not show it.
    Unknown,
}

/// How sure a verdict is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub enum Confidence {
    /// A lead.
    Low,
    /// The usual reading; another exists and is named.
    Medium,
    /// The packets leave no other reasonable reading.
    High,
}

impl Party {
    /// The report's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
            Self::Intermediary => "intermediary",
            Self::Injector => "injector",
            Self::Network => "network",
            Self::None => "none",
            Self::Unknown => "unknown",
        }
    }
}

impl From<crate::flow::Side> for Party {
    fn from(side: crate::flow::Side) -> Self {
        match side {
            crate::flow::Side::Client => Self::Client,
            crate::flow::Side::Server => Self::Server,
        }
    }
}

impl Cause {
    /// The report's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::GoingAway => "going_away",
            Self::IdleTimeout => "idle_timeout",
            Self::LifetimeLimit => "lifetime_limit",
            Self::MissedHeartbeat => "missed_heartbeat",
            Self::ProtocolError => "protocol_error",
            Self::BadData => "bad_data",
            Self::MessageTooBig => "message_too_big",
            Self::Policy => "policy",
            Self::InternalError => "internal_error",
            Self::Restart => "restart",
            Self::Overload => "overload",
            Self::BadGateway => "bad_gateway",
            Self::Application => "application",
            Self::ProcessExit => "process_exit",
            Self::LostState => "lost_state",
            Self::FirewallReset => "firewall_reset",
            Self::PathLost => "path_lost",
            Self::UpstreamEnded => "upstream_ended",
            Self::Refused => "refused",
            Self::TlsFailure => "tls_failure",
            Self::SlowReader => "slow_reader",
            Self::Unknown => "unknown",
        }
    }
}

impl Confidence {
    /// The report's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}
