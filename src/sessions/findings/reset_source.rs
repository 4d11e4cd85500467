//! Forged RSTs of several connections that look alike: one box sends them all.

use crate::time::Span;
use crate::verdict::{Confidence, Party};

use super::{Finding, FindingKind, Known, grouped, indexes};

pub(super) fn find(known: &[Known<'_>]) -> Vec<Finding> {
    let forged = |each: &Known<'_>| each.forged_ttl.filter(|_| each.party == Party::Injector);
    grouped(known, 2, forged).iter().map(|(ttl, group)| told(*ttl, group)).collect()
}

fn told(ttl: u8, group: &[Known<'_>]) -> Finding {
    Finding {
        kind: FindingKind::ResetSource,
        text: format!(
            "{} connections were ended by forged RSTs that arrived with the same TTL of {ttl}: one box on the path \
             sends them.",
            group.len()
        ),
        connections: indexes(group),
        span: None::<Span>,
        confidence: Confidence::Medium,
        advice: format!(
            "Look for the box as many hops away as a TTL of {ttl} tells ({} hops, if it starts at {}).",
            start(ttl) - u16::from(ttl),
            start(ttl)
        ),
    }
}

/// The initial TTL that a TTL comes from.
const fn start(ttl: u8) -> u16 {
    match ttl {
        0..=64 => 64,
        65..=128 => 128,
        _ => 255,
    }
}
