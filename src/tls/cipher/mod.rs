//! What opens a protected record.

mod aead;
mod cbc;
mod peek;

use std::ops::Range;

use zeroize::Zeroizing;

use super::record::{ContentType, HEADER, Record};
use super::schedule::{expand_label, prf};
use super::secret::Secret;
use super::suite::{Bulk, Suite};
use crate::flow::Side;
use aead::{Aead, Form};
use cbc::Cbc;
use peek::Peek;

/// Bytes of the longest key block: two MAC keys, two keys and two IVs.
const MAX_KEY_BLOCK: usize = 2 * (48 + 32 + 16);

/// What a handshake gives to the keys of TLS 1.2.
#[derive(Clone, Copy, Debug)]
pub(super) struct Agreed {
    pub(super) suite: Suite,
    pub(super) client_random: [u8; 32],
    pub(super) server_random: [u8; 32],
    pub(super) encrypt_then_mac: bool,
}

/// Opens the records that one side protects with one set of keys.
#[derive(Debug)]
pub(super) enum Opener {
    /// Authenticated encryption.
    Aead(Box<Aead>),
    /// Block cipher and MAC.
    Cbc(Box<Cbc>),
}

impl Opener {
    /// The opener of `side` for a master secret of TLS 1.2 (RFC 5246 §6.3).
    pub(super) fn tls12(agreed: &Agreed, master: &Secret, side: Side) -> Option<Self> {
        let bulk = agreed.suite.bulk;
        let (mac_len, iv_len) = match bulk {
            Bulk::Aes128Cbc(mac) | Bulk::Aes256Cbc(mac) => (mac.len(), 0),
            Bulk::ChaCha20 => (0, 12),
            _ => (0, 4),
        };
        let lens = [mac_len, bulk.key_len(), iv_len];
        let mut block = Zeroizing::new([0; MAX_KEY_BLOCK]);
        let used = &mut block[..2 * lens.iter().sum::<usize>()];
        let seeds: [&[u8]; 2] = [&agreed.server_random, &agreed.client_random];
        prf(agreed.suite.hash, master, b"key expansion", seeds, used);
        let [mac_key, key, iv] = parts(used, lens, side);
        match bulk {
            Bulk::Aes128Cbc(mac) | Bulk::Aes256Cbc(mac) => {
                let cbc = Cbc::new(key, mac, Secret::new(mac_key), agreed.encrypt_then_mac)?;
                Some(Self::Cbc(Box::new(cbc)))
            }
            bulk => {
                let form = if bulk == Bulk::ChaCha20 { Form::Implicit } else { Form::Explicit };
                Some(Self::Aead(Box::new(Aead::new(bulk, key, iv, form)?)))
            }
        }
    }

    /// The opener for a traffic secret of TLS 1.3 (RFC 8446 §7.3).
    pub(super) fn tls13(suite: &Suite, secret: &Secret) -> Option<Self> {
        let (key, iv) = traffic_keys(suite, secret)?;
        let key = &key[..suite.bulk.key_len()];
        Some(Self::Aead(Box::new(Aead::new(suite.bulk, key, &iv[..], Form::Tls13)?)))
    }

    /// The first of `numbers` with which `record` opens; its content is in `out`.
    pub(super) fn find(
        &self,
        record: &Record<'_>,
        mut numbers: Range<u64>,
        out: &mut Vec<u8>,
    ) -> Option<(u64, ContentType)> {
        numbers.find_map(|number| Some((number, self.open(number, record, out)?)))
    }

    /// Opens `record` as number `seq`: its content is in `out`; `None` where its authentication fails.
    pub(super) fn open(&self, seq: u64, record: &Record<'_>, out: &mut Vec<u8>) -> Option<ContentType> {
        match self {
            Self::Aead(aead) => aead.open(seq, record, out),
            Self::Cbc(cbc) => cbc.open(seq, record, out).then_some(record.kind),
        }
    }

    /// Bytes that a record of application data is longer than its content, where that is certain.
    pub(super) const fn overhead(&self) -> Option<u64> {
        match self {
            Self::Aead(aead) => Some(HEADER as u64 + aead.overhead()),
            Self::Cbc(_) => None,
        }
    }
}

/// Finds the number of a record under a traffic secret of TLS 1.3; as [`Opener::find`], and faster.
pub(super) fn find_tls13(
    suite: &Suite,
    secret: &Secret,
    record: &Record<'_>,
    numbers: Range<u64>,
    out: &mut Vec<u8>,
) -> Option<(u64, ContentType)> {
    let (key, iv) = traffic_keys(suite, secret)?;
    let sealed = record.body.get(..record.body.len().checked_sub(suite.bulk.tag_len())?)?;
    let peek = Peek::new(suite.bulk, &key[..suite.bulk.key_len()], &iv, sealed)?;
    let opener = Opener::tls13(suite, secret)?;
    peek.find(numbers, |number| opener.open(number, record, out))
}

/// A key, of which a suite may use the beginning only, and an IV.
type TrafficKeys = (Zeroizing<[u8; 32]>, Zeroizing<[u8; 12]>);

/// Key and IV of a traffic secret (RFC 8446 §7.3); `None` where the secret is of another hash.
fn traffic_keys(suite: &Suite, secret: &Secret) -> Option<TrafficKeys> {
    if secret.bytes().len() != suite.hash.len() {
        return None;
    }
    let (mut key, mut iv) = (Zeroizing::new([0; 32]), Zeroizing::new([0; 12]));
    expand_label(suite.hash, secret, "key", &mut key[..suite.bulk.key_len()]);
    expand_label(suite.hash, secret, "iv", &mut iv[..]);
    Some((key, iv))
}

/// The three parts of a key block that are one side's: MAC key, key and IV.
fn parts(block: &[u8], lens: [usize; 3], side: Side) -> [&[u8]; 3] {
    let mut at = 0;
    lens.map(|len| {
        let start = if side == Side::Client { at } else { at + len };
        at += 2 * len;
        &block[start..start + len]
    })
}

/// What a MAC or an AEAD of TLS 1.2 covers before the content (RFC 5246 §6.2.3).
fn pseudo_header(seq: u64, record: &Record<'_>, len: usize) -> [u8; 13] {
    let mut header = [0; 13];
    header[..8].copy_from_slice(&seq.to_be_bytes());
    header[8..11].copy_from_slice(&record.header[..3]);
    header[11..].copy_from_slice(&(len as u16).to_be_bytes());
    header
}

#[cfg(test)]
mod tests;
