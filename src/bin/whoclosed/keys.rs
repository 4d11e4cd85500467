//! The key logs that were given.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Error, Result, anyhow};
use whoclosed::limits::Limits;
use whoclosed::tls::{KeyLog, KeySource, RecordSearch};
use zeroize::Zeroizing;

use crate::args::Args;

/// Secrets, and what is to be said of the files that they came from.
pub(crate) struct Keys {
    pub(crate) log: KeyLog,
    pub(crate) errors: Vec<Error>,
    pub(crate) warnings: Vec<Error>,
}

impl Keys {
    /// Reads every key log that can be read.
    pub(crate) fn read(args: &Args, limits: &Limits) -> Self {
        let mut keys = Self { log: KeyLog::new(limits), errors: Vec::new(), warnings: Vec::new() };
        keys.log.search_by(RecordSearch::of(args.tls_search, limits));
        for path in &args.keylog {
            if let Err(error) = keys.file(path) {
                keys.errors.push(error);
            }
        }
        keys
    }

    fn file(&mut self, path: &Path) -> Result<()> {
        let text = contents(path).with_context(|| path.display().to_string())?;
        let reading = self.log.read(&text, KeySource::KeyLog);
        for bad in &reading.bad {
            self.warn(path, &format!("line {} is skipped: {}", bad.line, bad.why));
        }
        let more = reading.bad_total - reading.bad.len() as u64;
        if more > 0 {
            self.warn(path, &format!("{more} more lines are skipped"));
        }
        if reading.full {
            self.warn(path, "it has more secrets than are kept; the oldest are let go");
        }
        if self.log.is_empty() {
            self.warn(path, "it has no secret that opens TLS records");
        }
        Ok(())
    }

    fn warn(&mut self, path: &Path, what: &str) {
        self.warnings.push(anyhow!("{}: {what}", path.display()));
    }
}

/// The key log that `SSLKEYLOGFILE` names.
pub(crate) fn named_by_environment() -> Result<PathBuf> {
    const VARIABLE: &str = "SSLKEYLOGFILE";
    let value = std::env::var_os(VARIABLE).filter(|value| !value.is_empty());
    value.map(PathBuf::from).with_context(|| {
        format!("--keylog-env: the environment variable {VARIABLE} is not set; name the file with --keylog")
    })
}

fn contents(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    if path != Path::new("-") {
        return fs::read(path).map(Zeroizing::new);
    }
    whole(io::stdin().lock())
}

/// All that a reader gives; what grows leaves no copies behind.
fn whole(mut from: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    const ROOM: usize = 64 * 1024;
    let (mut text, mut len) = (Zeroizing::new(vec![0; ROOM]), 0);
    loop {
        if len == text.len() {
            let mut larger = Zeroizing::new(vec![0; 2 * len]);
            larger[..len].copy_from_slice(&text);
            text = larger;
        }
        match from.read(&mut text[len..]) {
            Ok(0) => break,
            Ok(more) => len += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    text.truncate(len);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[test]
    fn a_long_key_log_from_a_pipe_is_whole() {
        let long: Vec<u8> = (0..300_000_u32).map(|at| (at % 251) as u8).collect();
        assert_eq!(*whole(&long[..]).unwrap(), long);
        assert_eq!(*whole(&long[..65_536]).unwrap(), long[..65_536]);
        assert!(whole(io::empty()).unwrap().is_empty());
    }

    #[test]
    fn bad_lines_are_named_but_not_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.log");
        let good = format!("CLIENT_RANDOM {} {}", "0a".repeat(32), "0b".repeat(48));
        fs::write(&path, format!("# made by a test\n{good}\nCLIENT_RANDOM 5ec2e7 5ec2e7\n")).unwrap();
        let missing = folder.path().join("none.log");
        let path = path.to_str().unwrap();
        let missing = missing.to_str().unwrap();
        let args = ["whoclosed", "--keylog", path, "--keylog", missing, "a.pcap"];
        let keys = Keys::read(&Args::try_parse_from(args).unwrap(), &Limits::default());
        assert_eq!((keys.log.sessions(), keys.errors.len(), keys.warnings.len()), (1, 1, 1));
        let warning = keys.warnings[0].to_string();
        assert!(warning.contains("keys.log: line 3 is skipped") && !warning.contains("5ec2e7"), "{warning}");
    }
}
