//! Captures that are still being written: each verdict is told as soon as it can be given.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Error, Result};
use whoclosed::analyze::{Analyzer, Options};
use whoclosed::capture::{Capture, CaptureError, CaptureSummary, Compression};
use whoclosed::catalogue::Catalogue;
use whoclosed::report::view::Connection;
use whoclosed::report::{Contents, Running, Timelines, View};
use whoclosed::time::{Span, Timestamp};
use whoclosed::tls::KeySource;

use crate::args::Args;
use crate::input::{Input, lost};
use crate::keys::Keys;
use crate::live::{Interrupt, Live};

/// How long a connection is quiet before it is told: late packets come within a few round trips.
const QUIET: Span = Span::from_millis(500);

/// A packet that is at most this old when it arrives was stamped by this computer's clock.
const FRESH: i64 = 5_000_000_000;

/// Reads the captures as they grow; `tell` is given each connection that ended.
///
/// It stops early where `tell` fails, which is told beside what was read and the numbers of the
/// connections in the report that were not given to `tell`.
pub(crate) fn analyze(
    args: &Args,
    catalogue: Option<&Catalogue>,
    tell: &mut dyn FnMut(&Connection) -> Result<()>,
) -> (Input, Vec<u32>, Option<Error>) {
    let options = Options { told_after: Some(QUIET), ..args.analysis() };
    let Keys { log, mut errors, warnings } = Keys::read(args, &options.limits);
    let contents = Contents { show_query: args.show_query, timelines: Timelines::All };
    let mut analyzer = Analyzer::new(options);
    *analyzer.keys_mut() = log;
    if let Some(catalogue) = catalogue {
        analyzer.set_catalogue(catalogue.clone());
    }
    let running = Running::new(&options.limits, contents);
    let mut follower = Follower { options, analyzer, running, captures: Vec::new(), tell };
    let failed = follower.run(args, &mut errors).err();
    let (view, untold) = follower.finish();
    (Input { view, errors, warnings }, untold, failed)
}

struct Follower<'a> {
    options: Options,
    analyzer: Analyzer,
    running: Running,
    captures: Vec<CaptureSummary>,
    tell: &'a mut dyn FnMut(&Connection) -> Result<()>,
}

impl Follower<'_> {
    fn run(&mut self, args: &Args, errors: &mut Vec<Error>) -> Result<()> {
        let interrupt = Interrupt::install().context("Ctrl-C cannot be caught")?;
        for path in &args.files {
            if interrupt.is_wanted() {
                return Ok(());
            }
            match self.open(path, &interrupt) {
                Ok(capture) => {
                    self.analyzer.end_capture();
                    self.read(capture, errors)?;
                }
                Err(error) => errors.push(error),
            }
        }
        Ok(())
    }

    fn open(&self, path: &Path, interrupt: &Interrupt) -> Result<Capture> {
        let name = path.display().to_string();
        let input: Box<dyn Read + Send> = if name == "-" {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(path).with_context(|| name.clone())?)
        };
        let (live, hurries) = Live::start(input, interrupt.clone()).with_context(|| name.clone())?;
        let file = self.captures.len() as u32;
        let capture = Capture::open(Box::new(live), name, file, &self.options.limits)?;
        let is_plain = capture.summary().compression == Compression::None;
        hurries.store(is_plain, Ordering::Relaxed);
        Ok(capture)
    }

    /// Gives every packet of one capture to the analyzer, and lets time pass where none comes.
    fn read(&mut self, mut capture: Capture, errors: &mut Vec<Error>) -> Result<()> {
        let mut pause = Pause::default();
        let told = loop {
            if capture.has_secrets() {
                for secrets in capture.take_secrets() {
                    self.analyzer.keys_mut().read(secrets.key_log(), KeySource::Dsb);
                }
            }
            match capture.next() {
                Ok(Some(packet)) => {
                    pause.packet(packet.time);
                    self.analyzer.push(&packet);
                }
                Ok(None) => break Ok(()),
                Err(CaptureError::NotYet { .. }) => {
                    if let Some(now) = pause.now() {
                        self.analyzer.pass_time(now);
                    }
                }
                Err(error) => {
                    errors.push(error.into());
                    break Ok(());
                }
            }
            if self.analyzer.has_told()
                && let Err(error) = self.tell(capture.summary())
            {
                break Err(error);
            }
        };
        self.captures.push(capture.into_summary());
        told
    }

    fn tell(&mut self, newest: &CaptureSummary) -> Result<()> {
        let captures: Vec<_> = self.captures.iter().chain([newest]).collect();
        self.running.note_begun(self.analyzer.take_begun());
        for judged in self.analyzer.take_told() {
            let connection = self.running.add(judged, &captures);
            (self.tell)(&connection)?;
        }
        Ok(())
    }

    fn finish(mut self) -> (View, Vec<u32>) {
        self.analyzer.give_back(self.running.take_kept());
        self.analyzer.end_capture();
        self.analyzer.note_lost(&lost(&self.captures));
        self.running.note_begun(self.analyzer.take_begun());
        self.running.finish(self.analyzer.finish(), self.captures)
    }
}

/// What time it is in a capture while no packet comes.
#[derive(Default)]
struct Pause {
    /// The latest time of a packet.
    latest: Option<Timestamp>,
    /// When it was first noticed that nothing follows, and what time it was then.
    since: Option<(Instant, Timestamp)>,
}

impl Pause {
    fn packet(&mut self, time: Timestamp) {
        self.latest = Some(time);
        self.since = None;
    }

    /// The time in the capture now: packets are handed over late, so the computer's clock tells it
    /// where that clock stamped them.
    fn now(&mut self) -> Option<Timestamp> {
        let latest = self.latest?;
        let (since, then) = *self.since.get_or_insert_with(|| (Instant::now(), arrival(latest)));
        let waited = i64::try_from(since.elapsed().as_nanos()).unwrap_or(i64::MAX);
        Some(Timestamp::from_nanos(then.as_nanos().saturating_add(waited)))
    }
}

/// When a packet arrived, by the clock that stamped it.
fn arrival(stamped: Timestamp) -> Timestamp {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let clock = i64::try_from(clock.as_nanos()).unwrap_or(i64::MAX);
    let age = clock.saturating_sub(stamped.as_nanos());
    if (0..=FRESH).contains(&age) { Timestamp::from_nanos(clock) } else { stamped }
}

/// Writes to standard output at once, as each verdict is wanted when it falls.
pub(crate) fn print(text: &[u8]) -> Result<()> {
    let write = |out: &mut dyn Write| out.write_all(text).and_then(|()| out.flush());
    write(&mut io::stdout().lock()).context("standard output")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_from_the_last_packet_on() {
        let mut pause = Pause::default();
        assert_eq!(pause.now(), None);
        let old = Timestamp::from_nanos(1_000_000_000);
        pause.packet(old);
        let first = pause.now().unwrap();
        assert!(first >= old && first - old < Span::from_secs(10));
        assert!(pause.now().unwrap() >= first);
    }

    #[test]
    fn a_fresh_packet_is_as_old_as_this_clock_says() {
        let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as i64;
        let stamped = Timestamp::from_nanos(clock - 900_000_000);
        assert!(arrival(stamped) - stamped >= Span::from_millis(900));
        let ahead = Timestamp::from_nanos(clock + 60_000_000_000);
        assert_eq!(arrival(ahead), ahead);
    }
}
