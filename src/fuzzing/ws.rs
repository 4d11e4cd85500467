//! Any bytes read as WebSocket frames.

use super::steps::{Step, What, steps};
use crate::flow::Side;
use crate::limits::Limits;
use crate::ws::{Event, Frame, GapReason, Reader, ReservedBits};

/// Reads `data` as the chunks and holes of one direction, whole, in pieces and with a hole more.
///
/// Its first byte is the kind of reader, the second the size of the pieces.
///
/// # Panics
///
/// When bytes are lost or counted twice, or when pieces or a hole within a payload change the frames.
pub fn ws_frames(data: &[u8]) {
    let Some((&[kind, size], data)) = data.split_first_chunk::<2>() else { return };
    let steps = steps(data);
    let whole = Play::new(kind, &steps, usize::MAX);
    whole.check(&steps);
    if whole.always_framed {
        let size = usize::from(size).max(1);
        let pieces = Play::new(kind, &steps, size);
        assert_eq!(whole.events, pieces.events, "in pieces of {size}");
        // With a hole of its own the stream is no longer one run of bytes.
        if steps.iter().all(|step| matches!(step.what, What::Bytes(_))) {
            hole_in_a_payload(kind, &steps, &whole.frames);
        }
    }
}

/// Takes the second half of each payload away: the same frames must be seen, with those bytes missing.
fn hole_in_a_payload(kind: u8, steps: &[Step<'_>], frames: &[Seen]) {
    let stream: Vec<u8> = steps
        .iter()
        .flat_map(|step| if let What::Bytes(bytes) = step.what { bytes } else { &[] })
        .copied()
        .collect();
    let at = steps.first().map(|step| step.at).unwrap_or_default();
    let mut start = 0;
    for (index, frame) in frames.iter().enumerate().take(8) {
        let end = start + frame.size;
        let hole = frame.payload / 2;
        if hole > 0 {
            let (before, after) = (&stream[..end - hole], &stream[end..]);
            let what = [What::Bytes(before), What::Hole(hole as u64), What::Bytes(after)];
            let play = Play::new(kind, &what.map(|what| Step { side: Side::Client, what, at }), usize::MAX);
            let mut expected = frames.to_vec();
            let cut = &mut expected[index];
            (cut.size, cut.payload, cut.missing) =
                (cut.size - hole, cut.payload - hole, cut.missing + hole as u64);
            assert_eq!(play.frames, expected, "with a hole of {hole} in frame {index}");
        }
        start = end;
    }
}

/// A frame as far as a hole in its payload leaves it alone.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    header: String,
    /// Bytes of the frame that were sent.
    size: usize,
    /// Bytes of its payload that were sent.
    payload: usize,
    missing: u64,
}

/// What a reader told of a stream.
struct Play {
    events: Vec<String>,
    frames: Vec<Seen>,
    /// The reader knew at every step where the next header is.
    always_framed: bool,
    /// Bytes with a place in a frame or in a stretch that was not parsed.
    placed: u64,
    missing: u64,
}

impl Play {
    fn new(kind: u8, steps: &[Step<'_>], size: usize) -> Self {
        let mut reader = reader(kind);
        let mut play =
            Self { events: Vec::new(), frames: Vec::new(), always_framed: true, placed: 0, missing: 0 };
        for step in steps {
            match step.what {
                What::Hole(bytes) => {
                    reader.gap(bytes, GapReason::CaptureGap, step.at, &mut |event| play.note(&event));
                }
                What::Bytes(bytes) => {
                    for piece in bytes.chunks(size) {
                        reader.push(piece, step.at, &mut |event| play.note(&event));
                    }
                }
            }
            play.always_framed &= reader.is_framed();
        }
        reader.finish(&mut |event| play.note(&event));
        play
    }

    fn note(&mut self, event: &Event<'_>) {
        match event {
            Event::Frame(frame) => self.frame(frame, frame.missing),
            // What the end of the stream cut off was never a part of it.
            Event::Unfinished(frame) => self.frame(frame, 0),
            Event::Unparsed { bytes, missing, .. } => {
                self.placed += bytes;
                self.missing += missing;
            }
            Event::Resynced { .. } => self.always_framed = false,
            Event::Violation { .. } => {}
        }
        self.events.push(format!("{event:?}"));
    }

    fn frame(&mut self, frame: &Frame<'_>, missing: u64) {
        let payload = frame.header.payload_len - frame.missing;
        let size = frame.header.size() as u64 + payload;
        self.placed += size;
        self.missing += missing;
        let header = format!("{:?}", frame.header);
        self.frames.push(Seen {
            header,
            size: size as usize,
            payload: payload as usize,
            missing: frame.missing,
        });
    }

    /// Asserts that every byte has its place.
    fn check(&self, steps: &[Step<'_>]) {
        let sent = |step: &Step<'_>| if let What::Bytes(bytes) = step.what { bytes.len() as u64 } else { 0 };
        let lost = |step: &Step<'_>| if let What::Hole(bytes) = step.what { bytes } else { 0 };
        assert_eq!(self.placed, steps.iter().map(sent).sum::<u64>(), "bytes: {:?}", self.events);
        let missing = steps.iter().map(lost).sum::<u64>();
        assert!(self.missing <= missing, "missing: {:?}", self.events);
    }
}

fn reader(kind: u8) -> Reader {
    let limits = Limits { resync_buffer: 256, ..Limits::default() };
    let sender = if kind & 1 == 0 { Side::Client } else { Side::Server };
    let allowed = if kind & 2 == 0 { ReservedBits::NONE } else { ReservedBits::RSV1 };
    if kind & 4 == 0 { Reader::new(sender, allowed, &limits) } else { Reader::midstream(sender, &limits) }
}
