//! What may be set about the Markdown report.

use clap::{Args, ValueEnum};
use whoclosed::report::markdown::{self, LEAST_SIZE};

/// Options about reports for tickets.
#[derive(Debug, Args)]
#[command(next_help_heading = "Tickets (--format markdown)")]
pub(crate) struct Markdown {
    /// Whose markup to write [default: github]
    #[arg(hide_short_help = true, long, value_enum, value_name = "FLAVOR")]
    pub(crate) markdown_flavor: Option<Flavor>,

    /// Leave out the least serious connections so that the report has at most SIZE bytes (50000, 60kB, 1MB)
    ///
    /// [default: 60kB, which fits into a comment on GitHub, GitLab and Zendesk; for Jira 30kB]
    #[arg(hide_short_help = true, long, value_name = "SIZE", value_parser = size)]
    pub(crate) max_size: Option<usize>,
}

/// Whose markup is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Flavor {
    /// GitHub, GitLab and what else shows GitHub's Markdown
    Github,
    /// Jira's wiki markup
    Jira,
}

impl Markdown {
    /// Something was set.
    pub(crate) const fn is_set(&self) -> bool {
        self.markdown_flavor.is_some() || self.max_size.is_some()
    }

    /// The flavour, GitHub's where none was asked for.
    pub(crate) const fn flavor(&self) -> markdown::Flavor {
        match self.markdown_flavor {
            Some(Flavor::Jira) => markdown::Flavor::Jira,
            Some(Flavor::Github) | None => markdown::Flavor::Github,
        }
    }

    /// The size, what fits into a comment where none was asked for.
    pub(crate) fn size(&self) -> usize {
        self.max_size.unwrap_or_else(|| self.flavor().usual_size())
    }
}

/// A number of bytes, with or without a decimal unit.
fn size(text: &str) -> Result<usize, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => Some(1),
        "k" | "kb" => Some(1_000),
        "m" | "mb" => Some(1_000_000),
        _ => None,
    };
    let bytes =
        digits.trim_end().parse::<usize>().ok().zip(unit).and_then(|(number, unit)| number.checked_mul(unit));
    match bytes {
        Some(bytes) if bytes >= LEAST_SIZE => Ok(bytes),
        Some(_) => Err(format!("a report needs at least {LEAST_SIZE} bytes")),
        None => Err("expected a number of bytes such as 50000, 60kB or 1MB".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_may_have_a_unit() {
        assert_eq!(size("50000"), Ok(50_000));
        assert_eq!(size("60kB"), Ok(60_000));
        assert_eq!(size("1m"), Ok(1_000_000));
        for wrong in
            ["", "kB", "-1", "60KiB", "1.5MB", "1", "99999999999999999999MB", "18446744073709551615k"]
        {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
