//! Many connections of one host that end at the same moment: a restart, not an affair of single clients.

use crate::flow::Side;
use crate::time::{Span, Timestamp};
use crate::verdict::{Cause, Confidence};

use super::{Closer, Finding, FindingKind, How, Known, grouped, indexes, runs};

/// Ends of one event come within this time.
const WINDOW: Span = Span::from_secs(2);

/// Fewer can be a coincidence.
const FEWEST: usize = 3;

/// An event has to stand out of the everyday ends by this factor.
const OUTSTANDING: usize = 5;

pub(super) fn find(known: &[Known<'_>]) -> Vec<Finding> {
    let groups = grouped(known, FEWEST, Known::closer);
    groups.into_iter().flat_map(|(closer, group)| of_host(&closer, group)).collect()
}

fn of_host(closer: &Closer, group: Vec<Known<'_>>) -> Vec<Finding> {
    let Some(begin) = group.iter().map(|each| each.opened).min() else { return Vec::new() };
    let all = group.len();
    let ended = |each: &Known<'_>| each.ended().map(|at| at - begin);
    let mut opened: Vec<Timestamp> = group.iter().map(|each| each.opened).collect();
    opened.sort_unstable();
    let values: Vec<_> = group.into_iter().filter_map(|each| Some((ended(&each)?, each))).collect();
    let last = values.iter().map(|(value, _)| *value).max().unwrap_or(Span::ZERO);
    let mut before = 0;
    let mut found = Vec::new();
    for run in runs(values, WINDOW) {
        let since = Timestamp::from_nanos(begin.as_nanos().saturating_add(run[0].0.as_nanos()));
        // Where the clock was set back, connections end before they open.
        let open = opened.partition_point(|opened| *opened <= since).saturating_sub(before);
        before += run.len();
        let usual = (all - run.len()) as f64 / last.as_secs_f64().max(1.0) * WINDOW.as_secs_f64();
        let stands_out = run.len() as f64 >= usual * OUTSTANDING as f64;
        if run.len() >= FEWEST && run.len() * 2 >= open && stands_out {
            let took = super::apart(run[run.len() - 1].0, run[0].0);
            let members: Vec<_> = run.into_iter().map(|(_, each)| each).collect();
            found.extend(told(closer, &members, took));
        }
    }
    found
}

fn told(closer: &Closer, members: &[Known<'_>], took: Span) -> Option<Finding> {
    // Idle connections that were opened together reach their timeout together.
    if members.iter().all(|each| each.cause == Cause::IdleTimeout) {
        return None;
    }
    let (count, ip, how) = (members.len(), closer.ip, closer.how);
    let (what, confidence) = match (closer.side.0, how) {
        (Side::Server, How::Close(Some(1001 | 1012))) => {
            ("it was stopped, restarted or deployed", Confidence::High)
        }
        (Side::Server, _) => (
            "the process or proxy there was stopped, restarted or reloaded, or it crashed",
            Confidence::Medium,
        ),
        (Side::Client, _) => {
            ("the program or host there was stopped, or lost its network", Confidence::Medium)
        }
    };
    let side = closer.side.0;
    Some(Finding {
        kind: FindingKind::MassDisconnect,
        text: format!(
            "{count} connections of the {side} {ip} were ended from its address within {took}, each with {how}: {what}."
        ),
        connections: indexes(members),
        span: Some(took),
        confidence,
        advice: format!(
            "Look at what happened on {ip} at this time (deploy, reload, crash, failover); let clients come back after a \
             random delay, so that they do not all come at once."
        ),
    })
}
