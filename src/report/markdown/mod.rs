//! The report for a ticket: Markdown as GitHub and GitLab show it, or Jira's wiki markup.
//!
//! The first lines hold the answer and what to change, for a reader who knows no TCP; packets and filters
//! follow for the one who does. What would not fit in a comment is cut from its least serious end, and
//! the report says so. Nothing that came from the wire becomes markup: see `escape`, `github` and `jira`.

mod connection;
mod escape;
mod fit;
mod github;
mod jira;
mod lead;
mod markup;
mod overview;
#[cfg(test)]
mod tests;
mod timeline;

use std::io::{self, Write};

use super::View;
use super::prose::{Clock, Names, TimeStyle};
use super::view::{Connection, Finding, Session};
use fit::Fit;
use github::Github;
use jira::Jira;
use markup::Markup;

/// The least size that a report can be kept to.
pub const LEAST_SIZE: usize = 2_000;

/// Whose markup is written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Flavor {
    /// GitHub Flavored Markdown, which GitLab, Gitea and many chat systems show too.
    #[default]
    Github,
    /// Jira's wiki markup.
    Jira,
}

impl Flavor {
    /// The size that fits into a comment of the tracker, in bytes.
    ///
    /// GitHub takes 65,536 characters (<https://github.com/googleapis/release-please/issues/1034>), Zendesk
    /// about 65,000 (<https://support.zendesk.com/hc/en-us/community/posts/4719863289498>), GitLab 1 MiB
    /// (<https://docs.gitlab.com/ee/development/issuable-like-models>), Jira's Cloud 32,767 characters
    /// (<https://jira.atlassian.com/browse/JRACLOUD-68949>). Bytes are never fewer than characters.
    pub const fn usual_size(self) -> usize {
        match self {
            Self::Github => 60_000,
            Self::Jira => 30_000,
        }
    }

    fn markup(self) -> Box<dyn Markup> {
        match self {
            Self::Github => Box::new(Github),
            Self::Jira => Box::new(Jira),
        }
    }
}

/// How the Markdown report looks and how much it shows.
#[derive(Clone, Copy, Debug)]
pub struct MarkdownOptions {
    /// Whose markup it is.
    pub flavor: Flavor,
    /// Bytes that the report may have at most; fewer than [`LEAST_SIZE`] are taken as these.
    pub max_size: usize,
    /// How times are written.
    pub time: TimeStyle,
    /// Show only the connection with this id.
    pub connection: Option<u32>,
    /// Connections shown in detail at most.
    pub limit: usize,
}

impl Default for MarkdownOptions {
    fn default() -> Self {
        let flavor = Flavor::default();
        Self { flavor, max_size: flavor.usual_size(), time: TimeStyle::Utc, connection: None, limit: 10 }
    }
}

/// Writes the report, in at most `options.max_size` bytes.
pub fn write(view: &View, options: &MarkdownOptions, out: &mut dyn Write) -> io::Result<()> {
    let markup = options.flavor.markup();
    let worst = view.worst().into_iter();
    let paper = Paper {
        markup: markup.as_ref(),
        clock: Clock::new(options.time),
        names: Names::spelled(view.captures.len()),
        view,
        asked: options.connection,
        worst: worst.filter(|each| options.connection.is_none_or(|id| each.id == id)).collect(),
    };
    let mut fit = Fit::new(options.max_size.max(LEAST_SIZE));
    lead::write(&paper, &mut fit);
    overview::write(&paper, options.limit, &mut fit);
    connection::write(&paper, options.limit, &mut fit);
    out.write_all(fit.finish(markup.as_ref(), view).as_bytes())
}

/// What all parts of a report are written with.
struct Paper<'a> {
    markup: &'a dyn Markup,
    clock: Clock,
    names: Names,
    view: &'a View,
    /// The only connection that was asked for.
    asked: Option<u32>,
    /// The connections shown, the worst first.
    worst: Vec<&'a Connection>,
}

impl Paper<'_> {
    /// The connections in the order of their numbers.
    fn in_order(&self) -> Vec<&Connection> {
        let mut all = self.worst.clone();
        all.sort_by_key(|each| each.id);
        all
    }

    fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.view.findings.iter().filter(|each| self.concerns(&each.connections))
    }

    fn sessions(&self) -> impl Iterator<Item = &Session> {
        self.view.sessions.iter().filter(|each| self.concerns(&each.legs))
    }

    fn concerns(&self, ids: &[u32]) -> bool {
        self.asked.is_none_or(|id| ids.contains(&id))
    }
}

/// Connections named in one place at most.
const NAMED: usize = 12;

/// `1, 2 and 7`, `1, 2, … and 30 more`.
fn listed(ids: &[u32]) -> String {
    let (first, more) = ids.split_at(ids.len().min(NAMED));
    let mut texts: Vec<String> = first.iter().map(u32::to_string).collect();
    let last = if more.is_empty() { texts.pop() } else { Some(format!("{} more", more.len())) };
    match (texts.join(", "), last.unwrap_or_default()) {
        (before, last) if before.is_empty() => last,
        (before, last) => format!("{before} and {last}"),
    }
}
