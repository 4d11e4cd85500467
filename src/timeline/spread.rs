//! Minimum, median and maximum of a series of spans, in constant memory.

use serde::{Deserialize, Serialize};

use crate::time::Span;

/// How many of the newest spans the median is taken of.
const KEPT: usize = 64;

/// The spread of a series of spans.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Spread {
    newest: Vec<Span>,
    next: usize,
    bounds: Option<(Span, Span)>,
    /// The median, once the series is complete.
    settled: Option<Span>,
}

impl Spread {
    /// Adds a span.
    pub(crate) fn add(&mut self, span: Span) {
        let (min, max) = self.bounds.unwrap_or((span, span));
        self.bounds = Some((min.min(span), max.max(span)));
        if self.newest.len() < KEPT {
            if self.newest.is_empty() {
                self.newest.reserve(KEPT / 4);
            }
            self.newest.push(span);
        } else {
            self.newest[self.next] = span;
        }
        self.next = (self.next + 1) % KEPT;
    }

    /// Keeps only what is told of the series; nothing is added to it any more.
    pub(crate) fn settle(&mut self) {
        let newest = std::mem::take(&mut self.newest);
        self.settled = self.settled.or_else(|| median(newest));
    }

    /// The smallest span.
    pub fn min(&self) -> Option<Span> {
        self.bounds.map(|(min, _)| min)
    }

    /// The largest span.
    pub fn max(&self) -> Option<Span> {
        self.bounds.map(|(_, max)| max)
    }

    /// The median of the newest 64 spans.
    pub fn median(&self) -> Option<Span> {
        self.settled.or_else(|| median(self.newest.clone()))
    }
}

fn median(mut spans: Vec<Span>) -> Option<Span> {
    if spans.is_empty() {
        return None;
    }
    let (middle, is_odd) = (spans.len() / 2, spans.len() % 2 == 1);
    let (below, &mut upper, _) = spans.select_nth_unstable(middle);
    if is_odd {
        return Some(upper);
    }
    let lower = below.iter().max()?.as_nanos();
    Some(Span::from_nanos(lower.midpoint(upper.as_nanos())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(values: impl IntoIterator<Item = i64>) -> Spread {
        let mut spread = Spread::default();
        values.into_iter().for_each(|value| spread.add(Span::from_nanos(value)));
        spread
    }

    #[test]
    fn nothing_has_no_spread() {
        assert_eq!(spread([]).median(), None);
        assert_eq!(spread([]).min(), None);
    }

    #[test]
    fn odd_and_even_medians() {
        assert_eq!(spread([5, 1, 3]).median(), Some(Span::from_nanos(3)));
        let mut even = spread([5, 1, 3, 8]);
        assert_eq!(even.median(), Some(Span::from_nanos(4)));
        even.settle();
        assert_eq!((even.median(), even.max()), (Some(Span::from_nanos(4)), Some(Span::from_nanos(8))));
    }

    #[test]
    fn bounds_cover_all_and_the_median_the_newest() {
        let spread = spread((0..1000).chain(std::iter::repeat_n(7, KEPT)));
        assert_eq!((spread.min(), spread.max()), (Some(Span::from_nanos(0)), Some(Span::from_nanos(999))));
        assert_eq!(spread.median(), Some(Span::from_nanos(7)));
    }
}
