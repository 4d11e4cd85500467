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
        would_settle: verdict.would_settle.clone(),
        candidates: verdict.candidates.iter().map(candidate).collect(),
        advice: verdict.advice.clone(),
    }
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
        matched: candidate.fit,
        fix: candidate.fix.clone(),
    }
}
