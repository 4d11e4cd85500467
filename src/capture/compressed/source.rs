//! The compressed bytes, read ahead in small pieces, and how their reading ended.

use std::io::{self, BufRead, ErrorKind, Read};

/// Bytes read ahead.
const AHEAD: usize = 64 * 1024;

/// An input that can be looked at before it is read, and that remembers its end and its failure.
pub(super) struct Source {
    input: Box<dyn Read + Send>,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// Bytes read from the input.
    read: u64,
    ended: bool,
    failure: Option<io::Error>,
}

impl Source {
    pub(super) fn new(input: Box<dyn Read + Send>) -> Self {
        Self { input, bytes: vec![0; AHEAD], start: 0, end: 0, read: 0, ended: false, failure: None }
    }

    /// Whether something wanted more bytes than there were.
    pub(super) const fn has_ended(&self) -> bool {
        self.ended
    }

    /// What went wrong with the input itself, if that is what stopped its reader.
    pub(super) const fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// Offset in the input of the next byte.
    pub(super) fn offset(&self) -> u64 {
        self.read.saturating_sub(self.ready().len() as u64)
    }

    /// The next bytes: at least `len` of them, or all that are left.
    pub(super) fn peek(&mut self, len: usize) -> io::Result<&[u8]> {
        if self.ready().len() < len {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        while self.end < len.min(AHEAD) && self.refill()? > 0 {}
        Ok(self.ready())
    }

    /// Passes over `len` bytes.
    pub(super) fn skip(&mut self, mut len: u64) -> io::Result<()> {
        while len > 0 {
            let ready = self.fill_buf()?.len();
            if ready == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let passed = usize::try_from(len).map_or(ready, |len| len.min(ready));
            self.consume(passed);
            len -= passed as u64;
        }
        Ok(())
    }

    fn ready(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// Fills the room behind the bytes that are ready.
    ///
    /// To the end, so that what a decoder makes of damaged data does not depend on the input's pieces.
    fn refill(&mut self) -> io::Result<usize> {
        let before = self.end;
        while self.failure.is_none() && self.end < self.bytes.len() {
            let room = self.bytes.get_mut(self.end..).unwrap_or_default();
            match self.input.read(room) {
                Ok(0) => break,
                Ok(got) => self.end += got.min(room.len()),
                Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
                Err(cause) => {
                    self.failure = Some(cause);
                }
            }
        }
        let got = self.end - before;
        self.read += got as u64;
        if got > 0 {
            return Ok(got);
        }
        match &self.failure {
            Some(cause) => Err(cause.kind().into()),
            None => {
                self.ended = true;
                Ok(0)
            }
        }
    }
}

impl BufRead for Source {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            self.refill()?;
        }
        Ok(self.ready())
    }

    fn consume(&mut self, amount: usize) {
        self.start = self.start.saturating_add(amount).min(self.end);
    }
}

impl Read for Source {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        let got = self.fill_buf()?.read(into)?;
        self.consume(got);
        Ok(got)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::testing::Pieces;

    #[test]
    fn peeking_gathers_and_takes_nothing() {
        let mut source = Source::new(Box::new(Pieces::new(b"abcdefgh", &[1, 2])));
        assert_eq!(source.peek(4).unwrap().get(..4), Some(b"abcd".as_slice()));
        let mut two = [0; 2];
        source.read_exact(&mut two).unwrap();
        assert_eq!((&two, source.offset(), source.has_ended()), (b"ab", 2, false));
        source.skip(3).unwrap();
        assert_eq!(source.peek(9).unwrap(), b"fgh");
        assert!(source.has_ended());
        assert!(source.skip(4).is_err());
        assert_eq!(source.offset(), 8);
    }
}
