//! Rows of `marks.toml`: the headers by which products are known.

use std::borrow::Cow;

use serde::Deserialize;

use super::timers::Grounds;
use super::{Catalogue, List, Text};

// `BUILT_IN`: the rows that come with the program.
include!(concat!(env!("OUT_DIR"), "/marks.rs"));

/// A header by which a product is known.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// A lower-case part of the header as `name: value`.
    pub header: Part,
    /// The product.
    pub product: Text,
    /// The families of timers that it tells.
    #[serde(default)]
    pub families: List<Text>,
    /// Whether such a product usually stands in front of the server.
    pub between: bool,
    /// Whether it sends Close frames of its own to both ends when it stops or is reloaded.
    #[serde(default)]
    pub writes_close: bool,
    /// Where the header is stated.
    #[serde(default)]
    pub sources: List<Text>,
    /// How well that is grounded.
    #[serde(default)]
    pub confidence: Grounds,
}

/// A text that is sought in many others.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(from = "String")]
pub struct Part {
    pub(super) text: Text,
    letters: Letters,
}

impl Part {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// A text of the program's own.
    const fn new(text: &'static str) -> Self {
        Self { text: Cow::Borrowed(text), letters: Letters::of(text) }
    }
}

impl From<String> for Part {
    fn from(text: String) -> Self {
        let letters = Letters::of(&text);
        Self { text: Cow::Owned(text), letters }
    }
}

/// The bytes that a text is made of, as bits that stand for several each: most texts that do not hold another
/// lack one of its letters.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Letters(u64);

impl Letters {
    const fn of(text: &str) -> Self {
        let (mut rest, mut letters) = (text.as_bytes(), 0);
        while let [byte, others @ ..] = rest {
            letters |= 1 << (*byte % 64);
            rest = others;
        }
        Self(letters)
    }

    const fn has_all(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }
}

impl Mark {
    /// What is wrong with the row, if anything.
    pub(super) fn fault(&self) -> Option<String> {
        let text = &self.header.text;
        let lower = *text == text.to_lowercase() && text.len() > 1;
        (!lower).then(|| "`header` must be in lower case, such as \"server: nginx\"".to_owned())
    }
}

impl Catalogue {
    /// The marks that a header, as `Name: value`, shows.
    pub fn marks_of<'a>(&'a self, header: &str) -> impl Iterator<Item = &'a Mark> {
        let header = header.to_lowercase();
        let letters = Letters::of(&header);
        let holds = move |part: &Part| letters.has_all(part.letters) && header.contains(&*part.text);
        self.marks.iter().filter(move |mark| holds(&mark.header))
    }

    /// Whether a header, as `Name: value`, names a product that sends Close frames of its own.
    pub fn names_close_writer(&self, header: &str) -> bool {
        self.marks_of(header).any(|mark| mark.writes_close)
    }

    /// Whether a header, as `Name: value`, names a product whose timers are known.
    pub fn names_timers(&self, header: &str) -> bool {
        self.marks_of(header).any(|mark| !mark.families.is_empty())
    }

    /// Whether a header, as `Name: value`, names a product that stands in front of servers.
    pub fn names_proxy(&self, header: &str) -> bool {
        self.marks_of(header).any(|mark| mark.between)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_known_by_their_headers() {
        let catalogue = Catalogue::built_in();
        for header in
            ["Server: nginx/1.22.1", "Via: 1.1 vegur", "CF-Ray: 8a-FRA", "x-envoy-upstream-service-time: 3"]
        {
            assert!(catalogue.names_proxy(header), "{header}");
        }
        assert!(!catalogue.names_proxy("Server: Python/3.11 websockets/17.4"));
        assert!(!catalogue.names_proxy("Server: daphne"));
    }

    #[test]
    fn a_header_tells_the_families() {
        let catalogue = Catalogue::built_in();
        let families =
            |header| catalogue.marks_of(header).flat_map(|mark| mark.families.to_vec()).collect::<Vec<_>>();
        assert_eq!(families("server: openresty/1.25"), ["nginx"]);
        assert_eq!(families("Via: 1.1 google"), ["google-lb"]);
    }
}
