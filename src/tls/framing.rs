//! Records over chunks of a stream: split anywhere, several in one, with holes between them.

use super::record::{HEADER, MAX_BODY, NotARecord, Record, record_len};

/// Cuts a stream into records; at most one record is held.
#[derive(Debug, Default)]
pub(super) struct Framing {
    held: Vec<u8>,
    /// The held record was given, so that it makes room for the next one.
    given: bool,
    /// Bytes still to come of a record that a hole damaged, and its whole length.
    damaged: Option<(usize, usize)>,
}

/// What comes next in a stream.
#[derive(Debug)]
pub(super) enum Step<'a> {
    /// A record.
    Record(Record<'a>),
    /// A record that lies partly in a hole, with its length.
    Damaged(usize),
    /// More bytes are needed.
    More,
    /// The bytes from here on are no record.
    NotARecord,
}

impl Framing {
    /// The next record of the stream that goes on with `input`, which is advanced.
    pub(super) fn next<'a, 'b: 'a>(&'a mut self, input: &mut &'b [u8]) -> Step<'a> {
        if std::mem::take(&mut self.given) {
            self.held.clear();
        }
        if let Some((left, len)) = self.damaged {
            return self.pass_damaged(left, len, input);
        }
        if self.held.is_empty()
            && let Some(header) = input.first_chunk()
        {
            match record_len(header) {
                Ok(len) if len <= input.len() => {
                    let (record, rest) = input.split_at(len);
                    *input = rest;
                    return Record::whole(record).map_or(Step::NotARecord, Step::Record);
                }
                Ok(_) => {}
                Err(NotARecord) => return Step::NotARecord,
            }
        }
        self.hold(input)
    }

    /// Goes over a hole of `bytes` bytes; `Err` with the bytes passed over where no next header is known.
    pub(super) fn gap(&mut self, bytes: u64) -> Result<(), u64> {
        let held = if self.given { 0 } else { self.held.len() };
        let (left, len) = match (self.damaged, self.held_len()) {
            (Some(damaged), _) => damaged,
            (None, Some(len)) if held > 0 => (len.saturating_sub(held), len),
            (None, _) => return Err(bytes.saturating_add(held as u64)),
        };
        match u64::try_from(left).unwrap_or_default().checked_sub(bytes) {
            Some(left) => {
                self.damaged = Some((left as usize, len));
                self.held.clear();
                self.given = false;
                Ok(())
            }
            // The bytes of this record, and those of the hole behind it.
            None => Err(bytes.saturating_add((len - left) as u64)),
        }
    }

    fn pass_damaged(&mut self, left: usize, len: usize, input: &mut &[u8]) -> Step<'static> {
        let here = left.min(input.len());
        *input = &input[here..];
        if here < left {
            self.damaged = Some((left - here, len));
            return Step::More;
        }
        self.damaged = None;
        Step::Damaged(len)
    }

    fn hold(&mut self, input: &mut &[u8]) -> Step<'_> {
        self.take(HEADER, input);
        match self.held.first_chunk().map(record_len) {
            None => Step::More,
            Some(Err(NotARecord)) => Step::NotARecord,
            Some(Ok(len)) => {
                self.take(len, input);
                if self.held.len() < len {
                    return Step::More;
                }
                self.given = true;
                Record::whole(&self.held).map_or(Step::NotARecord, Step::Record)
            }
        }
    }

    /// Holds bytes of `input` until there are `len`.
    fn take(&mut self, len: usize, input: &mut &[u8]) {
        let (now, rest) = input.split_at(len.saturating_sub(self.held.len()).min(input.len()));
        self.held.extend_from_slice(now);
        *input = rest;
    }

    /// The length of the record whose header is held.
    fn held_len(&self) -> Option<usize> {
        self.held.first_chunk().and_then(|header| record_len(header).ok())
    }
}

/// Bytes held while the next record is looked for: two of the longest.
const MAX_SEARCH: usize = 2 * (HEADER + MAX_BODY);

/// The search for a record's beginning behind a hole: only a record that opens is believed.
#[derive(Debug, Default)]
pub(super) struct Search {
    held: Vec<u8>,
    /// Everything before this was tried.
    tried: usize,
    /// Bytes passed over before those held.
    pub(super) passed: u64,
}

impl Search {
    /// A search that begins behind `passed` bytes of which nothing is known.
    pub(super) const fn new(passed: u64) -> Self {
        Self { held: Vec::new(), tried: 0, passed }
    }

    /// Takes further bytes; `open` tells whether it can open a record at that many bytes passed.
    ///
    /// Gives the bytes behind the record that was opened.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        open: &mut impl FnMut(&Record<'_>, u64) -> bool,
    ) -> Option<Vec<u8>> {
        self.held.extend_from_slice(bytes);
        let mut waiting = None;
        let mut at = self.tried;
        while let Some(header) = self.held.get(at..).and_then(<[u8]>::first_chunk) {
            match record_len(header).map(|len| self.held.get(at..at + len)) {
                Ok(Some(record)) => {
                    let passed = self.passed + at as u64;
                    if Record::whole(record).is_some_and(|record| open(&record, passed)) {
                        return Some(self.held.split_off(at + record.len()));
                    }
                }
                Ok(None) => {
                    waiting.get_or_insert(at);
                }
                Err(NotARecord) => {}
            }
            at += 1;
        }
        self.tried = waiting.unwrap_or(at);
        self.forget();
        None
    }

    /// Goes over a further hole.
    pub(super) fn gap(&mut self, bytes: u64) {
        self.passed = self.passed.saturating_add(bytes).saturating_add(self.held.len() as u64);
        self.held.clear();
        self.tried = 0;
    }

    /// Lets go of bytes that are of no use any more.
    fn forget(&mut self) {
        let excess = self.held.len().saturating_sub(MAX_SEARCH).max(self.tried.min(self.held.len()));
        self.held.drain(..excess);
        self.tried = self.tried.saturating_sub(excess);
        self.passed = self.passed.saturating_add(excess as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u8, body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![kind, 3, 3, 0, body.len() as u8];
        bytes.extend_from_slice(body);
        bytes
    }

    fn bodies(framing: &mut Framing, mut input: &[u8]) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        loop {
            match framing.next(&mut input) {
                Step::Record(record) => found.push(record.body.to_vec()),
                Step::Damaged(len) => found.push(vec![0; len]),
                Step::More => return found,
                Step::NotARecord => panic!("no record"),
            }
        }
    }

    #[test]
    fn records_split_anywhere() {
        let stream = [record(22, b"one"), record(23, b""), record(23, b"three")].concat();
        let expected: Vec<Vec<u8>> = vec![b"one".into(), b"".into(), b"three".into()];
        for size in 1..=stream.len() {
            let mut framing = Framing::default();
            let found: Vec<_> = stream.chunks(size).flat_map(|chunk| bodies(&mut framing, chunk)).collect();
            assert_eq!(found, expected, "{size}");
        }
    }

    #[test]
    fn a_hole_within_a_record_damages_only_that_record() {
        let stream = [record(23, b"damaged"), record(23, b"next")].concat();
        let mut framing = Framing::default();
        assert!(bodies(&mut framing, &stream[..7]).is_empty());
        assert_eq!(framing.gap(4), Ok(()));
        assert_eq!(bodies(&mut framing, &stream[11..]), [vec![0; 12], b"next".to_vec()]);
    }

    #[test]
    fn a_hole_over_a_header_loses_the_framing() {
        let mut framing = Framing::default();
        assert!(bodies(&mut framing, &record(23, b"cut")[..6]).is_empty());
        assert_eq!(framing.gap(100), Err(106));
        assert_eq!(Framing::default().gap(9), Err(9));
    }

    #[test]
    fn a_search_believes_only_what_opens() {
        let decoy = record(23, b"decoy");
        let stream = [b"xyz".to_vec(), decoy.clone(), record(23, b"right"), b"rest".to_vec()].concat();
        for size in 1..=stream.len() {
            let mut search = Search::new(50);
            let mut found = None;
            for chunk in stream.chunks(size) {
                match &mut found {
                    None => {
                        let mut open = |record: &Record<'_>, passed| {
                            let fits = record.body == b"right";
                            assert!(!fits || passed == 50 + 3 + decoy.len() as u64);
                            fits
                        };
                        found = search.push(chunk, &mut open);
                    }
                    Some(rest) => rest.extend_from_slice(chunk),
                }
            }
            assert_eq!(found.as_deref(), Some(&b"rest"[..]), "{size}");
        }
    }

    #[test]
    fn a_search_holds_little() {
        let mut search = Search::new(0);
        for _ in 0..100 {
            assert!(search.push(&[23, 3, 3, 0x40, 0].repeat(1000), &mut |_, _| false).is_none());
            assert!(search.held.len() <= MAX_SEARCH);
        }
    }
}
