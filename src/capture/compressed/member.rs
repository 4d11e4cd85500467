//! One stream of a compressed file: a gzip member, a zstd or lz4 frame, a bzip2 or xz stream.

use std::io::{self, Read};

use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;
use lz4_flex::frame::FrameDecoder;
use lzma_rust2::XzReader;

use crate::capture::summary::Compression;
use crate::limits::Limits;

use super::source::Source;
use super::zstd;

/// A stream being decompressed.
pub(super) enum Member {
    Gzip(GzDecoder<Source>),
    Zstd(Box<zstd::Frame>),
    Lz4(FrameDecoder<Source>),
    Bzip2(BzDecoder<Source>),
    Xz(Box<XzReader<Source>>),
}

impl Member {
    /// The stream that `source` begins with; `None` where nothing is compressed.
    pub(super) fn begin(method: Compression, source: Source, limits: &Limits) -> Option<Self> {
        let window = limits.decompression_window;
        // What a decoder needs beside its dictionary comes on top.
        let xz_kib = u32::try_from(window / 1024).map_or(u32::MAX, |kib| kib.saturating_add(1024));
        Some(match method {
            Compression::None => return None,
            Compression::Gzip => Self::Gzip(GzDecoder::new(source)),
            Compression::Zstd => Self::Zstd(Box::new(zstd::Frame::new(source, window))),
            Compression::Lz4 => Self::Lz4(FrameDecoder::new(source)),
            Compression::Bzip2 => Self::Bzip2(BzDecoder::new(source)),
            Compression::Xz => Self::Xz(Box::new(XzReader::new_mem_limit(source, false, xz_kib))),
        })
    }

    /// What it reads from.
    pub(super) fn source(&mut self) -> &mut Source {
        match self {
            Self::Gzip(decoder) => decoder.get_mut(),
            Self::Zstd(decoder) => &mut decoder.source,
            Self::Lz4(decoder) => decoder.get_mut(),
            Self::Bzip2(decoder) => decoder.get_mut(),
            Self::Xz(decoder) => decoder.inner_mut(),
        }
    }

    /// What it read from, to go on behind it.
    pub(super) fn into_source(self) -> Source {
        match self {
            Self::Gzip(decoder) => decoder.into_inner(),
            Self::Zstd(decoder) => decoder.source,
            Self::Lz4(decoder) => decoder.into_inner(),
            Self::Bzip2(decoder) => decoder.into_inner(),
            Self::Xz(decoder) => decoder.into_inner(),
        }
    }
}

impl Read for Member {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Gzip(decoder) => decoder.read(into),
            Self::Zstd(decoder) => decoder.read(into),
            Self::Lz4(decoder) => decoder.read(into),
            Self::Bzip2(decoder) => decoder.read(into),
            Self::Xz(decoder) => decoder.read(into),
        }
    }
}
