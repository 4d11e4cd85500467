//! Says which names in the report are not the real ones.

use std::io;

use super::super::view::Redaction;
use super::page::Page;
use super::style::Tone;

/// Addresses listed; a report of very many clients has the rest in its JSON form.
const LISTED: usize = 24;

/// What the pseudonyms stand for.
pub(super) fn write(page: &mut Page<'_>, redaction: &Redaction) -> io::Result<()> {
    let listed = redaction.addresses.iter().take(LISTED);
    let names: Vec<String> = listed
        .map(|each| format!("{} is {} ({})", each.ip, each.name, each.scope.replace('_', "-")))
        .collect();
    let more = redaction.addresses.len().saturating_sub(LISTED);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    let text = format!(
        "Redacted: addresses, hosts, paths, reasons and file names are pseudonyms. {}{more}.",
        names.join(", ")
    );
    page.text(0, Tone::Dim, text.trim_end_matches(" ."))
}
