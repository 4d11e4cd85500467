//! The connection lived for as long as something allows, silent or not.

use crate::catalogue::{Catalogue, Fit, Match, TimerKind};
use crate::facts::Facts;

use super::idle::{self, ending};
use super::{Cause, Confidence, Party, Verdict, advice, timers};

pub(super) fn limit(facts: &Facts, catalogue: &Catalogue) -> Option<Verdict> {
    let ending = ending(facts)?;
    let (act, closer) = (facts.act?, facts.closer()?);
    let (clocks, headers) = (timers::clocks(facts), timers::headers(facts));
    // Without a header that names its owner, an age proves nothing.
    if !headers.iter().any(|header| catalogue.names_timers(header)) {
        return None;
    }
    let find = |kinds: &[TimerKind]| catalogue.matches(kinds, &clocks, &[ending], &headers, Some(closer));
    let named = |found: &&Match<'_>| found.fit == Fit::ValueAndHeader;
    let matches = find(&[TimerKind::Lifetime]);
    let best = matches.first().filter(named)?;
    // A silence that fits as well is the simpler reading.
    if find(&idle::KINDS).first().filter(named).is_some() {
        return None;
    }
    let age = clocks.age;
    let mut verdict = Verdict::new(facts, Party::Intermediary, Cause::LifetimeLimit, Confidence::Medium)
        .summary(format!(
            "The connection was ended from the {closer}'s direction without a Close when it was {age} old, as a limit on \
             its whole life does. A header names {}, whose setting for this is {}.",
            best.timer.product, best.timer.setting
        ))
        .shown_by(facts.connection.opened(), "the connection opens")
        .shown_by(act.at, format!("its end, {age} later"));
    verdict.candidates = timers::candidates(&matches);
    Some(
        verdict
            .or_else(
                format!("the {closer} itself ended it, or its process ended"),
                true,
                "the same FIN or RST would be seen",
            )
            .settled_by("More connections of this kind: whether they all end at this age.")
            .advise("No heartbeat helps against it: reconnect before, or raise the limit.")
            .advise(advice::setting(best)),
    )
}
