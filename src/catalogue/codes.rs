//! Rows of `close_codes.toml`.

use std::borrow::Cow;

use serde::Deserialize;

use super::causes::CloseMeaning;
use super::timers::Grounds;
use super::{Catalogue, List, Text};

// `BUILT_IN`: the rows that come with the program.
include!(concat!(env!("OUT_DIR"), "/close_codes.rs"));

/// A Close code, or a range of them, as the registry or an application means it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownCode {
    /// The code, or the first of a range.
    pub code: u16,
    /// The last of a range.
    pub to: Option<u16>,
    /// Its name.
    pub name: Text,
    /// Who uses it so; absent for the registered meaning.
    pub product: Option<Text>,
    /// What it means.
    pub meaning: Text,
    /// What it stands for.
    pub cause: CloseMeaning,
    /// What usually causes it.
    pub usually: Option<Text>,
    /// What to do.
    pub fix: Option<Text>,
    /// Lower-case parts of the host, path or subprotocol that name the application.
    #[serde(default)]
    pub known_by: List<Text>,
    /// Who sends it: `client`, `server` or `either`.
    #[serde(default = "either")]
    pub sent_by: Text,
    /// Whether it may be on the wire at all.
    #[serde(default = "yes")]
    pub on_wire: bool,
    /// Whether the application says to try again.
    pub retry: Option<bool>,
    /// Where it is stated.
    #[serde(default)]
    pub sources: List<Text>,
    /// How well that is grounded.
    #[serde(default)]
    pub confidence: Grounds,
}

const fn either() -> Text {
    Cow::Borrowed("either")
}

const fn yes() -> bool {
    true
}

impl KnownCode {
    /// What is wrong with the row, if anything.
    pub(super) fn fault(&self) -> Option<String> {
        if self.to.is_some_and(|to| to < self.code) {
            Some("`to` must not be below `code`".to_owned())
        } else if !["client", "server", "either"].contains(&&*self.sent_by) {
            Some("`sent_by` must be client, server or either".to_owned())
        } else {
            None
        }
    }

    const fn holds(&self, code: u16) -> bool {
        match self.to {
            Some(to) => self.code <= code && code <= to,
            None => self.code == code,
        }
    }
}

impl Catalogue {
    /// What is known of a code: the registered meaning first, then applications, ranges last.
    pub fn codes_of(&self, code: u16) -> Vec<&KnownCode> {
        let mut known: Vec<_> = self.codes.iter().filter(|row| row.holds(code)).collect();
        known.sort_by_key(|row| (row.to.is_some(), row.product.is_some()));
        known
    }

    /// The registered meaning of a code; that of the code itself goes before that of a range.
    pub(super) fn registered(&self, code: u16) -> Option<&KnownCode> {
        let known = self.codes.iter().filter(|row| row.product.is_none() && row.holds(code));
        known.min_by_key(|row| row.to.is_some())
    }

    /// The applications that give a private code a meaning, conventions left out.
    pub fn applications_of(&self, code: u16) -> Vec<&KnownCode> {
        let named = |row: &&KnownCode| row.product.as_ref().is_some_and(|product| product != "convention");
        self.codes_of(code).into_iter().filter(named).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_registered_goes_first() {
        let catalogue = Catalogue::built_in();
        let known = catalogue.codes_of(3000);
        assert_eq!(known[0].product, None);
        assert!(known.iter().any(|row| row.product.as_deref() == Some("Centrifugo")));
        assert!(known.last().unwrap().to.is_some());
        assert!(!catalogue.codes_of(1006)[0].on_wire);
        for code in 0..=5_000 {
            let first = catalogue.codes_of(code).into_iter().find(|row| row.product.is_none());
            let name = |row: &KnownCode| row.name.clone();
            assert_eq!(catalogue.registered(code).map(name), first.map(name), "{code}");
        }
    }

    #[test]
    fn an_application_is_no_convention() {
        let products: Vec<_> = Catalogue::built_in()
            .applications_of(4001)
            .iter()
            .map(|row| row.product.clone().unwrap())
            .collect();
        assert!(products.contains(&"Discord gateway".into()), "{products:?}");
        assert!(!products.contains(&"convention".into()));
    }
}
