//! WebSockets inside HTTP/2 (RFC 9113): extended CONNECT, and the streams it opens (RFC 8441).
//!
//! [`Http2`] follows the frames of both directions. It tells of each request for a WebSocket, of its
//! answer, of every byte of such a stream, and of how the stream ended. All other streams are passed
//! over; their header blocks are decoded all the same, because header compression has a memory.

mod block;
mod connection;
mod event;
mod frame;
mod half;
mod head;
mod hpack;
mod resume;
mod stream;
mod veil;

pub use connection::Http2;
pub use event::{ErrorCode, StreamEndBy, StreamEvent};
pub use frame::{is_client_preface, is_server_preface};
pub use resume::chain_holds as is_frame_chain;
pub use veil::{Judge, Veil};
