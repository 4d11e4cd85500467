//! Pings that come hardly more often than the timeout that they are to beat.

use crate::flow::Side;
use crate::verdict::{Cause, Confidence};

use super::{Finding, FindingKind, Known, grouped, indexes};

/// Pings that come after less than this part of the timeout leave room for one that is late.
const ROOM: f64 = 0.8;

pub(super) fn find(known: &[Known<'_>]) -> Vec<Finding> {
    let slow = |each: &Known<'_>| {
        let interval = each.interval()?;
        let timeout = each.silence;
        let is_timeout = each.cause == Cause::IdleTimeout;
        let slow = interval.as_secs_f64() >= timeout.as_secs_f64() * ROOM;
        (is_timeout && slow).then(|| each.end(Side::Server))
    };
    grouped(known, 1, slow).iter().filter_map(|(_, group)| told(group)).collect()
}

fn told(group: &[Known<'_>]) -> Option<Finding> {
    let first = group.first()?;
    let (interval, timeout) = (first.interval()?, first.silence);
    let seconds = timeout.as_secs_f64().round().max(1.0);
    let count = match group.len() {
        1 => "A connection was".to_owned(),
        many => format!("{many} connections were"),
    };
    Some(Finding {
        kind: FindingKind::HeartbeatTooSlow,
        text: format!(
            "{count} cut by an idle timeout of {timeout} although pings were sent every {interval}: a ping that is \
             a little late, or lost, comes too late."
        ),
        connections: indexes(group),
        span: Some(interval),
        confidence: Confidence::Medium,
        advice: format!("Send pings every {} s, half of the timeout, or raise the timeout.", seconds / 2.0),
    })
}
