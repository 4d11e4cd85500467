//! Rows of `wordings.toml`: reasons of Close frames by which a library is known.

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use regex_lite::Regex;
use serde::Deserialize;

use super::causes::CloseMeaning;
use super::timers::Grounds;
use super::{Catalogue, List, Text};

// `BUILT_IN`: the rows that come with the program.
include!(concat!(env!("OUT_DIR"), "/wordings.rs"));

/// A regular expression that is compiled when it is first asked.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct Pattern {
    text: Text,
    compiled: OnceLock<Compiled>,
}

/// What an expression looks for.
#[derive(Clone, Debug)]
enum Compiled {
    /// One of these texts and nothing before or behind it.
    OneOf(Vec<String>),
    /// All else.
    Expression(Regex),
    /// Nothing: it is no expression.
    Never,
}

impl fmt::Debug for Pattern {
    // Whether it was asked already is no part of what it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.text).finish()
    }
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        Self { text: Cow::Owned(text), compiled: OnceLock::new() }
    }
}

impl Pattern {
    /// An expression of the program's own.
    pub(super) const fn new(text: &'static str) -> Self {
        Self { text: Cow::Borrowed(text), compiled: OnceLock::new() }
    }

    /// The expression as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it finds itself in `text`; an expression that is none finds nothing.
    pub fn is_in(&self, text: &str) -> bool {
        // Most are told apart by their beginning, and need not be compiled.
        text.starts_with(self.beginning()) && self.finds(text)
    }

    /// What every text that it is found in begins with.
    fn beginning(&self) -> &str {
        let Some(anchored) = self.text.strip_prefix('^').filter(|_| !self.text.contains('|')) else {
            return "";
        };
        let is_special =
            |c: char| !c.is_ascii_alphanumeric() && !matches!(c, ' ' | ':' | ',' | '-' | '_' | '\'');
        let end = anchored.find(is_special).unwrap_or(anchored.len());
        let (plain, rest) = anchored.split_at(end);
        // The last of them may be there any number of times.
        let is_repeated = rest.starts_with(['?', '*', '{']);
        let last = plain.len() - plain.chars().next_back().map_or(0, char::len_utf8);
        if is_repeated { &plain[..last] } else { plain }
    }

    fn finds(&self, text: &str) -> bool {
        match self.compiled.get_or_init(|| Compiled::new(&self.text)) {
            Compiled::OneOf(texts) => texts.iter().any(|whole| text == whole),
            Compiled::Expression(regex) => regex.is_match(text),
            Compiled::Never => false,
        }
    }

    /// What is wrong with the expression, if anything.
    pub(super) fn fault(&self) -> Option<String> {
        let error = Regex::new(&self.text).err()?;
        Some(format!("{:?} is no regular expression: {error}", self.text))
    }
}

impl Compiled {
    fn new(expression: &str) -> Self {
        let is_plain = |text: &&str| regex_lite::escape(text) == *text;
        let whole = expression.strip_prefix('^').and_then(|text| text.strip_suffix('$'));
        let several = whole.and_then(|whole| whole.strip_prefix('(')?.strip_suffix(')'));
        let texts: Vec<_> = match several {
            Some(several) => several.split('|').collect(),
            None => whole.into_iter().collect(),
        };
        if !texts.is_empty() && texts.iter().all(is_plain) {
            return Self::OneOf(texts.into_iter().map(str::to_owned).collect());
        }
        Regex::new(expression).map_or(Self::Never, Self::Expression)
    }
}

/// A reason by which a library is known.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    /// A stable name.
    pub id: Text,
    /// What the whole reason looks like.
    pub pattern: Pattern,
    /// The codes that it comes with; 1005 stands for none.
    pub codes: List<u16>,
    /// Who words it so.
    pub product: Text,
    /// What the sender means.
    pub meaning: Text,
    /// What it stands for.
    pub cause: CloseMeaning,
    /// Who sends it: `client` or `server`; absent for both.
    pub sent_by: Option<Text>,
    /// The timer that fired.
    pub timer: Option<Text>,
    /// Where it is stated.
    #[serde(default)]
    pub sources: List<Text>,
    /// How well that is grounded.
    #[serde(default)]
    pub confidence: Grounds,
}

impl Wording {
    /// What is wrong with the row, if anything.
    pub(super) fn fault(&self) -> Option<String> {
        if self.codes.is_empty() {
            return Some("`codes` must name the codes that it comes with".to_owned());
        }
        self.pattern.fault()
    }

    /// Whether it says anything: some rows stand for Closes without a reason.
    pub fn has_words(&self) -> bool {
        self.pattern.as_str() != "^$"
    }
}

impl Catalogue {
    /// The wording of a Close with this code and reason.
    pub fn wording(&self, code: u16, reason: &str) -> Option<&Wording> {
        let mut fitting = self.wordings.iter().filter(|wording| wording.codes.contains(&code));
        fitting.find(|wording| wording.has_words() != reason.is_empty() && wording.pattern.is_in(reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_known_by_their_words() {
        let catalogue = Catalogue::built_in();
        let of = |code, reason| catalogue.wording(code, reason).map(|wording| &*wording.id);
        assert_eq!(of(1011, "keepalive ping timeout"), Some("keepalive-ping-timeout"));
        assert_eq!(of(1000, "Idle for 300241ms > 300000ms"), Some("jetty8-idle"));
        assert_eq!(of(4408, "Connection initialisation timeout"), Some("graphql-ws-init"));
        assert_eq!(of(1000, "keepalive ping timeout"), None);
        assert_eq!(of(1012, ""), Some("empty-1012"));
        assert_eq!(of(1011, "oops"), None);
    }

    #[test]
    fn a_plain_text_is_found_as_its_expression_finds_it() {
        let all = Catalogue::built_in().wordings().iter().map(|wording| wording.pattern.as_str());
        for pattern in all.chain([
            "^a$",
            "a$",
            "^a",
            "^a.$",
            "^a\\$",
            "^(a$",
            "^$",
            "^",
            "$",
            "^(a|b)$",
            "^(a|)$",
            "^a|b$",
            "^(a|b$",
            "^a|b)$",
            "^(a.|b)$",
            "^(a)(b)$",
            "^()$",
            "^ab?$",
            "^ab*",
            "^a+$",
            "^ab{0,2}$",
            "^ab\\d",
            "^a.b",
            "^a b",
            "(?i)^a",
            "^(?i)a",
            "^a\u{e9}?",
        ]) {
            let regex = Regex::new(pattern).ok();
            let inner = pattern.trim_start_matches('^').trim_end_matches('$');
            for text in [
                inner,
                &format!("{inner}b"),
                &format!("b{inner}"),
                &format!("{inner}\n"),
                "a",
                "",
                "ab",
                "b",
                "a|b",
                "(a)(b)",
                "abb",
                "aa",
                "ab7",
                "a b",
                "A",
            ] {
                let expected = regex.as_ref().is_some_and(|regex| regex.is_match(text));
                assert_eq!(Pattern::from(pattern.to_owned()).is_in(text), expected, "{pattern} in {text:?}");
            }
        }
    }
}
