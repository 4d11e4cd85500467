//! The closer had waited for a sign of life in vain: for the answer to a ping, or for anything at all.

use crate::catalogue::{Catalogue, Ending, Fit, Match, TimerKind};
use crate::facts::Facts;
use crate::flow::{Side, Stamp};
use crate::heartbeat::Kind;
use crate::time::Span;
use crate::timeline::{Pings, WaitingPing};

use super::idle::ending;
use super::{Candidate, Cause, Confidence, Verdict, timers};

/// A pong that is younger than this may simply be on its way.
const PONG_WAIT: Span = Span::from_secs(1);

/// How late an announced timer may fire: its owner's event loop has other things to do.
const LATE: Span = Span::from_millis(1_000);

/// How early, for packets take their time.
const EARLY: Span = Span::from_millis(50);

pub(super) fn missed(facts: &Facts, catalogue: &Catalogue) -> Option<Verdict> {
    ending(facts)?;
    let act = facts.act?;
    let (closer, other) = (act.from, act.from.other());
    let missing = Missing::of(facts, closer, act.at)?;
    let is_suspected = matches!(missing, Missing::Suspected { .. });
    let confidence = if is_suspected { Confidence::Low } else { Confidence::Medium };
    let mut verdict = Verdict::new(facts, closer.into(), Cause::MissedHeartbeat, confidence)
        .summary(format!("The {closer} ended the connection without a Close {}.", missing.why(other)));
    if let Some((at, fact)) = missing.shown(facts, closer) {
        verdict = verdict.shown_by(at, fact);
    }
    verdict.candidates = candidates(facts, catalogue, closer, &missing);
    let verdict = verdict
        .shown_by(act.at, format!("the {closer} ends the connection"))
        .or_else(
            format!("the {closer}'s process ended for another reason"),
            true,
            "a killed process leaves the same FIN or RST",
        )
        .settled_by(format!("The {closer}'s log at this time: a library that misses pongs says so."))
        .advise(format!(
            "Find out why the {other} did not answer pings: a library with pongs switched off, a blocked event loop, \
             a suspended process."
        ));
    Some(verdict)
}

/// A sign of life that did not come.
#[derive(Clone, Copy, Debug)]
pub(super) enum Missing<'a> {
    /// The answer to a ping.
    Answer {
        /// The ping.
        ping: &'a WaitingPing,
        /// How long it had waited.
        waited: Span,
        /// It was one of the application's, inside a message.
        is_inside: bool,
        /// The answer came when the end had begun.
        is_late: bool,
    },
    /// The answer to a heartbeat that only lengths and times of TLS records suggest.
    Suspected {
        /// The record.
        ping: &'a WaitingPing,
        /// How long it had waited.
        waited: Span,
    },
    /// Anything at all, for as long as the peers had announced.
    Anything {
        /// The silence of the other side.
        silence: Span,
        /// What was announced.
        announced: Span,
    },
}

impl<'a> Missing<'a> {
    /// What `side` had missed at `end`.
    pub(super) fn of(facts: &'a Facts, side: Side, end: Stamp) -> Option<Self> {
        let ping = in_vain(facts, side, end).map(|ping| (ping, false));
        if let Some(ping) = suspected_in_vain(facts, side, end) {
            return Some(Self::Suspected { ping, waited: end.time - ping.at.time });
        }
        let inside = || inside_in_vain(facts, side, end).map(|ping| (ping, true));
        let Some((ping, is_inside)) = ping.or_else(inside) else { return Self::anything(facts, side) };
        let is_late = late(facts, side, ping).is_some();
        Some(Self::Answer { ping, waited: end.time - ping.at.time, is_inside, is_late })
    }

    fn anything(facts: &Facts, side: Side) -> Option<Self> {
        let told = facts.connection.timeline.beats.as_ref()?.announced?;
        let announced = match side {
            Side::Client => told.server_silence,
            Side::Server => told.client_silence,
        }?;
        let silence = *timers::clocks(facts).sides.get(side.other());
        let fits = near(silence, announced);
        fits.then_some(Self::Anything { silence, announced })
    }

    /// Why an end came, as the rest of a sentence.
    pub(super) fn why(&self, other: Side) -> String {
        match self {
            Self::Answer { waited, is_inside, is_late, .. } => {
                let what = if *is_inside { "heartbeat of its application" } else { "ping" };
                let answered = if *is_late { "had not answered by then" } else { "never answered" };
                format!("{waited} after a {what} that the {other} {answered}")
            }
            Self::Suspected { waited, .. } => format!(
                "{waited} after a record that looks like its heartbeat, and that the {other} did not answer as it had \
                 answered those before"
            ),
            Self::Anything { silence, announced } => format!(
                "after {silence} without anything from the {other}, which is as long as the two had agreed on \
                 ({} s)",
                announced.as_secs_f64()
            ),
        }
    }

    /// The packet that shows it.
    pub(super) fn shown(&self, facts: &Facts, closer: Side) -> Option<(Stamp, String)> {
        let (ping, what) = match self {
            Self::Answer { ping, is_inside: true, .. } => (ping, "heartbeat inside a message"),
            Self::Answer { ping, .. } => (ping, "ping"),
            Self::Suspected { ping, .. } => (ping, "heartbeat, inferred"),
            Self::Anything { .. } => return None,
        };
        let state = state(facts, closer, ping);
        Some((ping.at, format!("the {closer}'s {what}: {state}")))
    }
}

/// How far a ping got that was not answered.
pub(super) fn state(facts: &Facts, closer: Side, ping: &WaitingPing) -> String {
    let other = closer.other();
    if let Some(at) = late(facts, closer, ping) {
        return format!("the {other} answered it {} later, when the end had begun", at.time - ping.at.time);
    }
    if facts.connection.tcp.sides.get(closer).acked >= ping.end {
        format!("the {other}'s host acknowledged it, its application sent no pong")
    } else if facts.one_sided.is_some() {
        format!("the {closer} acknowledges nothing new of the {other} from there on")
    } else {
        format!("the {other}'s host did not acknowledge it")
    }
}

/// When the pong came for which this ping of `side` had waited until the end began.
fn late(facts: &Facts, side: Side, ping: &WaitingPing) -> Option<Stamp> {
    let timeline = &facts.connection.timeline;
    let beats = timeline.beats.iter().map(|beats| beats.sides.get(side));
    let mut pongs = beats.chain([timeline.pings.get(side)]).filter_map(Pings::late);
    pongs.find(|late| late.ping.at == ping.at).map(|late| late.at)
}

/// The oldest ping of `side` that was still without a pong at `end`, although it had waited longer than
/// any before.
pub(super) fn in_vain(facts: &Facts, side: Side, end: Stamp) -> Option<&WaitingPing> {
    overdue(facts, facts.connection.timeline.pings.get(side), end)
}

/// The same of heartbeats that records of TLS suggest.
fn suspected_in_vain(facts: &Facts, side: Side, end: Stamp) -> Option<&WaitingPing> {
    let sealed = facts.connection.timeline.tls.as_ref()?.sealed.as_ref()?;
    let mut from_side = sealed.beats.iter().filter(|each| each.beat.from == side);
    from_side.find_map(|each| {
        let ping = each.waiting.as_ref()?;
        let (waited, slowest) = (end.time - ping.at.time, each.beat.rtt.bounds().map(|(_, most)| most));
        (waited >= PONG_WAIT && slowest.is_none_or(|slowest| waited > slowest)).then_some(ping)
    })
}

/// The same of heartbeats inside messages; where the peers announced how long an answer may take, it must
/// have taken that long.
fn inside_in_vain(facts: &Facts, side: Side, end: Stamp) -> Option<&WaitingPing> {
    let beats = facts.connection.timeline.beats.as_ref()?;
    let pings = beats.sides.get(side);
    let ping = overdue(facts, pings, end)?;
    let wait = beats.announced.and_then(|announced| announced.wait).unwrap_or(Span::ZERO);
    let long = end.time - ping.at.time >= wait - EARLY;
    // What merely looks like a ping may never be answered.
    let answers = pings.answered > 0 || !matches!(beats.kind, Kind::JsonPeriodic | Kind::TextPing);
    (long && answers).then_some(ping)
}

/// The timers that fit: what the peers announced first, then those of libraries.
pub(super) fn candidates(
    facts: &Facts,
    catalogue: &Catalogue,
    closer: Side,
    missing: &Missing<'_>,
) -> Vec<Candidate> {
    let clocks = timers::clocks(facts);
    let endings = [ending(facts).unwrap_or(Ending::CloseFrame)];
    let headers = timers::headers(facts);
    let kinds = [TimerKind::PongTimeout];
    let mut matches = catalogue.matches(&kinds, &clocks, &endings, &headers, Some(closer));
    matches.retain(|found| found.fit != Fit::Header);
    let mut candidates = timers::candidates(&matches);
    if let Some(announced) = announced(facts, catalogue, closer, missing) {
        candidates.retain(|candidate| candidate.id != announced.id);
        candidates.insert(0, announced);
    }
    candidates
}

/// The timer of a protocol whose value the peers announced.
fn announced(facts: &Facts, catalogue: &Catalogue, closer: Side, missing: &Missing<'_>) -> Option<Candidate> {
    let beats = facts.connection.timeline.beats.as_ref()?;
    let told = beats.announced?;
    let (measured, value) = match missing {
        Missing::Answer { waited, is_inside: true, .. } => (*waited, told.wait?),
        Missing::Anything { silence, announced } => (*silence, *announced),
        Missing::Answer { .. } | Missing::Suspected { .. } => return None,
    };
    let timer = timers::of_protocol(catalogue, beats.kind, closer).filter(|_| near(measured, value))?;
    let found = Match { timer, fit: Fit::Announced, measured };
    let candidate = timers::candidates(&[found]).pop()?;
    Some(Candidate { seconds: Some(value), ..candidate })
}

fn overdue<'a>(facts: &Facts, pings: &'a Pings, end: Stamp) -> Option<&'a WaitingPing> {
    let oldest = match facts.one_sided {
        None => pings.oldest_waiting()?,
        // The pong may be among what was acknowledged, but is not in the capture.
        Some(side) => {
            let alone = side.alone?;
            pings.waiting().find(|ping| end.time - ping.at.time <= alone)?
        }
    };
    let waited = end.time - oldest.at.time;
    let slow = waited >= PONG_WAIT && pings.slowest().is_none_or(|slowest| waited > slowest);
    slow.then_some(oldest)
}

/// Whether an announced timer may have fired after what was measured.
fn near(measured: Span, announced: Span) -> bool {
    let off = measured - announced;
    Span::ZERO - EARLY <= off && off <= LATE
}
