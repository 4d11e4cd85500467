//! The files that folders and patterns stand for.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Error, Result, anyhow};
use whoclosed::capture::{Capture, CaptureError};
use whoclosed::limits::Limits;

/// Names of files that a note lists.
const NAMED: usize = 5;

/// What was typed, as files.
#[derive(Debug, Default)]
pub(crate) struct Files {
    pub(crate) paths: Vec<PathBuf>,
    /// What stands for no capture.
    pub(crate) errors: Vec<Error>,
    /// What was left out.
    pub(crate) notes: Vec<Error>,
}

impl Files {
    /// Each typed path: itself, the captures in a folder, or what matches a pattern.
    pub(crate) fn find(typed: &[PathBuf]) -> Self {
        let mut files = Self::default();
        for path in typed {
            if let Err(error) = files.add(path) {
                files.errors.push(error.context(path.display().to_string()));
            }
        }
        files
    }

    fn add(&mut self, path: &Path) -> Result<()> {
        let is_there = path == Path::new("-") || path.symlink_metadata().is_ok();
        match path.to_str() {
            Some(pattern) if !is_there && pattern.contains(['*', '?', '[']) => self.matching(pattern),
            _ if path.is_dir() => self.folder(path),
            _ => {
                self.paths.push(path.to_owned());
                Ok(())
            }
        }
    }

    /// The files that match a pattern, in the order of their names.
    fn matching(&mut self, pattern: &str) -> Result<()> {
        let before = self.paths.len();
        for found in glob::glob(pattern)? {
            let found = found?;
            if !found.is_dir() {
                self.paths.push(found);
            }
        }
        if self.paths.len() == before { Err(anyhow!("no file matches; check the pattern")) } else { Ok(()) }
    }

    /// The captures in a folder, by content, in the order of their names; not those in folders within it.
    fn folder(&mut self, folder: &Path) -> Result<()> {
        let entries = fs::read_dir(folder).context("the folder cannot be read")?;
        let mut found = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<io::Result<Vec<_>>>()
            .context("the folder cannot be read")?;
        found.sort();
        let (mut skipped, before) = (Vec::new(), self.paths.len());
        for path in found.into_iter().filter(|path| path.is_file()) {
            if is_capture(&path) { self.paths.push(path) } else { skipped.push(path) }
        }
        if self.paths.len() == before {
            return Err(anyhow!("there is no capture in this folder"));
        }
        if !skipped.is_empty() {
            self.notes.push(note(folder, &skipped));
        }
        Ok(())
    }
}

/// Whether a file is one to read; one that cannot be opened is, so that this is told.
fn is_capture(path: &Path) -> bool {
    use CaptureError as E;
    let opened = Capture::open_path(path, 0, &Limits::default());
    !matches!(opened, Err(E::Unrecognised { .. } | E::OtherFormat { .. } | E::Empty { .. }))
}

fn note(folder: &Path, skipped: &[PathBuf]) -> Error {
    let names = skipped.iter().take(NAMED).filter_map(|path| path.file_name());
    let mut names: Vec<_> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    if skipped.len() > NAMED {
        names.push(format!("{} more", skipped.len() - NAMED));
    }
    anyhow!("{}: not captures, and skipped: {}", folder.display(), names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pcap() -> Vec<u8> {
        let mut bytes = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0];
        bytes.extend([0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 1, 0, 0, 0]);
        bytes
    }

    #[test]
    fn folders_and_patterns_stand_for_captures() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["b.pcap", "a.cap", "c.bin"] {
            fs::write(at(name), pcap()).unwrap();
        }
        fs::write(at("notes.txt"), "no capture, but long enough to be looked at").unwrap();
        fs::create_dir(at("inner")).unwrap();
        let files = Files::find(&[folder.path().to_owned()]);
        assert_eq!(files.paths, [at("a.cap"), at("b.pcap"), at("c.bin")]);
        assert!(files.errors.is_empty());
        assert!(files.notes[0].to_string().ends_with("notes.txt"), "{}", files.notes[0]);
        let files = Files::find(&[at("*.?ap"), at("*.none"), at("gone.pcap"), at("inner")]);
        assert_eq!(files.paths, [at("a.cap"), at("gone.pcap")]);
        assert_eq!(files.errors.len(), 2);
    }

    #[test]
    fn a_file_named_like_a_pattern_is_that_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a[1].pcap");
        fs::write(&path, pcap()).unwrap();
        assert_eq!(Files::find(std::slice::from_ref(&path)).paths, [path]);
    }
}
