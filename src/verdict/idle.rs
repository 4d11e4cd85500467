//! Nobody spoke, and then the connection was ended without a Close, at a time that looks like a
//! timer's.

use crate::catalogue::{Catalogue, Ending, Fit, Match};
use crate::facts::{ActKind, Facts, Mechanism};
use crate::flow::Side;
use crate::time::Span;
use crate::timeline::IdleClock;

use super::{Candidate, Cause, Confidence, Party, Verdict};

/// Shorter silences are everyday pauses.
const SHORTEST: Span = Span::from_millis(2_600);

/// How near to a whole second a silence must end to look like a configured timer.
const WHOLE: Span = Span::from_millis(60);

/// The same where a header names a product whose timers fire early.
const WHOLE_EARLY: Span = Span::from_millis(350);

/// Candidates shown; more would be a list of everything that has a round value.
const SHOWN: usize = 8;

pub(super) fn timeout(facts: &Facts, catalogue: &Catalogue) -> Option<Verdict> {
    let ending = match facts.mechanism {
        Mechanism::FinWithoutClose => Ending::Fin,
        Mechanism::RstWithoutClose => Ending::Rst,
        _ => return None,
    };
    let silence = facts.silence_before_end();
    let headers = headers(facts);
    let matches = catalogue.matches(silence, &[ending], &headers);
    let fit = matches.first().map(|found| found.fit);
    if silence < SHORTEST || !looks_timed(silence, fit) {
        return None;
    }
    Some(verdict(facts, silence, &matches))
}

fn looks_timed(silence: Span, fit: Option<Fit>) -> bool {
    match fit {
        Some(Fit::ValueAndHeader | Fit::ValueAndWire | Fit::Value) => true,
        Some(Fit::Header) => off_whole_second(silence, WHOLE_EARLY),
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
    let guess = named.map_or(String::new(), |found| {
        let value = if found.fit == Fit::Header { ", set to that value" } else { "" };
        format!(
            " A header names {}, whose setting for this is {}{value}.",
            found.timer.product, found.timer.setting
        )
    });
    let mut verdict = Verdict::new(facts, Party::Intermediary, Cause::IdleTimeout, confidence).summary(format!(
        "Nobody said anything for {silence}; then the connection was ended from the {closer}'s direction without a Close, \
         as a proxy's or load balancer's idle timeout does.{guess}"
    ));
    if let Some(gap) = facts.connection.timeline.idle.as_ref().and_then(IdleClock::longest) {
        verdict = verdict.shown_by(gap.from, "the last that was said before the longest silence");
    }
    if let Some(act) = facts.act {
        let what = if matches!(act.kind, ActKind::Fin(_)) { "FIN" } else { "RST" };
        verdict = verdict.shown_by(act.at, format!("{what} from the {closer}'s address, {silence} later"));
    }
    verdict.candidates = matches.iter().take(SHOWN).map(|found| candidate(found, silence)).collect();
    let fixes: Vec<_> =
        named.iter().map(|found| format!("{}: {}.", found.timer.product, found.timer.fix)).collect();
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
        .advise(heartbeat_advice(silence))
        .advise_all(fixes)
}

/// Half the timeout leaves room for a lost ping.
fn heartbeat_advice(silence: Span) -> String {
    let timeout = silence.as_secs_f64().round();
    format!("Send a ping at least every {} s: half of the {timeout} s after which it was cut.", timeout / 2.0)
}

fn candidate(found: &Match<'_>, measured: Span) -> Candidate {
    let timer = found.timer;
    Candidate {
        id: timer.id.clone(),
        product: timer.product.clone(),
        setting: timer.setting.clone(),
        seconds: timer.seconds,
        measured,
        fit: found.fit.name(),
        fix: timer.fix.clone(),
    }
}

fn headers(facts: &Facts) -> Vec<String> {
    let timeline = &facts.connection.timeline;
    let request = timeline.request.iter().flat_map(|request| &request.via);
    let response = timeline.response.iter().flat_map(|response| &response.via);
    request.chain(response).map(ToString::to_string).collect()
}

impl Verdict {
    fn advise_all(mut self, texts: Vec<String>) -> Self {
        self.advice.extend(texts);
        self
    }
}
