//! ANALYSIS → TEXT: one view, several dresses.
//!
//! [`View`] is the report itself, as the JSON format prints it; every other format shows the same
//! values in another dress and computes nothing of its own.

mod compose;
mod digits;
pub mod escape;
pub mod evidence;
pub mod explain;
pub mod html;
pub mod json;
pub mod markdown;
pub mod ndjson;
pub mod openmetrics;
mod prose;
pub mod redact;
pub mod schema;
pub mod spreadsheet;
pub mod terminal;
mod units;
pub mod view;

#[cfg(test)]
mod fixture;

pub use compose::{Contents, Running, Timelines};
pub use view::View;
