//! How connections, their ends and their packets are named.

use std::net::SocketAddr;

use super::super::escape::escape;
use super::super::units::measured;
use super::super::view::{Connection, Endpoint, PacketRef, Seconds};
use super::words;

/// Characters of a path that a table shows; the details have all.
const PATH: usize = 40;

/// The address with its port.
pub(in crate::report) fn address(end: &Endpoint) -> String {
    SocketAddr::new(end.ip, end.port).to_string()
}

/// The path that was asked for, cut to what a table has room for.
pub(in crate::report) fn path(connection: &Connection) -> String {
    match connection.handshake.as_ref().and_then(|handshake| handshake.path.as_deref()) {
        Some(path) => escape(path, PATH),
        None if connection.kind == "opaque_tls" => "(TLS, not read)".to_owned(),
        None if connection.kind == "websocket_midstream" => "(began before the capture)".to_owned(),
        None => String::new(),
    }
}

/// The longest silence, where there was any.
pub(in crate::report) fn idle(connection: &Connection) -> String {
    match connection.idle.longest_s {
        Seconds(0) => String::new(),
        longest => measured(longest),
    }
}

/// `server: FIN without Close`.
pub(in crate::report) fn end(connection: &Connection) -> String {
    let observed = connection.verdict.observed;
    let how = words::mechanism(observed.mechanism);
    match observed.closer {
        "none" => how,
        // It was captured, but what it was is hidden.
        side if connection.kind == "opaque_tls" && observed.mechanism == "not_captured" => {
            format!("{side}: end hidden by TLS")
        }
        // Who closed TCP after a refusal tells nothing.
        _ if observed.mechanism == "refused_upgrade" => how,
        side => format!("{side}: {how}"),
    }
}

/// How packets are named: `#12`, and `[1] #12` where there is more than one capture.
#[derive(Clone, Copy, Debug)]
pub(in crate::report) struct Names {
    several: bool,
    spelled: bool,
}

impl Names {
    /// The names for this number of captures.
    pub(in crate::report) const fn new(captures: usize) -> Self {
        Self { several: captures > 1, spelled: false }
    }

    /// Names without a sign that trackers make links of: `packet 12`, and `packet 12 of [1]`.
    pub(in crate::report) const fn spelled(captures: usize) -> Self {
        Self { spelled: true, ..Self::new(captures) }
    }

    /// What stands behind something that is in one capture: ` [1]` where there are several.
    pub(in crate::report) fn file(self, file: u32) -> String {
        if self.several { format!(" [{file}]") } else { String::new() }
    }

    /// The packet's name.
    pub(in crate::report) fn packet(self, at: PacketRef) -> String {
        match (self.spelled, self.several) {
            (false, false) => format!("#{}", at.packet),
            (false, true) => format!("[{}] #{}", at.file, at.packet),
            (true, false) => format!("packet {}", at.packet),
            (true, true) => format!("packet {} of [{}]", at.packet, at.file),
        }
    }

    /// The packet's number alone, for a column of them: `12`, and `[1] 12`.
    pub(in crate::report) fn number(self, at: PacketRef) -> String {
        if self.several { format!("[{}] {}", at.file, at.packet) } else { at.packet.to_string() }
    }
}
