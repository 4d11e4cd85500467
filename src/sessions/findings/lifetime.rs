//! Several connections that end at the same age although they were not idle: a limit on lifetime.

use crate::time::Span;
use crate::verdict::Confidence;

use super::{Closer, Finding, FindingKind, Known, ends_apart, grouped, indexes, runs};

/// Younger connections end for all kinds of reasons.
const SHORTEST: Span = Span::from_secs(10);

/// How far apart the ages at one limit are.
const WIDTH: Span = Span::from_millis(1_100);

/// Fewer can be a coincidence.
const FEWEST: usize = 3;

/// Ends that are this far apart have not one event behind them.
const APART: Span = Span::from_secs(3);

pub(super) fn find(known: &[Known<'_>]) -> Vec<Finding> {
    groups(known).into_iter().map(|(closer, age, members)| told(&closer, &members, age)).collect()
}

/// Connections that ended at one age, with who ended them and that age.
pub(in crate::sessions) fn groups<'a>(known: &[Known<'a>]) -> Vec<(Closer, Span, Vec<Known<'a>>)> {
    let grouped = grouped(known, FEWEST, |each: &Known<'_>| each.closer().filter(|_| was_busy(each)));
    grouped.into_iter().flat_map(|(closer, group)| of_host(closer, group)).collect()
}

/// It had said something not long before it ended.
fn was_busy(each: &Known<'_>) -> bool {
    let (age, silence) = (each.age().unwrap_or(Span::ZERO), each.silence);
    each.syn_seen && age >= SHORTEST && silence.times(4) < age
}

fn of_host<'a>(closer: Closer, group: Vec<Known<'a>>) -> Vec<(Closer, Span, Vec<Known<'a>>)> {
    let all = group.len();
    let ages = group.into_iter().filter_map(|each| Some((each.age()?, each))).collect();
    let runs = runs(ages, WIDTH).into_iter().filter(|run| run.len() >= FEWEST && run.len() * 2 >= all);
    runs.map(|run| (closer, run[run.len() / 2].0, run.into_iter().map(|(_, each)| each).collect::<Vec<_>>()))
        .filter(|(_, _, members)| ends_apart(members) > APART)
        .collect()
}

fn told(closer: &Closer, members: &[Known<'_>], age: Span) -> Finding {
    let (count, ip, side) = (members.len(), closer.ip, closer.side.0);
    Finding {
        kind: FindingKind::SharedLifetime,
        text: format!(
            "{count} connections were ended from the {side}'s address ({ip}) at the same age of {age}, busy as they were, \
             each with {}: a limit on how long a connection may live.",
            closer.how
        ),
        connections: indexes(members),
        span: Some(age),
        confidence: Confidence::Medium,
        advice: format!(
            "Find the limit of {:.0} s on a connection's life at {ip} or in what stands in front of it; pings cannot help. \
             Raise it, or let clients reconnect before it.",
            age.as_secs_f64()
        ),
    }
}
