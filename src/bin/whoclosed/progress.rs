//! How far reading has come, on standard error.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use whoclosed::tls::RecordSearch;

/// Below this many bytes reading is over before a bar can be read.
const LONG: u64 = 64 * 1024 * 1024;

/// A bar with bytes and rate, or nothing where it would disturb or not be seen.
pub(crate) struct Progress {
    bar: ProgressBar,
    is_seen: bool,
}

/// How often the tries of searches are looked at.
const LOOK: Duration = Duration::from_millis(200);

/// Shows what searches for TLS record numbers do, as long as it lives.
pub(crate) struct Watching {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// A bar for reading `files`, where `wanted`, seen by someone, and of a known, large size.
    pub(crate) fn new(files: &[PathBuf], wanted: bool) -> Self {
        let is_seen = wanted && io::stderr().is_terminal();
        let bar = match total(files) {
            Some(total) if is_seen && total >= LONG => bar(total),
            _ => ProgressBar::hidden(),
        };
        Self { bar, is_seen }
    }

    /// Shows the tries that `search` makes, until the value is dropped.
    pub(crate) fn watch(&self, search: &RecordSearch) -> Watching {
        if !self.is_seen {
            return Watching { stop: None, thread: None };
        }
        let (stop, stopped) = mpsc::channel();
        let (search, bar) = (search.clone(), self.bar.clone());
        let watch = move || {
            let (mut spinner, mut before) = (None, search.tries());
            while stopped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                let tries = search.tries();
                if tries > before {
                    let message = format!("{} tries at TLS record numbers", HumanCount(tries));
                    let shown = if bar.is_hidden() {
                        spinner.get_or_insert_with(ProgressBar::new_spinner)
                    } else {
                        &bar
                    };
                    shown.set_message(message);
                    shown.tick();
                }
                before = tries;
            }
            spinner.iter().for_each(ProgressBar::finish_and_clear);
        };
        Watching { stop: Some(stop), thread: Some(thread::spawn(watch)) }
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

impl Drop for Watching {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn bar(total: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(5));
    let template =
        "{bar:30} {decimal_bytes} of {decimal_total_bytes}, {decimal_bytes_per_sec}, {eta} left {msg}";
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
