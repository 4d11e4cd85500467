//! Captures and key logs, read.

use std::path::Path;

use anyhow::Error;
use whoclosed::analyze::{Analyzer, Options};
use whoclosed::capture::{Capture, CaptureSummary, Overlap, Planned, in_order};
use whoclosed::catalogue::Catalogue;
use whoclosed::limits::Limits;
use whoclosed::report::{Contents, View};
use whoclosed::tls::{KeyLog, KeySource};

use crate::args::Args;
use crate::keys::Keys;
use crate::progress::Progress;

/// Reads between two looks at the progress bar, of which each gives what is in memory.
const READS_PER_STEP: usize = 64;

/// What reading came to.
pub(crate) struct Input {
    pub(crate) view: View,
    /// What could not be read.
    pub(crate) errors: Vec<Error>,
    /// What was read with reservations.
    pub(crate) warnings: Vec<Error>,
}

/// Reads every capture that can be read.
pub(crate) fn analyze(args: &Args, catalogue: Option<&Catalogue>, progress: &Progress) -> Input {
    let options = args.analysis();
    let Keys { log, mut errors, warnings } = Keys::read(args, &options.limits);
    let _watching = progress.watch(log.search());
    let mut pass = Pass::new(options, log, catalogue);
    pass.run(args, progress);
    // Secrets may stand behind the packets that they open: then it takes a second reading.
    if pass.has_late_secrets && args.files.iter().all(|path| path != Path::new("-")) {
        let keys = pass.take_keys(&options.limits);
        pass = Pass::new(options, keys, catalogue);
        pass.run(args, progress);
    }
    errors.append(&mut pass.errors);
    let contents = Contents { show_query: args.show_query, timelines: args.timelines() };
    pass.note_lost();
    let view = View::new(pass.analyzer.finish(), pass.captures, contents);
    Input { view, errors, warnings }
}

/// One reading of all captures.
struct Pass {
    options: Options,
    analyzer: Analyzer,
    captures: Vec<CaptureSummary>,
    overlap: Overlap,
    errors: Vec<Error>,
    has_packets: bool,
    /// Secrets were found behind packets.
    has_late_secrets: bool,
}

impl Pass {
    fn new(options: Options, keys: KeyLog, catalogue: Option<&Catalogue>) -> Self {
        let mut analyzer = Analyzer::new(options);
        *analyzer.keys_mut() = keys;
        if let Some(catalogue) = catalogue {
            analyzer.set_catalogue(catalogue.clone());
        }
        Self {
            options,
            analyzer,
            captures: Vec::new(),
            overlap: Overlap::new(&options.limits),
            errors: Vec::new(),
            has_packets: false,
            has_late_secrets: false,
        }
    }

    fn run(&mut self, args: &Args, progress: &Progress) {
        let mut before: Option<Planned> = None;
        let mut plan = in_order(&args.files, &self.options.limits).into_iter().peekable();
        while let Some(planned) = plan.next() {
            let file = self.captures.len() as u32;
            let capture = match Capture::open_path(&planned.path, file, &self.options.limits) {
                Ok(capture) => capture,
                Err(error) => {
                    self.errors.push(error.into());
                    continue;
                }
            };
            if !self.continues(before.as_ref(), &planned) {
                self.analyzer.end_capture();
                self.overlap.forget();
            }
            let next = plan.peek().filter(|next| next.is_alike(&planned));
            self.overlap.begin(planned.first(), next.and_then(Planned::first));
            self.read(capture, progress);
            before = Some(planned);
        }
    }

    /// Whether a capture goes on where the one before ended, or earlier.
    fn continues(&self, before: Option<&Planned>, planned: &Planned) -> bool {
        let (Some(before), Some(last)) = (before, self.captures.last()) else { return false };
        planned.continues(before, last)
            || planned.is_alike(before) && self.overlap.holds_start_of(planned, &self.options.limits)
    }

    /// Gives every packet of one capture to the analyzer.
    fn read(&mut self, mut capture: Capture, progress: &Progress) {
        let mut read = 0;
        while self.step(&mut capture) {
            progress.advance(capture.bytes_read() - read);
            read = capture.bytes_read();
        }
        self.take_secrets(&mut capture);
        let mut summary = capture.into_summary();
        summary.overlapped(self.overlap.repeated(), self.overlap.is_full());
        self.captures.push(summary);
    }

    /// Takes some packets; `false` at the capture's end.
    fn step(&mut self, capture: &mut Capture) -> bool {
        for _ in 0..READS_PER_STEP {
            if capture.has_secrets() {
                self.take_secrets(capture);
            }
            let Self { overlap, analyzer, .. } = self;
            let read = capture.next_packets(|packets| {
                if overlap.is_expected() {
                    analyzer.push_all(packets.filter(|packet| !overlap.is_repeated(packet)));
                } else {
                    analyzer.push_all(packets);
                }
            });
            match read {
                Ok(true) => self.has_packets = true,
                Ok(false) => return false,
                Err(error) => {
                    self.errors.push(error.into());
                    return false;
                }
            }
        }
        true
    }

    fn take_secrets(&mut self, capture: &mut Capture) {
        for secrets in capture.take_secrets() {
            let reading = self.analyzer.keys_mut().read(secrets.key_log(), KeySource::Dsb);
            self.has_late_secrets |= reading.added > 0 && self.has_packets;
        }
    }

    /// What the captures lost is known once their ends were read.
    fn note_lost(&mut self) {
        self.analyzer.end_capture();
        self.analyzer.note_lost(&lost(&self.captures));
    }

    fn take_keys(&mut self, limits: &Limits) -> KeyLog {
        std::mem::replace(self.analyzer.keys_mut(), KeyLog::new(limits))
    }
}

/// Packets that each capture says that it lost.
pub(crate) fn lost(captures: &[CaptureSummary]) -> Vec<u64> {
    captures.iter().map(|capture| capture.dropped.unwrap_or_default()).collect()
}
