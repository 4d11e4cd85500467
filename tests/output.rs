//! Where a report or evidence cannot be written, that is said, and nothing half written is left under its name.

mod common;

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use common::formats::kinds;
use common::sample::Sample;

const SAMPLE: &str = "nginx-idle-three-clients";

/// Every way to write a file: the arguments up to the file's name.
fn ways() -> Vec<Vec<String>> {
    let output = "--output".to_owned();
    let mut ways: Vec<Vec<String>> =
        kinds().into_iter().map(|(_, format)| [format, vec![output.clone()]].concat()).collect();
    ways.push(["--output", "/dev/null", "--write-evidence"].map(str::to_owned).to_vec());
    ways
}

fn run(way: &[String], place: &Path) -> Output {
    let capture = Sample::named(SAMPLE).path();
    Command::new(env!("CARGO_BIN_EXE_whoclosed")).args(way).arg(place).arg(capture).output().unwrap()
}

/// Exit status 1, and an error that names the place and holds `reason`.
fn check(way: &[String], output: &Output, place: &Path, reason: &str) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{way:?}: {error}");
    assert!(error.contains(place.to_str().unwrap()) && error.contains(reason), "{way:?}: {error}");
    assert!(!error.contains("panicked"), "{way:?}: {error}");
}

/// What is in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn what_is_there_stays_without_force() {
    for way in ways() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("mine.pcapng");
        fs::write(&place, "mine").unwrap();
        check(&way, &run(&way, &place), &place, "--force");
        assert_eq!(fs::read(&place).unwrap(), b"mine", "{way:?}");
        let forced = run(&[vec!["--force".to_owned()], way.clone()].concat(), &place);
        assert!(forced.status.success(), "{way:?}: {forced:?}");
        assert!(fs::read(&place).unwrap().len() > 200, "{way:?}");
        assert_eq!(names(folder.path()), ["mine.pcapng"], "{way:?}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    for way in ways() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("no/such/place.pcapng");
        check(&way, &run(&way, &place), &place, "No such file or directory");
        assert_eq!(names(folder.path()), Vec::<String>::new(), "{way:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_without_room_is_an_error() {
    let capture = Sample::named(SAMPLE).path();
    for (_, format) in kinds() {
        let way = [format.clone(), vec!["--output".to_owned()]].concat();
        let place = Path::new("/dev/full");
        check(&way, &run(&way, place), place, "No space left on device");
        let full = fs::File::options().write(true).open(place).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_whoclosed"));
        let output =
            command.args(&format).arg(&capture).stdout(full).stderr(Stdio::piped()).output().unwrap();
        check(&way, &output, Path::new("standard output"), "No space left on device");
    }
}

/// Makes a disk of 64 kB in a mount namespace of its own, fills it, runs the program, and lists what is there.
const FULL_DISK: &str = "mount -t tmpfs -o size=64k none \"$1\" || exit 99\n\
    head -c 1000000 /dev/zero >\"$1/filler\" 2>/dev/null\n\
    \"$0\" \"${@:3}\" \"$1/place.pcapng\" \"$2\"; code=$?; ls -A \"$1\"; exit $code";

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_and_leaves_nothing() {
    let capture = Sample::named(SAMPLE).path();
    for way in ways() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("unshare");
        command.args([
            "--mount",
            "--map-root-user",
            "bash",
            "-c",
            FULL_DISK,
            env!("CARGO_BIN_EXE_whoclosed"),
        ]);
        command.args([folder.path().as_os_str(), capture.as_os_str()]);
        command.args(way.iter().map(OsStr::new));
        let output = match command.output() {
            Ok(output) => output,
            Err(error) => return eprintln!("skipped: unshare: {error}: no disk is filled"),
        };
        let error = String::from_utf8_lossy(&output.stderr);
        if output.status.code() == Some(99) || error.starts_with("unshare: ") {
            return eprintln!("skipped: {error}: no disk is filled");
        }
        check(&way, &output, &folder.path().join("place.pcapng"), "No space left on device");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "filler\n", "{way:?}");
    }
}
