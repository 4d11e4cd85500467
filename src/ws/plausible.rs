//! How much a header speaks for being one, where framing is not known to hold.
//!
//! The weight is in bits: how many times less likely random payload would look like this than a
//! WebSocket does, as a power of two. Weights are rounded down, and what binary data is full of
//! (zeros, small numbers) weighs nothing.

use super::event::Frame;
use super::header::{Header, LengthForm, ReservedBits};
use super::opcode::Opcode;
use super::violation::reserved_bits_fit;
use crate::flow::Side;

/// Beyond this length a frame is taken for phantom: no endpoint sends a terabyte at once.
const MAX_LEN: u64 = 1 << 40;

/// Judges headers that follow one another as one sender's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plausibility {
    sender: Side,
    allowed: ReservedBits,
    open: Option<bool>,
}

impl Plausibility {
    /// A judge that knows nothing yet about the messages.
    pub(super) const fn new(sender: Side, allowed: ReservedBits) -> Self {
        Self { sender, allowed, open: None }
    }

    /// The side whose headers are judged.
    pub(super) const fn sender(&self) -> Side {
        self.sender
    }

    /// The weight of `header` after those before it, or `None` where it must be a phantom.
    pub(super) fn header(&mut self, header: &Header) -> Option<u32> {
        let masked = self.sender == Side::Client;
        let shaped = header.mask.is_some() == masked
            && reserved_bits_fit(header, self.allowed)
            && header.is_minimal()
            && header.payload_len < MAX_LEN
            && (header.fin || header.payload_len > 0);
        let weight = opcode_weight(header)?;
        (shaped && self.follows(header)).then(|| weight + form_weight(header))
    }

    /// Whether `header` may follow the frames before it (RFC 6455 §5.4).
    fn follows(&mut self, header: &Header) -> bool {
        if header.opcode.is_control() {
            return true;
        }
        let continues = header.opcode == Opcode::CONTINUATION;
        let fits = self.open.is_none_or(|open| open == continues);
        self.open = Some(!header.fin);
        fits
    }
}

/// The weight of the first byte and the MASK bit, or `None` for what no endpoint sends.
fn opcode_weight(header: &Header) -> Option<u32> {
    match (header.opcode, header.fin) {
        (Opcode::TEXT | Opcode::BINARY, true) => Some(7),
        (Opcode::CONTINUATION, true) => Some(2),
        (Opcode::CONTINUATION | Opcode::TEXT | Opcode::BINARY, false) => Some(0),
        (Opcode::CLOSE, true) if header.payload_len <= 125 && header.payload_len != 1 => Some(8),
        (Opcode::PING | Opcode::PONG, true) if header.payload_len <= 125 => Some(7),
        _ => None,
    }
}

/// The weight of a longer form of length, which random bytes seldom take.
const fn form_weight(header: &Header) -> u32 {
    match header.form {
        LengthForm::Seven => 0,
        LengthForm::Sixteen => 5,
        LengthForm::SixtyFour => 20,
    }
}

/// The further weight of a frame that ends where a chunk ends.
///
/// `one_chunk` tells whether it also began in that chunk: over many chunks, a random length meets
/// one of their ends more easily.
pub(super) const fn end_weight(header: &Header, one_chunk: bool) -> u32 {
    match (header.form, header.fin, one_chunk) {
        // Length-prefixed protocols write such headers: 00, then the length of the message.
        (LengthForm::Seven, false, _) => 0,
        (LengthForm::Seven, true, true) => 7,
        (LengthForm::Seven, true, false) => 3,
        (_, _, true) => 14,
        (_, _, false) => 7,
    }
}

/// The further weight of a control frame that is a chunk of its own, as few tails of a payload are.
pub(super) const LONE_CONTROL: u32 = 6;

/// The further weight of a frame after which a real one begins: frames are small, so that a random
/// length meets the start of one easily.
pub(super) const LANDING: u32 = 6;

/// The weight of a complete frame's payload, or `None` where it must be a phantom.
pub(super) fn payload_weight(frame: &Frame<'_>) -> Option<u32> {
    let Some(close) = frame.close() else { return Some(0) };
    if !close.is_valid_utf8() {
        return None;
    }
    match close.code {
        Some(code) if !code.is_legal_on_wire() => None,
        Some(code) if code.0 < 3000 => Some(11),
        Some(_) => Some(5),
        None => Some(0),
    }
}

/// Whether two bytes can begin a plausible header of `sender`; quick, for scanning.
pub(super) const fn may_start(first: u8, second: u8, sender: Side) -> bool {
    let defined = matches!(first & 0x0f, 0..=2 | 8..=10);
    let masked = second & 0x80 != 0;
    first & 0x80 != 0 && defined && masked == matches!(sender, Side::Client)
}
