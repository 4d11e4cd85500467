//! What only several connections together show: findings and sessions.

use std::io;

use super::super::prose;
use super::super::view::View;
use super::page::{Page, cell, toned};
use super::style::Tone;

/// Connections named beside a finding.
const NAMED: usize = 12;

/// Writes the findings and sessions, or those that concern `only`.
pub(super) fn write(page: &mut Page<'_>, view: &View, only: Option<u32>) -> io::Result<()> {
    let concerns = |ids: &[u32]| only.is_none_or(|id| ids.contains(&id));
    let findings = view
        .findings
        .iter()
        .filter(|each| concerns(&each.connections))
        .map(|each| (ids(&each.connections, ", "), prose::finding(each)));
    let sessions = view
        .sessions
        .iter()
        .filter(|each| concerns(&each.legs))
        .map(|each| (ids(&each.legs, " → "), prose::session(each)));
    let rows: Vec<_> = findings.chain(sessions).collect();
    if rows.is_empty() {
        return Ok(());
    }
    page.heading("Across connections")?;
    page.grid(rows.into_iter().map(|(ids, text)| vec![toned(&ids, Tone::Dim), cell(&text)]).collect())
}

fn ids(ids: &[u32], between: &str) -> String {
    let mut texts: Vec<String> = ids.iter().take(NAMED).map(u32::to_string).collect();
    if ids.len() > NAMED {
        texts.push("…".to_owned());
    }
    texts.join(between)
}
