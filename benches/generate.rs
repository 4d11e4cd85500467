//! Writes a capture and what is true of it: `cargo bench --bench generate -- --help` says how.

mod generator;

use std::fs::File;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Instant;

use generator::profile::{self, PROFILES, Profile};

const USAGE: &str = "\
Usage: cargo bench --bench generate -- --profile NAME --size SIZE --out FILE [--truth FILE]
           [--seed N] [--connections N]

  --profile NAME    the kind of capture, see below
  --size SIZE       about how large, such as 500K, 100M or 1G (powers of ten)
  --out FILE        the capture to write (pcap)
  --truth FILE      the truth to write (JSON)
  --seed N          the same seed gives the same capture (default 1)
  --connections N   connections open at a time, instead of the profile's number

Profiles:";

struct Arguments {
    profile: Profile,
    size: u64,
    seed: u64,
    out: String,
    truth: Option<String>,
}

fn main() -> ExitCode {
    let typed: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if typed.is_empty() || typed.iter().any(|argument| argument == "--help") {
        print_usage();
        return ExitCode::SUCCESS;
    }
    match parse(typed).and_then(|arguments| write(&arguments).map_err(|error| error.to_string())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("generate: {message} (--help shows the usage)");
            ExitCode::FAILURE
        }
    }
}

fn print_usage() {
    println!("{USAGE}");
    for profile in PROFILES {
        println!("  {:<14}{} ({} open)", profile.name, profile.about, profile.open);
    }
}

fn parse(typed: Vec<String>) -> Result<Arguments, String> {
    let (mut profile, mut size, mut seed) = (None, None, 1);
    let (mut out, mut truth, mut connections) = (None, None, None);
    let mut typed = typed.into_iter();
    while let Some(name) = typed.next() {
        let value = typed.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--profile" => {
                profile = Some(profile::named(&value).ok_or_else(|| format!("no profile {value}"))?);
            }
            "--size" => size = Some(bytes(&value)?),
            "--seed" => seed = number(&value)?,
            "--connections" => connections = Some(number(&value)?.max(1) as usize),
            "--out" => out = Some(value),
            "--truth" => truth = Some(value),
            _ => return Err(format!("unknown option {name}")),
        }
    }
    let mut profile = profile.ok_or("--profile is missing")?;
    profile.open = connections.unwrap_or(profile.open);
    let (size, out) = (size.ok_or("--size is missing")?, out.ok_or("--out is missing")?);
    Ok(Arguments { profile, size, seed, out, truth })
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("{text} is not a number"))
}

fn bytes(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(['K', 'M', 'G']);
    let unit = match &text[digits.len()..] {
        "" => 1,
        "K" => 1_000,
        "M" => 1_000_000,
        "G" => 1_000_000_000,
        _ => return Err(format!("{text} is not a size")),
    };
    number(digits)?.checked_mul(unit).ok_or_else(|| format!("{text} is too large"))
}

fn write(arguments: &Arguments) -> io::Result<()> {
    let start = Instant::now();
    let capture = File::create(&arguments.out)?;
    let truth: Box<dyn Write> = match &arguments.truth {
        Some(path) => Box::new(File::create(path)?),
        None => Box::new(io::sink()),
    };
    let made = generator::generate(arguments.profile, arguments.size, arguments.seed, capture, truth)?;
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{}: {} packets, {} bytes, {} TCP connections, {} of them WebSockets, in {seconds:.1} s ({:.0} MB/s)",
        arguments.out,
        made.packets,
        made.bytes,
        made.tcp_connections,
        made.websockets,
        made.bytes as f64 / 1e6 / seconds
    );
    Ok(())
}
