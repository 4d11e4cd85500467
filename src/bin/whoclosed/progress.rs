//! How far reading has come, on standard error.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Below this many bytes reading is over before a bar can be read.
const LONG: u64 = 64 * 1024 * 1024;

/// A bar with bytes and rate, or nothing where it would disturb or not be seen.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar for reading `files`, where `wanted`, seen by someone, and of a known, large size.
    pub(crate) fn new(files: &[PathBuf], wanted: bool) -> Self {
        let bar = match total(files) {
            Some(total) if wanted && total >= LONG && io::stderr().is_terminal() => bar(total),
            _ => ProgressBar::hidden(),
        };
        Self { bar }
    }

    /// This many more bytes of the files have been read.
    pub(crate) fn advance(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    /// Takes the bar away.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

fn bar(total: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(5));
    let template = "{bar:30} {decimal_bytes} of {decimal_total_bytes}, {decimal_bytes_per_sec}, {eta} left";
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// The size of all files together, where each is a regular file.
fn total(files: &[PathBuf]) -> Option<u64> {
    files.iter().map(|path| size(path)).sum()
}

fn size(path: &Path) -> Option<u64> {
    let meta = fs::metadata(path).ok()?;
    meta.is_file().then_some(meta.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_valid() {
        assert_eq!(bar(LONG).length(), Some(LONG));
    }

    #[test]
    fn a_pipe_has_no_size() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pcap");
        fs::write(&path, [0; 10]).unwrap();
        assert_eq!(total(&[path.clone(), path.clone()]), Some(20));
        assert_eq!(total(&[path, folder.path().to_owned()]), None);
    }
}
