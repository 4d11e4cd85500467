//! The published JSON Schema: it is that of the types, it only grows, and every report keeps to it.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use common::sample::Sample;

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/report-v1.json")
}

/// The schema as the program prints it.
fn printed() -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_whoclosed")).arg("schema").output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_kept_schema_is_that_of_the_types_and_only_grew() {
    let new = printed();
    let old: Value =
        serde_json::from_str(&fs::read_to_string(kept()).unwrap_or_else(|_| "{}".to_owned())).unwrap();
    let broken = breaks(&old, &new);
    assert!(broken.is_empty(), "readers of reports would break:\n{}", broken.join("\n"));
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        fs::create_dir_all(kept().parent().unwrap()).unwrap();
        fs::write(kept(), serde_json::to_string_pretty(&new).unwrap() + "\n").unwrap();
        return;
    }
    assert!(
        old == new,
        "fields were added: UPDATE_SCHEMA=1 cargo test --test schema writes {}",
        kept().display()
    );
}

/// What a reader of the old schema's reports would miss or misread in the new one's.
fn breaks(old: &Value, new: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare((old, old), (new, new), "report", &mut found);
    found
}

/// A schema, and the whole one that its references point into.
type Part<'a> = (&'a Value, &'a Value);

fn compare(old: Part<'_>, new: Part<'_>, place: &str, found: &mut Vec<String>) {
    let (olds, news) = (alternatives(old), alternatives(new));
    for (new_type, _) in &news {
        // Something else than before, null included, is what no reader is ready for.
        if !olds.is_empty() && !olds.iter().any(|(old_type, _)| old_type == new_type) {
            found.push(format!("{place} may now be {new_type}"));
        }
    }
    for (kind, before) in &olds {
        if let Some((_, now)) = news.iter().find(|(new_kind, _)| new_kind == kind) {
            compare_fields((before, old.1), (now, new.1), place, found);
        }
    }
}

fn compare_fields(old: Part<'_>, new: Part<'_>, place: &str, found: &mut Vec<String>) {
    let required = |schema: &Value, name: &str| {
        schema["required"].as_array().is_some_and(|names| names.iter().any(|each| each == name))
    };
    for (name, before) in old.0["properties"].as_object().into_iter().flatten() {
        let place = format!("{place}.{name}");
        match new.0["properties"].get(name) {
            None => found.push(format!("{place} is gone")),
            Some(now) => {
                if required(old.0, name) && !required(new.0, name) {
                    found.push(format!("{place} may now be left out"));
                }
                compare((before, old.1), (now, new.1), &place, found);
            }
        }
    }
    for inner in ["items", "additionalProperties"] {
        if let (Some(before), Some(now)) = (old.0.get(inner), new.0.get(inner)) {
            compare((before, old.1), (now, new.1), &format!("{place}[]"), found);
        }
    }
}

/// The types that a value may have, each with what is said of it; references are followed.
fn alternatives((schema, root): Part<'_>) -> Vec<(String, Value)> {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.trim_start_matches('#')).unwrap();
        return alternatives((target, root));
    }
    if let Some(any) = schema["anyOf"].as_array() {
        return any.iter().flat_map(|each| alternatives((each, root))).collect();
    }
    match &schema["type"] {
        Value::String(kind) => vec![(kind.clone(), schema.clone())],
        Value::Array(kinds) => {
            kinds.iter().map(|kind| (kind.as_str().unwrap().to_owned(), schema.clone())).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn what_would_break_a_reader_is_found_and_additions_are_not() {
    let old = json!({
        "type": "object", "required": ["a", "b", "c"],
        "properties": {
            "a": {"type": "integer"}, "b": {"$ref": "#/$defs/B"},
            "c": {"type": "array", "items": {"anyOf": [{"$ref": "#/$defs/B"}, {"type": "null"}]}},
        },
        "$defs": {"B": {"type": "object", "properties": {"x": {"type": "string"}}, "required": ["x"]}},
    });
    let changed = |change: fn(&mut Value)| {
        let mut new = old.clone();
        change(&mut new);
        breaks(&old, &new)
    };
    assert_eq!(changed(|_| ()), Vec::<String>::new());
    assert_eq!(changed(|new| new["properties"]["d"] = json!({"type": "null"})), Vec::<String>::new());
    assert_eq!(
        changed(|new| new["properties"]["a"]["type"] = json!("string")),
        ["report.a may now be string"]
    );
    assert_eq!(
        changed(|new| new["properties"]["a"]["type"] = json!(["integer", "null"])),
        ["report.a may now be null"]
    );
    assert_eq!(changed(|new| new["required"] = json!(["a", "b"])), ["report.c may now be left out"]);
    let renamed = changed(|new| new["$defs"]["B"]["properties"] = json!({"y": {"type": "string"}}));
    assert_eq!(renamed, ["report.b.x is gone", "report.c[].x is gone"]);
}

#[test]
fn every_report_keeps_to_the_schema_and_has_no_field_beside_it() {
    let mut closed = printed();
    let open = jsonschema::validator_for(&closed).unwrap();
    deny_unknown_fields(&mut closed);
    let closed = jsonschema::validator_for(&closed).unwrap();
    for sample in Sample::all() {
        for arguments in [&["--format", "json"][..], &["--format", "json", "--redact"]] {
            let report: Value = serde_json::from_slice(&sample.run(arguments).stdout).unwrap();
            for (validator, which) in [(&open, "as published"), (&closed, "without further fields")] {
                let wrong: Vec<String> = validator
                    .iter_errors(&report)
                    .map(|error| format!("{}: {error}", error.instance_path()))
                    .collect();
                assert!(wrong.is_empty(), "{} {which}:\n{}", sample.name, wrong.join("\n"));
            }
        }
    }
    let mut strange: Value =
        serde_json::from_slice(&Sample::all()[0].run(&["--format", "json"]).stdout).unwrap();
    strange["connections"][0]["verdict"]["colour"] = json!("red");
    assert!(open.is_valid(&strange) && !closed.is_valid(&strange));
    strange["connections"][0]["verdict"]["party"] = json!("nobody at all");
    assert!(!open.is_valid(&strange));
}

/// Lets objects have only the fields that are named.
fn deny_unknown_fields(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.contains_key("properties") && fields.get("type") == Some(&json!("object")) {
                fields.insert("additionalProperties".to_owned(), json!(false));
            }
            fields.values_mut().for_each(deny_unknown_fields);
        }
        Value::Array(items) => items.iter_mut().for_each(deny_unknown_fields),
        _ => (),
    }
}
