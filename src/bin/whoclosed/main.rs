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
use mimalloc::MiMalloc;

/// Each connection is some ten allocations that live as long as it does; this one hands them out with less work
/// and closer together than the system's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let args = args::Args::parse();
    let status = match &args.command {
        Some(command) => command.run(),
        None => run::run(args),
    };
    status.into()
}
