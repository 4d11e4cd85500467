//! What several connections show together: findings, and sessions seen on more than one leg.

use super::super::view::{Finding, Session};
use super::words;

/// A finding, how sure it is, and what to do.
pub(in crate::report) fn finding(finding: &Finding) -> String {
    let advice = finding.advice.as_ref().map_or_else(String::new, |advice| format!(" {advice}"));
    format!("{} ({} confidence).{advice}", finding.text.trim_end_matches('.'), finding.confidence)
}

/// On how many legs a session was seen, and how that is known.
pub(in crate::report) fn legs(session: &Session) -> String {
    let joined = words::joined_by(session.joined_by);
    format!("One WebSocket seen on {} legs (joined by {joined})", session.legs.len())
}

/// A session with its verdict.
pub(in crate::report) fn session(session: &Session) -> String {
    format!("{}: {}", legs(session), session.verdict.summary)
}
