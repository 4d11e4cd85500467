//! A series of spans in constant memory.

use serde::{Deserialize, Serialize};

use crate::time::Span;

/// How many of the newest spans the median is taken of.
const KEPT: usize = 16;

/// The smallest, the largest and the median of the newest spans.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Series {
    newest: Vec<i64>,
    count: usize,
    bounds: Option<(Span, Span)>,
}

impl Series {
    /// Adds a span.
    pub(super) fn add(&mut self, span: Span) {
        let (min, max) = self.bounds.unwrap_or((span, span));
        self.bounds = Some((min.min(span), max.max(span)));
        match self.newest.get_mut(self.count % KEPT) {
            Some(oldest) => *oldest = span.as_nanos(),
            None => self.newest.push(span.as_nanos()),
        }
        self.count += 1;
    }

    /// The smallest and the largest span.
    pub const fn bounds(&self) -> Option<(Span, Span)> {
        self.bounds
    }

    /// The median of the newest 16 spans.
    pub fn median(&self) -> Option<Span> {
        let mut sorted = self.newest.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().map(Span::from_nanos)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_make_the_median_and_all_the_bounds() {
        let mut series = Series::default();
        assert_eq!((series.median(), series.bounds()), (None, None));
        (1..=100).for_each(|second| series.add(Span::from_secs(second)));
        assert_eq!(series.median(), Some(Span::from_secs(93)));
        assert_eq!(series.bounds(), Some((Span::from_secs(1), Span::from_secs(100))));
    }
}
