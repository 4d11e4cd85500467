//! What the fuzz targets call: functions that take any bytes and assert what must hold for them.
//!
//! Not a part of the public API. They are always compiled, so that plain `cargo test` can replay
//! the corpus and every input that once found something.

mod capture;
mod decode;
mod heartbeats;
mod http;
mod http2;
mod overlap;
mod pipeline;
mod steps;
mod tls;
mod ws;

pub use crate::tcp::fuzz::tcp_assembler;
pub use capture::capture;
pub use decode::decode;
pub use heartbeats::heartbeats;
pub use http::http_upgrade;
pub use http2::http2;
pub use overlap::overlap;
pub use pipeline::pipeline;
pub use tls::{dsb, keylog, tls_handshake, tls_records};
pub use ws::ws_frames;
