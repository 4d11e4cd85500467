//! Who may use whom: the table that the code is held to.

/// A room below `src/` and what it may name.
pub(crate) struct Room {
    pub(crate) name: &'static str,
    /// Rooms of this crate.
    pub(crate) rooms: &'static [Use],
    /// Crates from outside.
    pub(crate) crates: &'static [&'static str],
    /// Parts of `std` that reach outside the program.
    pub(crate) std: &'static [&'static str],
}

/// How far a room may be used.
#[derive(Clone, Copy)]
pub(crate) enum Use {
    /// Everything in it.
    All(&'static str),
    /// Its values, not its machines.
    Values(&'static str),
}

use Use::{All, Values};

/// What does the work of its room; a room that may use only values must not name these.
pub(crate) const MACHINES: [&str; 13] = [
    "capture::Capture",
    "decode::Decoder",
    "tcp::Flow",
    "tcp::Reduced",
    "tcp::Table",
    "tls::KeyLog",
    "tls::Session",
    "tls::Shape",
    "http::Exchange",
    "http::Http2",
    "ws::Reader",
    "ws::probe",
    "analyze::Analyzer",
];

/// Parts of `std` that only a room which lists them may name.
pub(crate) const OUTSIDE: [&str; 9] = [
    "std::fs",
    "std::io",
    "std::env",
    "std::process",
    "std::thread",
    "std::net::TcpStream",
    "std::net::UdpSocket",
    "std::net::ToSocketAddrs",
    "std::os",
];

/// From left to right, as the data goes.
pub(crate) const ROOMS: [Room; 22] = [
    Room { name: "time", rooms: &[], crates: &["serde"], std: &[] },
    Room { name: "limits", rooms: &[], crates: &[], std: &[] },
    Room { name: "flow", rooms: &[All("time")], crates: &["serde"], std: &[] },
    // Memory that is about to be touched.
    Room { name: "prefetch", rooms: &[], crates: &["prefetch_index"], std: &[] },
    // What waits for the report and is too much for memory.
    Room { name: "store", rooms: &[], crates: &["tempfile"], std: &["std::fs::File", "std::io"] },
    Room {
        name: "capture",
        rooms: &[All("time"), All("flow"), All("limits")],
        crates: &[
            "bzip2",
            "flate2",
            "lz4_flex",
            "lzma_rust2",
            "pcap_parser",
            "ruzstd",
            "thiserror",
            "zeroize",
        ],
        std: &["std::fs::File", "std::io"],
    },
    Room {
        name: "decode",
        rooms: &[All("time"), All("flow"), All("limits"), Values("capture")],
        crates: &["etherparse", "serde"],
        std: &[],
    },
    Room {
        name: "tcp",
        rooms: &[All("time"), All("flow"), All("limits"), All("prefetch"), Values("decode")],
        crates: &["foldhash", "hashbrown", "serde"],
        std: &[],
    },
    Room {
        name: "tls",
        rooms: &[All("time"), All("flow"), All("limits")],
        crates: &[
            "aes",
            "aes_gcm",
            "cbc",
            "ccm",
            "chacha20",
            "chacha20poly1305",
            "foldhash",
            "hashbrown",
            "hmac",
            "nom",
            "serde",
            "sha1",
            "sha2",
            "zeroize",
        ],
        // The search for record numbers shares its tries between threads.
        std: &["std::thread"],
    },
    Room {
        name: "http",
        rooms: &[All("time"), All("flow"), All("limits")],
        crates: &["base64", "memchr", "nom", "serde", "sha1"],
        std: &[],
    },
    Room {
        name: "ws",
        rooms: &[All("time"), All("flow"), All("limits"), All("prefetch")],
        crates: &["nom", "serde"],
        std: &[],
    },
    Room {
        name: "heartbeat",
        rooms: &[All("time"), All("flow"), All("limits")],
        crates: &["memchr", "serde"],
        std: &[],
    },
    Room {
        name: "timeline",
        rooms: &[
            All("time"),
            All("flow"),
            All("limits"),
            All("prefetch"),
            Values("tcp"),
            Values("tls"),
            Values("http"),
            Values("ws"),
            Values("heartbeat"),
        ],
        crates: &["serde"],
        std: &[],
    },
    Room {
        name: "facts",
        rooms: &[All("time"), All("flow"), All("timeline"), Values("tcp"), Values("http"), Values("ws")],
        crates: &["serde"],
        std: &[],
    },
    Room {
        name: "catalogue",
        rooms: &[All("time"), All("flow"), Values("ws")],
        crates: &["regex_lite", "serde", "serde_json", "toml"],
        std: &[],
    },
    Room {
        name: "verdict",
        rooms: &[
            All("time"),
            All("flow"),
            All("timeline"),
            All("facts"),
            All("catalogue"),
            Values("tcp"),
            Values("http"),
            Values("ws"),
            Values("heartbeat"),
        ],
        crates: &["serde"],
        std: &[],
    },
    Room {
        name: "sessions",
        rooms: &[All("time"), All("flow"), All("timeline"), All("facts"), All("catalogue"), All("verdict")],
        crates: &[],
        std: &[],
    },
    Room {
        name: "analyze",
        rooms: &[
            All("time"),
            All("flow"),
            All("limits"),
            All("prefetch"),
            Values("capture"),
            All("decode"),
            All("tcp"),
            All("tls"),
            All("http"),
            All("ws"),
            All("timeline"),
            All("facts"),
            All("catalogue"),
            All("verdict"),
            All("sessions"),
            All("store"),
        ],
        crates: &["memchr", "postcard", "serde"],
        std: &[],
    },
    Room {
        name: "report",
        rooms: &[
            All("time"),
            All("flow"),
            All("limits"),
            Values("capture"),
            Values("decode"),
            Values("tcp"),
            Values("tls"),
            Values("http"),
            Values("ws"),
            Values("heartbeat"),
            All("timeline"),
            All("facts"),
            All("catalogue"),
            All("verdict"),
            All("sessions"),
            Values("analyze"),
        ],
        crates: &[
            "anstyle",
            "askama",
            "base64",
            "comfy_table",
            "csv",
            "hmac",
            "itoa",
            "jiff",
            "schemars",
            "serde",
            "serde_json",
            "sha2",
            "zeroize",
        ],
        std: &["std::io::BufWriter", "std::io::Write", "std::io::Result", "std::io::Error"],
    },
    // Feeds every stage with any bytes; nothing else uses it.
    Room {
        name: "fuzzing",
        rooms: &[
            All("time"),
            All("flow"),
            All("limits"),
            All("capture"),
            All("decode"),
            All("tcp"),
            All("tls"),
            All("http"),
            All("ws"),
            All("heartbeat"),
            All("analyze"),
            All("report"),
        ],
        crates: &["serde_json"],
        std: &["std::io::Cursor", "std::io::Read", "std::io::Result"],
    },
    // The crate root only names the rooms and the paved path through them.
    Room {
        name: "lib",
        rooms: &[
            Values("capture"),
            All("analyze"),
            All("report"),
            All("limits"),
            All("time"),
            All("verdict"),
        ],
        crates: &[],
        std: &[],
    },
    Room {
        name: "bin",
        rooms: &[],
        crates: &[
            "anstream",
            "anstyle",
            "anyhow",
            "clap",
            "clap_complete",
            "clap_mangen",
            "ctrlc",
            "glob",
            "indicatif",
            "mimalloc",
            "terminal_size",
            "whoclosed",
            "zeroize",
        ],
        std: &["std"],
    },
];
