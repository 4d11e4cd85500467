//! What is inferred of a connection, as names and values.

use super::super::units::{measured, setting};
use super::super::view::{Candidate, Connection, Seconds};
use super::facts::heartbeat;
use super::{Names, words};

/// Something inferred.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::report) struct Inferred {
    /// What it is.
    pub(in crate::report) name: &'static str,
    /// What is said of it.
    pub(in crate::report) text: String,
    /// It is the conclusion itself, not what stands beside it.
    pub(in crate::report) is_conclusion: bool,
}

/// The verdict and what speaks for and against it; the advice is apart.
pub(in crate::report) fn inference(connection: &Connection, names: Names) -> Vec<Inferred> {
    let verdict = &connection.verdict;
    let mut rows = vec![concluded("Ended by", words::party(verdict.party))];
    if verdict.party != "none" {
        rows.push(concluded("Cause", words::plain(verdict.cause)));
        rows.push(concluded("Confidence", words::confidence(verdict.confidence)));
    }
    rows.extend(verdict.candidates.iter().map(|each| candidate(each, &verdict.advice)));
    for other in &verdict.alternatives {
        rows.push(beside("Could also be", format!("{}; {} it: {}", other.reading, other.speaks, other.fact)));
    }
    rows.extend(suggested(connection, names));
    let vantage = &connection.vantage;
    if vantage.at != "unknown" {
        let why =
            if vantage.why.is_empty() { String::new() } else { format!(" ({})", vantage.why.join("; ")) };
        rows.push(beside("Captured at", format!("{}{why}", words::plain(vantage.at))));
    }
    rows.extend(verdict.would_settle.clone().map(|text| beside("Would settle it", text)));
    rows
}

/// What lengths and times suggest that were not read.
fn suggested(connection: &Connection, names: Names) -> impl Iterator<Item = Inferred> {
    let beats = connection.heartbeats.iter().filter(|beat| beat.inferred);
    let beats = beats.map(move |beat| beside("Heartbeat", heartbeat(connection, beat)));
    let records = connection.tls.iter().flat_map(|tls| &tls.inferred);
    let records = records.map(move |each| {
        let what = words::inferred(each.kind);
        let from = format!("{} {}", names.packet(each.packet), each.from);
        beside("Suggested", format!("{from}: {what} ({}): {}", each.confidence, each.why))
    });
    beats.chain(records)
}

const fn concluded(name: &'static str, text: String) -> Inferred {
    Inferred { name, text, is_conclusion: true }
}

const fn beside(name: &'static str, text: String) -> Inferred {
    Inferred { name, text, is_conclusion: false }
}

/// A known timer, and how to change it unless the advice says so already.
fn candidate(candidate: &Candidate, advice: &[String]) -> Inferred {
    let (name, mut text) = timer(candidate);
    if !advice.iter().any(|advice| advice.contains(&candidate.fix)) {
        text += &format!(". Change: {}", candidate.fix);
    }
    Inferred { name, text, is_conclusion: false }
}

/// `nginx proxy_read_timeout = 60 s, measured 60.012 s`.
fn timer(candidate: &Candidate) -> (&'static str, String) {
    let mut text = format!("{} {}", candidate.product, candidate.setting);
    let default = candidate.seconds.map(setting);
    if let Some(named) = named(candidate) {
        text = format!("named by {named}: {text}");
        if let Some(default) = default {
            text += &format!(". Its default is {default}");
        }
        if let Some(silence) = candidate.measured_s {
            text += &format!("; here it would be set to {}", setting(whole(silence)));
        }
        return ("Timer", text);
    }
    if let Some(default) = default {
        text += &format!(" = {default}");
    }
    if let Some(silence) = candidate.measured_s {
        text += &format!(", measured {}", measured(silence));
    }
    ("Timer that fits", text)
}

/// What names a timer whose usual value is not what was measured.
fn named(candidate: &Candidate) -> Option<&'static str> {
    // More than a tenth away from it.
    let is_other = |usual: Seconds, measured: Seconds| {
        let (usual, measured) = (i128::from(usual.0), i128::from(measured.0));
        (usual - measured).abs() * 10 > usual
    };
    match candidate.matched {
        "header" => Some("a header"),
        "wording" if candidate.seconds.zip(candidate.measured_s).is_some_and(|(a, b)| is_other(a, b)) => {
            Some("the words of the Close")
        }
        _ => None,
    }
}

/// The silence to the second, as timers are set.
const fn whole(silence: Seconds) -> Seconds {
    const SECOND: i64 = 1_000_000_000;
    Seconds(silence.0.saturating_add(SECOND / 2) / SECOND * SECOND)
}
