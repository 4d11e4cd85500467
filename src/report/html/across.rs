//! What only several connections together show: counts, findings and sessions.

use super::super::prose::{self, words};
use super::super::units::{count, grouped};
use super::super::view::{Finding, Session, View};
use super::escaper::Coded;

/// Findings listed at most, and sessions.
const LISTED: usize = 20;

/// Of these, how many are shown without being asked for.
const SHOWN: usize = 6;

/// Connections named beside a finding at most.
const NAMED: usize = 12;

/// The width of the longest bar beside a count.
const WIDEST: f64 = 100.0;

/// Counts of one kind.
pub(super) struct Tally {
    pub(super) name: &'static str,
    pub(super) entries: Vec<Entry>,
}

/// One count.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) count: String,
    pub(super) class: &'static str,
    /// The width of its bar.
    pub(super) share: u32,
}

/// A finding or a session.
pub(super) struct Across {
    pub(super) text: String,
    pub(super) confidence: String,
    pub(super) advice: Option<Coded>,
    /// Which connections it is about.
    pub(super) about: String,
}

/// The counts of a report on several connections.
pub(super) fn tallies(view: &View) -> Vec<Tally> {
    let summary = &view.summary;
    let parties = words::tally(&summary.by_party);
    let all = summary.connections.max(1);
    let entry = |name: String, number: u64, class| Entry {
        name,
        count: grouped(number),
        class,
        share: (WIDEST * number as f64 / all as f64).ceil().min(WIDEST) as u32,
    };
    let by_party = parties.into_iter().map(|(word, number)| {
        let class = super::super::view::PARTIES.into_iter().find(|party| *party == word).unwrap_or("unknown");
        entry(words::party(word), number, class)
    });
    let by_cause = words::tally(&summary.by_cause);
    let by_cause = by_cause.into_iter().map(|(word, number)| entry(words::plain(word), number, ""));
    let codes = summary.close_codes.iter().map(|(code, &number)| entry(code.to_string(), number, ""));
    let tallies = [
        Tally { name: "Ended by (inferred)", entries: by_party.collect() },
        Tally { name: "Cause (inferred)", entries: by_cause.collect() },
        Tally { name: "Close frames by code", entries: codes.collect() },
    ];
    tallies.into_iter().filter(|tally| !tally.entries.is_empty()).collect()
}

/// The findings, then the sessions: those that are shown, and those that are folded.
pub(super) fn findings(view: &View) -> (Vec<Across>, Vec<Across>) {
    let findings = view.findings.iter().take(LISTED).map(finding);
    let mut shown: Vec<Across> = findings.chain(view.sessions.iter().take(LISTED).map(session)).collect();
    let folded = shown.split_off(shown.len().min(SHOWN));
    (shown, folded)
}

/// How many of them are not listed.
pub(super) fn unlisted(view: &View) -> Option<String> {
    let beyond = |all: usize| all.saturating_sub(LISTED) as u64;
    let parts = [(beyond(view.findings.len()), "finding"), (beyond(view.sessions.len()), "session")];
    let parts: Vec<String> =
        parts.into_iter().filter(|each| each.0 > 0).map(|(number, noun)| count(number, noun)).collect();
    (!parts.is_empty()).then(|| format!("{} more: --format json has them.", parts.join(" and ")))
}

fn finding(finding: &Finding) -> Across {
    Across {
        text: finding.text.clone(),
        confidence: format!("{} confidence", finding.confidence),
        advice: finding.advice.clone().map(Coded),
        about: format!("Connections {}", ids(&finding.connections, ", ")),
    }
}

fn session(session: &Session) -> Across {
    Across {
        text: session.verdict.summary.clone(),
        confidence: format!("{} confidence", session.verdict.confidence),
        advice: session.verdict.advice.first().cloned().map(Coded),
        about: format!("{}: connections {}", prose::legs(session), ids(&session.legs, " → ")),
    }
}

fn ids(ids: &[u32], between: &str) -> String {
    let mut texts: Vec<String> = ids.iter().take(NAMED).map(u32::to_string).collect();
    if ids.len() > NAMED {
        texts.push(format!("and {} more", ids.len() - NAMED));
    }
    texts.join(between)
}
