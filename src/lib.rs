//! Reads a packet capture and tells who closed each WebSocket, and why.

pub mod analyze;
pub mod capture;
pub mod catalogue;
pub mod decode;
pub mod facts;
pub mod flow;
#[doc(hidden)]
pub mod fuzzing;
pub mod http;
pub mod limits;
pub mod report;
pub mod sessions;
pub mod tcp;
pub mod time;
pub mod timeline;
pub mod tls;
pub mod verdict;
pub mod ws;
