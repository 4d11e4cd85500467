//! All connections of a proxy that end at once: it was restarted or reloaded, whatever each one alone looks like.
//!
//! A server behind it that had died would leave nothing to grant new upgrades, and one of several servers
//! would take its own connections only.

use std::collections::BTreeMap;

use crate::facts::Facts;
use crate::flow::{Endpoint, Side};
use crate::time::{Span, Timestamp};
use crate::timeline::Kind;
use crate::verdict::{ALL_AT_ONCE, Alternative, Cause, Confidence, Evidence, Party, Verdict};

use super::Members;
use super::digest::Digest;

/// Ends of one event come within this time.
const WINDOW: Span = Span::from_secs(1);

/// Fewer can be a coincidence.
const FEWEST: usize = 3;

/// How soon after the ends a new connection must be granted to show that the server is well.
const GRANTED: Span = Span::from_secs(5);

/// Silences that differ by less may be those of one timer.
const MIXED: Span = Span::from_millis(600);

/// Corrects the verdicts on connections that ended with all others through the same proxy.
pub(super) fn correct(members: &mut impl Members) {
    let mut through: BTreeMap<Endpoint, Through> = BTreeMap::new();
    for index in 0..members.len() {
        let digest = members.digest(index);
        through.entry(digest.end(Side::Server)).or_default().note(index, digest);
    }
    for mut through in through.into_values() {
        for run in through.events() {
            for &index in &run {
                if let Some((facts, verdict)) = members.read(index) {
                    let verdict = told(&facts, verdict, run.len());
                    members.correct(index, facts, verdict);
                }
            }
        }
    }
}

/// The connections to one address.
#[derive(Default)]
struct Through {
    opened: Vec<Timestamp>,
    /// Every end.
    ended: Vec<Timestamp>,
    /// When an upgrade was answered with a gateway's error.
    failed: Vec<Timestamp>,
    /// Ends by a FIN or RST of the address, without a Close, of connections on which a header names a proxy.
    hung_up: Vec<(Timestamp, usize, Span)>,
}

impl Through {
    fn note(&mut self, index: usize, digest: &Digest) {
        if digest.kind == Kind::RefusedUpgrade {
            self.failed.extend(digest.failed());
            return;
        }
        self.opened.push(digest.opened);
        let Some(ended) = digest.ended() else { return };
        self.ended.push(ended);
        let alone = matches!(digest.cause, Cause::ProcessExit | Cause::IdleTimeout);
        if alone && digest.hung_up && digest.confidence < Confidence::High {
            self.hung_up.push((ended, index, digest.silence));
        }
    }

    /// Groups of connections that one event at the proxy ended.
    fn events(&mut self) -> Vec<Vec<usize>> {
        for times in [&mut self.opened, &mut self.ended, &mut self.failed] {
            times.sort_unstable();
        }
        self.hung_up.sort_unstable();
        let mut events = Vec::new();
        let mut rest = &self.hung_up[..];
        while let Some(&(first, ..)) = rest.first() {
            let (run, later) = rest.split_at(rest.partition_point(|(at, ..)| *at - first <= WINDOW));
            rest = later;
            if self.is_event(run) {
                events.push(run.iter().map(|(_, index, _)| *index).collect());
            }
        }
        events
    }

    fn is_event(&self, run: &[(Timestamp, usize, Span)]) -> bool {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { return false };
        let silences = || run.iter().map(|(.., silence)| *silence);
        let (shortest, longest) = (silences().min(), silences().max());
        let mixed = shortest.zip(longest).is_some_and(|(a, b)| b - a >= MIXED);
        let until = |times: &[Timestamp], at: Timestamp| times.partition_point(|time| *time <= at);
        // Everything that was open when the first of them ended has ended with the last of them.
        let open = until(&self.opened, first.0).saturating_sub(until(&self.ended, last.0));
        let soon = Timestamp::from_nanos(last.0.as_nanos().saturating_add(GRANTED.as_nanos()));
        let granted = until(&self.opened, soon) > until(&self.opened, last.0);
        let failed = until(&self.failed, soon) > until(&self.failed, first.0);
        run.len() >= FEWEST && mixed && open == 0 && granted && !failed
    }
}

fn told(facts: &Facts, mut verdict: Verdict, count: usize) -> Verdict {
    verdict.rule = ALL_AT_ONCE;
    (verdict.party, verdict.cause, verdict.confidence) =
        (Party::Intermediary, Cause::Restart, Confidence::Medium);
    verdict.summary = format!(
        "The proxy in front of the server ended this connection without a Close when it ended all of its {count} \
         connections at once, and granted new ones right after: it was restarted or reloaded."
    );
    verdict.evidence = facts
        .act
        .iter()
        .map(|act| Evidence {
            at: act.at,
            fact: format!("this end comes with those of all others through this address, {count} in all"),
        })
        .collect();
    verdict.alternatives = vec![Alternative {
        reading: "the only server behind the proxy was restarted, and was back at once".to_owned(),
        speaks_for: true,
        fact: "the proxy passes the ends of its connections to the server on, and they look the same here"
            .to_owned(),
    }];
    verdict.would_settle = Some(
        "The proxy's log at this time: a reload or stop. A capture behind the proxy: who ends first there."
            .to_owned(),
    );
    verdict.candidates.clear();
    verdict.advice = vec![
        "Look for a reload or restart of the proxy at this time (a new configuration, a deploy, a rotated certificate); in nginx, \
         `worker_shutdown_timeout` bounds how long old workers keep WebSockets open after a reload."
            .to_owned(),
        "Let clients reconnect after a random delay, so that they do not all come at once.".to_owned(),
    ];
    verdict
}
