//! A heading with labelled lines below it.

use crate::report::escape::escape;

/// Characters shown of one value.
const LONGEST: usize = 2000;

/// Columns of the labels.
const LABEL: usize = 13;

/// The fewest columns left for the values.
const NARROWEST: usize = 20;

/// A heading with labelled lines below it.
pub(super) struct Sheet {
    title: String,
    lines: Vec<(&'static str, String)>,
}

impl Sheet {
    /// A heading.
    pub(super) const fn new(title: String) -> Self {
        Self { title, lines: Vec::new() }
    }

    /// A line below it; without a value there is none.
    pub(super) fn line(mut self, label: &'static str, value: &str) -> Self {
        if !value.is_empty() {
            self.lines.push((label, escape(value, LONGEST)));
        }
        self
    }

    /// All of it, in lines of at most `width` columns where its words allow.
    pub(super) fn text(&self, width: usize) -> String {
        let room = width.saturating_sub(LABEL + 2).max(NARROWEST);
        let mut text = escape(&self.title, LONGEST);
        text.push('\n');
        for (label, value) in &self.lines {
            for (index, line) in wrapped(value, room).iter().enumerate() {
                let label = if index == 0 { label } else { "" };
                text.push_str(format!("  {label:LABEL$}{line}").trim_end());
                text.push('\n');
            }
        }
        text
    }
}

/// Breaks a text between words.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_whitespace() {
        let long = word.chars().count();
        if used > 0 && used + 1 + long > width {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            if used > 0 {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            used += long;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_hang_below_their_label_and_are_escaped() {
        let sheet =
            Sheet::new("Title".to_owned()).line("Means", "one two three four five\u{1b}").line("Not", "");
        let text = sheet.text(0);
        assert_eq!(text.lines().nth(1).unwrap(), "  Means        one two three four");
        assert!(text.lines().nth(2).unwrap().starts_with("               five"));
        assert!(!text.contains('\u{1b}') && !text.contains("Not"));
    }
}
