//! The `whoclosed` program: reads captures and prints who closed each WebSocket, and why.

mod args;
mod capture_help;
mod commands;
mod evidence;
mod explain;
mod fail_on;
mod files;
mod follow;
mod input;
mod keys;
mod live;
mod markdown;
mod output;
mod progress;
mod run;
mod sharing;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let args = args::Args::parse();
    let status = match &args.command {
        Some(command) => command.run(),
        None => run::run(args),
    };
    status.into()
}
