//! How long nothing was said: between any two neighbours, per side, and before the end.

use serde::{Deserialize, Serialize};

use crate::flow::{Side, Sides, Stamp};
use crate::time::{Span, Timestamp};

use super::rhythm::Rhythm;

/// A stretch without a WebSocket frame.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct IdleGap {
    /// What was seen before it.
    pub from: Stamp,
    /// What ended it.
    pub to: Stamp,
}

impl IdleGap {
    /// Its length.
    pub fn span(&self) -> Span {
        self.to.time - self.from.time
    }
}

/// How long each clock had been silent at the point where the end began.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Silence {
    /// The first Close; without one the first FIN or RST; without either the capture's last packet.
    pub at: Stamp,
    /// Since the last frame that is no Close, or the 101.
    pub before_end: Span,
    /// Since each side's last frame that is no Close; since the 101 where it sent none.
    pub sides: Sides<Span>,
    /// Since the last segment of any kind.
    pub tcp: Span,
    /// Since a timer was last started that is not started anew for what comes within 0.3 s of its last start.
    pub lazy: Span,
}

/// What comes sooner after its last start does not start such a timer anew (nginx `NGX_TIMER_LAZY_DELAY`).
const LAZY: Span = Span::from_millis(300);

/// The clocks of one connection, running from the 101 (or the first frame seen) on.
///
/// What every frame touches stands at the front: one cache line, and one for each side.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[repr(C)]
pub struct IdleClock {
    newest: Stamp,
    /// The silence that the newest frame ended.
    broken: Option<IdleGap>,
    /// Where a lazy timer was last started.
    started: Timestamp,
    /// A silence that is shorter is neither the longest one nor to be told.
    notable: Span,
    voices: Sides<Voice>,
    longest: Option<IdleGap>,
    threshold: Span,
    /// Boxed, as it is there only at the end.
    end: Option<Box<Silence>>,
    close: Option<Silence>,
    opened: Stamp,
    gaps: Vec<IdleGap>,
    listed: usize,
}

/// What one side said.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[repr(C, align(64))]
struct Voice {
    /// The packet that completed its newest frame that is no Close; where it opened without one.
    spoke: Stamp,
    rhythm: Rhythm,
}

impl Voice {
    const fn new(opened: Stamp) -> Self {
        Self { spoke: opened, rhythm: Rhythm::NEW }
    }
}

impl IdleClock {
    /// Cache lines that every frame touches before the one of its side.
    #[cfg(test)]
    pub(super) const COMMON: usize = std::mem::offset_of!(Self, voices) / 64;

    /// Bytes of a side's own.
    #[cfg(test)]
    pub(super) const OWN: usize = size_of::<Voice>();

    /// Clocks that start at `opened`, listing at most `listed` gaps of at least `threshold`.
    ///
    /// A proxy starts its timer when it passes the request on, at about `asked`.
    pub(crate) fn new(opened: Stamp, asked: Option<Stamp>, threshold: Span, listed: usize) -> Self {
        let asked = asked.map_or(opened.time, |asked| asked.time);
        Self {
            threshold,
            listed,
            opened,
            newest: opened,
            notable: Span::ZERO,
            started: if opened.time - asked >= LAZY { opened.time } else { asked },
            voices: Sides { client: Voice::new(opened), server: Voice::new(opened) },
            longest: None,
            broken: None,
            gaps: Vec::new(),
            close: None,
            end: None,
        }
    }

    /// A frame that is no Close was completed; gives the gap before it if it is to be told.
    ///
    /// The end can have been seen only where the connection is `ending`: else that is not looked at.
    #[inline]
    pub(crate) fn frame(&mut self, side: Side, at: Stamp, ending: bool) -> Option<IdleGap> {
        let voice = self.voices.get_mut(side);
        let before = std::mem::replace(&mut voice.spoke, at);
        voice.rhythm.beat(at.time - before.time);
        self.started = if at.time - self.started >= LAZY { at.time } else { self.started };
        if ending && self.end.is_some() {
            return None;
        }
        self.broken = Some(IdleGap { from: self.newest, to: at });
        self.neighbour(at)
    }

    /// A Close was completed; `segment` is the connection's segment before it.
    pub(crate) fn close(&mut self, at: Stamp, segment: Stamp) -> Option<IdleGap> {
        if self.close.is_none() {
            self.close = Some(self.silence(at, segment));
        }
        if self.end.is_some() { None } else { self.neighbour(at) }
    }

    /// A FIN or RST was seen; `segment` is the connection's segment before it.
    pub(crate) fn end(&mut self, at: Stamp, segment: Stamp) -> Option<IdleGap> {
        if self.end.is_some() {
            return None;
        }
        let gap = self.neighbour(at);
        self.end = Some(Box::new(self.silence(at, segment)));
        gap
    }

    /// The capture ended at `at`; `segment` is the connection's last segment.
    pub(crate) fn finish(&mut self, at: Stamp, segment: Stamp) -> Option<IdleGap> {
        self.end(at, segment)
    }

    /// The longest gap.
    pub const fn longest(&self) -> Option<IdleGap> {
        self.longest
    }

    /// The silence that the newest frame ended, where that frame came so shortly before `at`.
    pub fn broken_before(&self, at: Stamp, within: Span) -> Option<IdleGap> {
        self.broken.filter(|gap| gap.to.packet <= at.packet && at.time - gap.to.time <= within)
    }

    /// The gaps at or above the threshold, longest first.
    pub fn gaps(&self) -> &[IdleGap] {
        &self.gaps
    }

    /// The packet that completed a side's newest frame that is no Close; where it opened without one.
    pub const fn spoke(&self, side: Side) -> Stamp {
        self.voices.get(side).spoke
    }

    /// How regularly a side spoke.
    pub const fn rhythm(&self, side: Side) -> &Rhythm {
        &self.voices.get(side).rhythm
    }

    /// The silence before the end.
    pub fn before_end(&self) -> Option<Silence> {
        self.close.or_else(|| self.end.as_deref().copied())
    }

    /// Exchanges the sides.
    pub(crate) const fn swap_sides(&mut self) {
        self.voices.swap();
    }

    /// Something was seen before the end; gives the gap before it if it is to be told.
    #[inline]
    fn neighbour(&mut self, at: Stamp) -> Option<IdleGap> {
        if at.time <= self.newest.time {
            return None;
        }
        let gap = IdleGap { from: self.newest, to: at };
        self.newest = at;
        if gap.span() < self.notable { None } else { self.note(gap) }
    }

    /// Notes a gap that may be the longest one; gives it back if it is to be told.
    #[cold]
    fn note(&mut self, gap: IdleGap) -> Option<IdleGap> {
        let span = gap.span();
        if self.longest.is_none_or(|longest| span > longest.span()) {
            self.longest = Some(gap);
        }
        let longest = self.longest.map_or(Span::ZERO, |longest| longest.span());
        self.notable = longest.min(self.threshold);
        (span >= self.threshold).then(|| self.list(gap))
    }

    fn list(&mut self, gap: IdleGap) -> IdleGap {
        let place = self.gaps.partition_point(|known| known.span() >= gap.span());
        if place < self.listed {
            self.gaps.truncate(self.listed - 1);
            self.gaps.insert(place, gap);
        }
        gap
    }

    fn silence(&self, at: Stamp, segment: Stamp) -> Silence {
        let since = |stamp: Stamp| (at.time - stamp.time).max(Span::ZERO);
        let (client, server) = (self.voices.client.spoke, self.voices.server.spoke);
        let last = if client.time > server.time { client } else { server };
        Silence {
            at,
            before_end: since(if last.time > self.opened.time { last } else { self.opened }),
            sides: Sides { client: since(client), server: since(server) },
            tcp: since(segment),
            lazy: (at.time - self.started).max(Span::ZERO),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::PacketRef;
    use crate::time::Timestamp;

    fn at(seconds: i64) -> Stamp {
        let packet = PacketRef::new(0, seconds as u64);
        Stamp { packet, time: Timestamp::from_nanos(seconds * 1_000_000_000) }
    }

    fn clock() -> IdleClock {
        IdleClock::new(at(10), None, Span::from_secs(10), 2)
    }

    #[test]
    fn a_lazy_timer_takes_no_notice_of_what_comes_soon_after_its_start() {
        let at = |millis: i64| Stamp { time: Timestamp::from_nanos(millis * 1_000_000), ..at(millis) };
        let mut clock = IdleClock::new(at(1_040), Some(at(1_000)), Span::from_secs(10), 2);
        clock.frame(Side::Client, at(1_250), true);
        clock.end(at(5_000), at(5_000));
        let silence = clock.before_end().unwrap();
        assert_eq!((silence.before_end, silence.lazy), (Span::from_millis(3_750), Span::from_secs(4)));
        let mut clock = IdleClock::new(at(1_040), Some(at(1_000)), Span::from_secs(10), 2);
        clock.frame(Side::Client, at(1_300), true);
        clock.frame(Side::Server, at(1_400), true);
        clock.end(at(5_300), at(5_300));
        assert_eq!(clock.before_end().unwrap().lazy, Span::from_secs(4));
    }

    #[test]
    fn the_longest_gap_ends_with_the_first_fin() {
        let mut clock = clock();
        clock.frame(Side::Client, at(12), true);
        clock.frame(Side::Server, at(15), true);
        clock.end(at(75), at(75));
        clock.frame(Side::Client, at(300), true);
        assert_eq!(clock.longest(), Some(IdleGap { from: at(15), to: at(75) }));
        let silence = clock.before_end().unwrap();
        assert_eq!(silence.before_end, Span::from_secs(60));
        assert_eq!(silence.sides, Sides { client: Span::from_secs(63), server: Span::from_secs(60) });
    }

    #[test]
    fn the_end_begins_with_the_first_close() {
        let mut clock = clock();
        clock.frame(Side::Client, at(12), true);
        clock.close(at(20), at(19));
        clock.close(at(50), at(50));
        clock.end(at(51), at(51));
        let silence = clock.before_end().unwrap();
        assert_eq!((silence.at, silence.before_end), (at(20), Span::from_secs(8)));
        assert_eq!((silence.tcp, silence.sides.server), (Span::from_secs(1), Span::from_secs(10)));
        assert_eq!(clock.longest().unwrap().span(), Span::from_secs(30));
    }

    #[test]
    fn gaps_are_listed_longest_first_and_bounded() {
        let mut clock = clock();
        for second in [25, 30, 60, 71, 100] {
            clock.frame(Side::Client, at(second), true);
        }
        let spans: Vec<_> = clock.gaps().iter().map(IdleGap::span).collect();
        assert_eq!(spans, [Span::from_secs(30), Span::from_secs(29)]);
    }

    #[test]
    fn a_clock_that_goes_back_makes_no_gap() {
        let mut clock = clock();
        clock.frame(Side::Client, at(20), true);
        assert_eq!(clock.frame(Side::Server, at(11), true), None);
        assert_eq!(clock.frame(Side::Server, at(21), true), None);
        assert_eq!(clock.longest().unwrap().span(), Span::from_secs(10));
    }
}
