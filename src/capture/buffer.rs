//! A bounded read buffer that grows only as bytes really arrive.

use std::io::{ErrorKind, Read};

use crate::limits::Limits;

use super::stop::Stop;

/// The unread part of an input: `bytes[start..end]`, with `start <= end <= bytes.len()`.
pub(super) struct Buffer {
    input: Box<dyn Read + Send>,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// Most bytes asked for at once: a buffer that has grown stays hot at its beginning.
    step: usize,
    limit: usize,
    read: u64,
}

impl Buffer {
    /// An empty buffer over `input`.
    pub(super) fn new(input: Box<dyn Read + Send>, limits: &Limits) -> Self {
        let step = limits.capture_buffer.max(64);
        Self { input, bytes: vec![0; step], start: 0, end: 0, step, limit: limits.capture_block, read: 0 }
    }

    /// The bytes read but not yet taken.
    #[inline]
    pub(super) fn filled(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// The `len` bytes at buffer position `start`; those of a record taken since the last refill.
    #[inline]
    pub(super) fn at(&self, start: usize, len: usize) -> &[u8] {
        self.bytes.get(start..start.saturating_add(len)).unwrap_or_default()
    }

    /// The bytes read but not yet taken, and the input that the next ones come from.
    pub(super) fn into_parts(self) -> (Vec<u8>, Box<dyn Read + Send>) {
        (self.filled().to_vec(), self.input)
    }

    /// Offset in the input of the first byte not yet taken.
    pub(super) fn offset(&self) -> u64 {
        self.read.saturating_sub(self.filled().len() as u64)
    }

    /// Takes the next `len` bytes and returns their position; they stay until the next refill.
    #[inline]
    pub(super) fn take(&mut self, len: usize) -> usize {
        let start = self.start;
        self.start = start.saturating_add(len).min(self.end);
        start
    }

    /// Makes sure that `needed` bytes are there; [`Stop::End`] if the input ended before the first.
    #[inline]
    pub(super) fn require(&mut self, needed: usize) -> Result<(), Stop> {
        self.require_for("the record", needed)
    }

    /// Like [`require`](Self::require), for something with a name.
    #[inline]
    pub(super) fn require_for(&mut self, what: &'static str, needed: usize) -> Result<(), Stop> {
        if self.end - self.start >= needed { Ok(()) } else { self.fill(what, needed) }
    }

    /// Reads until `needed` bytes are there.
    #[cold]
    fn fill(&mut self, what: &'static str, needed: usize) -> Result<(), Stop> {
        self.compact();
        while self.end < needed {
            match self.read_once() {
                Ok(0) if self.end == 0 => return Err(Stop::End),
                Ok(0) => return Err(Stop::Cut { what, needed, found: self.end }),
                Ok(_) => {}
                Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
                Err(cause) => return Err(Stop::Io(cause)),
            }
        }
        Ok(())
    }

    /// Moves the unread bytes to the beginning.
    fn compact(&mut self) {
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
    }

    /// Reads what one call gives, into a buffer made larger where the last one is full.
    fn read_once(&mut self) -> std::io::Result<usize> {
        if self.end == self.bytes.len() {
            let doubled = self.bytes.len().saturating_mul(2);
            self.bytes.resize(doubled.min(self.limit).max(self.end.saturating_add(1)), 0);
        }
        let upto = self.bytes.len().min(self.end.saturating_add(self.step));
        let room = self.bytes.get_mut(self.end..upto).unwrap_or_default();
        let got = self.input.read(room)?.min(room.len());
        self.end += got;
        self.read = self.read.saturating_add(got as u64);
        Ok(got)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small first buffer and a small bound.
    fn small() -> Limits {
        Limits { capture_buffer: 64, capture_block: 1024, ..Limits::default() }
    }

    fn buffer_over(bytes: Vec<u8>) -> Buffer {
        Buffer::new(Box::new(std::io::Cursor::new(bytes)), &small())
    }

    #[test]
    fn taken_bytes_stay_until_the_refill() {
        let mut buffer = buffer_over((0..100).collect());
        buffer.require(10).unwrap();
        let start = buffer.take(10);
        assert_eq!(buffer.at(start, 3), &[0, 1, 2]);
        assert_eq!(buffer.offset(), 10);
        buffer.require(90).unwrap();
        assert_eq!(buffer.filled().first(), Some(&10));
        assert_eq!(buffer.read, 100);
    }

    #[test]
    fn grows_to_what_arrives_and_not_to_what_is_asked_for() {
        let mut buffer = buffer_over(vec![7; 200]);
        assert!(matches!(buffer.require(1000), Err(Stop::Cut { needed: 1000, found: 200, .. })));
        assert_eq!(buffer.bytes.len(), 256);
    }

    #[test]
    fn an_empty_rest_is_the_end() {
        let mut buffer = buffer_over(vec![1, 2]);
        buffer.require(2).unwrap();
        buffer.take(2);
        assert!(matches!(buffer.require(1), Err(Stop::End)));
    }

    #[test]
    fn interrupted_reads_are_repeated() {
        struct Interrupted(u8);
        impl Read for Interrupted {
            fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
                self.0 += 1;
                match self.0 {
                    1 => Err(ErrorKind::Interrupted.into()),
                    2 => Ok(into.first_mut().map(|byte| *byte = 9).map_or(0, |()| 1)),
                    _ => Err(ErrorKind::BrokenPipe.into()),
                }
            }
        }
        let mut buffer = Buffer::new(Box::new(Interrupted(0)), &small());
        buffer.require(1).unwrap();
        assert_eq!(buffer.filled(), &[9]);
        assert!(matches!(buffer.require(2), Err(Stop::Io(cause)) if cause.kind() == ErrorKind::BrokenPipe));
    }
}
