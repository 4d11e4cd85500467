//! GitHub Flavored Markdown (<https://github.github.com/gfm/>), as GitLab and others show it too.

use super::super::escape::escape;
use super::escape::{BLOCK, breaks, visible};
use super::markup::{Line, Markup, Span, Table};

/// Shown as nothing; keeps what stands before it apart from what follows.
const APART: &str = "&#8203;";

/// The flavour of GitHub and GitLab.
pub(super) struct Github;

impl Markup for Github {
    fn heading(&self, level: usize, line: &Line) -> String {
        format!("{} {}\n\n", "#".repeat(level), spans(line))
    }

    fn answer(&self, text: &str) -> String {
        format!("{}\n\n", strong(text.trim()))
    }

    fn paragraph(&self, line: &Line) -> String {
        let text = spans(line);
        format!("{}{}\n\n", guard(&text), text.trim_end())
    }

    fn steps(&self, items: &[Line]) -> String {
        let item = |(number, line): (usize, &Line)| {
            let text = spans(line);
            format!("{number}. {}{text}\n", guard(&text))
        };
        (1..).zip(items).map(item).collect::<String>() + "\n"
    }

    fn table(&self, table: &Table) -> String {
        let cells = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let mut text = cells(table.head.iter().map(|name| escaped(name)).collect());
        text += &cells(vec!["---".to_owned(); table.head.len()]);
        for row in &table.rows {
            text += &cells(row.iter().map(spans).collect());
        }
        text + "\n"
    }

    fn block(&self, text: &str) -> String {
        let text = escape(text, BLOCK);
        let fence = "`".repeat(longest_run(&text).max(2) + 1);
        format!("{fence}\n{text}\n{fence}\n\n")
    }

    fn fold(&self, title: &str, inside: &str) -> String {
        // A line of HTML goes on to the next empty line: what follows that is Markdown again.
        format!("<details>\n<summary>{}</summary>\n\n{inside}</details>\n\n", html(title))
    }
}

fn spans(line: &Line) -> String {
    let (mut shown, mut words) = (String::new(), String::new());
    for span in line {
        match span {
            Span::Text(text) => words += text,
            Span::Code(text) if !can_be_code(text) => words.extend(["`", text.as_str(), "`"]),
            // Words are escaped together: what is apart in the line may meet in the eyes of a tracker.
            Span::Strong(text) => shown += &(escaped(&std::mem::take(&mut words)) + &strong(text)),
            Span::Code(text) => shown += &(escaped(&std::mem::take(&mut words)) + &code(text)),
        }
    }
    shown + &escaped(&words)
}

/// Bold text; a space at its end would keep the asterisks from being its end.
fn strong(text: &str) -> String {
    let bare = text.trim_end();
    if bare.is_empty() { String::new() } else { format!("**{}**{}", escaped(bare), &text[bare.len()..]) }
}

/// Text in which nothing is markup.
fn escaped(text: &str) -> String {
    let text: Vec<char> = visible(text).chars().collect();
    let mut shown = String::with_capacity(text.len());
    for (at, after) in breaks(&text).into_iter().enumerate() {
        let in_word = at > 0
            && text[at - 1].is_ascii_alphanumeric()
            && text.get(at + 1).is_some_and(char::is_ascii_alphanumeric);
        match text[at] {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            // These two decide where a table's cell ends, each parser in its own way where both meet.
            '\\' => shown.push_str("&#92;"),
            '|' => shown.push_str("&#124;"),
            // Between two of these is a formula; GitHub documents this as the way to write one.
            '$' => shown.push_str("<span>$</span>"),
            '_' if in_word => shown.push('_'),
            c @ ('`' | '*' | '_' | '[' | ']' | '~') => shown.extend(['\\', c]),
            c => shown.push(c),
        }
        if after {
            shown.push_str(APART);
        }
    }
    shown
}

/// What keeps the start of a line from being a heading, a list, a quote, a rule or a command.
fn guard(line: &str) -> &'static str {
    let is_word = line.starts_with(|c: char| c.is_alphabetic() || "`“*".contains(c));
    if is_word { "" } else { APART }
}

/// Text as code, in which nothing is looked for.
fn code(text: &str) -> String {
    format!("`{}`", visible(text.trim()))
}

/// Whether a text can be code: nothing in it could end a cell, or the code itself.
fn can_be_code(text: &str) -> bool {
    let text = visible(text.trim());
    !text.is_empty() && !text.contains(['`', '|', '\\', '$', '<'])
}

fn html(text: &str) -> String {
    visible(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// How many backticks stand in a row at most.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}
