//! What the program does beside reading captures.

use std::io::{self, Write};

use clap::{CommandFactory, Subcommand};
use clap_complete::Shell;
use whoclosed::report::schema;

use crate::args::Args;
use crate::capture_help::{self, Situation};
use crate::explain::Explain;
use crate::output::Output;
use crate::run::{Status, complain, is_broken_pipe};

/// A command that reads no capture.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Tell what a Close code, a cause, a timer or a rule means, and what to change
    Explain(Explain),
    #[command(flatten)]
    Print(Print),
}

/// A text that is printed as it is.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum Print {
    /// Print the JSON Schema of the JSON report
    Schema,
    /// Print a script that completes options in a shell
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the manual page
    Man,
    /// Print how to take a capture that settles who closed
    CaptureHelp {
        /// Where or how to capture; all of it without
        #[arg(value_enum)]
        situation: Option<Situation>,
    },
}

impl Command {
    /// Does it.
    pub(crate) fn run(&self) -> Status {
        match self {
            Self::Explain(explain) => explain.run(),
            Self::Print(print) => print.run(),
        }
    }
}

impl Print {
    fn run(self) -> Status {
        let printed = Output::stdout().write(|out| self.write(out));
        match printed.err().filter(|error| !is_broken_pipe(error)) {
            None => Status::Reported,
            Some(error) => {
                complain(&error);
                Status::Incomplete
            }
        }
    }

    fn write(self, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Schema => schema::write(out),
            Self::Completions { shell } => {
                // Its generator takes a writer of known size and panics where it cannot write.
                let mut script = Vec::new();
                clap_complete::generate(shell, &mut Args::command(), "whoclosed", &mut script);
                out.write_all(&script)
            }
            Self::Man => clap_mangen::Man::new(Args::command()).render(&mut &mut *out),
            Self::CaptureHelp { situation } => capture_help::write(situation, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    fn printed(print: Print) -> String {
        let mut out = Vec::new();
        print.write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_command_prints_what_belongs_to_this_program() {
        assert!(printed(Print::Schema).contains("whoclosed/report/v1"));
        for &shell in Shell::value_variants() {
            assert!(printed(Print::Completions { shell }).contains("fail-on"), "{shell}");
        }
        let man = printed(Print::Man);
        assert!(man.starts_with(".ie") && man.contains("redact") && man.contains("Exit status"), "{man}");
    }
}
