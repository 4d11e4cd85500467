//! `whoclosed explain`, and a user's catalogue.

mod common;

use std::fs;

use assert_cmd::Command;

use common::sample::Sample;

/// Standard output and standard error of a run that ends with `code`.
fn run(arguments: &[&str], code: i32) -> [String; 2] {
    let mut command = Command::cargo_bin("whoclosed").unwrap();
    let output = command.args(arguments).env_remove("COLUMNS").assert().code(code).get_output().clone();
    [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap())
}

#[test]
fn codes_causes_timers_and_rules_are_explained() {
    let asked = [("1006", "Abnormal Closure"), ("idle_timeout", "Cause idle_timeout"), ("R14", "lost state")];
    for (name, part) in asked {
        let [text, error] = run(&["explain", name], 0);
        assert!(text.contains(part) && error.is_empty(), "{name}: {text}{error}");
    }
    let [text, _] = run(&["explain", "nginx-proxy-read-timeout", "1001"], 0);
    assert!(text.contains("proxy_read_timeout 3600s") && text.contains("Going Away"), "{text}");
}

#[test]
fn what_is_unknown_is_a_usage_error_with_what_is_near() {
    let [text, error] = run(&["explain", "idle_timout"], 2);
    assert!(text.is_empty() && error.contains("did you mean idle_timeout"), "{error}");
    let [_, error] = run(&["explain", "\u{1b}[31m"], 2);
    assert!(!error.contains('\u{1b}'), "{error}");
}

#[test]
fn a_verdict_names_a_rule_that_can_be_explained() {
    let capture = Sample::named("nginx-idle-at-client").path();
    let [text, _] = run(&["--format", "json", capture.to_str().unwrap()], 0);
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    let rule = report["connections"][0]["verdict"]["rule"].as_str().unwrap();
    let [text, _] = run(&["explain", rule], 0);
    assert!(text.starts_with(&format!("Rule {rule}: idle timeout")), "{text}");
}

#[test]
fn a_users_timer_goes_before_those_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ours.toml");
    let row = "[[timer]]\nid = 'our-gateway'\nproduct = 'our gateway'\nsetting = 'idle'\nkind = 'idle'\n\
               seconds = 3\nends_with = ['fin']\nfamily = 'nginx'\nfix = 'ask the platform team'\n";
    fs::write(&path, row).unwrap();
    let (path, capture) = (path.to_str().unwrap(), Sample::named("nginx-idle-at-client").path());
    let arguments = ["--format", "json", "--catalogue", path, capture.to_str().unwrap()];
    let [text, _] = run(&arguments, 0);
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["connections"][0]["verdict"]["candidates"][0]["id"], "our-gateway");
    let [text, _] = run(&["explain", "--catalogue", path, "our-gateway"], 0);
    assert!(text.contains("from your own catalogue"), "{text}");
}

#[test]
fn a_faulty_catalogue_is_a_usage_error_that_tells_the_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ours.toml");
    fs::write(&path, "[[timer]]\nid = 'a'\nproduct = 'b'\nsecond = 4\n").unwrap();
    let (path, capture) = (path.to_str().unwrap(), Sample::named("nginx-idle-at-client").path());
    let [text, error] = run(&["--catalogue", path, capture.to_str().unwrap()], 2);
    assert!(
        text.is_empty() && error.contains("ours.toml: line 4: unknown field `second`, expected"),
        "{error}"
    );
    let [_, error] = run(&["--catalogue", "/nowhere.toml", capture.to_str().unwrap()], 2);
    assert!(error.contains("/nowhere.toml"), "{error}");
}

/// The lines of an explanation by their headings.
fn headings(text: &str) -> Vec<(&str, &str)> {
    text.lines()
        .filter_map(|line| line.split_once("  "))
        .map(|(head, rest)| (head.trim(), rest.trim()))
        .collect()
}

/// What every name that can be explained must tell, by the kind of thing that it is.
#[test]
fn everything_that_has_a_name_is_explained_in_full() {
    use whoclosed::catalogue::{Catalogue, causes, rules};
    let known = Catalogue::built_in();
    let mut asked: Vec<(String, &[&str])> = Vec::new();
    asked.extend(known.codes().iter().map(|row| (row.code.to_string(), &["Means", "Change", "Source"][..])));
    asked.extend(
        causes().iter().map(|row| (row.id.to_string(), &["Means", "Usually", "Change", "Source"][..])),
    );
    asked.extend(rules().iter().map(|row| (row.id.to_string(), &["Looks at", "Concludes", "Source"][..])));
    let of_timer: &[&str] = &["Product", "Setting", "Value", "Bounds", "Ends with", "Change", "Source"];
    asked.extend(known.timers().iter().map(|row| (row.id.to_string(), of_timer)));
    asked.extend(known.heartbeats().iter().map(|row| (row.id.to_string(), &["Source"][..])));
    asked.extend(known.wordings().iter().map(|row| (row.id.to_string(), &["Means", "Source"][..])));
    assert!(asked.len() > 300, "{}", asked.len());
    for (name, wanted) in asked {
        let text = whoclosed::report::explain::explain(known, &name, 100)
            .unwrap_or_else(|_| panic!("{name} is unknown"));
        for heading in wanted {
            assert!(
                text.lines().any(|line| line.trim_start().starts_with(heading)),
                "{name} has no {heading}:\n{text}"
            );
        }
        let empty = headings(&text).into_iter().find(|(head, rest)| !head.is_empty() && rest.is_empty());
        assert_eq!(empty, None, "{name}:\n{text}");
    }
}
