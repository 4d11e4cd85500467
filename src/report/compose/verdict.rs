//! The verdict of the view.

use crate::flow::Side;
use crate::verdict::{self, Verdict};

use super::super::view;

pub(super) fn view(verdict: &Verdict) -> view::Verdict {
    view::Verdict {
        observed: view::Observed {
            closer: verdict.closer.map_or("none", Side::name),
            mechanism: verdict.mechanism.name(),
        },
        party: verdict.party.name(),
        cause: verdict.cause.name(),
        confidence: verdict.confidence.name(),
        rule: Some(verdict.rule).filter(|rule| !rule.is_empty()),
        summary: verdict.summary.clone(),
        evidence: verdict.evidence.iter().map(evidence).collect(),
        alternatives: verdict.alternatives.iter().map(alternative).collect(),
        would_settle: verdict.would_settle.as_deref().map(with_help),
        candidates: verdict.candidates.iter().map(candidate).collect(),
        advice: verdict.advice.clone(),
    }
}

/// What would settle it and, where that is another capture, the command that prints how to take it.
fn with_help(text: &str) -> String {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let situation = match () {
        () if !has(&["apture"]) => return text.to_owned(),
        () if has(&["secrets", "key log"]) => " keys",
        () if has(&["both ends", "both directions"]) => " both",
        () if has(&["proxy", "other leg"]) => " proxy",
        () if has(&["client's host"]) => " client",
        () if has(&["server's host", "at the server"]) => " server",
        () => "",
    };
    format!("{text} `whoclosed capture-help{situation}` tells how to take it.")
}

fn evidence(evidence: &verdict::Evidence) -> view::Evidence {
    view::Evidence {
        packet: evidence.at.packet.into(),
        time: evidence.at.time.into(),
        fact: evidence.fact.clone(),
    }
}

fn alternative(alternative: &verdict::Alternative) -> view::Alternative {
    view::Alternative {
        reading: alternative.reading.clone(),
        speaks: if alternative.speaks_for { "for" } else { "against" },
        fact: alternative.fact.clone(),
    }
}

fn candidate(candidate: &verdict::Candidate) -> view::Candidate {
    view::Candidate {
        id: candidate.id.clone(),
        product: candidate.product.clone(),
        setting: candidate.setting.clone(),
        seconds: candidate.seconds.map(Into::into),
        measured_s: Some(candidate.measured.into()),
        matched: candidate.fit.name(),
        fix: candidate.fix.clone(),
    }
}
