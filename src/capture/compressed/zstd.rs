//! One zstd frame.

use std::io::{self, ErrorKind, Read};

use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::source::Source;

/// A frame being decoded.
pub(super) struct Frame {
    pub(super) source: Source,
    decoder: FrameDecoder,
    begun: bool,
    failure: Option<io::Error>,
}

impl Frame {
    /// The frame that `source` begins with; its window may have `window` bytes.
    pub(super) fn new(source: Source, window: usize) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(window as u64);
        Self { source, decoder, begun: false, failure: None }
    }

    /// Gives up on the frame, but not on the bytes that the decoder holds back for references to them.
    fn fail(&mut self, error: &FrameDecoderError) {
        let kind = match error {
            FrameDecoderError::WindowSizeTooBig { .. } => ErrorKind::OutOfMemory,
            _ => ErrorKind::InvalidData,
        };
        self.failure = Some(kind.into());
        if self.begun {
            // The decoder lets them go at the end of a frame only.
            let _ = self.decoder.decode_blocks(LAST_BLOCK, BlockDecodingStrategy::UptoBlocks(1));
        }
    }

    /// Decodes until there is something to give, or the frame is over.
    fn advance(&mut self) -> Result<(), FrameDecoderError> {
        if !self.begun {
            self.decoder.init(&mut self.source)?;
            self.begun = true;
        }
        while !self.decoder.is_finished() && self.decoder.can_collect() == 0 {
            self.decoder.decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1))?;
        }
        Ok(())
    }

    /// Whether the checksum at the end, where there is one, is that of the bytes given.
    fn is_right(&self) -> bool {
        let stated = self.decoder.get_checksum_from_data();
        stated.is_none() || stated == self.decoder.get_calculated_checksum()
    }
}

impl Read for Frame {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.failure.is_none()
            && let Err(error) = self.advance()
        {
            self.fail(&error);
        }
        match self.decoder.read(into)? {
            0 => match self.failure.take() {
                Some(failure) => Err(failure),
                None if self.is_right() => Ok(0),
                None => Err(ErrorKind::InvalidData.into()),
            },
            got => Ok(got),
        }
    }
}

/// An empty block that ends a frame, and a checksum.
const LAST_BLOCK: &[u8] = &[1, 0, 0, 0, 0, 0, 0];
