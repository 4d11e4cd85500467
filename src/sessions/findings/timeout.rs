//! Several connections that end after the same silence: a timer.

use crate::flow::Side;
use crate::time::Span;
use crate::verdict::{Cause, Confidence};

use super::{Closer, Finding, FindingKind, Known, apart, ends_apart, grouped, indexes, runs};

/// Silences below this are everyday pauses.
const SHORTEST: Span = Span::from_millis(2_500);

/// How far apart the silences of one timer are: some fire up to 0.3 s early, and captures differ.
const WIDTH: Span = Span::from_millis(450);

/// One alone shares nothing.
const FEWEST: usize = 2;

/// Ends that are this far apart have not one event behind them.
const APART: Span = Span::from_secs(1);

pub(super) fn find(known: &[Known<'_>]) -> Vec<Finding> {
    let timed = |each: &Known<'_>| {
        let telling = matches!(each.cause, Cause::IdleTimeout | Cause::ProcessExit | Cause::UpstreamEnded);
        let silent = each.silence >= SHORTEST;
        each.closer().filter(|_| telling && silent && each.ended_without_close())
    };
    grouped(known, FEWEST, timed).into_iter().flat_map(|(closer, group)| of_host(&closer, group)).collect()
}

fn of_host(closer: &Closer, group: Vec<Known<'_>>) -> Vec<Finding> {
    let all = group.len();
    let silences = group.into_iter().map(|each| (each.silence, each)).collect();
    let runs = runs(silences, WIDTH).into_iter().filter(|run| run.len() >= FEWEST && run.len() * 2 >= all);
    runs.filter_map(|run| {
        let median = run[run.len() / 2].0;
        let width = apart(run[run.len() - 1].0, run[0].0);
        let members: Vec<_> = run.into_iter().map(|(_, each)| each).collect();
        let all_idle = members.iter().all(|each| each.cause == Cause::IdleTimeout);
        let one_event = ends_apart(&members) <= APART;
        (all_idle || !one_event).then(|| told(closer, &members, median, width))
    })
    .collect()
}

fn told(closer: &Closer, members: &[Known<'_>], silence: Span, width: Span) -> Finding {
    let (count, ip) = (members.len(), closer.ip);
    let from = match closer.side.0 {
        Side::Client => "client's side",
        Side::Server => "server's side",
    };
    let timeout = silence.as_secs_f64().round().max(1.0);
    Finding {
        kind: FindingKind::SharedTimeout,
        text: format!(
            "{count} connections were ended from the {from} ({ip}) after the same silence of {silence} (they differ by \
             {width}), each with {}: one idle timer ends them all.",
            closer.how
        ),
        connections: indexes(members),
        span: Some(silence),
        confidence: if count >= 3 { Confidence::High } else { Confidence::Medium },
        advice: format!(
            "Find the idle timeout of {timeout} s at {ip} or in what stands in front of it, and raise it, or send a ping \
             at least every {} s.",
            timeout / 2.0
        ),
    }
}
