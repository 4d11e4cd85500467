//! What is read, counted, and decompressed where it is compressed.

use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::limits::Limits;

use super::buffer::Buffer;
use super::compressed::Decompressor;
use super::error::CaptureError;
use super::recognise::{self, Recognised};
use super::stop::Stop;
use super::summary::Compression;

/// Compressions that are taken off one file: servers that compress do not ask whether it is done already.
const MOST_LAYERS: usize = 2;

/// An input whose format is known.
pub(super) struct Input {
    /// Its bytes, decompressed.
    pub(super) buffer: Buffer,
    pub(super) recognised: Recognised,
    /// Its outermost compression.
    pub(super) compression: Compression,
    /// Bytes read from the file itself.
    pub(super) file_bytes: Arc<AtomicU64>,
    /// What messages call the bytes in the buffer.
    pub(super) label: String,
}

impl Input {
    /// Reads enough to tell the format, through the compressions around it.
    pub(super) fn open(
        input: Box<dyn Read + Send>,
        name: &str,
        limits: &Limits,
    ) -> Result<Self, CaptureError> {
        let file_bytes = Arc::new(AtomicU64::new(0));
        let counted = Counted { input, bytes: Arc::clone(&file_bytes) };
        let mut opened = Self {
            buffer: Buffer::new(Box::new(counted), limits),
            recognised: Recognised::Unknown,
            compression: Compression::None,
            file_bytes,
            label: name.to_owned(),
        };
        opened.recognise(name, name.to_owned())?;
        for _ in 0..MOST_LAYERS {
            if matches!(opened.recognised, Recognised::Compressed(_)) {
                opened.decompress(name, limits)?;
            }
        }
        Ok(opened)
    }

    /// Takes one compression off.
    fn decompress(&mut self, name: &str, limits: &Limits) -> Result<(), CaptureError> {
        let empty = Buffer::new(Box::new(io::empty()), limits);
        let (start, rest) = std::mem::replace(&mut self.buffer, empty).into_parts();
        let decompressor = Decompressor::open(Box::new(Cursor::new(start).chain(rest)), limits)
            .map_err(|cause| self.failed(cause))?;
        if self.compression == Compression::None {
            self.compression = decompressor.method();
        }
        self.buffer = Buffer::new(Box::new(decompressor), limits);
        self.recognise(name, format!("{name}, decompressed"))
    }

    /// Tells the format of what is in the buffer, and calls that by a name.
    fn recognise(&mut self, name: &str, label: String) -> Result<(), CaptureError> {
        self.recognised = match self.buffer.require(recognise::NEEDED) {
            Ok(()) | Err(Stop::Cut { .. }) => {
                // Not all that was read: how much that is depends on the input's pieces.
                let start = self.buffer.filled();
                recognise::recognise(start.get(..recognise::NEEDED).unwrap_or(start), name)
            }
            Err(Stop::Io(cause)) => return Err(self.failed(cause)),
            Err(Stop::End | Stop::Corrupt(_)) => return Err(CaptureError::Empty { name: label }),
        };
        self.label = label;
        Ok(())
    }

    /// The error for a read that failed before the format was known.
    fn failed(&self, cause: io::Error) -> CaptureError {
        CaptureError::reading(&self.label, self.recognised, self.buffer.offset(), cause)
    }
}

/// Counts what is read.
struct Counted {
    input: Box<dyn Read + Send>,
    bytes: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let got = self.input.read(into)?;
        self.bytes.fetch_add(got as u64, Ordering::Relaxed);
        Ok(got)
    }
}
