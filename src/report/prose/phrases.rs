//! What words of the vocabularies mean, for every format that tells it in a sentence.

/// What the sender did against RFC 6455.
pub(in crate::report) fn violation(word: &str) -> &str {
    match word {
        "unmasked_client_frame" => "a frame without a mask",
        "masked_server_frame" => "a frame with a mask, which only clients may use",
        "reserved_bits" => "a frame with reserved bits that no extension allows",
        "reserved_opcode" => "a frame with an opcode that has no meaning",
        "control_too_long" => "a control frame of more than 125 bytes",
        "fragmented_control" => "a control frame in fragments",
        "bad_close_code" => "a Close code that must not be sent",
        "bad_close_utf8" => "a Close reason that is not UTF-8",
        "close_one_byte" => "a Close body of one byte, too short for a code",
        "data_after_close" => "a frame after its Close",
        "unexpected_continuation" => "a continuation of no message",
        "missing_continuation" => "a new message before the end of a fragmented one",
        "non_minimal_length" => "a length in a longer form than it needs",
        "length_too_large" => "a length of more than 63 bits",
        other => other,
    }
}

/// Why bytes of a stream were not read, said of these bytes.
pub(in crate::report) fn unread(why: &str) -> &str {
    match why {
        "capture_gap" => "missing from the capture",
        "snaplen" => "cut off by the snap length",
        "limit" => "left out at a bound on memory",
        "started_midstream" => "part of a frame from before the capture",
        "bad_length" => "behind a frame of impossible length",
        "stream_end" => "part of a frame that never ended",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::{GapReason, Violation};

    #[test]
    fn every_word_has_its_phrase() {
        use Violation as V;
        let violations = [
            V::UnmaskedClientFrame,
            V::MaskedServerFrame,
            V::ReservedBits,
            V::ReservedOpcode,
            V::ControlTooLong,
            V::FragmentedControl,
            V::BadCloseCode,
            V::BadCloseUtf8,
            V::CloseOneByte,
            V::DataAfterClose,
            V::UnexpectedContinuation,
            V::MissingContinuation,
            V::NonMinimalLength,
            V::LengthTooLarge,
        ];
        for kind in violations {
            assert_ne!(violation(kind.name()), kind.name());
        }
        use GapReason as G;
        for why in [G::CaptureGap, G::Snaplen, G::Limit, G::StartedMidstream, G::BadLength, G::StreamEnd] {
            assert_ne!(unread(why.name()), why.name());
        }
    }
}
