//! What a report that leaves the house may show.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use whoclosed::report::redact::{RedactionKey, Redactor};
use zeroize::Zeroizing;

/// Options about sharing.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sharing")]
pub(crate) struct Sharing {
    /// Replace addresses, hosts, paths, Close reasons and file names by pseudonyms, in every format
    ///
    /// The same original gets the same pseudonym throughout; which addresses share a network, and
    /// which are private, stays.
    #[arg(long)]
    pub(crate) redact: bool,

    /// Redact with pseudonyms that follow from the secret in FILE: the same in each report made with it
    #[arg(long, value_name = "FILE")]
    pub(crate) redact_key: Option<PathBuf>,
}

impl Sharing {
    /// What replaces names and addresses, where that is asked for.
    pub(crate) fn redactor(&self) -> Result<Option<Redactor>> {
        let Some(path) = &self.redact_key else {
            return Ok(self.redact.then(Redactor::default));
        };
        let bytes = std::fs::read(path).map(Zeroizing::new).with_context(|| path.display().to_string())?;
        let key = RedactionKey::new(&bytes).with_context(|| {
            format!("{}: a key has at least 16 bytes; head -c 32 /dev/urandom makes one", path.display())
        })?;
        Ok(Some(Redactor::new(Some(key))))
    }
}
