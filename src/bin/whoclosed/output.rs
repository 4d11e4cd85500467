//! Where the report goes: standard output, or a file that appears only when it is complete.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process;

use anstream::{AutoStream, ColorChoice};
use anyhow::{Context, Result};

/// An open destination.
pub(crate) struct Output {
    target: Target,
}

enum Target {
    Stdout,
    /// Something to write into as it is: a pipe, a device.
    Plain(PathBuf, File),
    /// A regular file, written beside its place and then moved there.
    Staged(Staged),
}

impl Output {
    /// Opens the file, or standard output for none or `-`.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self> {
        let target = match path {
            None => Target::Stdout,
            Some(path) if path == Path::new("-") => Target::Stdout,
            Some(path) => open(path).with_context(|| format!("{}: cannot be written", path.display()))?,
        };
        Ok(Self { target })
    }

    /// True for standard output.
    pub(crate) const fn is_stdout(&self) -> bool {
        matches!(self.target, Target::Stdout)
    }

    /// Lets `report` write, and puts the file in its place.
    pub(crate) fn write(self, report: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        match self.target {
            Target::Stdout => {
                // Colours are in the text only where they are wanted; this makes old consoles show them.
                let stdout = AutoStream::new(io::stdout().lock(), ColorChoice::Always);
                buffered(stdout, report).context("standard output")
            }
            Target::Plain(path, file) => buffered(file, report).with_context(|| path.display().to_string()),
            Target::Staged(staged) => {
                let place = staged.place.clone();
                staged.write(report).with_context(|| format!("{}: cannot be written", place.display()))
            }
        }
    }
}

fn open(path: &Path) -> io::Result<Target> {
    // The file a link points to is replaced, not the link.
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    match fs::metadata(&place) {
        Ok(meta) if meta.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(meta) if !meta.is_file() => {
            Ok(Target::Plain(place.clone(), File::options().write(true).open(place)?))
        }
        _ => Ok(Target::Staged(Staged::new(place)?)),
    }
}

fn buffered(out: impl Write, report: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(64 * 1024, out);
    report(&mut out)?;
    out.flush()
}

/// A file beside the one that it will become; it is removed unless it becomes that.
pub(crate) struct Staged {
    place: PathBuf,
    beside: PathBuf,
    file: Option<File>,
}

impl Staged {
    /// Begins a file that is to be at `place`.
    pub(crate) fn new(place: PathBuf) -> io::Result<Self> {
        let name = place.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
        let beside = place.with_file_name(format!(".{name}.{}.part", process::id()));
        let file = File::create_new(&beside)?;
        Ok(Self { place, beside, file: Some(file) })
    }

    fn write(mut self, report: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let Some(file) = self.file.take() else {
            return Ok(());
        };
        buffered(&file, report)?;
        self.file = Some(file);
        self.finish()
    }

    /// Where it is until it is finished.
    pub(crate) fn beside(&self) -> &Path {
        &self.beside
    }

    /// Another handle on the file.
    pub(crate) fn handle(&self) -> io::Result<File> {
        self.file.as_ref().ok_or(io::ErrorKind::NotFound)?.try_clone()
    }

    /// Puts the file, which is complete now, in its place.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        let Some(file) = self.file.take() else {
            return Ok(());
        };
        if let Ok(meta) = fs::metadata(&self.place) {
            file.set_permissions(meta.permissions())?;
        }
        file.sync_all()?;
        drop(file);
        fs::rename(&self.beside, &self.place)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // After a successful rename there is nothing left to remove.
        let _ = fs::remove_file(&self.beside);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_appears_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        fs::write(&path, "old").unwrap();
        let output = Output::open(Some(&path)).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        output.write(|out| out.write_all(b"new")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(names(folder.path()), ["report.json"]);
    }

    #[test]
    fn a_failed_report_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        fs::write(&path, "old").unwrap();
        let failed = Output::open(Some(&path)).unwrap().write(|out| {
            out.write_all(b"half")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert!(failed.is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names(folder.path()), ["report.json"]);
    }

    #[test]
    fn a_folder_is_no_place_for_a_report() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Output::open(Some(folder.path())).is_err());
        assert!(Output::open(Some(&folder.path().join("no/such/report.json"))).is_err());
    }
}
