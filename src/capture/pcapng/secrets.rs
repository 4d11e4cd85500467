//! Decryption Secrets Blocks: what opens the packets of a file, inside that file.

use std::fmt;

use zeroize::Zeroizing;

use crate::capture::bytes::ByteOrder;

/// The type of secrets that are a TLS key log: `TLSK`.
const TLS_KEY_LOG: u32 = 0x544c_534b;

/// Position of the secrets in their block: behind type, length, secrets type and secrets length.
const DATA: usize = 16;

/// The length that ends a block.
const TRAILER: usize = 4;

/// The text of a TLS key log that a capture holds; it is wiped when dropped.
pub struct Secrets(Zeroizing<Vec<u8>>);

impl Secrets {
    /// Reads a whole block; `None` for secrets of another kind, or a damaged block.
    pub(super) fn read(block: &[u8], order: ByteOrder) -> Option<Self> {
        let (kind, len) = (order.u32_at(block, 8)?, order.u32_at(block, 12)?);
        let room = block.get(DATA..block.len().checked_sub(TRAILER)?)?;
        let text = room.get(..len as usize).filter(|_| kind == TLS_KEY_LOG)?;
        Some(Self(Zeroizing::new(text.to_vec())))
    }

    /// The text.
    pub fn key_log(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(kind: u32, len: u32, text: &[u8]) -> Vec<u8> {
        let total = (DATA + text.len() + TRAILER) as u32;
        let head = [10, total, kind, len].map(u32::to_le_bytes).concat();
        [&head, text, &total.to_le_bytes()].concat()
    }

    #[test]
    fn key_logs_are_taken_as_far_as_they_are_stated() {
        let secrets = Secrets::read(&block(TLS_KEY_LOG, 5, b"text\n\0\0\0"), ByteOrder::Little).unwrap();
        assert_eq!(secrets.key_log(), b"text\n");
        assert_eq!(format!("{secrets:?}"), "Secrets(..)");
    }

    #[test]
    fn other_secrets_and_damaged_blocks_are_left() {
        for block in [block(0x5747_4b4c, 4, b"text"), block(TLS_KEY_LOG, 9, b"text"), vec![0; 14]] {
            assert!(Secrets::read(&block, ByteOrder::Little).is_none());
        }
    }
}
