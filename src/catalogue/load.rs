//! From TOML to tables.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::hash::Hash;

use serde::Deserialize;
use toml::Spanned;

use super::{Catalogue, KnownCode, KnownHeartbeat, List, Mark, Timer, Wording};

/// What is wrong with a catalogue file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LoadError {
    /// The line, from 1 on.
    pub line: usize,
    /// What is wrong there, and what was needed.
    pub message: String,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for LoadError {}

/// The rows of a file with their places.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    timer: Vec<Spanned<Timer>>,
    heartbeat: Vec<Spanned<KnownHeartbeat>>,
    close_code: Vec<Spanned<KnownCode>>,
    wording: Vec<Spanned<Wording>>,
    mark: Vec<Spanned<Mark>>,
}

impl Catalogue {
    /// This catalogue with the rows of a user's file, which go before the others and replace those with
    /// the same id (close codes: with the same code and product; marks: with the same header).
    ///
    /// # Errors
    ///
    /// Fails where the text is not TOML, holds a table or a field that is not known, lacks one that is
    /// needed, or where a row is not sane; the error tells the line.
    pub fn extended(&self, text: &str) -> Result<Self, LoadError> {
        let file: File = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            LoadError { line: line(text, at), message: error.message().to_owned() }
        })?;
        Ok(Self {
            timers: merge(text, file.timer, &self.timers, |row| row.id.clone(), Timer::fault)?,
            heartbeats: merge(
                text,
                file.heartbeat,
                &self.heartbeats,
                |row| row.id.clone(),
                KnownHeartbeat::fault,
            )?,
            codes: merge(
                text,
                file.close_code,
                &self.codes,
                |row| (row.code, row.to, row.product.clone()),
                KnownCode::fault,
            )?,
            wordings: merge(text, file.wording, &self.wordings, |row| row.id.clone(), Wording::fault)?,
            marks: merge(text, file.mark, &self.marks, |row| row.header.clone(), Mark::fault)?,
        })
    }
}

/// The new rows, checked, and the old ones that they do not replace.
fn merge<Row: Clone, Key: Eq + Hash>(
    text: &str,
    new: Vec<Spanned<Row>>,
    old: &[Row],
    key: impl Fn(&Row) -> Key,
    fault: impl Fn(&Row) -> Option<String>,
) -> Result<List<Row>, LoadError> {
    let mut keys = HashSet::new();
    let mut rows = Vec::with_capacity(new.len() + old.len());
    for row in new {
        let at = row.span().start;
        let row = row.into_inner();
        let twice = !keys.insert(key(&row));
        let fault = fault(&row).or_else(|| twice.then(|| "this row stands twice in the file".to_owned()));
        if let Some(message) = fault {
            return Err(LoadError { line: line(text, at), message });
        }
        rows.push(row);
    }
    rows.extend(old.iter().filter(|row| !keys.contains(&key(row))).cloned());
    Ok(Cow::Owned(rows))
}

/// The line of a byte.
fn line(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    1 + before.iter().filter(|&&byte| byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{Grounds, TimerKind};
    use crate::time::Span;

    fn error(text: &str) -> String {
        Catalogue::default().extended(text).unwrap_err().to_string()
    }

    /// The tables as they are written.
    const WRITTEN: [&str; 5] = [
        include_str!("timers.toml"),
        include_str!("heartbeats.toml"),
        include_str!("close_codes.toml"),
        include_str!("wordings.toml"),
        include_str!("marks.toml"),
    ];

    #[test]
    fn every_row_is_sane_and_prepared_as_it_is_written() {
        let mut all = Catalogue::default();
        for text in WRITTEN {
            all = all.extended(text).unwrap();
        }
        let counts =
            [all.timers.len(), all.heartbeats.len(), all.codes.len(), all.wordings.len(), all.marks.len()];
        assert!(counts[0] >= 190 && counts[1] >= 39 && counts[2] >= 114 && counts[3] >= 45, "{counts:?}");
        assert_eq!(format!("{:#?}", Catalogue::built_in()), format!("{all:#?}"));
    }

    #[test]
    fn every_row_has_a_source_and_its_grounds() {
        let all = Catalogue::built_in();
        let timers = all.timers.iter().map(|row| (&row.id, &row.sources, row.confidence));
        let heartbeats = all.heartbeats.iter().map(|row| (&row.id, &row.sources, row.confidence));
        let codes = all.codes.iter().map(|row| (&row.name, &row.sources, row.confidence));
        let wordings = all.wordings.iter().map(|row| (&row.id, &row.sources, row.confidence));
        let marks = all.marks.iter().map(|row| (&row.header.text, &row.sources, row.confidence));
        for (id, sources, grounds) in timers.chain(heartbeats).chain(codes).chain(wordings).chain(marks) {
            assert!(!sources.is_empty(), "{id}");
            assert!(sources.iter().all(|source| source.starts_with("http")), "{id}");
            assert_ne!(grounds, Grounds::User, "{id}");
        }
    }

    #[test]
    fn rows_name_rows_that_exist() {
        let all = Catalogue::built_in();
        for timer in all.wordings.iter().filter_map(|wording| wording.timer.as_deref()) {
            assert!(all.timer(timer).is_some(), "{timer}");
        }
        let families: HashSet<_> = all.timers.iter().filter_map(|timer| timer.family.as_deref()).collect();
        for family in all.marks.iter().flat_map(|mark| &*mark.families) {
            assert!(families.contains(&**family), "{family}");
        }
    }

    #[test]
    fn a_user_adds_and_replaces_rows() {
        let text = "
            [[timer]]
            id = 'nginx-proxy-read-timeout'
            product = 'our nginx'
            setting = 'proxy_read_timeout'
            kind = 'idle'
            seconds = 300
            ends_with = ['fin']
            family = 'nginx'
            fix = 'ask the platform team'
            [[timer]]
            id = 'our-gateway'
            product = 'our gateway'
            setting = 'idle'
            kind = 'idle'
            seconds = 47.5
            ends_with = ['rst']
            fix = 'raise it'
        ";
        let built_in = Catalogue::built_in();
        let all = built_in.extended(text).unwrap();
        assert_eq!(all.timers.len(), built_in.timers.len() + 1);
        let nginx = all.timer("nginx-proxy-read-timeout").unwrap();
        assert_eq!((nginx.value(), nginx.confidence), (Some(Span::from_secs(300)), Grounds::User));
        assert_eq!(all.timer("our-gateway").unwrap().kind, TimerKind::Idle);
        assert_eq!(all.wordings.len(), built_in.wordings.len());
    }

    #[test]
    fn errors_tell_the_line_and_what_was_needed() {
        let row = "[[timer]]\nid = 'a'\nproduct = 'b'\nsetting = 'c'\nkind = 'idle'\nends_with = ['fin']\nfix = 'd'\n";
        assert!(Catalogue::default().extended(row).is_ok());
        assert!(error(&row.replace("fix = 'd'\n", "")).contains("missing field `fix`"));
        assert!(error(&format!("{row}second = 3\n")).starts_with("line 8: unknown field `second`, expected"));
        assert!(
            error(&row.replace("'idle'", "'idel'")).starts_with("line 5: unknown variant `idel`, expected")
        );
        for wrong in ["-1", "0", "nan", "inf", "1e300", "31622401"] {
            assert!(error(&format!("{row}seconds = {wrong}\n")).contains("above 0"), "{wrong}");
        }
        for wrong in ["-1", "nan", "inf", "3601"] {
            assert!(error(&format!("{row}late = {wrong}\n")).contains("0 to 3600"), "{wrong}");
        }
        assert_eq!(error(&format!("{row}\n{row}")), "line 9: this row stands twice in the file");
        assert!(error("[[timers]]\n").contains("unknown field `timers`"));
        assert!(error("x = [\n").starts_with("line "));
        let wording =
            "[[wording]]\nid='a'\npattern='('\ncodes=[1]\nproduct='b'\nmeaning='c'\ncause='normal'\n";
        assert!(error(wording).starts_with("line 1: \"(\" is no regular expression"));
    }
}
