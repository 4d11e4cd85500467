//! A client that came back while its old connection was dead but not ended: the server holds both.

use std::collections::BTreeSet;

use crate::flow::Side;
use crate::verdict::Confidence;

use super::{Finding, FindingKind, Known, grouped, indexes};

pub(super) fn find(known: &[Known<'_>]) -> Vec<Finding> {
    let ends = |each: &Known<'_>| (each.end(Side::Client).ip, each.end(Side::Server));
    let with_dead: BTreeSet<_> =
        known.iter().filter(|each| each.client_heard().is_some()).map(ends).collect();
    let groups = grouped(known, 1, |each| Some(ends(each)).filter(|ends| with_dead.contains(ends)));
    groups.iter().filter_map(|(_, group)| of_client(group)).collect()
}

/// Connections whose client was not heard any more, and the first later one of the same client.
fn of_client(group: &[Known<'_>]) -> Option<Finding> {
    let newest = group.iter().max_by_key(|each| each.opened)?;
    let dead: Vec<_> = group.iter().filter(|each| is_dead(each, newest)).copied().collect();
    if dead.is_empty() {
        return None;
    }
    let (client, server) = (newest.end(Side::Client).ip, newest.end(Side::Server));
    let count = match dead.len() {
        1 => "its old connection was".to_owned(),
        many => format!("{many} old connections of it were"),
    };
    let members: Vec<_> = dead.into_iter().chain([*newest]).collect();
    Some(Finding {
        kind: FindingKind::HalfOpenDuplicates,
        text: format!(
            "The client {client} connected to {server} anew while {count} dead but not ended: for a time the server \
             holds both and takes the client for two."
        ),
        connections: indexes(&members),
        span: None,
        confidence: Confidence::Medium,
        advice: "Let the server ping its clients and end a connection whose pongs stay away, and let a new login of a \
                 client replace its old one."
            .to_owned(),
    })
}

/// The client was not heard on it any more when it opened the newer one.
fn is_dead(each: &Known<'_>, newest: &Known<'_>) -> bool {
    each.client_heard().is_some_and(|heard| heard < newest.first.time)
}
