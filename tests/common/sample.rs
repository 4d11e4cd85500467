//! The captures in `samples/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::expect::Expect;
use super::report::Report;

/// One folder of `samples/`.
pub(crate) struct Sample {
    pub(crate) name: String,
    /// `capture.pcap` or `capture.pcapng`.
    pub(crate) capture: String,
    folder: PathBuf,
}

impl Sample {
    /// Every case, by name.
    pub(crate) fn all() -> Vec<Self> {
        let entries = fs::read_dir(Self::root()).unwrap();
        let folders = entries.map(|entry| entry.unwrap().path());
        let mut found: Vec<Self> = folders.filter_map(Self::at).collect();
        assert!(!found.is_empty(), "no case in {}", Self::root().display());
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found
    }

    /// The case of this name.
    pub(crate) fn named(name: &str) -> Self {
        Self::at(Self::root().join(name)).unwrap_or_else(|| panic!("no capture in samples/{name}"))
    }

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")
    }

    /// The case in `folder`, where it holds a capture.
    fn at(folder: PathBuf) -> Option<Self> {
        let is_there = |name: &&str| folder.join(name).is_file();
        let capture = ["capture.pcap", "capture.pcapng"].into_iter().find(is_there)?.to_owned();
        let name = folder.file_name()?.to_string_lossy().into_owned();
        Some(Self { name, capture, folder })
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.join(&self.capture)
    }

    /// What the report must say.
    pub(crate) fn expect(&self) -> Expect {
        let path = self.folder.join("expect.toml");
        let text = fs::read_to_string(&path).unwrap();
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Runs the program in the case's folder, so that the path in the report is the same everywhere.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whoclosed"));
        command.current_dir(&self.folder).args(arguments).arg(&self.capture);
        for name in ["COLUMNS", "NO_COLOR", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        command.output().unwrap()
    }

    /// The exit status and the JSON report.
    pub(crate) fn report(&self) -> (Option<i32>, Report) {
        let output = self.run(&["--format", "json"]);
        let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!("{}: {error}\n{}", self.name, String::from_utf8_lossy(&output.stderr))
        });
        (output.status.code(), report)
    }
}
