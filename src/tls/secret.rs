//! Key material in memory: fixed in size, wiped when dropped, never shown.

use std::fmt;

use zeroize::Zeroize;

/// Bytes of the longest secret: a master secret or the output of SHA-384.
pub(super) const MAX_SECRET: usize = 48;

/// A secret of up to 48 bytes. It stays in one place, so that lists which grow leave no copies of it.
#[derive(Clone, Eq, PartialEq)]
pub(super) struct Secret {
    bytes: Box<[u8; MAX_SECRET]>,
    len: usize,
}

impl Secret {
    /// A secret of the first 48 bytes of `bytes`.
    pub(super) fn new(bytes: &[u8]) -> Self {
        let mut secret = Self::zeros(bytes.len());
        let len = secret.len;
        secret.bytes_mut().copy_from_slice(&bytes[..len]);
        secret
    }

    /// A secret of `len` zero bytes, to be filled.
    pub(super) fn zeros(len: usize) -> Self {
        Self { bytes: Box::new([0; MAX_SECRET]), len: len.min(MAX_SECRET) }
    }

    /// The bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// The bytes, to fill.
    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.len]
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
