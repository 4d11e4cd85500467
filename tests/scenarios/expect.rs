//! What a verdict must say, against what it says.

use std::collections::HashMap;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use whoclosed::report::View;
use whoclosed::report::view;

use crate::file::{Expected, Finding, Scenario, Settle};
use crate::play::{Played, play};

type Verdict = view::Verdict;
type Connection = view::Connection;

const GRADES: [&str; 3] = ["low", "medium", "high"];

/// What is wrong with what is said of a scenario.
pub(crate) fn failure(scenario: &Scenario) -> Option<String> {
    let wrong = catch_unwind(AssertUnwindSafe(|| {
        let played = play(&scenario.connections());
        wrong(scenario, &played)
    }));
    let wrong = wrong.unwrap_or_else(|_| vec!["it panics".to_owned()]);
    (!wrong.is_empty()).then(|| format!("{}\n    {}\n", scenario.name, wrong.join("\n    ")))
}

fn wrong(scenario: &Scenario, played: &Played) -> Vec<String> {
    let view = &played.report;
    let mut wrong = Vec::new();
    let expected = scenario.connections().into_iter();
    let expected: Vec<_> = expected.flat_map(|each| vec![each.verdict; usize::from(each.times)]).collect();
    if expected.len() != view.connections.len() {
        wrong.push(format!("{} connections are reported", view.connections.len()));
    }
    for connection in &view.connections {
        sound(&connection.verdict, played.packets, &mut wrong);
    }
    // By first packet, as the report counts them; connections that start together are told as one.
    for (expected, connection) in expected.iter().zip(&view.connections) {
        let Some(expected) = expected else { continue };
        let mut found = compare(expected, &connection.verdict, &played.labels);
        found.extend(compare_facts(expected, connection));
        if !found.is_empty() {
            wrong.append(&mut found);
            wrong.push(told(connection));
        }
    }
    wrong.extend(compare_across(scenario, view, &played.labels));
    wrong
}

/// What must hold for any verdict.
pub(crate) fn sound(verdict: &Verdict, packets: u64, wrong: &mut Vec<String>) {
    let mut demand = |holds: bool, what: &str| {
        if !holds {
            wrong.push(format!("{what}: {}", verdict.summary));
        }
    };
    demand(!verdict.evidence.is_empty(), "no evidence");
    let exists = |number: u64| (1..=packets).contains(&number);
    demand(verdict.evidence.iter().all(|each| exists(each.packet.packet)), "evidence of no packet");
    let contradicted = verdict.alternatives.iter().any(|other| other.speaks == "for");
    demand(verdict.confidence != "high" || !contradicted, "sure, although another reading fits");
    demand(
        verdict.party != "unknown" || verdict.would_settle.is_some(),
        "unknown, and nothing would settle it",
    );
    demand(
        verdict.confidence == "high" || !verdict.alternatives.is_empty() || verdict.would_settle.is_some(),
        "unsure, and no other reading",
    );
    demand(verdict.summary.ends_with('.') && !verdict.summary.contains("  "), "no sentence");
    demand(!verdict.alternatives.iter().any(|other| other.fact.is_empty()), "a reading without a fact");
}

fn compare(expected: &Expected, verdict: &Verdict, labels: &HashMap<String, u64>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut same = |what: &str, expected: Option<&String>, said: &str| {
        if let Some(expected) = expected.filter(|expected| *expected != said) {
            wrong.push(format!("{what} is {said}, not {expected}"));
        }
    };
    same("mechanism", expected.mechanism.as_ref(), verdict.observed.mechanism);
    same("closer", expected.closer.as_ref(), verdict.observed.closer);
    same("party", Some(&expected.party), verdict.party);
    same("cause", Some(&expected.cause), verdict.cause);
    same("confidence", expected.confidence.as_ref(), verdict.confidence);
    let grade = |word: &str| GRADES.iter().position(|grade| *grade == word).unwrap();
    if expected.at_most.as_ref().is_some_and(|most| grade(verdict.confidence) > grade(most))
        || expected.at_least.as_ref().is_some_and(|least| grade(verdict.confidence) < grade(least))
    {
        wrong.push(format!("confidence is {}", verdict.confidence));
    }
    let mut holds = |what: &str, parts: &[String], said: &str| {
        for part in parts.iter().filter(|part| !said.contains(part.as_str())) {
            wrong.push(format!("the {what} does not say “{part}”: {said}"));
        }
    };
    holds("summary", &expected.summary, &verdict.summary);
    let facts: Vec<_> = verdict.evidence.iter().map(|each| each.fact.as_str()).collect();
    holds("evidence", &expected.facts, &facts.join(" | "));
    let readings: Vec<_> =
        verdict.alternatives.iter().map(|other| format!("{}: {}", other.reading, other.fact)).collect();
    holds("list of alternatives", &expected.alternatives, &readings.join(" | "));
    holds("advice", &expected.advice, &verdict.advice.join(" | "));
    let value = |each: &view::Candidate| {
        each.seconds.map_or(String::new(), |seconds| format!("={}", seconds.0 as f64 / 1e9))
    };
    let candidates: Vec<_> =
        verdict.candidates.iter().map(|each| format!("{}{}", each.id, value(each))).collect();
    holds("list of candidates", &expected.candidates, &candidates.join(" "));
    let settles = verdict.would_settle.clone().unwrap_or_default();
    match &expected.would_settle {
        Some(Settle::Says(part)) => holds("settling", std::slice::from_ref(part), &settles),
        Some(Settle::Is(any)) if *any == settles.is_empty() => {
            wrong.push(format!("would_settle is “{settles}”"));
        }
        _ => {}
    }
    for text in &expected.never_advised {
        if verdict.advice.join(" | ").contains(text.as_str()) {
            wrong.push(format!("the advice says “{text}”"));
        }
    }
    for label in &expected.evidence {
        let packet = labels.get(label).unwrap_or_else(|| panic!("no label {label}"));
        if !verdict.evidence.iter().any(|each| each.packet.packet == *packet) {
            wrong.push(format!("#{packet} ({label}) is not among the evidence"));
        }
    }
    wrong
}

fn compare_facts(expected: &Expected, connection: &Connection) -> Vec<String> {
    let mut wrong = Vec::new();
    if let Some(expected) = &expected.resets {
        let resets = connection.tcp_end.resets.iter();
        let said: Vec<_> = resets
            .map(|reset| format!("{}/{}/{}", reset.class.unwrap_or_default(), reset.role, reset.origin))
            .collect();
        if said != *expected {
            wrong.push(format!("the RSTs are {said:?}"));
        }
    }
    if expected.vantage.as_ref().is_some_and(|place| place != connection.vantage.at) {
        wrong.push(format!(
            "the capture was taken at {}: {:?}",
            connection.vantage.at, connection.vantage.why
        ));
    }
    wrong
}

fn compare_across(scenario: &Scenario, view: &View, labels: &HashMap<String, u64>) -> Vec<String> {
    let mut wrong = Vec::new();
    for expected in &scenario.finding {
        if !view.findings.iter().any(|finding| is_found(expected, finding)) {
            let told: Vec<_> = view
                .findings
                .iter()
                .map(|finding| format!("{} ({}): {}", finding.kind, finding.connections.len(), finding.text))
                .collect();
            wrong.push(format!("{} over {} is not among: {told:?}", expected.kind, expected.connections));
        }
    }
    let others = view.findings.iter().filter(|finding| {
        scenario.no_other_finding && !scenario.finding.iter().any(|expected| expected.kind == finding.kind)
    });
    wrong.extend(others.map(|finding| format!("{} is told: {}", finding.kind, finding.text)));
    if !scenario.session.is_empty() && scenario.session.len() != view.sessions.len() {
        wrong.push(format!("{} sessions are told", view.sessions.len()));
    }
    for (expected, session) in scenario.session.iter().zip(&view.sessions) {
        let found = compare(expected, &session.verdict, labels);
        wrong.extend(found.iter().map(|text| format!("session: {text}")));
    }
    wrong
}

fn is_found(expected: &Finding, finding: &view::Finding) -> bool {
    let seconds = finding.seconds.map(|seconds| seconds.0 as f64 / 1e9);
    finding.kind == expected.kind
        && finding.connections.len() == expected.connections
        && expected.text.iter().all(|part| finding.text.contains(part.as_str()))
        && expected.seconds.is_none_or(|wanted| seconds.is_some_and(|seconds| (seconds - wanted).abs() < 0.1))
}

/// The verdict in full, for whoever reads the failure.
fn told(connection: &Connection) -> String {
    let verdict = &connection.verdict;
    let mut text = format!(
        "told: {} | {} by {} | {} {} {}\n      {}",
        connection.signature,
        verdict.observed.mechanism,
        verdict.observed.closer,
        verdict.party,
        verdict.cause,
        verdict.confidence,
        verdict.summary
    );
    for evidence in &verdict.evidence {
        let _ = write!(text, "\n      #{} {}", evidence.packet.packet, evidence.fact);
    }
    text
}
