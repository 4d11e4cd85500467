//! What the tests of this room share.

use aes_gcm::Aes128Gcm;
use aes_gcm::aead::{AeadInOut, KeyInit};

use super::hash::Hash;
use super::schedule::expand_label;
use super::secret::Secret;

/// A record of application data under a traffic secret of `TLS_AES_128_GCM_SHA256`.
pub(super) fn sealed(secret: &Secret, number: u64, text: &[u8]) -> Vec<u8> {
    let (mut key, mut nonce) = ([0; 16], [0; 12]);
    expand_label(Hash::Sha256, secret, "key", &mut key);
    expand_label(Hash::Sha256, secret, "iv", &mut nonce);
    nonce[4..].iter_mut().zip(number.to_be_bytes()).for_each(|(byte, other)| *byte ^= other);
    let len = (text.len() as u16 + 17).to_be_bytes();
    let header = [23, 3, 3, len[0], len[1]];
    let mut content = [text, &[23]].concat();
    let aead = Aes128Gcm::new_from_slice(&key).unwrap();
    let tag = aead.encrypt_inout_detached(&nonce.into(), &header, (&mut content[..]).into()).unwrap();
    [&header[..], &content, &tag].concat()
}

/// The bytes of hexadecimal digits.
pub(super) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|char| char.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
}
