//! Which timers fit what was measured.

use serde::{Deserialize, Serialize};

use crate::flow::{Side, Sides};
use crate::time::Span;

use super::Catalogue;
use super::timers::{Ending, Grounds, ResetBy, Stands, Timer, TimerKind};

/// How a timer fits what was measured, best first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub enum Fit {
    /// The peers announced its value in their own messages.
    Announced,
    /// The words of the Close are those of its owner.
    Wording,
    /// The usual value, and a header of the handshake names the product.
    ValueAndHeader,
    /// A header names the product; its value must have been changed.
    Header,
    /// The usual value, and the way it ended.
    ValueAndWire,
    /// The usual value.
    Value,
    /// The way it looks; the product has no usual value, or another one.
    Wire,
    /// It fires without a packet: that it fired is possible from its value on, and no more can be said.
    LowerBound,
}

impl Fit {
    /// The report's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Wording => "wording",
            Self::ValueAndHeader => "value_and_header",
            Self::Header => "header",
            Self::ValueAndWire => "value_and_wire",
            Self::Value => "value",
            Self::Wire => "wire",
            Self::LowerBound => "lower_bound",
        }
    }
}

/// A timer that fits.
#[derive(Clone, Copy, Debug)]
pub struct Match<'a> {
    /// The timer.
    pub timer: &'a Timer,
    /// How it fits.
    pub fit: Fit,
    /// What was measured on the timer's own clock.
    pub measured: Span,
}

impl Match<'_> {
    /// The known value of the timer that was matched: the nearest one to what was measured; the one that the
    /// product comes with, where none was.
    pub fn value(&self) -> Option<Span> {
        match self.fit {
            Fit::ValueAndHeader | Fit::ValueAndWire | Fit::Value => self.timer.nearest(self.measured),
            _ => self.timer.value(),
        }
    }
}

/// What was measured where something ended: how long each clock had run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clocks {
    /// Since either side sent a frame.
    pub silence: Span,
    /// Since each side sent one.
    pub sides: Sides<Span>,
    /// Since any TCP segment.
    pub tcp: Span,
    /// Since a timer was last started that takes no notice of what comes soon after its start.
    pub lazy: Span,
    /// Since the connection opened.
    pub age: Span,
}

/// How near to a whole second what was measured of an exactly known timer is.
const EXACT: Span = Span::from_millis(60);

/// The same where there are several spans to choose from.
const SHARP: Span = Span::from_millis(15);

/// How soon after its start such a timer takes no notice.
const LAZY: Span = Span::from_millis(300);

/// Whether a span is a whole number of seconds, but for so much less or more.
pub fn near_whole(span: Span, early: Span, late: Span) -> bool {
    const SECOND: i64 = 1_000_000_000;
    let rest = span.as_nanos().rem_euclid(SECOND);
    let up = span.as_nanos() >= SECOND - early.as_nanos();
    up && (rest <= late.as_nanos() || SECOND - rest <= early.as_nanos())
}

impl Clocks {
    /// All clocks of silence at one value.
    pub const fn silent(silence: Span) -> Self {
        let sides = Sides { client: silence, server: silence };
        Self { silence, sides, tcp: silence, lazy: silence, age: silence }
    }

    /// Since the start of a timer that takes no notice of what comes soon after it: where frames came close
    /// together, the one that started it is the one that makes whole seconds.
    fn since_start(&self) -> Span {
        let exact = |span: &&Span| near_whole(**span, SHARP, SHARP) && **span >= self.silence;
        let soon = |span: &&Span| **span - self.silence <= LAZY;
        // It first starts when the request is passed on, which is between the request and the 101.
        let starts = [self.sides.client, self.sides.server, self.age];
        match near_whole(self.lazy, EXACT, EXACT) {
            true => self.lazy,
            false => starts.iter().filter(exact).find(soon).copied().unwrap_or(self.silence),
        }
    }

    /// The clock that a timer runs on, for an end that came from `closer`.
    fn of(&self, timer: &Timer, closer: Option<Side>) -> Span {
        match (timer.kind, timer.reset_by) {
            (TimerKind::Lifetime, _) => self.age,
            (TimerKind::PongTimeout, _) | (_, ResetBy::ReceivedBySender) => match closer {
                Some(closer) => *self.sides.get(closer.other()),
                None => self.silence,
            },
            (_, ResetBy::AnySegment) => self.tcp,
            (_, ResetBy::ClientToServer) => self.sides.client,
            (_, ResetBy::ServerToClient) => self.sides.server,
            _ if timer.is_lazy() => self.since_start(),
            _ => self.silence,
        }
    }
}

impl Catalogue {
    /// The timers of `kinds` that fit an end which looked like one of `endings` and came from `closer`,
    /// best first.
    ///
    /// `headers` are the handshake's headers that name products, as `Name: value`.
    pub fn matches(
        &self,
        kinds: &[TimerKind],
        clocks: &Clocks,
        endings: &[Ending],
        headers: &[String],
        closer: Option<Side>,
    ) -> Vec<Match<'_>> {
        let families = self.families(headers);
        let wanted = self.timers.iter().filter(|timer| kinds.contains(&timer.kind) && timer.may_end(closer));
        let fitting = wanted.filter_map(|timer| {
            let measured = clocks.of(timer, closer);
            let fit = fit(timer, measured, endings, &families)?;
            Some(Match { timer, fit, measured })
        });
        let mut matches: Vec<_> = fitting.collect();
        matches.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.timer.id.cmp(&b.timer.id)));
        matches
    }

    /// The timers that drop a connection without a packet, and that a silence of this length may have set
    /// off, the longest first.
    pub fn silent_drops(&self, clocks: &Clocks, headers: &[String]) -> Vec<Match<'_>> {
        let families = self.families(headers);
        let kinds = [TimerKind::Idle, TimerKind::OneDirectionIdle];
        let fires = |timer: &&Timer| {
            kinds.contains(&timer.kind)
                && timer.stands == Stands::Between
                && timer
                    .ends_with
                    .iter()
                    .any(|ending| matches!(ending, Ending::SilentDrop | Ending::RstOnNextPacket))
        };
        let over = self.timers.iter().filter(fires).filter_map(|timer| {
            let measured = clocks.of(timer, None);
            let value = timer.value()?;
            (value <= measured).then_some((
                named(timer, &families),
                value,
                Match { timer, fit: Fit::LowerBound, measured },
            ))
        });
        let mut over: Vec<_> = over.collect();
        over.sort_by(|a, b| {
            (!a.0, -a.1.as_nanos(), &a.2.timer.id).cmp(&(!b.0, -b.1.as_nanos(), &b.2.timer.id))
        });
        over.into_iter().map(|(_, _, found)| found).collect()
    }

    /// The families of timers that the headers tell.
    fn families(&self, headers: &[String]) -> Vec<&str> {
        let marks = headers.iter().flat_map(|header| self.marks_of(header));
        marks.flat_map(|mark| mark.families.iter().map(|family| &**family)).collect()
    }
}

impl Timer {
    /// Whether an end from `closer` can come from where the product stands; something between can end both.
    fn may_end(&self, closer: Option<Side>) -> bool {
        match (self.stands, closer) {
            (Stands::Client, Some(Side::Server)) | (Stands::Server, Some(Side::Client)) => false,
            (Stands::Between | Stands::Client | Stands::Server | Stands::Either, _) => true,
        }
    }

    /// Whether one of its usual values fits what was measured.
    pub fn fits(&self, measured: Span) -> bool {
        self.values().any(|value| {
            let off = measured - value;
            Span::ZERO - self.early() <= off && off <= self.late()
        })
    }
}

fn fit(timer: &Timer, measured: Span, endings: &[Ending], families: &[&str]) -> Option<Fit> {
    let (fits, named) = (timer.fits(measured), named(timer, families));
    if !fits && !named {
        return None;
    }
    let known = timer.ends_with.iter().any(|ending| endings.contains(ending));
    let unknown = timer.ends_with.contains(&Ending::Unknown);
    let hearsay = timer.wire_confidence.is_none_or(|grounds| grounds == Grounds::Hearsay);
    match (fits, named) {
        // What is only said of how it ends does not speak against a product that a header names.
        (true, true) if hearsay && segment(endings) && segment(&timer.ends_with) => Some(Fit::ValueAndHeader),
        _ if !known && !unknown => None,
        (true, true) => Some(Fit::ValueAndHeader),
        (false, _) => Some(Fit::Header),
        (true, false) if known => Some(Fit::ValueAndWire),
        (true, false) => Some(Fit::Value),
    }
}

/// Whether an end is a FIN or an RST at once.
fn segment(endings: &[Ending]) -> bool {
    endings.iter().any(|ending| matches!(ending, Ending::Fin | Ending::Rst))
}

fn named(timer: &Timer, families: &[&str]) -> bool {
    timer.family.as_deref().is_some_and(|family| families.contains(&family))
}

/// Fit, whether something in between, how the value and the end are grounded, how near.
fn rank(found: &Match<'_>) -> (Fit, bool, Grounds, Grounds, i64) {
    let timer = found.timer;
    let off = timer.nearest(found.measured).map(|value| (found.measured - value).abs().as_nanos());
    (
        found.fit,
        timer.stands != Stands::Between,
        timer.confidence,
        timer.wire_confidence.unwrap_or(Grounds::Hearsay),
        off.unwrap_or(i64::MAX),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: [TimerKind; 2] = [TimerKind::Idle, TimerKind::OneDirectionIdle];

    fn found(clocks: &Clocks, endings: &[Ending], headers: &[&str]) -> Vec<(String, Fit)> {
        let headers: Vec<String> = headers.iter().map(|&header| header.to_owned()).collect();
        let matches = Catalogue::built_in().matches(&IDLE, clocks, endings, &headers, Some(Side::Server));
        matches.into_iter().map(|found| (found.timer.id.to_string(), found.fit)).collect()
    }

    fn ids(silence_ms: i64, endings: &[Ending], headers: &[&str]) -> Vec<String> {
        let clocks = Clocks::silent(Span::from_millis(silence_ms));
        found(&clocks, endings, headers).into_iter().map(|(id, _)| id).collect()
    }

    #[test]
    fn a_named_product_goes_first() {
        let ids = ids(59_800, &[Ending::Fin], &["Server: nginx/1.22.1"]);
        assert_eq!(ids[0], "nginx-proxy-read-timeout");
    }

    #[test]
    fn only_timers_that_fire_early_fit_early() {
        let of = |ms| ids(ms, &[Ending::Fin], &[]);
        assert!(of(60_000).contains(&"aws-alb-idle-timeout".to_owned()));
        assert!(!of(59_750).contains(&"aws-alb-idle-timeout".to_owned()));
        assert!(of(59_750).contains(&"nginx-proxy-read-timeout".to_owned()));
    }

    #[test]
    fn values_and_endings_must_fit() {
        assert!(ids(58_000, &[Ending::Fin], &[]).is_empty());
        assert!(!ids(60_000, &[Ending::Rst], &[]).contains(&"nginx-proxy-read-timeout".to_owned()));
        assert!(ids(350_050, &[Ending::RstOnNextPacket], &[]).contains(&"aws-nat-gateway".to_owned()));
    }

    #[test]
    fn a_named_product_fits_with_a_changed_value() {
        assert_eq!(ids(4_000, &[Ending::Fin], &["Server: nginx"])[0], "nginx-proxy-read-timeout");
    }

    #[test]
    fn a_timer_of_one_direction_runs_on_its_own_clock() {
        let second = Span::from_secs;
        let sides = Sides { client: second(300), server: second(55) };
        let clocks = Clocks { silence: second(3), sides, age: second(400), ..Clocks::silent(second(3)) };
        let found = found(&clocks, &[Ending::Fin], &["Via: 1.1 vegur"]);
        assert_eq!(found[0], ("heroku-router-server-idle".to_owned(), Fit::ValueAndHeader));
    }

    #[test]
    fn a_lifetime_is_measured_from_the_opening() {
        let clocks = Clocks { age: Span::from_secs(7200), ..Clocks::silent(Span::from_secs(2)) };
        let kinds = [TimerKind::Lifetime];
        let found =
            Catalogue::built_in().matches(&kinds, &clocks, &[Ending::CloseFrame], &[], Some(Side::Server));
        assert!(found.iter().any(|found| found.timer.id == "aws-apigw-ws-lifetime"));
    }

    #[test]
    fn what_drops_silently_gives_a_lower_bound() {
        let clocks = Clocks::silent(Span::from_secs(400));
        let found = Catalogue::built_in().silent_drops(&clocks, &[]);
        assert_eq!(found[0].timer.value(), Some(Span::from_secs(350)));
        assert!(found.iter().all(|found| found.fit == Fit::LowerBound));
        assert!(found.iter().all(|found| found.timer.value().unwrap() <= Span::from_secs(400)));
    }
}
