//! How long connections were silent before they ended, counted in steps.

use crate::sessions::Digest;
use crate::time::Span;

use super::super::view::{Bucket, Silences};

/// Seconds: each a second above a usual timer, so that what this timer ended falls below it and above
/// the one before.
const BOUNDS: [i64; 20] =
    [1, 6, 11, 16, 21, 31, 46, 61, 76, 91, 101, 121, 181, 241, 301, 351, 401, 601, 901, 3601];

pub(super) fn of<'a>(digests: impl Iterator<Item = &'a Digest>) -> Silences {
    let ended = digests.filter(|digest| is_ended(digest));
    let silences: Vec<Span> = ended.map(|digest| digest.silence).collect();
    let bucket = |&bound: &i64| {
        let bound = Span::from_secs(bound);
        let count = silences.iter().filter(|silence| **silence <= bound).count() as u64;
        Bucket { at_most_s: bound.into(), count }
    };
    let sum = silences.iter().fold(0, |sum: i64, silence| sum.saturating_add(silence.as_nanos()));
    Silences {
        buckets: BOUNDS.iter().map(bucket).collect(),
        count: silences.len() as u64,
        sum_s: Span::from_nanos(sum).into(),
    }
}

/// A WebSocket that was open and is not any more.
const fn is_ended(digest: &Digest) -> bool {
    digest.has_opened && digest.act.is_some()
}
