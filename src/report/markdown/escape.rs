//! Which places in a text a tracker would make something of: links, mentions, references, emoji.

use super::super::escape::escape;

/// Characters shown of one piece of text.
pub(super) const LONGEST: usize = 400;

/// Characters of one block to copy, which is of no use when it is cut.
pub(super) const BLOCK: usize = 4000;

/// The least digits by which a commit is known.
const COMMIT: usize = 7;

/// The text without hidden characters, cut to what one piece may have.
pub(super) fn visible(text: &str) -> String {
    escape(text, LONGEST)
}

/// For each character of the text, whether something must stand behind it to keep it apart from the next.
///
/// Trackers look for these in the text that a reader sees, whatever was escaped in its source: mentions
/// (`@name`), numbers of issues, requests, epics and the like (`#1`, `!1`, `&1`, `$1`, `%1`, `~1`), links
/// (`://`, `www.`, `mailto:`), emoji (`:tada:`), commits (seven hexadecimal digits and more) and keys (`ABC-1`).
pub(super) fn breaks(text: &[char]) -> Vec<bool> {
    let mut breaks = vec![false; text.len()];
    for at in 0..text.len() {
        let next = text.get(at + 1).copied();
        breaks[at] = match text[at] {
            '@' | '#' | '!' | '&' | '$' | '%' | '~' => {
                next.is_some_and(|c| c.is_alphanumeric() || "\"'_".contains(c))
            }
            '^' | '[' | '*' => next.is_some_and(|c| c.is_alphabetic() || "_[".contains(c)),
            ':' => is_scheme(text, at) || is_emoji(text, at),
            '-' => is_key(text, at),
            'w' | 'W' => is_host(text, at),
            _ => false,
        };
    }
    commits(text, &mut breaks);
    breaks
}

/// A colon behind the name of a scheme.
fn is_scheme(text: &[char], at: usize) -> bool {
    let before = text[..at].iter().rev().take_while(|c| c.is_ascii_alphanumeric() || "+.-".contains(**c));
    before.count() > 0 && text.get(at + 1).is_some_and(|&next| next == '/' || next.is_alphabetic())
}

/// A colon before a word and a second colon; numbers alone are times and addresses, but for two.
fn is_emoji(text: &[char], at: usize) -> bool {
    let rest = &text[at + 1..];
    let len = rest.iter().take_while(|c| c.is_alphanumeric() || "_+-".contains(**c)).count();
    let word: String = rest[..len].iter().collect();
    let is_number = word.bytes().all(|b| b.is_ascii_digit()) && word != "100" && word != "1234";
    len > 0 && rest.get(len) == Some(&':') && !is_number
}

/// A hyphen between capitals and a number.
fn is_key(text: &[char], at: usize) -> bool {
    at > 0
        && (text[at - 1].is_ascii_uppercase() || text[at - 1].is_ascii_digit())
        && text[..at]
            .iter()
            .rev()
            .take_while(|c| c.is_ascii_alphanumeric() || **c == '_')
            .any(char::is_ascii_uppercase)
        && text.get(at + 1).is_some_and(char::is_ascii_digit)
}

/// The last letter of `www` before a dot.
fn is_host(text: &[char], at: usize) -> bool {
    let is_w = |c: &char| c.eq_ignore_ascii_case(&'w');
    at >= 2 && text[at - 2..at].iter().all(is_w) && text.get(at + 1) == Some(&'.')
}

/// Marks runs of hexadecimal digits that may name a commit.
fn commits(text: &[char], breaks: &mut [bool]) {
    let mut at = 0;
    while at < text.len() {
        let len = text[at..].iter().take_while(|c| c.is_alphanumeric()).count();
        if len >= COMMIT && text[at..at + len].iter().all(char::is_ascii_hexdigit) {
            (at + COMMIT - 2..at + len - 1).step_by(COMMIT - 1).for_each(|at| breaks[at] = true);
        }
        at += len.max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with a dot where it is broken.
    fn broken(text: &str) -> String {
        let text: Vec<char> = text.chars().collect();
        let breaks = breaks(&text);
        text.iter().zip(breaks).flat_map(|(&c, after)| [Some(c), after.then_some('·')]).flatten().collect()
    }

    #[test]
    fn what_a_tracker_would_link_is_broken() {
        for (text, wanted) in [
            ("ask @ann, @org/team", "ask @·ann, @·org/team"),
            ("ann@a.example", "ann@·a.example"),
            ("fixes #12 and org/repo#12", "fixes #·12 and org/repo#·12"),
            ("!7 &7 $7 %7 ~7 ~\"bug\" ^alert", "!·7 &·7 $·7 %·7 ~·7 ~·\"bug\" ^·alert"),
            ("[contact:x] *iteration:1", "[·contact:·x] *·iteration:1"),
            ("https://a.example www.a.example", "https:·//a.example www·.a.example"),
            ("mailto:ann javascript:x", "mailto:·ann javascript:·x"),
            (":tada: :+1: :100:", ":·tada: :·+1: :·100:"),
            ("at 01:32:14.8 from fd77:0:0:2::2", "at 01:32:14.8 from fd77:0:0:2::2"),
            ("ABC-123 GH-1 X2-7", "ABC-·123 GH-·1 X2-·7"),
            ("deadbeef 1234567 cafe 123456", "deadbe·ef 123456·7 cafe 123456"),
            ("client-1, keep-alive, 60 s", "client-1, keep-alive, 60 s"),
        ] {
            assert_eq!(broken(text), wanted);
        }
    }
}
