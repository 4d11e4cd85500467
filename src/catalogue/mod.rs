//! What is known of products: timers that end idle connections, and what close codes stand for.
//!
//! The rows are data, in `timers.toml`, each with its source.

mod causes;
mod timers;

pub use causes::{CloseMeaning, meaning};
pub use timers::{Catalogue, Ending, Fit, Match, Timer};
