//! Connections that are ending, for a reader who wants each verdict as soon as it can be given.

use std::collections::VecDeque;

use crate::flow::FlowKey;
use crate::time::{Span, Timestamp};

/// Connections that sent a FIN or an RST, in the order in which they may be told.
#[derive(Debug)]
pub(super) struct Ending {
    /// How long a connection has to be quiet.
    quiet: Span,
    waiting: VecDeque<(FlowKey, Timestamp)>,
    /// Most that wait at once: a clock that stands still lets none go.
    most: usize,
}

impl Ending {
    pub(super) const fn new(quiet: Span, most: usize) -> Self {
        Self { quiet, waiting: VecDeque::new(), most }
    }

    /// Notes a connection that began to end at `now`.
    pub(super) fn add(&mut self, key: FlowKey, now: Timestamp) {
        self.waiting.push_back((key, self.due(now)));
    }

    /// The next connection whose time has come, if it was quiet so long.
    pub(super) fn next(&mut self, now: Timestamp) -> Option<FlowKey> {
        let &(key, due) = self.waiting.front()?;
        if due > now && self.waiting.len() <= self.most {
            return None;
        }
        self.waiting.pop_front();
        Some(key)
    }

    /// Whether a connection that was last active at `active` is to wait on; it is noted again then.
    pub(super) fn goes_on(&mut self, key: FlowKey, active: Timestamp, now: Timestamp) -> bool {
        let goes_on = self.due(active) > now && self.waiting.len() < self.most;
        if goes_on {
            self.add(key, active);
        }
        goes_on
    }

    const fn due(&self, active: Timestamp) -> Timestamp {
        Timestamp::from_nanos(active.as_nanos().saturating_add(self.quiet.as_nanos()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Endpoint;
    use std::net::{IpAddr, Ipv4Addr};

    fn key(port: u16) -> FlowKey {
        let endpoint = |port| Endpoint { ip: IpAddr::V4(Ipv4Addr::LOCALHOST), port };
        FlowKey::new(endpoint(port), endpoint(80))
    }

    const fn at(millis: i64) -> Timestamp {
        Timestamp::from_nanos(millis * 1_000_000)
    }

    #[test]
    fn a_connection_is_due_once_it_was_quiet() {
        let mut ending = Ending::new(Span::from_millis(500), 10);
        ending.add(key(1), at(0));
        assert_eq!(ending.next(at(499)), None);
        assert_eq!(ending.next(at(500)), Some(key(1)));
        assert!(ending.goes_on(key(1), at(300), at(500)));
        assert_eq!(ending.next(at(799)), None);
        assert_eq!(ending.next(at(800)), Some(key(1)));
        assert!(!ending.goes_on(key(1), at(300), at(800)));
    }

    #[test]
    fn a_clock_that_stands_still_does_not_pile_them_up() {
        let mut ending = Ending::new(Span::from_millis(500), 2);
        for port in 1..=3 {
            ending.add(key(port), at(0));
        }
        assert_eq!(ending.next(at(0)), Some(key(1)));
        assert!(!ending.goes_on(key(1), at(0), at(0)));
        assert_eq!(ending.next(at(0)), None);
    }
}
