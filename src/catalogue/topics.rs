//! Causes and rules of verdicts, explained.

use std::sync::LazyLock;

use serde::Deserialize;

/// A cause of verdicts, explained.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CauseTopic {
    /// The report's word for it.
    pub id: String,
    /// What it means.
    pub meaning: String,
    /// What usually is behind it.
    pub usually: String,
    /// What to change.
    pub fix: String,
    /// Where to read more.
    pub sources: Vec<String>,
}

/// A rule of verdicts, explained.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleTopic {
    /// Its id.
    pub id: String,
    /// Its name.
    pub title: String,
    /// What the packets must show.
    pub shows: String,
    /// What follows.
    pub concludes: String,
    /// The cause that it most often gives.
    pub cause: Option<String>,
    /// Where to read more.
    #[serde(default)]
    pub sources: Vec<String>,
}

#[derive(Default, Deserialize)]
struct Topics {
    #[serde(default)]
    cause: Vec<CauseTopic>,
    #[serde(default)]
    rule: Vec<RuleTopic>,
}

/// The causes; a test reads the same data and finds no fault.
pub fn causes() -> &'static [CauseTopic] {
    static CAUSES: LazyLock<Topics> =
        LazyLock::new(|| toml::from_str(include_str!("causes.toml")).unwrap_or_default());
    &CAUSES.cause
}

/// The rules.
pub fn rules() -> &'static [RuleTopic] {
    static RULES: LazyLock<Topics> =
        LazyLock::new(|| toml::from_str(include_str!("rules.toml")).unwrap_or_default());
    &RULES.rule
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_can_be_read() {
        assert!(causes().len() >= 23 && rules().len() >= 15);
        assert!(
            causes().iter().all(|cause| cause.sources.iter().all(|source| source.starts_with("https://")))
        );
    }
}
