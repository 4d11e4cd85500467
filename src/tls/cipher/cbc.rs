//! Records under a block cipher with a MAC: MAC first (RFC 5246 §6.2.3.2) or encryption first
//! (RFC 7366).

use std::fmt;

use aes::{Aes128Dec, Aes256Dec};
use cbc::Decryptor;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt, BlockSizeUser, InnerIvInit, KeyInit};

use super::pseudo_header;
use crate::tls::hash::Hash;
use crate::tls::record::Record;
use crate::tls::secret::Secret;

/// Bytes of an AES block, and so of a record's IV.
const BLOCK: usize = 16;

/// One key with its MAC key.
pub(in crate::tls) struct Cbc {
    cipher: Cipher,
    mac: Hash,
    mac_key: Secret,
    encrypt_then_mac: bool,
}

enum Cipher {
    Aes128(Aes128Dec),
    Aes256(Aes256Dec),
}

impl Cbc {
    pub(super) fn new(key: &[u8], mac: Hash, mac_key: Secret, encrypt_then_mac: bool) -> Option<Self> {
        let cipher = match key.len() {
            16 => Cipher::Aes128(Aes128Dec::new_from_slice(key).ok()?),
            _ => Cipher::Aes256(Aes256Dec::new_from_slice(key).ok()?),
        };
        Some(Self { cipher, mac, mac_key, encrypt_then_mac })
    }

    /// Opens a record into `out`.
    pub(super) fn open(&self, seq: u64, record: &Record<'_>, out: &mut Vec<u8>) -> bool {
        let opened = if self.encrypt_then_mac {
            self.mac_last(seq, record, out)
        } else {
            self.mac_first(seq, record, out)
        };
        opened.is_some()
    }

    /// The MAC covers the encrypted record (RFC 7366 §3).
    fn mac_last(&self, seq: u64, record: &Record<'_>, out: &mut Vec<u8>) -> Option<()> {
        let (sealed, tag) = record.body.split_at_checked(record.body.len().checked_sub(self.mac.len())?)?;
        self.authenticate(seq, record, sealed, tag)?;
        let padded = self.decrypt(sealed, out)?;
        out.truncate(padded);
        Some(())
    }

    /// The MAC is encrypted with the content.
    fn mac_first(&self, seq: u64, record: &Record<'_>, out: &mut Vec<u8>) -> Option<()> {
        let unpadded = self.decrypt(record.body, out)?;
        let (content, tag) = out.get(..unpadded)?.split_at_checked(unpadded.checked_sub(self.mac.len())?)?;
        self.authenticate(seq, record, content, tag)?;
        let len = content.len();
        out.truncate(len);
        Some(())
    }

    fn authenticate(&self, seq: u64, record: &Record<'_>, covered: &[u8], tag: &[u8]) -> Option<()> {
        let header = pseudo_header(seq, record, covered.len());
        let expected = self.mac.hmac(self.mac_key.bytes(), &[&header, covered]);
        (expected.bytes() == tag).then_some(())
    }

    /// Decrypts IV and blocks into `out`; gives the bytes before the padding.
    fn decrypt(&self, sealed: &[u8], out: &mut Vec<u8>) -> Option<usize> {
        let (iv, blocks) = sealed.split_first_chunk::<BLOCK>()?;
        out.clear();
        out.extend_from_slice(blocks);
        match &self.cipher {
            Cipher::Aes128(aes) => decrypt(aes, iv, out)?,
            Cipher::Aes256(aes) => decrypt(aes, iv, out)?,
        }
        let padding = *out.last()?;
        let unpadded = out.len().checked_sub(usize::from(padding) + 1)?;
        out[unpadded..].iter().all(|byte| *byte == padding).then_some(unpadded)
    }
}

fn decrypt<C>(aes: &C, iv: &[u8; BLOCK], blocks: &mut [u8]) -> Option<()>
where
    C: BlockCipherDecrypt + BlockSizeUser<BlockSize = aes_gcm::aead::consts::U16>,
{
    let decryptor = Decryptor::inner_iv_init(aes, &(*iv).into());
    decryptor.decrypt_padded::<NoPadding>(blocks).ok().map(|_| ())
}

impl fmt::Debug for Cbc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cbc").field("mac", &self.mac).finish_non_exhaustive()
    }
}
