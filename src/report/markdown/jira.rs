//! Jira's wiki markup (`WikiRendererHelpAction.jspa` of any Jira tells it).

use super::super::escape::escape;
use super::escape::{BLOCK, breaks, visible};
use super::markup::{Line, Markup, Span, Table};

/// Jira's own flavour.
pub(super) struct Jira;

impl Markup for Jira {
    fn heading(&self, level: usize, line: &Line) -> String {
        format!("h{level}. {}\n\n", spans(line))
    }

    fn answer(&self, text: &str) -> String {
        format!("{{panel}}\n{}\n{{panel}}\n\n", strong(text.trim()))
    }

    fn paragraph(&self, line: &Line) -> String {
        format!("{}\n\n", guarded(spans(line)).trim_end())
    }

    fn steps(&self, items: &[Line]) -> String {
        items.iter().map(|line| format!("# {}\n", guarded(spans(line)))).collect::<String>() + "\n"
    }

    fn table(&self, table: &Table) -> String {
        let head: Vec<String> = table.head.iter().map(|name| filled(escaped(name))).collect();
        let mut text = format!("|| {} ||\n", head.join(" || "));
        for row in &table.rows {
            // An empty cell would join its two bars to those of a heading.
            let cells: Vec<String> = row.iter().map(|line| filled(spans(line))).collect();
            text += &format!("| {} |\n", cells.join(" | "));
        }
        text + "\n"
    }

    fn block(&self, text: &str) -> String {
        // Nothing is read inside but its own end.
        let text = escape(text, BLOCK).replace("{noformat", "{ noformat");
        format!("{{noformat}}\n{text}\n{{noformat}}\n\n")
    }

    fn fold(&self, title: &str, inside: &str) -> String {
        // There is nothing that folds: it stands under a heading.
        format!("h4. {}\n\n{inside}", escaped(title))
    }
}

fn spans(line: &Line) -> String {
    line.iter()
        .map(|span| match span {
            Span::Text(text) => escaped(text),
            Span::Strong(text) => strong(text),
            Span::Code(text) if text.trim().is_empty() => String::new(),
            Span::Code(text) => format!("{{{{{}}}}}", escaped(text)),
        })
        .collect()
}

/// Bold text; a space at its end would keep the asterisk from being its end.
fn strong(text: &str) -> String {
    let bare = text.trim_end();
    if bare.is_empty() { String::new() } else { format!("*{}*{}", escaped(bare), &text[bare.len()..]) }
}

/// Text in which nothing is markup.
fn escaped(text: &str) -> String {
    let text: Vec<char> = visible(text).chars().collect();
    let breaks = breaks(&text);
    let mut shown = String::with_capacity(text.len());
    for (at, &c) in text.iter().enumerate() {
        let in_word = at > 0
            && text[at - 1].is_ascii_alphanumeric()
            && text.get(at + 1).is_some_and(char::is_ascii_alphanumeric);
        match c {
            // What a backslash before it would not hide, as two of them break the line and as links and
            // keys are looked for afterwards.
            '\\' => shown.push_str("&#92;"),
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            ':' if breaks[at] => shown.push_str("&#58;"),
            '-' if breaks[at] => shown.push_str("&#45;"),
            '@' if breaks[at] => shown.push_str("&#64;"),
            'w' | 'W' if breaks[at] => shown.extend([&c.to_string(), "&#8203;"]),
            '_' | '-' if in_word => shown.push(c),
            '{' | '}' | '[' | ']' | '|' | '!' | '*' | '_' | '-' | '+' | '^' | '~' | '?' | '#' => {
                shown.extend(['\\', c]);
            }
            ':' | ';' | '(' if is_smiley(&text, at) => shown.extend(['\\', c]),
            c => shown.push(c),
        }
    }
    shown
}

/// Signs that Jira shows as little pictures.
fn is_smiley(text: &[char], at: usize) -> bool {
    let rest: String = text[at..].iter().take(8).collect::<String>().to_ascii_lowercase();
    const SMILEYS: [&str; 23] = [
        ":)", ":(", ":p", ":d", ":-", ";)", ";-", "(y)", "(n)", "(i)", "(/)", "(x)", "(!)", "(+)", "(-)",
        "(?)", "(on)", "(off)", "(*", "(flag", "(/", ":|", ":o",
    ];
    SMILEYS.iter().any(|smiley| rest.starts_with(smiley))
}

/// A cell that is not empty.
fn filled(text: String) -> String {
    if text.is_empty() { "&#160;".to_owned() } else { text }
}

/// The line, in which the first word is no heading or quote (`h1.`, `bq.`).
fn guarded(line: String) -> String {
    let is_block = line.get(..3).is_some_and(|start| {
        start == "bq."
            || start.starts_with('h') && start.ends_with('.') && start.as_bytes()[1].is_ascii_digit()
    });
    match line.chars().next() {
        Some(first) if is_block => format!("&#{};{}", u32::from(first), &line[first.len_utf8()..]),
        _ => line,
    }
}
