//! What RFC 6455 forbids, and the memory it takes to notice.

use serde::{Deserialize, Serialize};

use super::event::{CONTROL_KEPT, Event, Frame};
use super::header::{Header, LengthForm, ReservedBits};
use super::opcode::Opcode;
use crate::flow::{Side, Stamp};

/// Something in a stream of frames that RFC 6455 forbids.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Violation {
    /// A client's frame without a mask (RFC 6455 §5.1).
    UnmaskedClientFrame,
    /// A server's frame with a mask (RFC 6455 §5.1).
    MaskedServerFrame,
    /// A reserved bit that no negotiated extension defines for this frame (RFC 6455 §5.2, RFC 7692 §6).
    ReservedBits,
    /// An opcode without a meaning (RFC 6455 §5.2).
    ReservedOpcode,
    /// A control frame with more than 125 bytes of payload (RFC 6455 §5.5).
    ControlTooLong,
    /// A control frame without FIN (RFC 6455 §5.5).
    FragmentedControl,
    /// A status code that must not be on the wire (RFC 6455 §7.4).
    BadCloseCode,
    /// A Close reason that is not UTF-8 (RFC 6455 §5.5.1).
    BadCloseUtf8,
    /// A Close body of one byte, too short for a code (RFC 6455 §5.5.1).
    CloseOneByte,
    /// A frame after the sender's Close (RFC 6455 §5.5.1).
    DataAfterClose,
    /// A continuation where no message is open (RFC 6455 §5.4).
    UnexpectedContinuation,
    /// A new message while a fragmented one is open (RFC 6455 §5.4).
    MissingContinuation,
    /// A length in a longer form than it needs (RFC 6455 §5.2).
    NonMinimalLength,
    /// A length with bit 63 set, which ends framing (RFC 6455 §5.2).
    LengthTooLarge,
}

impl Violation {
    /// The violation in the report's words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnmaskedClientFrame => "unmasked_client_frame",
            Self::MaskedServerFrame => "masked_server_frame",
            Self::ReservedBits => "reserved_bits",
            Self::ReservedOpcode => "reserved_opcode",
            Self::ControlTooLong => "control_too_long",
            Self::FragmentedControl => "fragmented_control",
            Self::BadCloseCode => "bad_close_code",
            Self::BadCloseUtf8 => "bad_close_utf8",
            Self::CloseOneByte => "close_one_byte",
            Self::DataAfterClose => "data_after_close",
            Self::UnexpectedContinuation => "unexpected_continuation",
            Self::MissingContinuation => "missing_continuation",
            Self::NonMinimalLength => "non_minimal_length",
            Self::LengthTooLarge => "length_too_large",
        }
    }
}

/// Finds the violations in the frames of one sender.
#[derive(Debug)]
pub(super) struct Judge {
    sender: Side,
    allowed: ReservedBits,
    /// Whether a fragmented message is open; unknown after a stretch without framing.
    open: Option<bool>,
    closed: bool,
}

impl Judge {
    /// A judge of a stream from its first frame.
    pub(super) const fn new(sender: Side, allowed: ReservedBits) -> Self {
        Self { sender, allowed, open: Some(false), closed: false }
    }

    /// Forgets what frames that were not seen may have changed.
    pub(super) const fn lose_track(&mut self) {
        self.open = None;
    }

    /// Tells what is wrong with a header, in a fixed order.
    #[inline]
    pub(super) fn header(&mut self, header: &Header, at: Stamp, sink: &mut impl FnMut(Event<'_>)) {
        if !self.is_ordinary(header) {
            self.examine(header, at, sink);
        }
    }

    /// Whether this is a whole message with nothing to tell, as nearly all frames are.
    #[inline]
    fn is_ordinary(&self, header: &Header) -> bool {
        matches!(header.opcode, Opcode::TEXT | Opcode::BINARY)
            && header.fin
            && header.rsv.within(self.allowed)
            && header.mask.is_some() == (self.sender == Side::Client)
            && header.form == LengthForm::Seven
            && self.open == Some(false)
            && !self.closed
    }

    fn examine(&mut self, header: &Header, at: Stamp, sink: &mut impl FnMut(Event<'_>)) {
        let mut tell = |kind| sink(Event::Violation { kind, at });
        if self.closed {
            tell(Violation::DataAfterClose);
        }
        match (self.sender, header.mask) {
            (Side::Client, None) => tell(Violation::UnmaskedClientFrame),
            (Side::Server, Some(_)) => tell(Violation::MaskedServerFrame),
            _ => {}
        }
        if !reserved_bits_fit(header, self.allowed) {
            tell(Violation::ReservedBits);
        }
        if !header.opcode.is_defined() {
            tell(Violation::ReservedOpcode);
        }
        length(header, &mut tell);
        self.fragmentation(header, &mut tell);
        self.closed |= header.opcode == Opcode::CLOSE;
    }

    /// Tells what is wrong with a frame's payload.
    #[inline]
    pub(super) fn frame(&self, frame: &Frame<'_>, sink: &mut impl FnMut(Event<'_>)) {
        let Some(close) = frame.close() else { return };
        let mut tell = |kind| sink(Event::Violation { kind, at: frame.at });
        if frame.header.payload_len == 1 {
            tell(Violation::CloseOneByte);
        }
        if close.code.is_some_and(|code| !code.is_legal_on_wire()) {
            tell(Violation::BadCloseCode);
        }
        if !close.is_valid_utf8() {
            tell(Violation::BadCloseUtf8);
        }
    }

    /// Follows messages from frame to frame.
    #[inline]
    fn fragmentation(&mut self, header: &Header, tell: &mut impl FnMut(Violation)) {
        match header.opcode {
            opcode if opcode.is_control() => {
                if !header.fin {
                    tell(Violation::FragmentedControl);
                }
                return;
            }
            Opcode::CONTINUATION if self.open == Some(false) => {
                tell(Violation::UnexpectedContinuation);
                return;
            }
            Opcode::TEXT | Opcode::BINARY if self.open == Some(true) => tell(Violation::MissingContinuation),
            Opcode::CONTINUATION | Opcode::TEXT | Opcode::BINARY => {}
            _ => return,
        }
        self.open = Some(!header.fin);
    }
}

/// Whether the reserved bits of a frame are among those allowed, and allowed on this kind of frame.
#[inline]
pub(super) fn reserved_bits_fit(header: &Header, allowed: ReservedBits) -> bool {
    // Compression is per message: its bit belongs to a message's first frame alone (RFC 7692 §6).
    let first_of_message = matches!(header.opcode, Opcode::TEXT | Opcode::BINARY);
    header.rsv.is_empty() || first_of_message && header.rsv.within(allowed)
}

/// Tells what is wrong with a length.
#[inline]
fn length(header: &Header, tell: &mut impl FnMut(Violation)) {
    if header.opcode.is_control() && header.payload_len > CONTROL_KEPT as u64 {
        tell(Violation::ControlTooLong);
    }
    if !header.is_minimal() {
        tell(Violation::NonMinimalLength);
    }
    if !header.has_legal_length() {
        tell(Violation::LengthTooLarge);
    }
}
