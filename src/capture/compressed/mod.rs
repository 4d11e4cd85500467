//! Compressed captures: one stream after the other, as `cat a.gz b.gz` joins them, in constant memory.

pub(super) mod mark;
mod member;
mod source;
mod zstd;

use std::io::{self, ErrorKind, Read};

use crate::limits::Limits;

use super::summary::Compression;

use member::Member;
use source::Source;

/// The bytes of a compressed file.
///
/// Whatever is wrong with the compression is an error of kind [`UnexpectedEof`](ErrorKind::UnexpectedEof)
/// (cut short), [`InvalidData`](ErrorKind::InvalidData) (damaged) or [`Unsupported`](ErrorKind::Unsupported)
/// (needs too much memory), and says so in words; other kinds come from the input as they are.
pub(super) struct Decompressor {
    method: Option<Compression>,
    state: State,
    limits: Limits,
}

/// Bytes asked of a decoder at once.
const STEP: usize = 16 * 1024;

/// Where the reading stands.
enum State {
    /// In front of a stream, or at the end.
    Between(Source),
    /// In a stream.
    Inside(Box<Member>),
    /// It ended, well or not.
    Over,
}

/// What is to be done between two streams.
enum Step {
    /// The file is over.
    End,
    /// Bytes that say nothing.
    Skip(u64),
    /// A stream.
    Begin(Compression),
    /// The file ends within a mark.
    Cut,
    /// Something else.
    Other,
}

impl Decompressor {
    /// Begins with the first stream; what marks no stream, but may be skipped, is passed over.
    pub(super) fn open(input: Box<dyn Read + Send>, limits: &Limits) -> io::Result<Self> {
        let mut opened = Self { method: None, state: State::Over, limits: *limits };
        opened.state = opened.next_stream(Source::new(input))?;
        Ok(opened)
    }

    /// How the file is compressed.
    pub(super) fn method(&self) -> Compression {
        self.method.unwrap_or(Compression::Zstd)
    }

    /// Goes on to the next stream.
    fn next_stream(&mut self, mut source: Source) -> io::Result<State> {
        loop {
            let step = match source.peek(mark::LONGEST) {
                Ok(start) => self.step(start),
                Err(cause) => return Err(self.explain(&mut source, &cause)),
            };
            match step {
                Step::End => return Ok(State::Over),
                Step::Skip(len) => {
                    source.skip(len).map_err(|cause| self.explain(&mut source, &cause))?;
                }
                Step::Begin(method) => {
                    self.method = Some(method);
                    let member = Member::begin(method, source, &self.limits);
                    return Ok(member.map_or(State::Over, |member| State::Inside(Box::new(member))));
                }
                Step::Cut => return Err(self.cut(source.offset())),
                Step::Other => return Err(self.followed(source.offset())),
            }
        }
    }

    /// What bytes between two streams are; all streams must be of one kind.
    fn step(&self, start: &[u8]) -> Step {
        let method = mark::recognise(start).filter(|found| self.method.is_none_or(|known| known == *found));
        match start {
            [] => Step::End,
            // Tapes and xz fill up with zeros.
            [0, ..] => Step::Skip(1),
            _ => match (mark::skippable(start), method) {
                (Some(len), _) => Step::Skip(len),
                (None, Some(method)) => Step::Begin(method),
                (None, None) if mark::may_begin(self.method(), start) => Step::Cut,
                (None, None) => Step::Other,
            },
        }
    }

    /// Says what stopped a decoder.
    fn explain(&self, source: &mut Source, cause: &io::Error) -> io::Error {
        let (method, offset) = (self.method(), source.offset());
        if let Some(failure) = source.take_failure() {
            return failure;
        }
        if cause.kind() == ErrorKind::OutOfMemory {
            let most = self.limits.decompression_window >> 20;
            let reason = format!("its {method} data need more than {most} MiB of memory");
            return io::Error::new(ErrorKind::Unsupported, reason);
        }
        if source.has_ended() {
            return self.cut(offset);
        }
        let reason = format!("its {method} data are damaged at byte {offset} of the file");
        io::Error::new(ErrorKind::InvalidData, reason)
    }

    /// The error for an end within a stream.
    fn cut(&self, offset: u64) -> io::Error {
        let reason = format!("its {} data end too early, at byte {offset}", self.method());
        io::Error::new(ErrorKind::UnexpectedEof, reason)
    }

    /// The error for bytes that begin no further stream.
    fn followed(&self, offset: u64) -> io::Error {
        let method = self.method();
        let reason =
            format!("its {method} data end at byte {offset} of the file, but something else follows");
        io::Error::new(ErrorKind::InvalidData, reason)
    }

    /// Reads from the stream that is under way; nothing is its end.
    fn read_stream(&self, member: &mut Member, into: &mut [u8]) -> io::Result<usize> {
        match member.read(into) {
            // A decoder that met the end of the file was not yet at the end of its stream.
            Ok(0) if member.source().has_ended() => Err(self.cut(member.source().offset())),
            Ok(got) => Ok(got),
            Err(cause) => Err(self.explain(member.source(), &cause)),
        }
    }
}

impl Read for Decompressor {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        // A decoder that meets damage takes back what it made of the same call.
        let step = into.len().min(STEP);
        let into = into.get_mut(..step).unwrap_or_default();
        loop {
            match std::mem::replace(&mut self.state, State::Over) {
                State::Over => return Ok(0),
                State::Between(source) => self.state = self.next_stream(source)?,
                State::Inside(mut member) => match self.read_stream(&mut member, into)? {
                    0 => self.state = State::Between(member.into_source()),
                    got => {
                        self.state = State::Inside(member);
                        return Ok(got);
                    }
                },
            }
        }
    }
}
