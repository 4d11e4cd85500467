//! The examples of the README are real.

use std::path::Path;
use std::{env, fs};

use assert_cmd::Command;

const PROMPT: &str = "```console\n$ whoclosed ";

fn readme() -> (std::path::PathBuf, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(&path).unwrap();
    (path, text)
}

/// Runs each command that stands at a prompt. With `UPDATE_README` set its output is written down;
/// otherwise it must be there already.
#[test]
fn examples_print_what_they_show() {
    let (path, text) = readme();
    let (mut updated, mut rest) = (String::new(), text.as_str());
    while let Some((before, after)) = rest.split_once(PROMPT) {
        let (arguments, after) = after.split_once('\n').unwrap();
        let (_, after) = after.split_once("```\n").unwrap();
        let mut command = Command::cargo_bin("whoclosed").unwrap();
        command.args(arguments.split(' ')).env_remove("CLICOLOR_FORCE");
        command.current_dir(env!("CARGO_MANIFEST_DIR"));
        let output = command.assert().success().get_output().stdout.clone();
        let output = String::from_utf8(output).unwrap();
        updated.push_str(&format!("{before}{PROMPT}{arguments}\n{output}```\n"));
        rest = after;
    }
    updated.push_str(rest);
    assert!(updated.contains(PROMPT), "the README has no example");
    if env::var_os("UPDATE_README").is_some() {
        fs::write(path, updated).unwrap();
    } else {
        assert!(text == updated, "the README's output is old: UPDATE_README=1 cargo test --test readme");
    }
}

#[test]
fn files_that_are_named_exist() {
    let (path, text) = readme();
    let root = path.parent().unwrap();
    let links = text.split("](").skip(1).filter_map(|after| after.split_once(')')).map(|(link, _)| link);
    let words = text.split_whitespace().map(|word| word.trim_end_matches([':', ',']));
    let samples = words.filter(|word| word.starts_with("samples/"));
    for name in links.chain(samples).filter(|name| !name.contains("://")) {
        assert!(root.join(name).exists(), "{name}");
    }
}
