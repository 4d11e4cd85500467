//! Records under authenticated encryption: GCM (RFC 5288), CCM (RFC 6655), ChaCha20-Poly1305
//! (RFC 7905), and all of TLS 1.3 (RFC 8446 §5.2).

use std::fmt;

use aes::{Aes128, Aes256};
use aes_gcm::aead::consts::{U8, U12, U16};
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes128Gcm, Aes256Gcm};
use ccm::Ccm;
use chacha20poly1305::ChaCha20Poly1305;
use zeroize::Zeroize;

use super::pseudo_header;
use crate::tls::record::{ContentType, Record};
use crate::tls::suite::Bulk;

/// Bytes of the nonce part that a record carries in TLS 1.2.
const EXPLICIT: usize = 8;

/// Where a record's nonce and its additional data come from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    /// A salt and eight bytes of the record (TLS 1.2 GCM and CCM).
    Explicit,
    /// The IV and the sequence number (TLS 1.2 ChaCha20-Poly1305).
    Implicit,
    /// The IV and the sequence number; the header is authenticated and the type is inside.
    Tls13,
}

/// One key with its IV.
pub(in crate::tls) struct Aead {
    cipher: Cipher,
    iv: [u8; 12],
    form: Form,
}

enum Cipher {
    Aes128Gcm(Aes128Gcm),
    Aes256Gcm(Aes256Gcm),
    ChaCha20(ChaCha20Poly1305),
    Aes128Ccm(Ccm<Aes128, U16, U12>),
    Aes256Ccm(Ccm<Aes256, U16, U12>),
    Aes128Ccm8(Ccm<Aes128, U8, U12>),
    Aes256Ccm8(Ccm<Aes256, U8, U12>),
}

impl Aead {
    pub(super) fn new(bulk: Bulk, key: &[u8], iv: &[u8], form: Form) -> Option<Self> {
        let cipher = match bulk {
            Bulk::Aes128Gcm => Cipher::Aes128Gcm(KeyInit::new_from_slice(key).ok()?),
            Bulk::Aes256Gcm => Cipher::Aes256Gcm(KeyInit::new_from_slice(key).ok()?),
            Bulk::ChaCha20 => Cipher::ChaCha20(KeyInit::new_from_slice(key).ok()?),
            Bulk::Aes128Ccm => Cipher::Aes128Ccm(KeyInit::new_from_slice(key).ok()?),
            Bulk::Aes256Ccm => Cipher::Aes256Ccm(KeyInit::new_from_slice(key).ok()?),
            Bulk::Aes128Ccm8 => Cipher::Aes128Ccm8(KeyInit::new_from_slice(key).ok()?),
            Bulk::Aes256Ccm8 => Cipher::Aes256Ccm8(KeyInit::new_from_slice(key).ok()?),
            Bulk::Aes128Cbc(_) | Bulk::Aes256Cbc(_) => return None,
        };
        let mut whole = [0; 12];
        whole.get_mut(..iv.len())?.copy_from_slice(iv);
        Some(Self { cipher, iv: whole, form })
    }

    /// Opens a record into `out` and tells what it carries.
    pub(super) fn open(&self, seq: u64, record: &Record<'_>, out: &mut Vec<u8>) -> Option<ContentType> {
        let sealed = match self.form {
            Form::Explicit => record.body.get(EXPLICIT..)?,
            Form::Implicit | Form::Tls13 => record.body,
        };
        let content_len = sealed.len().checked_sub(self.tag_len())?;
        out.clear();
        out.extend_from_slice(sealed);
        let (content, tag) = out.split_at_mut(content_len);
        let nonce = self.nonce(seq, record);
        let opened = match self.form {
            Form::Tls13 => self.cipher.open(nonce, &record.header, content, tag),
            Form::Explicit | Form::Implicit => {
                self.cipher.open(nonce, &pseudo_header(seq, record, content_len), content, tag)
            }
        };
        opened?;
        out.truncate(content_len);
        if self.form == Form::Tls13 { inner_type(out) } else { Some(record.kind) }
    }

    /// Bytes that protection adds to application data without padding.
    pub(super) const fn overhead(&self) -> u64 {
        let form = match self.form {
            Form::Explicit => EXPLICIT,
            Form::Implicit => 0,
            Form::Tls13 => 1,
        };
        (form + self.tag_len()) as u64
    }

    fn nonce(&self, seq: u64, record: &Record<'_>) -> [u8; 12] {
        match (self.form, record.body.first_chunk::<EXPLICIT>()) {
            (Form::Explicit, Some(explicit)) => {
                let mut nonce = self.iv;
                nonce[4..].copy_from_slice(explicit);
                nonce
            }
            _ => numbered_nonce(&self.iv, seq),
        }
    }

    const fn tag_len(&self) -> usize {
        match self.cipher {
            Cipher::Aes128Ccm8(_) | Cipher::Aes256Ccm8(_) => 8,
            _ => 16,
        }
    }
}

/// The nonce of a record's number: the IV with the number over its end (RFC 8446 §5.3, RFC 7905 §2).
pub(super) fn numbered_nonce(iv: &[u8; 12], seq: u64) -> [u8; 12] {
    let mut nonce = *iv;
    nonce[4..].iter_mut().zip(seq.to_be_bytes()).for_each(|(byte, seq)| *byte ^= seq);
    nonce
}

impl Cipher {
    fn open(&self, nonce: [u8; 12], covered: &[u8], content: &mut [u8], tag: &[u8]) -> Option<()> {
        match self {
            Self::Aes128Gcm(aead) => open(aead, nonce, covered, content, tag),
            Self::Aes256Gcm(aead) => open(aead, nonce, covered, content, tag),
            Self::ChaCha20(aead) => open(aead, nonce, covered, content, tag),
            Self::Aes128Ccm(aead) => open(aead, nonce, covered, content, tag),
            Self::Aes256Ccm(aead) => open(aead, nonce, covered, content, tag),
            Self::Aes128Ccm8(aead) => open(aead, nonce, covered, content, tag),
            Self::Aes256Ccm8(aead) => open(aead, nonce, covered, content, tag),
        }
    }
}

fn open<A>(aead: &A, nonce: [u8; 12], covered: &[u8], content: &mut [u8], tag: &[u8]) -> Option<()>
where
    A: AeadInOut<NonceSize = U12>,
{
    let tag = tag.try_into().ok()?;
    aead.decrypt_inout_detached(&nonce.into(), covered, content.into(), tag).ok()
}

/// Takes padding and type from the end of a TLS 1.3 content (RFC 8446 §5.4).
fn inner_type(content: &mut Vec<u8>) -> Option<ContentType> {
    let at = content.iter().rposition(|byte| *byte != 0)?;
    let kind = content[at];
    content.truncate(at);
    Some(ContentType(kind))
}

impl Drop for Aead {
    fn drop(&mut self) {
        self.iv.zeroize();
    }
}

impl fmt::Debug for Aead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aead").field("form", &self.form).finish_non_exhaustive()
    }
}
