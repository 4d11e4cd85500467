//! What was typed.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use whoclosed::analyze::{OpaqueTls, Options};
use whoclosed::limits::Limits;
use whoclosed::report::Timelines;
use whoclosed::report::terminal::TimeStyle;
use whoclosed::time::Span;

use crate::commands::Command;
use crate::fail_on::Trigger;
use crate::markdown::Markdown;
use crate::sharing::Sharing;

const LONG_ABOUT: &str = "\
Reads packet captures and tells, for each WebSocket in them, who closed it and why: client, server, \
something in between, or nobody yet. What the packets show and what is inferred from them are kept \
apart, each fact with its packet number, and what would settle an open question is named.";

const EXAMPLES: &str = "\
Examples:
  Take a capture, stop it with Ctrl-C once the connection is gone, and read it:
    tcpdump -i any -s 0 -w incident.pcap 'tcp port 8080'
    whoclosed incident.pcap

  Capture on another host for two minutes and read it here:
    ssh web1 'timeout 120 tcpdump -i eth0 -w - tcp port 8080' | whoclosed -

  Watch a host, and see each verdict when it falls:
    tcpdump -i any -s 0 --immediate-mode -U -w - tcp port 8080 | whoclosed --follow -

  One connection in detail, times counted from its first packet:
    whoclosed --connection 3 --time relative incident.pcap

  Who and why of each connection, for a script:
    whoclosed --format json incident.pcap |
      jq -r '.connections[] | [.id, .verdict.party, .verdict.cause] | @tsv'

  wss: let the client or server write its TLS session secrets, and read with them:
    SSLKEYLOGFILE=keys.log chromium
    whoclosed --keylog keys.log incident.pcap

  What to type for the next capture, so that it settles what this one could not:
    whoclosed capture-help proxy

  In a test run: fail where something between the ends cut a WebSocket, or a Close says 1011:
    whoclosed --fail-on intermediary,injector,1011 test-run.pcap

  What a Close code, a cause, a timer or a rule of a verdict means:
    whoclosed explain 1006
    whoclosed explain nginx-proxy-read-timeout

  Colours in a pager:
    whoclosed --color always incident.pcap | less -R

Reading the table:
  Pings answered   WebSocket pings of both sides that got their pong
  Max idle         the longest time without a WebSocket frame
  How it ended     what the packets show: the side whose address sent the first end act
  Verdict          what is inferred: the party, the cause, and how sure that is

Exit status:
  0  the report was written
  1  something could not be read or written; what could be is reported
  2  the command line is wrong
  3  a connection matched --fail-on";

/// Record numbers that can be searched: what a core tries in hours.
const MOST_NUMBERS: u64 = 1_000_000_000_000;

/// Tells who closed each WebSocket in a packet capture, and why
#[derive(Debug, Parser)]
#[command(version, about, long_about = LONG_ABOUT, after_long_help = EXAMPLES, max_term_width = 100)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true
)]
#[command(subcommand_value_name = "COMMAND")]
pub(crate) struct Args {
    /// What to do instead of reading captures; a file of such a name is ./NAME
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// Captures to read (pcap or pcapng), folders of them, `-` for standard input
    ///
    /// Of a folder, all captures in it are read, those in folders within it are not; a quoted pattern
    /// such as `'ring/*.pcap*'` stands for the files that match. The format is recognised by content,
    /// not by name. Parts of a rotated capture, whose names differ in digits only, are read as
    /// one, in any order given, and packets that two of them hold count once. With several files,
    /// packets are named with the file's place in the report's list: `[1] #12` is the 12th packet of the second.
    #[arg(value_name = "FILES", required = true)]
    pub(crate) files: Vec<PathBuf>,

    /// Read a capture that is still being written: tell each connection as it ends
    ///
    /// Half a second after its last packet, a connection with a FIN or RST is told on standard output:
    /// as text in a few lines, with `--format ndjson` as one line of JSON. Numbers are by first packet among
    /// the connections recognised until one of them ends, and stay; one recognised later has a higher
    /// number, even if it began before. The report follows at the end of the input or on Ctrl-C; it lists
    /// the newest 1,000 connections and counts all. `tcpdump --immediate-mode -U` hands packets over without delay.
    #[arg(long)]
    pub(crate) follow: bool,

    /// How to write the report
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,

    /// Write the report to this file; it appears only once it is complete
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Overwrite files that exist: the report and the evidence
    #[arg(hide_short_help = true, long)]
    pub(crate) force: bool,

    /// Read TLS with the session secrets in this file, as `SSLKEYLOGFILE` makes programs write it
    ///
    /// May be given several times; secrets inside a pcapng file are used without it. Of a TLS connection
    /// whose secrets are not known, what it shows without them is told (`--opaque-tls`); `whoclosed
    /// capture-help keys` tells how to get them.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) keylog: Vec<PathBuf>,

    /// Read also the key log that the environment variable `SSLKEYLOGFILE` names
    #[arg(hide_short_help = true, long)]
    pub(crate) keylog_env: bool,

    /// Search the record numbers of TLS sessions whose start is not in the capture up to N; 0: do not search
    ///
    /// Such a session is tried with the secrets of TLS 1.3 of every session in the key log, and with the
    /// numbers from 0 to N; millions of tries take a second. All searches together make at most 50,000
    /// times N tries. Behind a hole in the capture, the next number is searched likewise.
    #[arg(hide_short_help = true, long, value_name = "N", default_value_t = Limits::default().tls_search_numbers)]
    #[arg(value_parser = clap::value_parser!(u64).range(..=MOST_NUMBERS))]
    pub(crate) tls_search: u64,

    /// Which TLS connections to report that no secret opens
    ///
    /// Of these, packet times, record lengths, alerts, FIN and RST are told, and what they suggest. A likely
    /// one talks as a WebSocket does and HTTP does not: small records of both sides that need no request, or a
    /// heartbeat; its client offers no other protocol than HTTP/1.1. Others are counted.
    #[arg(hide_short_help = true, long, value_enum, value_name = "WHICH", default_value_t = Opaque::Likely)]
    pub(crate) opaque_tls: Opaque,

    /// Report only the connection with this number
    #[arg(short, long, value_name = "N")]
    pub(crate) connection: Option<u32>,

    /// Show the details of at most N connections, the worst ones; the table shows 200 or N
    #[arg(short, long, value_name = "N", default_value_t = 10)]
    pub(crate) limit: usize,

    /// Know the timers, Close codes and wordings in this file too, in the catalogue's format
    ///
    /// Its rows go before those that come with the program, and replace those with the same id. CONTRIBUTING.md
    /// and `src/catalogue/*.toml` show the format.
    #[arg(hide_short_help = true, long, value_name = "FILE")]
    pub(crate) catalogue: Option<PathBuf>,

    /// How to write times
    #[arg(short, long, value_enum, default_value_t = Time::Utc)]
    pub(crate) time: Time,

    /// List times without a WebSocket frame from this length on
    #[arg(hide_short_help = true, long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub(crate) idle_threshold: Span,

    /// Keep the query of request paths; it is removed by default, as it often holds tokens
    #[arg(long)]
    pub(crate) show_query: bool,

    /// Exit with 3 when a connection matches: parties, causes or close codes, separated by commas
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) fail_on: Vec<Trigger>,

    /// When to use colours; auto heeds `NO_COLOR` and `CLICOLOR_FORCE`
    #[arg(hide_short_help = true, long, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub(crate) color: Color,

    /// Columns to use, at least 60 [default: `COLUMNS`, else the terminal's width, else 100]
    #[arg(hide_short_help = true, long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(60..))]
    pub(crate) width: Option<u16>,

    /// Show no progress bar
    #[arg(hide_short_help = true, long)]
    pub(crate) no_progress: bool,

    /// Print nothing but the report: no progress and no error messages
    #[arg(short, long)]
    pub(crate) quiet: bool,

    // Last, as their headings hold for what follows.
    #[command(flatten)]
    pub(crate) markdown: Markdown,

    #[command(flatten)]
    pub(crate) sharing: Sharing,
}

impl Args {
    /// How captures are analysed.
    pub(crate) fn analysis(&self) -> Options {
        Options { idle_threshold: self.idle_threshold, opaque: self.opaque_tls.into(), ..Options::default() }
    }

    /// The connections whose timeline the report will show, or the evidence be chosen by.
    pub(crate) fn timelines(&self) -> Timelines {
        match (self.connection, self.format) {
            _ if self.sharing.evidence.write_evidence.is_some() => Timelines::All,
            (Some(id), _) => Timelines::Only(id),
            (None, Format::Text | Format::Html | Format::Markdown) => Timelines::Worst(self.limit),
            _ => Timelines::All,
        }
    }
}

/// A way to write the report.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// For a reader at a terminal
    #[value(alias = "terminal")]
    Text,
    /// For a ticket: Markdown that fits into a comment, the worst connections first
    Markdown,
    /// For programs: one JSON document, schema whoclosed/report/v1
    Json,
    /// For programs: a line of JSON for each connection as it ends, and one with the rest of the report
    Ndjson,
    /// For a browser: one file with pictures of what happened, which loads nothing
    Html,
    /// For spreadsheets: the table of connections (RFC 4180)
    Csv,
    /// For monitoring: counts in the `OpenMetrics` format, which Prometheus reads
    Openmetrics,
}

/// TLS connections that no secret opens.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Opaque {
    /// All
    All,
    /// Those that may be a WebSocket
    Likely,
    /// None; they are counted
    None,
}

impl From<Opaque> for OpaqueTls {
    fn from(opaque: Opaque) -> Self {
        match opaque {
            Opaque::All => Self::All,
            Opaque::Likely => Self::Likely,
            Opaque::None => Self::None,
        }
    }
}

/// A way to write times.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Time {
    /// UTC
    Utc,
    /// The time zone of this computer
    Local,
    /// Seconds since the connection's first packet
    Relative,
}

impl From<Time> for TimeStyle {
    fn from(time: Time) -> Self {
        match time {
            Time::Utc => Self::Utc,
            Time::Local => Self::Local,
            Time::Relative => Self::Relative,
        }
    }
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// A span from decimal seconds.
fn seconds(text: &str) -> Result<Span, String> {
    const LONGEST: f64 = 1e9;
    match text.parse::<f64>() {
        Ok(seconds) if (0.0..=LONGEST).contains(&seconds) => {
            Ok(Span::from_nanos((seconds * 1e9).round() as i64))
        }
        _ => Err("expected a number of seconds such as 10 or 0.5".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn seconds_may_have_decimals() {
        assert_eq!(seconds("0.5"), Ok(Span::from_millis(500)));
        assert_eq!(seconds("10"), Ok(Span::from_secs(10)));
        for wrong in ["", "-1", "NaN", "inf", "1e10", "10s"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
