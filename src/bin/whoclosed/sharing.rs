//! What a report that leaves the house may show.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use whoclosed::report::redact::{RedactionKey, Redactor};
use zeroize::Zeroizing;

/// Options about sharing.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sharing")]
pub(crate) struct Sharing {
    /// Replace what names people and machines by pseudonyms, in every format
    ///
    /// That is addresses, hosts, paths, Close reasons and file names. The same original gets the same pseudonym throughout; which addresses share a network, and
    /// which are private, stays.
    #[arg(long)]
    pub(crate) redact: bool,

    /// Redact with pseudonyms that follow from the secret in FILE: the same in each report made with it
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub(crate) redact_key: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) evidence: Evidence,
}

/// Options about the packets that prove a verdict.
#[derive(Debug, Args)]
pub(crate) struct Evidence {
    /// Write the packets that prove the verdicts, each with a comment, as pcapng for Wireshark
    ///
    /// One file where the name ends in .pcapng, else a folder with a file for each connection or
    /// session. Only that of --connection N where it is given. The captures are read a second time.
    /// With --redact, addresses are pseudonyms and payload, link layers and tunnels are removed.
    #[arg(long, value_name = "DIR|FILE.pcapng")]
    pub(crate) write_evidence: Option<PathBuf>,

    /// How many packets of a connection are evidence
    #[arg(hide_short_help = true, long, value_enum, value_name = "AMOUNT", default_value_t = Kept::Minimal, requires = "write_evidence")]
    pub(crate) evidence: Kept,

    /// How much of each packet is kept
    #[arg(hide_short_help = true, long, value_enum, value_name = "PART", default_value_t = Snaplen::Packet, requires = "write_evidence")]
    pub(crate) evidence_snaplen: Snaplen,

    /// Put the TLS session secrets of these connections into the evidence: who has it can read them
    #[arg(hide_short_help = true, long, requires = "write_evidence", conflicts_with_all = ["redact", "redact_key"])]
    pub(crate) evidence_keys: bool,
}

/// How many packets are kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Kept {
    /// Handshake, heartbeat, ending and what the verdict cites; more where that alone would not prove it
    Minimal,
    /// Every packet of the connection
    Full,
}

/// How much of a packet is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Snaplen {
    /// All that was captured
    Packet,
    /// Headers without payload
    Headers,
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
