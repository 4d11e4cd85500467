//! Nobody spoke, and then the connection was ended without a Close, at a time that looks like a
//! timer's.

use crate::catalogue::{Catalogue, Clocks, Ending, Fit, Match, Stands, TimerKind, near_whole};
use crate::facts::{ActKind, Facts, Mechanism};
use crate::flow::Side;
use crate::time::Span;
use crate::timeline::IdleClock;

use super::{Cause, Confidence, Party, Verdict, advice, haproxy, timers};

/// Shorter silences are everyday pauses.
const SHORTEST: Span = Span::from_millis(2_600);

/// The same where a header names a product with such a timer.
const SHORTEST_NAMED: Span = Span::from_millis(950);

/// How near to a whole second a silence must end to look like a configured timer.
const WHOLE: Span = Span::from_millis(60);

/// The same where the silence is short, or where only the time since a timer's start is whole.
const EXACT: Span = Span::from_millis(15);

/// What ends a connection that nobody speaks on.
pub(super) const KINDS: [TimerKind; 2] = [TimerKind::Idle, TimerKind::OneDirectionIdle];

pub(super) fn timeout(facts: &Facts, catalogue: &Catalogue) -> Option<Verdict> {
    let ending = ending(facts)?;
    let clocks = timers::clocks(facts);
    let headers = timers::headers(facts);
    let mut matches = catalogue.matches(&KINDS, &clocks, &[ending], &headers, facts.closer());
    let silence = timed(facts, &clocks, matches.first())?;
    matches.extend(haproxy::by_shape(facts, catalogue, silence));
    Some(verdict(facts, &clocks, silence, &matches))
}

/// The silence that a timer had measured, where the end looks like a timer's.
fn timed(facts: &Facts, clocks: &Clocks, best: Option<&Match<'_>>) -> Option<Span> {
    let fit = best.map(|found| found.fit);
    let silence = best.map_or(clocks.silence, |found| found.measured);
    let shortest =
        if matches!(fit, Some(Fit::ValueAndHeader | Fit::Header)) { SHORTEST_NAMED } else { SHORTEST };
    if silence < shortest {
        return None;
    }
    match fit {
        Some(Fit::Header) => whole(facts, silence, if silence < SHORTEST { EXACT } else { WHOLE }),
        Some(_) => Some(silence),
        // A timer that nothing names, and that had been started sooner than the silence began.
        None => whole(facts, silence, WHOLE).or_else(|| whole(facts, clocks.lazy, EXACT)),
    }
}

/// The silence before the end, where it is of whole seconds.
pub(super) fn whole_silence(facts: &Facts) -> Option<Span> {
    let silence = facts.silence_before_end();
    whole(facts, silence, WHOLE).filter(|silence| *silence >= SHORTEST)
}

/// A span of whole seconds. What the closer heard last it heard half a round trip before or after it
/// passed here, so that a round trip may be in it.
fn whole(facts: &Facts, span: Span, tolerance: Span) -> Option<Span> {
    let rtt = facts.connection.tcp.rtt().unwrap_or(Span::ZERO);
    let without = Span::from_nanos(span.as_nanos().saturating_sub(rtt.as_nanos()));
    let told = rtt > tolerance && near_whole(without, EXACT, EXACT);
    (near_whole(span, tolerance, tolerance) || told).then_some(span)
}

/// What the wire shows of an end without a Close.
pub(super) const fn ending(facts: &Facts) -> Option<Ending> {
    match facts.mechanism {
        Mechanism::FinWithoutClose | Mechanism::Http2StreamReset => Some(Ending::Fin),
        Mechanism::RstWithoutClose => Some(Ending::Rst),
        _ => None,
    }
}

fn verdict(facts: &Facts, clocks: &Clocks, measured: Span, matches: &[Match<'_>]) -> Verdict {
    // A lazy timer had run for longer than the silence; what was seen is the silence.
    let lazy = measured > clocks.silence && matches.first().is_none_or(|found| found.timer.is_lazy());
    let silence = if lazy { clocks.silence } else { measured };
    let closer = facts.closer().unwrap_or(Side::Server);
    let named = matches.first().filter(|found| matches!(found.fit, Fit::ValueAndHeader | Fit::Header));
    let confidence = if named.is_some() || matches.len() > 1 { Confidence::Medium } else { Confidence::Low };
    let mut verdict = Verdict::new(facts, Party::Intermediary, Cause::IdleTimeout, confidence).summary(format!(
        "{} said anything for {silence}; then the connection was ended from the {closer}'s direction without a Close, \
         as a proxy's or load balancer's idle timeout does.{}{}",
        who_was_silent(matches.first()),
        if lazy { lately(measured, silence) } else { String::new() },
        guess(named, matches)
    ));
    if let Some(gap) = facts.connection.timeline.idle.as_ref().and_then(IdleClock::longest) {
        verdict = verdict.shown_by(gap.from, "the last that was said before the longest silence");
    }
    if let Some(act) = facts.act {
        let what = match act.kind {
            ActKind::Stream(_) if facts.mechanism == Mechanism::Http2StreamReset => "RST_STREAM",
            ActKind::Stream(_) => "END_STREAM",
            ActKind::Reset(_) => "RST",
            ActKind::Close(_) | ActKind::Fin(_) => "FIN",
        };
        verdict = verdict.shown_by(act.at, format!("{what} from the {closer}'s address, {silence} later"));
    }
    verdict.candidates = timers::candidates(matches);
    let advice = advice::against_silence(facts, measured, matches.first().map(|found| found.timer));
    verdict
        .or_else(
            format!("the {closer} itself ended it by its own idle timeout, or its process ended"),
            true,
            "the same FIN or RST would be seen",
        )
        .settled_by(format!(
            "A capture on the other leg of the proxy, or on the {closer}'s own host: who ends it first there. \
             The proxy's log at this time."
        ))
        .advise_all(advice)
        .advise_all(named.map(advice::setting))
}

/// Why the silence is shorter than the timer, where that is to be seen.
fn lately(measured: Span, silence: Span) -> String {
    if measured - silence < Span::from_millis(20) {
        return String::new();
    }
    format!(
        " Such a timer (nginx's) takes no notice of what comes within 0.3 s of its start; it had run for {measured}."
    )
}

/// A timer of one direction counts one side only.
fn who_was_silent(best: Option<&Match<'_>>) -> &'static str {
    use crate::catalogue::ResetBy;
    match best.map(|found| (found.timer.kind, found.timer.reset_by)) {
        Some((TimerKind::OneDirectionIdle, ResetBy::ClientToServer)) => "The client had not",
        Some((TimerKind::OneDirectionIdle, ResetBy::ServerToClient)) => "The server had not",
        _ => "Nobody",
    }
}

/// What the candidates say together: one product that a header names, or how many share the value.
fn guess(named: Option<&Match<'_>>, matches: &[Match<'_>]) -> String {
    if let Some(found) = named {
        let value = if found.fit == Fit::Header { ", set to that value" } else { "" };
        return format!(
            " A header names {}, whose setting for this is {}{value}.",
            found.timer.product, found.timer.setting
        );
    }
    match matches.iter().filter(|found| found.timer.stands == Stands::Between).count() {
        0 | 1 => String::new(),
        many => format!(" {many} known products come with this value; no header tells which it is."),
    }
}

impl Verdict {
    pub(super) fn advise_all(mut self, texts: impl IntoIterator<Item = String>) -> Self {
        self.advice.extend(texts);
        self
    }
}
