//! The kinds of captures that can be made.

use super::tcp::{MILLI, SECOND};

/// How likely a new connection is of each kind, in parts of the sum.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mix {
    pub(crate) websocket: u32,
    pub(crate) refused: u32,
    pub(crate) http: u32,
    pub(crate) tls: u32,
    pub(crate) binary: u32,
    pub(crate) scan: u32,
}

/// A kind of capture.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Profile {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) mix: Mix,
    /// Connections open at a time.
    pub(crate) open: usize,
    /// Stations that send DNS and ARP.
    pub(crate) stations: usize,
    /// The mean number of exchanges of a connection.
    pub(crate) exchanges: u64,
    /// The mean time between the exchanges of a connection.
    pub(crate) pause: u64,
    /// True if WebSocket messages are large.
    pub(crate) bulk: bool,
    /// How likely a data segment is reordered or retransmitted.
    pub(crate) disturbance: f64,
    /// How likely a packet is missing from the capture.
    pub(crate) missing: f64,
}

const CHATS: Mix = Mix { websocket: 98, refused: 1, http: 1, tls: 0, binary: 0, scan: 0 };

const SMALL_FRAMES: Profile = Profile {
    name: "small-frames",
    about: "many small frames on many open connections",
    mix: CHATS,
    open: 1_000,
    stations: 1,
    exchanges: 300,
    pause: 250 * MILLI,
    bulk: false,
    disturbance: 0.0,
    missing: 0.0,
};

/// All profiles.
pub(crate) const PROFILES: [Profile; 6] = [
    SMALL_FRAMES,
    Profile {
        name: "bulk",
        about: "large binary messages in MSS segments and in offloaded ones",
        open: 20,
        exchanges: 40,
        bulk: true,
        ..SMALL_FRAMES
    },
    Profile {
        name: "mixed",
        about: "mostly other traffic, few WebSockets",
        mix: Mix { websocket: 4, refused: 1, http: 40, tls: 35, binary: 18, scan: 2 },
        stations: 20,
        exchanges: 40,
        ..SMALL_FRAMES
    },
    Profile {
        name: "short",
        about: "very many short connections, most of them no WebSocket",
        mix: Mix { websocket: 8, refused: 2, http: 20, tls: 3, binary: 12, scan: 55 },
        stations: 5,
        exchanges: 1,
        pause: SECOND / 20,
        ..SMALL_FRAMES
    },
    Profile {
        name: "lossy",
        about: "small frames, 1 % of the data segments reordered or retransmitted",
        disturbance: 0.01,
        ..SMALL_FRAMES
    },
    Profile {
        name: "dropped",
        about: "as lossy, and 1 % of the packets missing from the capture",
        disturbance: 0.01,
        missing: 0.01,
        ..SMALL_FRAMES
    },
];

/// The profile of that name.
pub(crate) fn named(name: &str) -> Option<Profile> {
    PROFILES.into_iter().find(|profile| profile.name == name)
}
