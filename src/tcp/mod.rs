//! SEGMENTS → STREAM ITEMS: reassembly and the facts of each connection.

mod assembler;
mod flow;
pub(crate) mod fuzz;
mod habits;
mod half;
mod icmp;
mod item;
mod newest;
mod payload;
mod recent;
mod reduced;
mod reset;
mod seq;
mod summary;
mod table;

pub use crate::decode::IcmpKind;
pub use assembler::GapReason;
pub use flow::{Belongs, Flow};
pub use icmp::PathError;
pub use item::{Data, Event, EventKind, Gap, Item};
pub use reduced::Reduced;
pub use reset::{IpIdFit, ResetFacts, Trigger};
pub use summary::{Liveness, Outstanding, SideSummary, Summary, Unanswered};
pub use table::{HintId, SlotId, Table};
