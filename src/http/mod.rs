//! PLAIN → UPGRADE: HTTP requests and answers up to the upgrade (RFC 9112, RFC 6455 §4, RFC 8441).
//!
//! [`Exchange`] follows both directions of a connection through any number of ordinary requests,
//! tells of each attempt to open a WebSocket and of its answer, and hands over every byte that
//! belongs to the WebSocket. It reads as leniently as the most lenient endpoint would. [`Http2`] does
//! the same for the streams of an HTTP/2 connection.

mod body;
mod cookie;
mod event;
mod exchange;
mod extensions;
mod h2;
mod head;
mod held;
mod intermediary;
mod key;
mod request;
mod response;
mod survey;
mod value;

pub use event::{Event, GiveUp};
pub use exchange::Exchange;
pub use extensions::Extension;
pub use h2::{
    ErrorCode, Http2, Judge, StreamEndBy, StreamEvent, Veil, is_client_preface, is_frame_chain,
    is_server_preface,
};
pub use intermediary::ViaHeader;
pub use key::KeyHash;
pub use request::{Request, Requirement};
pub use response::Response;
