//! The `whoclosed` program: reads captures and prints who closed each WebSocket, and why.

mod args;
mod fail_on;
mod input;
mod keys;
mod output;
mod progress;
mod run;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    run::run(&args::Args::parse()).into()
}
