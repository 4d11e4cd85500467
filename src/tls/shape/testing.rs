//! Records for the tests of this module.

use super::Record;
use super::sizes::Sizes;
use crate::flow::{PacketRef, Side, Stamp};
use crate::time::Timestamp;

/// TLS 1.3 with AES-128-GCM.
pub(super) const TLS13: Sizes = Sizes::Exact { overhead: 17, hash: 32 };

/// The packet of a millisecond.
pub(super) const fn at(millis: i64) -> Stamp {
    let packet = PacketRef::new(0, millis as u64);
    Stamp { packet, time: Timestamp::from_nanos(millis * 1_000_000) }
}

/// A record of application data.
pub(super) const fn record(side: Side, len: u16, millis: i64) -> Record {
    Record { side, len, at: at(millis), end: millis }
}
