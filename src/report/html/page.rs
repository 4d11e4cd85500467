//! The page, put together from its parts.

use askama::Template;

use super::super::prose::{self, Clock, Names, Note};
use super::super::units::count;
use super::super::view::{Connection, View};
use super::across::{self, Across, Tally};
use super::detail::Detail;
use super::lead::{self, Change, Lead};
use super::picture::{Overview, Silences, Words};
use super::table::Table;
use super::{HtmlOptions, policy};

/// Everything that the templates show.
#[derive(Template)]
#[template(path = "page.html", config = "src/report/html/askama.toml")]
pub(super) struct Page {
    policy: String,
    style: &'static str,
    script: &'static str,
    tool: String,
    title: String,
    lead: Lead,
    changes: Vec<Change>,
    tallies: Vec<Tally>,
    findings: Vec<Across>,
    folded_findings: Vec<Across>,
    /// Findings that are not listed.
    unlisted: Option<String>,
    overview: Option<Overview>,
    silences: Option<Silences>,
    table: Option<Table>,
    /// The report is about several connections.
    is_many: bool,
    details_title: String,
    details: Vec<Detail>,
    left_out: Option<String>,
    captures: Vec<CaptureLine>,
    notes: Vec<Note>,
}

/// A capture that was read.
struct CaptureLine {
    text: String,
    warnings: Vec<String>,
}

impl Page {
    pub(super) fn new(view: &View, options: &HtmlOptions) -> Self {
        let clock = Clock::new(options.time);
        let names = Names::new(view.captures.len());
        let wording = Words { clock: &clock, names };
        let shown: Vec<&Connection> = view.connections.iter().collect();
        let worst = view.worst();
        let is_many = shown.len() > 1;
        let (findings, folded_findings) = across::findings(view);
        let detailed = if is_many { worst.len().min(options.limit) } else { worst.len() };
        let detail = |(index, each): (usize, &&Connection)| Detail::new(each, wording, !is_many, index == 0);
        let details: Vec<Detail> = worst[..detailed].iter().enumerate().map(detail).collect();
        Self {
            policy: policy::policy(),
            style: policy::STYLE,
            script: policy::SCRIPT,
            tool: format!("{} {}", view.tool.name, view.tool.version),
            title: title(view),
            lead: Lead::new(view, &shown),
            changes: lead::changes(view, &worst, detailed),
            tallies: if is_many { across::tallies(view) } else { Vec::new() },
            findings,
            folded_findings,
            unlisted: across::unlisted(view),
            overview: Overview::new(view, wording),
            silences: Silences::new(view),
            table: is_many.then(|| Table::new(view, &worst, detailed, &clock)),
            is_many,
            details_title: if detailed < worst.len() {
                format!("The worst {detailed} in detail")
            } else {
                "Connections in detail".to_owned()
            },
            details,
            left_out: left_out(&worst, detailed),
            captures: captures(view, &clock),
            notes: notes(view),
        }
    }
}

fn title(view: &View) -> String {
    let mut names = view.captures.iter().map(|capture| capture.path.as_str());
    let first = names.next().unwrap_or("no capture");
    let more = if names.next().is_some() { " and more" } else { "" };
    let what = count(view.connections.len() as u64, "WebSocket");
    super::super::escape::escape(&format!("{what} in {first}{more} – whoclosed"), 120)
}

fn captures(view: &View, clock: &Clock) -> Vec<CaptureLine> {
    let line = |(index, capture)| {
        let name = if view.captures.len() > 1 { format!("[{index}] ") } else { String::new() };
        CaptureLine { text: name + &prose::captures(capture, clock), warnings: prose::warnings(capture) }
    };
    view.captures.iter().enumerate().map(line).collect()
}

fn notes(view: &View) -> Vec<Note> {
    let mut notes = prose::notes(&view.summary);
    if let Some(redaction) = &view.redaction {
        notes.push(Note { text: prose::redaction(redaction), is_grave: false });
    }
    notes
}

/// What has no details on the page, and how to get them.
fn left_out(worst: &[&Connection], detailed: usize) -> Option<String> {
    let next = worst.get(detailed)?;
    Some(format!(
        "Details of {} are not in this file: --connection {} shows one, --limit {} shows all.",
        count((worst.len() - detailed) as u64, "less serious connection"),
        next.id,
        worst.len(),
    ))
}
