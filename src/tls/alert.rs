//! Alerts (RFC 8446 §6, RFC 5246 §7.2).

use std::fmt;

use serde::{Deserialize, Serialize};

/// How grave an alert is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub struct AlertLevel(pub u8);

impl AlertLevel {
    /// The connection may go on.
    pub const WARNING: Self = Self(1);
    /// The connection is over.
    pub const FATAL: Self = Self(2);

    /// Its name, where it has one.
    pub const fn name(self) -> Option<&'static str> {
        match self.0 {
            1 => Some("warning"),
            2 => Some("fatal"),
            _ => None,
        }
    }
}

/// What an alert says; an unknown number prints as itself.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub struct AlertDescription(pub u8);

impl AlertDescription {
    /// The sender will send nothing more.
    pub const CLOSE_NOTIFY: Self = Self(0);
    /// A record's authentication failed.
    pub const BAD_RECORD_MAC: Self = Self(20);
    /// No common parameters.
    pub const HANDSHAKE_FAILURE: Self = Self(40);

    /// Its name in the IANA registry, where it has one.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => "close_notify",
            10 => "unexpected_message",
            20 => "bad_record_mac",
            21 => "decryption_failed",
            22 => "record_overflow",
            30 => "decompression_failure",
            40 => "handshake_failure",
            41 => "no_certificate",
            42 => "bad_certificate",
            43 => "unsupported_certificate",
            44 => "certificate_revoked",
            45 => "certificate_expired",
            46 => "certificate_unknown",
            47 => "illegal_parameter",
            48 => "unknown_ca",
            49 => "access_denied",
            50 => "decode_error",
            51 => "decrypt_error",
            60 => "export_restriction",
            70 => "protocol_version",
            71 => "insufficient_security",
            80 => "internal_error",
            86 => "inappropriate_fallback",
            90 => "user_canceled",
            100 => "no_renegotiation",
            109 => "missing_extension",
            110 => "unsupported_extension",
            111 => "certificate_unobtainable",
            112 => "unrecognized_name",
            113 => "bad_certificate_status_response",
            114 => "bad_certificate_hash_value",
            115 => "unknown_psk_identity",
            116 => "certificate_required",
            120 => "no_application_protocol",
            121 => "ech_required",
            _ => return None,
        })
    }
}

impl fmt::Display for AlertDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "alert {}", self.0),
        }
    }
}

/// An alert's two bytes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// How grave it is.
    pub level: AlertLevel,
    /// What it says.
    pub description: AlertDescription,
}

impl Alert {
    /// Whether nothing comes behind it from its sender.
    pub(super) fn ends(self) -> bool {
        self.level == AlertLevel::FATAL || self.description == AlertDescription::CLOSE_NOTIFY
    }

    /// Reads the content of an alert record; an encrypted one is longer.
    pub(super) const fn read(content: &[u8]) -> Option<Self> {
        match content {
            [level, description] => {
                Some(Self { level: AlertLevel(*level), description: AlertDescription(*description) })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_are_two_bytes() {
        let alert = Alert::read(&[1, 0]).unwrap();
        assert_eq!((alert.level, alert.description), (AlertLevel::WARNING, AlertDescription::CLOSE_NOTIFY));
        assert_eq!(Alert::read(&[1, 0, 3]), None);
        assert_eq!(AlertDescription(77).to_string(), "alert 77");
        assert_eq!(AlertDescription::BAD_RECORD_MAC.to_string(), "bad_record_mac");
    }
}
