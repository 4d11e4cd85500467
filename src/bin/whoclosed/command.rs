//! What can be asked for besides a report.

use clap::Subcommand;

use crate::explain::Explain;
use crate::run::Status;

/// Something besides a report.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Tell what a Close code, a cause, a timer or a rule means, and what to change
    Explain(Explain),
}

impl Command {
    /// Does it.
    pub(crate) fn run(&self) -> Status {
        match self {
            Self::Explain(explain) => explain.run(),
        }
    }
}
