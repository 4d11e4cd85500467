//! STREAM → PLAIN: TLS 1.2 (RFC 5246) and TLS 1.3 (RFC 8446) read with logged session secrets.
//!
//! [`Session`] follows both directions of a connection from its `ClientHello` and tells the
//! application data that the secrets of a [`KeyLog`] open. Every record is authenticated before a
//! byte of it is told: a secret that does not fit gives nothing, never a wrong text.
//!
//! [`Shape`] tells what can be told without any secret: lengths, times and alerts.

mod alert;
mod cipher;
mod direction;
mod epoch;
mod event;
mod framing;
mod handshake;
mod hash;
mod hello;
mod keylog;
mod record;
mod schedule;
mod search;
mod secret;
mod session;
mod shape;
mod suite;
#[cfg(test)]
mod testing;

pub use alert::{Alert, AlertDescription, AlertLevel};
pub use event::{Event, Negotiated, Why};
pub use keylog::{BadLine, KeyLog, KeySource, Reading};
pub use search::RecordSearch;
pub use session::Session;
pub use shape::{
    Beat, Close as InferredClose, Inferred, Record, Series, Shape, ShapeEvent, Upgrade, is_record_chain,
};
pub use suite::{CipherSuite, Version};
