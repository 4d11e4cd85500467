//! PLAIN → UPGRADE: HTTP/1.1 requests and answers up to the upgrade (RFC 9112, RFC 6455 §4).
//!
//! [`Exchange`] follows both directions of a connection through any number of ordinary requests,
//! tells of each attempt to open a WebSocket and of its answer, and hands over every byte that
//! belongs to the WebSocket. It reads as leniently as the most lenient endpoint would.

mod body;
mod event;
mod exchange;
mod extensions;
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
pub use intermediary::ViaHeader;
pub use request::{Request, Requirement};
pub use response::{Fault, Response};
