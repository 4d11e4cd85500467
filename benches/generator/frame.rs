//! Writes WebSocket frames (RFC 6455).

/// The opcodes in the order of the truth file's columns.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Opcode {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

impl Opcode {
    /// The number on the wire.
    pub(crate) const fn wire(self) -> u8 {
        match self {
            Self::Continuation => 0,
            Self::Text => 1,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
        }
    }

    /// True for Close, Ping and Pong.
    pub(crate) const fn is_control(self) -> bool {
        self.wire() >= 8
    }
}

/// Appends a frame header; `mask` is the key of a client's frame.
pub(crate) fn header(out: &mut Vec<u8>, opcode: Opcode, fin: bool, length: usize, mask: Option<[u8; 4]>) {
    out.push(opcode.wire() | if fin { 0x80 } else { 0 });
    let bit = if mask.is_some() { 0x80 } else { 0 };
    match length {
        0..=125 => out.push(bit | length as u8),
        126..=0xffff => {
            out.push(bit | 126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        _ => {
            out.push(bit | 127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(mask.as_ref().map_or(&[], |key| key.as_slice()));
}

/// Appends payload bytes whose first stands at `position` of its frame, masked if there is a key.
pub(crate) fn payload(out: &mut Vec<u8>, bytes: &[u8], position: usize, mask: Option<[u8; 4]>) {
    let start = out.len();
    out.extend_from_slice(bytes);
    let Some(mut key) = mask else { return };
    key.rotate_left(position % 4);
    let (words, rest) = out[start..].as_chunks_mut::<4>();
    for word in words {
        *word = (u32::from_ne_bytes(*word) ^ u32::from_ne_bytes(key)).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(key) {
        *byte ^= key;
    }
}
