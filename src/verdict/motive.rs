//! Why a side sent its Close: whose words these are, whose code it is, and which timer had run out.

use crate::catalogue::{Catalogue, Clocks, Ending, Fit, Match, Text, Timer, TimerKind, Wording, near_whole};
use crate::facts::Facts;
use crate::time::Span;
use crate::timeline::{Close, CloseBody};

use super::heartbeat::{self, Missing};
use super::{Cause, Confidence, Verdict, advice, idle, timers};

/// Shorter silences are everyday pauses.
const SHORTEST: Span = Span::from_millis(2_600);

/// How near to a whole second a timer that someone set fires.
const ABOUT: Span = Span::from_millis(60);

/// Applications named for a private code; more would only confuse.
const NAMED: usize = 3;

/// Adds what the catalogue knows of a Close, and of its wording, to its verdict.
pub(super) fn told(
    facts: &Facts,
    catalogue: &Catalogue,
    verdict: Verdict,
    close: &Close,
    wording: Option<&Wording>,
) -> Verdict {
    let verdict = match wording {
        Some(wording) => worded(facts, catalogue, verdict, close, wording),
        None => private(facts, catalogue, verdict, close),
    };
    let verdict = waited(facts, catalogue, verdict, close);
    let verdict = timed(facts, catalogue, verdict, close);
    hurried(facts, catalogue, verdict, close)
}

/// The reason is that of a known library.
fn worded(
    facts: &Facts,
    catalogue: &Catalogue,
    verdict: Verdict,
    close: &Close,
    wording: &Wording,
) -> Verdict {
    let fact = format!("these are the words of {}: {}", wording.product, wording.meaning);
    let mut verdict = verdict.shown_by(close.at, fact);
    let timer = wording.timer.as_deref().and_then(|id| catalogue.timer(id));
    if let Some(timer) = timer {
        let measured = clock(&timers::clocks(facts), timer, close);
        let found = Match { timer, fit: Fit::Wording, measured };
        verdict.candidates = timers::candidates(&[found]);
        // Its own words say that it fired: what was measured is its value.
        let simple = timer.kind != TimerKind::PongTimeout;
        if simple && !timer.fits(measured) && near_whole(measured, ABOUT, ABOUT) {
            let set = Span::from_secs(measured.as_secs_f64().round() as i64);
            verdict.candidates.iter_mut().for_each(|candidate| candidate.seconds = Some(set));
        }
        if verdict.cause == Cause::IdleTimeout {
            verdict = verdict
                .advise_all(advice::against_silence(facts, measured, Some(timer)))
                .advise_all([advice::setting(&found)]);
        }
    }
    verdict
}

/// The clock that a timer runs on where its owner is the one who closed.
fn clock(clocks: &Clocks, timer: &Timer, close: &Close) -> Span {
    match timer.kind {
        TimerKind::Lifetime | TimerKind::Handshake => clocks.age,
        TimerKind::PongTimeout => *clocks.sides.get(close.from.other()),
        _ => clocks.silence,
    }
}

/// A private code: what it means where the application is one of those known for it.
fn private(facts: &Facts, catalogue: &Catalogue, verdict: Verdict, close: &Close) -> Verdict {
    let Some(code) = close.code().filter(|code| (3000..=4999).contains(&code.0)) else { return verdict };
    let hints = hints(facts);
    let names = |part: &Text| hints.iter().any(|hint| hint.contains(&**part));
    let known = catalogue.applications_of(code.0).into_iter().filter(|row| row.known_by.iter().any(names));
    let named = known.filter_map(|row| Some((row.product.as_deref()?, row)));
    named.take(NAMED).fold(verdict, |verdict, (product, row)| {
        let fact = format!("the handshake names {product}, for which {code} means: {}", row.meaning);
        verdict.shown_by(close.at, fact)
    })
}

/// What of the handshake may name an application, in lower case.
fn hints(facts: &Facts) -> Vec<String> {
    let timeline = &facts.connection.timeline;
    let request = timeline.request.iter();
    let asked = request.flat_map(|request| {
        let names = request.host.iter().chain(&request.subprotocols).map(String::as_str);
        names.chain([request.path()])
    });
    asked.map(str::to_lowercase).collect()
}

/// The closer missed a sign of life: the timers that fit, unless its own words named one.
fn waited(facts: &Facts, catalogue: &Catalogue, mut verdict: Verdict, close: &Close) -> Verdict {
    if verdict.cause == Cause::MissedHeartbeat
        && verdict.candidates.is_empty()
        && let Some(missing) = Missing::of(facts, close.from, close.at)
    {
        verdict.candidates = heartbeat::candidates(facts, catalogue, close.from, &missing);
    }
    verdict
}

/// A silence, or a life, that fits a timer whose Close looks like this one.
fn timed(facts: &Facts, catalogue: &Catalogue, mut verdict: Verdict, close: &Close) -> Verdict {
    let clocks = timers::clocks(facts);
    let plain = matches!(
        verdict.cause,
        Cause::Normal | Cause::GoingAway | Cause::ProtocolError | Cause::InternalError | Cause::Unknown
    );
    if !plain || clocks.silence < SHORTEST || close.reason().is_some() || !verdict.candidates.is_empty() {
        return verdict;
    }
    let headers = timers::headers(facts);
    let endings = [Ending::CloseFrame];
    let mut matches = catalogue.matches(&idle::KINDS, &clocks, &endings, &headers, Some(close.from));
    matches.retain(|found| found.fit != Fit::Header && closes_so(found.timer, close));
    let Some(best) = matches.first() else { return verdict };
    let reading = format!(
        "an idle timeout of the {}, such as `{}` of {}",
        close.from, best.timer.setting, best.timer.product
    );
    let fact = format!("a silence of {} came before it", best.measured);
    verdict.candidates = timers::candidates(&matches);
    // Who closed is certain, and why is not.
    verdict.confidence = verdict.confidence.min(Confidence::Medium);
    verdict.or_else(reading, true, fact)
}

/// Whether a timer's Close has this code.
fn closes_so(timer: &Timer, close: &Close) -> bool {
    match (&close.body, timer.close_code) {
        (CloseBody::Code(code, _), Some(known)) => code.0 == known,
        (CloseBody::Empty, None) => timer.ends_with.contains(&Ending::CloseFrame),
        _ => false,
    }
}

/// The closer ended TCP after it had waited for the answer as long as a known library does.
fn hurried(facts: &Facts, catalogue: &Catalogue, mut verdict: Verdict, close: &Close) -> Verdict {
    let timeline = &facts.connection.timeline;
    let answered = timeline.closes.iter().any(|other| other.from != close.from);
    let fin = timeline.first_end().filter(|(from, ..)| *from == close.from && !answered);
    let Some((from, at, is_reset)) = fin else { return verdict };
    let waited = at.time - close.at.time;
    if waited < Span::from_millis(500) || !verdict.candidates.is_empty() {
        return verdict;
    }
    let endings = [if is_reset { Ending::Rst } else { Ending::Fin }];
    let kinds = [TimerKind::CloseHandshake];
    let matches = catalogue.matches(&kinds, &Clocks::silent(waited), &endings, &[], Some(from));
    verdict.candidates = timers::candidates(&matches);
    verdict
}
