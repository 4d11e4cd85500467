//! A cheap look at the last byte of a TLS 1.3 record, which tells most wrong numbers from the right one.
//!
//! The content ends with its type and perhaps zeros (RFC 8446 §5.2). All its ciphers are streams, so
//! one block of the stream shows that byte, whatever the record's length; what passes is opened as a
//! whole, and only that decides.

use std::ops::Range;

use aes::cipher::{Array, BlockCipherEncrypt, BlockSizeUser, KeyInit, consts::U16};
use aes::{Aes128, Aes256};
use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit, StreamCipher, StreamCipherSeek};
use zeroize::{Zeroize, Zeroizing};

use super::aead::numbered_nonce;
use crate::tls::suite::Bulk;

/// Blocks of AES in one go, which fill its pipeline.
const TOGETHER: usize = 32;

/// Shows the last byte of one record under one key with any number.
pub(super) struct Peek {
    stream: Stream,
    iv: [u8; 12],
    /// The byte as it was sent, and where it stands in the content.
    sealed: u8,
    at: usize,
}

enum Stream {
    Aes128(Aes128, Counter),
    Aes256(Aes256, Counter),
    ChaCha20(Zeroizing<[u8; 32]>),
}

/// How a counter block is put together.
#[derive(Clone, Copy)]
enum Counter {
    /// Nonce and four bytes that count from 2 (NIST SP 800-38D §7.1).
    Gcm,
    /// A byte with the counter's length, the nonce, and three bytes that count from 1 (RFC 3610 §2.3).
    Ccm,
}

impl Peek {
    /// A look at the content `sealed`, which stands before a record's tag.
    pub(super) fn new(bulk: Bulk, key: &[u8], iv: &[u8; 12], sealed: &[u8]) -> Option<Self> {
        let (last, before) = sealed.split_last()?;
        let stream = match bulk {
            Bulk::Aes128Gcm => Stream::Aes128(Aes128::new_from_slice(key).ok()?, Counter::Gcm),
            Bulk::Aes256Gcm => Stream::Aes256(Aes256::new_from_slice(key).ok()?, Counter::Gcm),
            Bulk::Aes128Ccm | Bulk::Aes128Ccm8 => {
                Stream::Aes128(Aes128::new_from_slice(key).ok()?, Counter::Ccm)
            }
            Bulk::Aes256Ccm | Bulk::Aes256Ccm8 => {
                Stream::Aes256(Aes256::new_from_slice(key).ok()?, Counter::Ccm)
            }
            Bulk::ChaCha20 => Stream::ChaCha20(Zeroizing::new(key.try_into().ok()?)),
            Bulk::Aes128Cbc(_) | Bulk::Aes256Cbc(_) => return None,
        };
        Some(Self { stream, iv: *iv, sealed: *last, at: before.len() })
    }

    /// The first number that the last byte allows and `opens` confirms.
    pub(super) fn find<T>(
        &self,
        numbers: Range<u64>,
        mut opens: impl FnMut(u64) -> Option<T>,
    ) -> Option<(u64, T)> {
        let mut confirm = |number| Some((number, opens(number)?));
        match &self.stream {
            Stream::Aes128(aes, counter) => self.by_aes(aes, *counter, numbers, &mut confirm),
            Stream::Aes256(aes, counter) => self.by_aes(aes, *counter, numbers, &mut confirm),
            Stream::ChaCha20(key) => {
                numbers.filter(|number| self.allows(self.by_chacha(key, *number))).find_map(confirm)
            }
        }
    }

    fn by_aes<A, T>(
        &self,
        aes: &A,
        counter: Counter,
        numbers: Range<u64>,
        confirm: &mut impl FnMut(u64) -> Option<T>,
    ) -> Option<T>
    where
        A: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16>,
    {
        let mut blocks = [Array::<u8, U16>::default(); TOGETHER];
        let mut start = numbers.start;
        while start < numbers.end {
            for (block, number) in blocks.iter_mut().zip(start..) {
                *block = self.block(counter, number).into();
            }
            aes.encrypt_blocks(&mut blocks);
            for (block, number) in blocks.iter().zip(start..numbers.end) {
                if self.allows(block[self.at % 16])
                    && let Some(found) = confirm(number)
                {
                    return Some(found);
                }
            }
            start = start.saturating_add(TOGETHER as u64);
        }
        None
    }

    /// The counter block whose encryption covers the last byte.
    fn block(&self, counter: Counter, number: u64) -> [u8; 16] {
        let (mut block, nonce) = ([0; 16], numbered_nonce(&self.iv, number));
        let index = (self.at / 16) as u32;
        match counter {
            Counter::Gcm => {
                block[..12].copy_from_slice(&nonce);
                block[12..].copy_from_slice(&(2 + index).to_be_bytes());
            }
            Counter::Ccm => {
                block[0] = 2;
                block[1..13].copy_from_slice(&nonce);
                block[13..].copy_from_slice(&(1 + index).to_be_bytes()[1..]);
            }
        }
        block
    }

    /// The byte of the stream over the last byte (RFC 8439 §2.8: the content begins with block 1).
    fn by_chacha(&self, key: &[u8; 32], number: u64) -> u8 {
        let mut byte = [0];
        let mut stream = ChaCha20::new(key.into(), &numbered_nonce(&self.iv, number).into());
        if stream.try_seek(64 + self.at as u64).is_ok() {
            stream.apply_keystream(&mut byte);
        }
        byte[0]
    }

    /// Whether the last byte may be the type of a content, or padding.
    const fn allows(&self, stream: u8) -> bool {
        matches!(self.sealed ^ stream, 0 | 21..=23)
    }
}

impl Drop for Peek {
    fn drop(&mut self) {
        self.iv.zeroize();
    }
}
