//! One side of a session: its records, its keys, and what is missing of them.

use std::collections::VecDeque;

use super::epoch::{Epoch, NEAR, Opened, Span, Stage};
use super::framing::{Framing, Search};
use super::handshake::Messages;
use super::keylog::KeySource;
use super::record::{ContentType, HEADER, MAX_BODY, Record};
use super::search::RecordSearch;
use crate::flow::Stamp;

/// Bytes of the shortest protected record: a header and a tag.
const SHORTEST: u64 = 5 + 8;

/// Searches for the number of a record behind a hole until one succeeds.
const MOST_SEARCHES: u32 = 8;

/// Bytes of the longest record.
const LONGEST: u64 = (HEADER + MAX_BODY) as u64;

/// Records that fail one after another until reading is given up; early data that the server
/// rejected, and a handshake whose secrets were not logged, must pass.
const MOST_FAILURES: u32 = 64;

/// One side of a session.
#[derive(Debug, Default)]
pub(super) struct Direction {
    pub(super) framing: Framing,
    /// Where the next record begins is unknown.
    pub(super) search: Option<Search>,
    pub(super) messages: Messages,
    pub(super) current: Option<Epoch>,
    pub(super) next: VecDeque<Epoch>,
    /// Bytes passed over since the last record that was opened, and where that began.
    hole: Option<(u64, Stamp)>,
    failures: u32,
    /// Searches since a record was opened.
    searches: u32,
    /// Nothing tells how many records are before those seen.
    is_unnumbered: bool,
    /// What follows is under keys that are not known yet.
    pub(super) is_sealed: bool,
    has_opened: bool,
}

/// The content of a record that was opened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Content {
    pub(super) kind: ContentType,
    pub(super) stage: Stage,
    pub(super) source: KeySource,
    /// Application data is missing before it: this many bytes, where that is certain.
    pub(super) hole: Option<Option<u64>>,
    /// Its number, where it was searched as the beginning is not in the capture.
    pub(super) number: Option<u64>,
}

impl Direction {
    /// Whether keys are known, so that a record can be told from other bytes.
    pub(super) fn has_keys(&self) -> bool {
        self.current.is_some() || !self.next.is_empty()
    }

    /// Goes on with the next keys.
    pub(super) fn promote(&mut self) {
        self.current = self.next.pop_front();
        self.messages.renew();
    }

    /// The stage of the current keys.
    pub(super) fn stage(&self) -> Option<Stage> {
        self.current.as_ref().map(|epoch| epoch.stage)
    }

    /// Bytes of the stream were passed over.
    pub(super) fn pass(&mut self, bytes: u64, at: Stamp) {
        let (passed, first) = self.hole.unwrap_or((0, at));
        self.hole = Some((passed.saturating_add(bytes), first));
    }

    /// From here on the keys of `epochs` hold, one after the other, and the number of the next record
    /// is not known.
    pub(super) fn join(&mut self, epochs: VecDeque<Epoch>) {
        self.next = epochs;
        self.is_unnumbered = true;
        self.promote();
    }

    /// Opens a record that comes after the bytes passed over and `passed` more.
    pub(super) fn open(
        &mut self,
        record: &Record<'_>,
        passed: u64,
        search: &RecordSearch,
        tries: &mut u64,
        out: &mut Vec<u8>,
    ) -> Option<Content> {
        let wire = self.hole.map_or(0, |(bytes, _)| bytes).saturating_add(passed);
        let span = self.span(wire, search);
        let (opened, hole) = self.open_current(record, wire, span, search, tries, out).or_else(|| {
            let is_first = self.current.is_none();
            let opened = self.open_next(record, Span { fewest: 0, ..span }, search, tries, out)?;
            // The first protected record of a handshake of TLS 1.2 is its Finished (RFC 5246 §7.4.9).
            let is_tls12 = self.current.as_ref().is_some_and(Epoch::is_tls12);
            let harmless = u64::from(is_first && is_tls12);
            Some((opened, (opened.skipped > harmless).then_some(None)))
        })?;
        let found = std::mem::take(&mut self.is_unnumbered);
        self.hole = None;
        (self.failures, self.searches) = (0, 0);
        self.has_opened = true;
        let stage = self.stage()?;
        // Before the first record seen there is no hole: that is where the capture begins.
        let hole = hole.filter(|_| stage == Stage::Application && !found);
        let number = self
            .current
            .as_ref()
            .map(|epoch| epoch.number() - 1)
            .filter(|_| found && stage == Stage::Application);
        if found && stage == Stage::Application {
            // Keys of a later generation were candidates only.
            self.next.clear();
        }
        Some(Content { kind: opened.kind, stage, source: opened.source, hole, number })
    }

    /// The records that may be missing where `wire` bytes are.
    fn span(&mut self, wire: u64, search: &RecordSearch) -> Span {
        let span = if self.is_unnumbered {
            Span { fewest: 0, most: search.numbers() }
        } else {
            // The bytes passed over may begin and end within a record.
            Span { fewest: (wire / LONGEST).saturating_sub(1), most: wire / SHORTEST }
        };
        if span.most <= NEAR {
            return span;
        }
        self.searches += 1;
        if self.searches <= MOST_SEARCHES { span } else { Span { fewest: 0, most: NEAR } }
    }

    /// Notes a record that did not open; tells whether to go on.
    pub(super) fn fail(&mut self, record: &Record<'_>, at: Stamp) -> bool {
        self.failures += 1;
        // What fails before anything opened is under other keys and takes no number of these.
        if self.has_opened {
            self.pass(record.wire_len() as u64, at);
        }
        self.failures <= MOST_FAILURES
    }

    /// Whether any record was opened.
    pub(super) const fn has_opened(&self) -> bool {
        self.has_opened
    }

    /// Where bytes were passed over after which nothing was opened.
    pub(super) fn unfinished(&self) -> Option<Stamp> {
        self.hole.map(|(_, at)| at)
    }

    fn open_current(
        &mut self,
        record: &Record<'_>,
        wire: u64,
        span: Span,
        search: &RecordSearch,
        tries: &mut u64,
        out: &mut Vec<u8>,
    ) -> Option<(Opened, Option<Option<u64>>)> {
        let opened = self.current.as_mut()?.open(record, span, search, tries, out)?;
        let known = opened.overhead.and_then(|overhead| wire.checked_sub(opened.skipped * overhead));
        Some((opened, (opened.skipped > 0).then_some(known)))
    }

    /// Tries the keys after the current ones: those that are waiting, or those of a `KeyUpdate` in a hole.
    fn open_next(
        &mut self,
        record: &Record<'_>,
        span: Span,
        search: &RecordSearch,
        tries: &mut u64,
        out: &mut Vec<u8>,
    ) -> Option<Opened> {
        for index in 0..self.next.len() {
            if let Some(opened) = self.next[index].open(record, span, search, tries, out) {
                self.next.drain(..index);
                self.promote();
                return Some(opened);
            }
        }
        if span.most == 0 || !self.next.is_empty() {
            return None;
        }
        let mut updated = self.current.as_ref()?.updated()?;
        let opened = updated.open(record, span, search, tries, out)?;
        self.current = Some(updated);
        self.messages.renew();
        Some(Opened { skipped: opened.skipped + 1, ..opened })
    }
}
