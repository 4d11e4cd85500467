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
    /// Standard output.
    pub(crate) const fn stdout() -> Self {
        Self { target: Target::Stdout }
    }

    /// Opens the file, or standard output for none or `-`.
    pub(crate) fn open(path: Option<&Path>, existing: Existing) -> Result<Self> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else { return Ok(Self::stdout()) };
        let target = open(path, existing).with_context(|| unwritten(path))?;
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
                staged.write(report).with_context(|| unwritten(&place))
            }
        }
    }
}

/// What becomes of a file that is there already.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Existing {
    /// It stays, and nothing is written.
    Stays,
    /// It is replaced, as was asked for with `--force`.
    Replaced,
}

impl Existing {
    /// What `--force` says.
    pub(crate) const fn forced(force: bool) -> Self {
        if force { Self::Replaced } else { Self::Stays }
    }
}

/// What is said of a file that could not be written, before the reason.
pub(crate) fn unwritten(place: &Path) -> String {
    format!("{}: cannot be written", place.display())
}

fn open(path: &Path, existing: Existing) -> io::Result<Target> {
    match fs::metadata(path) {
        Ok(meta) if meta.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(meta) if !meta.is_file() => {
            Ok(Target::Plain(path.to_owned(), File::options().write(true).open(path)?))
        }
        _ => Ok(Target::Staged(Staged::new(path.to_owned(), existing)?)),
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
    existing: Existing,
    beside: PathBuf,
    file: Option<File>,
}

impl Staged {
    /// Begins a file that is to be at `place`.
    pub(crate) fn new(place: PathBuf, existing: Existing) -> io::Result<Self> {
        // A link is something that exists, wherever it leads.
        if existing == Existing::Stays && fs::symlink_metadata(&place).is_ok() {
            return Err(is_there());
        }
        // The file that a link leads to is replaced, not the link.
        let place = fs::canonicalize(&place).unwrap_or(place);
        let (beside, file) = begin(&place)?;
        Ok(Self { place, existing, beside, file: Some(file) })
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
        match self.existing {
            Existing::Replaced => fs::rename(&self.beside, &self.place),
            Existing::Stays => move_anew(&self.beside, &self.place),
        }
    }
}

/// Names tried for a file that is not complete yet: those of runs that were killed may still be there.
const NAMES: u32 = 100;

/// A new file with a name of its own in the folder of `place`.
fn begin(place: &Path) -> io::Result<(PathBuf, File)> {
    let name = place.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
    // A name may have 255 bytes, this one's additions among them.
    let name: String = name.chars().take(40).collect();
    let mut last = io::ErrorKind::AlreadyExists.into();
    for number in 0..NAMES {
        let beside = place.with_file_name(format!(".{name}.{}-{number}.part", process::id()));
        // This never follows a link that someone put there.
        match File::create_new(&beside) {
            Ok(file) => return Ok((beside, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// Moves a file to a place where nothing is, not even what came there a moment ago.
fn move_anew(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        // The other name goes when the staged file is dropped.
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(is_there()),
        // Not every file system has links.
        Err(_) if fs::symlink_metadata(to).is_ok() => Err(is_there()),
        Err(_) => fs::rename(from, to),
    }
}

fn is_there() -> io::Error {
    io::Error::new(io::ErrorKind::AlreadyExists, "it exists already; --force overwrites it")
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

    fn open(path: &Path, existing: Existing) -> Result<Output> {
        Output::open(Some(path), existing)
    }

    fn write(output: Output, text: &[u8]) -> Result<()> {
        output.write(|out| out.write_all(text))
    }

    #[test]
    fn a_file_appears_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        let output = open(&path, Existing::Stays).unwrap();
        assert!(!path.exists());
        write(output, b"one").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
        let output = open(&path, Existing::Replaced).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
        write(output, b"two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(names(folder.path()), ["report.json"]);
    }

    #[test]
    fn what_exists_stays_unless_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        let early = open(&path, Existing::Stays).unwrap();
        fs::write(&path, "mine").unwrap();
        let error = format!("{:#}", open(&path, Existing::Stays).err().unwrap());
        assert!(
            error.ends_with("report.json: cannot be written: it exists already; --force overwrites it"),
            "{error}"
        );
        // What came while the report was made stays, too.
        assert!(format!("{:#}", write(early, b"new").unwrap_err()).contains("--force"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        assert_eq!(names(folder.path()), ["report.json"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_no_way_around() {
        let folder = tempfile::tempdir().unwrap();
        let (link, target) = (folder.path().join("link"), folder.path().join("target"));
        std::os::unix::fs::symlink(&target, &link).unwrap();
        // It leads nowhere yet: nothing is written through it.
        assert!(open(&link, Existing::Stays).is_err());
        fs::write(&target, "mine").unwrap();
        assert!(open(&link, Existing::Stays).is_err());
        assert_eq!(fs::read_to_string(&target).unwrap(), "mine");
        write(open(&link, Existing::Replaced).unwrap(), b"new").unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn a_failed_report_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        fs::write(&path, "old").unwrap();
        let failed = open(&path, Existing::Replaced).unwrap().write(|out| {
            out.write_all(b"half")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert!(failed.is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names(folder.path()), ["report.json"]);
    }

    #[test]
    fn long_names_and_leftovers_are_no_trouble() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("\u{17c}".repeat(120));
        let leftover = begin(&path).unwrap().0;
        write(open(&path, Existing::Stays).unwrap(), b"new").unwrap();
        assert_eq!(names(folder.path()).len(), 2);
        assert!(leftover.exists());
    }

    #[test]
    fn a_folder_is_no_place_for_a_report() {
        let folder = tempfile::tempdir().unwrap();
        assert!(open(folder.path(), Existing::Replaced).is_err());
        assert!(open(&folder.path().join("no/such/report.json"), Existing::Stays).is_err());
    }
}
