//! What the formats for human readers say alike: the same words for the same things.
//!
//! Nothing here knows how a format looks, and nothing is escaped: that is each format's own door.

mod across;
mod changes;
mod clock;
mod coded;
mod facts;
mod filters;
mod headline;
mod inference;
mod names;
mod opened;
pub(super) mod phrases;
mod remarks;
mod timeline;
pub(super) mod words;

pub(super) use across::{finding, legs, session};
pub(super) use changes::{Change, changes};
pub(super) use clock::Clock;
pub use clock::TimeStyle;
pub(super) use coded::coded;
pub(super) use facts::{Facts, facts, heartbeat};
pub(super) use filters::filters;
pub(super) use headline::{Note, answer, captures, notes, redaction, warnings};
pub(super) use inference::{Inferred, inference};
pub(super) use names::{Names, address, end, idle, path};
pub(super) use opened::Opened;
pub(super) use remarks::remarks;
pub(super) use timeline::{Row, detail, rows, start, title};
