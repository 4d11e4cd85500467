//! A client that connects again and again, at once after each end.

use crate::flow::Side;
use crate::time::Span;
use crate::verdict::Confidence;

use super::{Finding, FindingKind, Known, grouped, indexes};

/// A client that waits longer has some patience.
const AT_ONCE: Span = Span::from_secs(2);

/// Fewer are a restart or a page that is loaded again.
const FEWEST: usize = 5;

pub(super) fn find(known: &[Known<'_>]) -> Vec<Finding> {
    let ends = |each: &Known<'_>| Some((each.end(Side::Client).ip, each.end(Side::Server)));
    grouped(known, FEWEST, ends).into_iter().flat_map(|(_, group)| of_client(group)).collect()
}

/// Chains of connections, each begun soon after the one before had ended.
fn of_client(mut group: Vec<Known<'_>>) -> Vec<Finding> {
    group.sort_by_key(|each| (each.first.time, each.index));
    let mut chains: Vec<Vec<Known<'_>>> = Vec::new();
    for each in group {
        match chains.last_mut() {
            Some(chain) if follows(chain, &each) => chain.push(each),
            _ => chains.push(vec![each]),
        }
    }
    chains.into_iter().filter(|chain| chain.len() >= FEWEST).filter_map(|chain| told(&chain)).collect()
}

fn follows(chain: &[Known<'_>], next: &Known<'_>) -> bool {
    let ended = chain.last().and_then(|each| each.ended());
    ended.is_some_and(|ended| {
        let after = next.first.time - ended;
        after >= Span::ZERO && after <= AT_ONCE
    })
}

fn told(chain: &[Known<'_>]) -> Option<Finding> {
    let (first, last) = (chain.first()?, chain.last()?);
    let took = last.opened - first.opened;
    let (client, server) = (first.end(Side::Client).ip, first.end(Side::Server));
    Some(Finding {
        kind: FindingKind::ReconnectStorm,
        text: format!(
            "The client {client} connected to {server} {} times in {took}, each time at once after the end of the \
             connection before.",
            chain.len()
        ),
        connections: indexes(chain),
        span: Some(took),
        confidence: Confidence::Medium,
        advice: "Cure what ends the connections first (see their verdicts); let the client wait before it comes back, \
                 longer each time and by a random amount."
            .to_owned(),
    })
}
