//! Nobody spoke, and then the connection was ended without a Close, at a time that looks like a
//! timer's.

use crate::catalogue::{Catalogue, Ending, Fit, Match, Stands, TimerKind};
use crate::facts::{ActKind, Facts, Mechanism};
use crate::flow::Side;
use crate::time::Span;
use crate::timeline::IdleClock;

use super::{Cause, Confidence, Party, Verdict, advice, timers};

/// Shorter silences are everyday pauses.
const SHORTEST: Span = Span::from_millis(2_600);

/// How near to a whole second a silence must end to look like a configured timer.
const WHOLE: Span = Span::from_millis(60);

/// The same where a header names a product whose timers fire early.
const WHOLE_EARLY: Span = Span::from_millis(350);

/// What ends a connection that nobody speaks on.
pub(super) const KINDS: [TimerKind; 2] = [TimerKind::Idle, TimerKind::OneDirectionIdle];

pub(super) fn timeout(facts: &Facts, catalogue: &Catalogue) -> Option<Verdict> {
    let ending = ending(facts)?;
    let clocks = timers::clocks(facts);
    let headers = timers::headers(facts);
    let matches = catalogue.matches(&KINDS, &clocks, &[ending], &headers, facts.closer());
    let best = matches.first();
    let silence = best.map_or(clocks.silence, |found| found.measured);
    if silence < SHORTEST || !looks_timed(silence, best.map(|found| found.fit)) {
        return None;
    }
    Some(verdict(facts, silence, &matches))
}

/// What the wire shows of an end without a Close.
pub(super) const fn ending(facts: &Facts) -> Option<Ending> {
    match facts.mechanism {
        Mechanism::FinWithoutClose => Some(Ending::Fin),
        Mechanism::RstWithoutClose => Some(Ending::Rst),
        _ => None,
    }
}

fn looks_timed(silence: Span, fit: Option<Fit>) -> bool {
    match fit {
        Some(Fit::Header) => off_whole_second(silence, WHOLE_EARLY),
        Some(_) => true,
        None => off_whole_second(silence, WHOLE),
    }
}

fn off_whole_second(silence: Span, early: Span) -> bool {
    let rest = silence.as_nanos().rem_euclid(1_000_000_000);
    rest <= WHOLE.as_nanos() || 1_000_000_000 - rest <= early.as_nanos()
}

fn verdict(facts: &Facts, silence: Span, matches: &[Match<'_>]) -> Verdict {
    let closer = facts.closer().unwrap_or(Side::Server);
    let named = matches.first().filter(|found| matches!(found.fit, Fit::ValueAndHeader | Fit::Header));
    let confidence = if named.is_some() || matches.len() > 1 { Confidence::Medium } else { Confidence::Low };
    let mut verdict = Verdict::new(facts, Party::Intermediary, Cause::IdleTimeout, confidence).summary(format!(
        "{} said anything for {silence}; then the connection was ended from the {closer}'s direction without a Close, \
         as a proxy's or load balancer's idle timeout does.{}",
        who_was_silent(matches.first()),
        guess(named, matches)
    ));
    if let Some(gap) = facts.connection.timeline.idle.as_ref().and_then(IdleClock::longest) {
        verdict = verdict.shown_by(gap.from, "the last that was said before the longest silence");
    }
    if let Some(act) = facts.act {
        let what = if matches!(act.kind, ActKind::Fin(_)) { "FIN" } else { "RST" };
        verdict = verdict.shown_by(act.at, format!("{what} from the {closer}'s address, {silence} later"));
    }
    verdict.candidates = timers::candidates(matches);
    let advice = advice::against_silence(facts, silence, matches.first().map(|found| found.timer));
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
