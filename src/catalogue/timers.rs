//! Idle timers, and which of them fit a measured silence.

use serde::Deserialize;

use crate::time::Span;

/// nginx does not re-arm a timer that would move by less than 0.3 s, so a silence can end that much
/// before the timer's value, counted from the last byte.
const EARLY: Span = Span::from_millis(350);

/// How late a timer may fire.
const LATE: Span = Span::from_millis(150);

/// The known timers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    #[serde(rename = "timer")]
    timers: Vec<Timer>,
}

/// An idle timer of a product.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timer {
    /// A stable name.
    pub id: String,
    /// The product.
    pub product: String,
    /// The setting, in the product's own words.
    pub setting: String,
    /// The default in seconds; `None` where there is none.
    pub seconds: Option<i64>,
    /// What the wire shows when it fires.
    pub ends_with: Vec<Ending>,
    /// Lower-case parts of handshake headers that name the product.
    pub marks: Vec<String>,
    /// How to change it.
    pub fix: String,
    /// Where the value is stated.
    pub source: String,
}

/// What the wire shows when a timer fires.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// A FIN.
    Fin,
    /// An RST at once.
    Rst,
    /// An RST in answer to the next packet.
    RstOnNextPacket,
    /// Nothing.
    SilentDrop,
    /// A Close frame.
    CloseFrame,
    /// It is not known.
    Unknown,
}

/// How a timer fits what was measured.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Fit {
    /// The default value, and a header of the handshake names the product.
    ValueAndHeader,
    /// A header names the product; its value must have been changed.
    Header,
    /// The default value, and the way it ended.
    ValueAndWire,
    /// The default value.
    Value,
}

impl Fit {
    /// The report's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ValueAndHeader => "value_and_header",
            Self::Header => "header",
            Self::ValueAndWire => "value_and_wire",
            Self::Value => "value",
        }
    }
}

/// A timer that fits.
#[derive(Clone, Copy, Debug)]
pub struct Match<'a> {
    /// The timer.
    pub timer: &'a Timer,
    /// How it fits.
    pub fit: Fit,
}

impl Catalogue {
    /// The catalogue that comes with the program.
    ///
    /// # Panics
    ///
    /// Never: a test reads the same data.
    pub fn built_in() -> Self {
        toml::from_str(include_str!("timers.toml")).expect("the built-in catalogue is valid")
    }

    /// The timers that fit a silence which ended in one of the ways `endings`, best first.
    ///
    /// `headers` are the handshake's headers that name intermediaries.
    pub fn matches(&self, silence: Span, endings: &[Ending], headers: &[String]) -> Vec<Match<'_>> {
        let headers: Vec<String> = headers.iter().map(|header| header.to_lowercase()).collect();
        let fitting = self.timers.iter().filter_map(|timer| {
            let fit = timer.fit(silence, endings, &headers)?;
            Some(Match { timer, fit })
        });
        let mut matches: Vec<_> = fitting.collect();
        matches.sort_by_key(|found| found.fit);
        matches
    }

    /// All timers.
    pub fn timers(&self) -> &[Timer] {
        &self.timers
    }
}

impl Timer {
    fn fit(&self, silence: Span, endings: &[Ending], headers: &[String]) -> Option<Fit> {
        let value = self.seconds.is_some_and(|seconds| near(silence, Span::from_secs(seconds)));
        let named = self.marks.iter().any(|mark| headers.iter().any(|header| header.contains(mark)));
        let known = self.ends_with.iter().any(|ending| endings.contains(ending));
        let unknown = self.ends_with.contains(&Ending::Unknown);
        match (value, named) {
            (_, _) if !known && !unknown => None,
            (true, true) => Some(Fit::ValueAndHeader),
            (false, true) => Some(Fit::Header),
            (true, false) if known => Some(Fit::ValueAndWire),
            (true, false) => Some(Fit::Value),
            (false, false) => None,
        }
    }
}

/// Whether a silence fits a timer of `value`.
fn near(silence: Span, value: Span) -> bool {
    let off = silence.as_nanos() - value.as_nanos();
    -EARLY.as_nanos() <= off && off <= LATE.as_nanos()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn ids(silence_ms: i64, endings: &[Ending], headers: &[&str]) -> Vec<String> {
        let headers: Vec<String> = headers.iter().map(|&header| header.to_owned()).collect();
        let catalogue = Catalogue::built_in();
        let matches = catalogue.matches(Span::from_millis(silence_ms), endings, &headers);
        matches.into_iter().map(|found| found.timer.id.clone()).collect()
    }

    #[test]
    fn every_row_is_sane() {
        let catalogue = Catalogue::built_in();
        let ids: HashSet<_> = catalogue.timers().iter().map(|timer| &timer.id).collect();
        assert_eq!(ids.len(), catalogue.timers().len());
        for timer in catalogue.timers() {
            assert!(timer.seconds.is_none_or(|seconds| (1..=86_400).contains(&seconds)), "{}", timer.id);
            assert!(timer.source.starts_with("https://"), "{}", timer.id);
            assert!(timer.marks.iter().all(|mark| *mark == mark.to_lowercase()), "{}", timer.id);
            assert!(!timer.ends_with.is_empty() && !timer.fix.is_empty(), "{}", timer.id);
        }
    }

    #[test]
    fn a_named_product_goes_first() {
        let found = ids(59_800, &[Ending::Fin], &["Server: nginx/1.22.1"]);
        assert_eq!(found[0], "nginx-proxy-read-timeout");
        assert!(found.contains(&"aws-alb-idle-timeout".to_owned()));
    }

    #[test]
    fn values_and_endings_must_fit() {
        assert!(ids(58_000, &[Ending::Fin], &[]).is_empty());
        assert!(!ids(60_000, &[Ending::Rst], &[]).contains(&"nginx-proxy-read-timeout".to_owned()));
        assert!(ids(350_050, &[Ending::RstOnNextPacket], &[]).contains(&"aws-nat-gateway".to_owned()));
    }

    #[test]
    fn a_named_product_fits_with_a_changed_value() {
        assert_eq!(ids(4_000, &[Ending::Fin], &["Server: nginx"])[0], "nginx-proxy-read-timeout");
    }
}
