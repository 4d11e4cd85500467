//! A report that is read back is the same: its types hold all that the document says, and nothing else.
//!
//! The program only writes reports, so the types can be read in tests alone; they know each of their fields and no other.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};

use super::super::{fixture, json};
use super::{Connection, Connections, Detail, Seconds, Time, View};

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Written {
            unix_ns: i64,
            utc: String,
        }
        let Written { unix_ns, utc } = Written::deserialize(deserializer)?;
        let time = Self { unix_ns };
        assert_eq!(time.to_string(), utc);
        Ok(time)
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer).map(|seconds| Self((seconds * 1e9).round() as i64))
    }
}

impl<'de> Deserialize<'de> for Detail {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

impl<'de: 'static> Deserialize<'de> for Connections {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<Connection>::deserialize(deserializer).map(Self::from)
    }
}

/// Reads a report; its words are kept for good, as those of the program are.
fn read(text: &str) -> Result<View, serde_json::Error> {
    serde_json::from_str(text.to_owned().leak())
}

fn write(view: &View) -> String {
    let mut out = Vec::new();
    json::write(view, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The JSON reports of samples, as the tests of the samples hold them.
fn reports() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/samples");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let paths = paths.filter(|path| path.to_string_lossy().ends_with(".json.snap"));
    let read = |path: PathBuf| {
        let snapshot = fs::read_to_string(&path).unwrap();
        // The report stands below a head of the snapshot's own.
        let report = snapshot.splitn(3, "---\n").nth(2).unwrap().to_owned();
        (path, report)
    };
    paths.map(read).collect()
}

#[test]
fn every_report_of_a_sample_comes_back_whole() {
    let reports = reports();
    assert!(reports.len() > 100, "{}", reports.len());
    for (path, text) in reports {
        let view = read(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let again = write(&view);
        let differs = again.lines().zip(text.lines()).find(|(now, before)| now != before);
        assert_eq!(differs, None, "{}", path.display());
        assert_eq!(again.trim_end(), text.trim_end(), "{}", path.display());
    }
}

#[test]
fn a_field_too_many_or_too_few_is_noticed() {
    let text = write(&fixture::view([fixture::idle_kill(1)]));
    assert_eq!(write(&read(&text).unwrap()), text);
    let more = text.replacen("\"party\":", "\"colour\": \"red\", \"party\":", 1);
    assert!(read(&more).unwrap_err().to_string().contains("unknown field `colour`"));
    let less = text.replacen("\"signature\":", "\"signatur\":", 1);
    assert!(read(&less).is_err());
}
