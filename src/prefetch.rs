//! Asks for memory before it is touched, so that a segment waits for all of it at once and not for one piece after
//! the other: with many connections open, little of what it needs is in the cache.

use std::ops::Range;
use std::slice;

use prefetch_index::prefetch_index;

/// Bytes of a cache line.
const LINE: usize = 64;

/// Asks for these cache lines, counted from the one in which `first` begins.
#[inline(always)]
pub(crate) fn prefetch_lines<T>(first: &T, lines: Range<usize>) {
    const { assert!(LINE.is_multiple_of(size_of::<T>()), "steps of whole values must meet each line") }
    for line in lines {
        prefetch_index(slice::from_ref(first), line * (LINE / size_of::<T>()));
    }
}

/// Asks for the cache line in which `value` begins; nothing waits for it.
#[inline(always)]
pub(crate) fn prefetch<T>(value: &T) {
    prefetch_index(slice::from_ref(value), 0);
}
