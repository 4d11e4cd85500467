//! The first lines: the answer, what to change, and how sure it is.

use super::super::prose::{self, words, words::Mood};
use super::super::units::count;
use super::super::view::{Connection, Session};
use super::fit::Fit;
use super::markup::{Line, Span, coded};
use super::{Paper, listed};

/// Things to change that are listed at the top; each connection has its own.
const CHANGES: usize = 5;

/// Characters of the answer, and fewer where even this is too much.
const ANSWER: [usize; 3] = [400, 150, 50];

pub(super) fn write(paper: &Paper<'_>, fit: &mut Fit) {
    let mut lines = prose::answer(paper.view, &paper.in_order(), paper.asked).into_iter();
    let answer = lines.next().unwrap_or_default();
    fit.push_first(ANSWER.map(|most| paper.markup.answer(&super::super::escape::escape(&answer, most))));
    for line in lines {
        fit.push(&paper.markup.paragraph(&vec![Span::text(line)]));
    }
    if let Some(line) = worst(paper) {
        fit.push(&paper.markup.paragraph(&line));
    }
    changes(paper, fit);
    if let [only] = paper.worst[..] {
        fit.push(&paper.markup.paragraph(&verdict(only)));
    }
}

/// The worst of several connections in its own words.
fn worst(paper: &Paper<'_>) -> Option<Line> {
    let several = paper.worst.len() > 1;
    let worst = paper.worst.first().filter(|each| several && words::mood(&each.verdict) == Mood::Bad)?;
    let name = format!("The most serious, connection {}: ", worst.id);
    Some(vec![Span::strong(name), Span::text(worst.verdict.summary.clone())])
}

fn changes(paper: &Paper<'_>, fit: &mut Fit) {
    let sessions: Vec<&Session> = paper.sessions().collect();
    let changes = prose::changes(&sessions, &paper.worst);
    let several = paper.worst.len() > 1;
    let item = |change: &prose::Change| -> Line {
        let about = listed(&change.connections);
        let noun = if change.connections.len() == 1 { "connection" } else { "connections" };
        let about = if several { format!(" ({noun} {about})") } else { String::new() };
        [coded(&change.text), vec![Span::text(about)]].concat()
    };
    let name = || Span::strong("What to change: ");
    match &changes[..] {
        [] => fit.push(&paper.markup.paragraph(&settle(paper))),
        [only] => fit.push(&paper.markup.paragraph(&[vec![name()], item(only)].concat())),
        _ => {
            let items: Vec<Line> = changes.iter().take(CHANGES).map(item).collect();
            let all = paper.markup.paragraph(&vec![name()]) + &paper.markup.steps(&items);
            let first = paper.markup.paragraph(&[vec![name()], items[0].clone()].concat());
            if changes.len() > CHANGES {
                fit.cut(format!("{} at the top", count((changes.len() - CHANGES) as u64, "piece of advice")));
            }
            fit.push_first([all, first]).is_some()
        }
    };
}

/// Where there is nothing to change: what would show more.
fn settle(paper: &Paper<'_>) -> Line {
    let open = paper.worst.iter().find_map(|each| each.verdict.would_settle.clone());
    match open {
        Some(text) => [vec![Span::strong("What would settle it: ")], coded(&text)].concat(),
        None => Line::new(),
    }
}

/// `Inferred: ended by the server; cause: missed heartbeat; confidence high: …`.
fn verdict(connection: &Connection) -> Line {
    let verdict = &connection.verdict;
    let mut text = format!("ended by {}", words::party(verdict.party));
    if verdict.party != "none" {
        let (cause, confidence) = (words::plain(verdict.cause), words::confidence(verdict.confidence));
        text += &format!("; cause: {cause}; confidence {confidence}");
    }
    vec![Span::strong("Inferred: "), Span::text(text + ".")]
}
