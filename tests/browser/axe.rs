//! axe-core, which finds what keeps people with disabilities from reading a page.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::chrome::{Chrome, skip};

/// Where `npm ci` puts it.
const SCRIPT: &str = "tests/browser/node_modules/axe-core/axe.min.js";

/// Its code; `None`, with a word on standard error, where it is not installed.
pub(crate) fn script() -> Option<String> {
    let script = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(SCRIPT)).ok();
    if script.is_none() {
        skip("axe-core is not installed: `npm ci --prefix tests/browser` installs it");
    }
    script
}

/// What it finds in the open page that is serious or critical.
pub(crate) fn violations(chrome: &mut Chrome, script: &str) -> Vec<String> {
    chrome.eval(&format!("{script}; 0"));
    let found = chrome.eval("axe.run().then((results) => results.violations)");
    let violation = |each: &Value| {
        let impact = each["impact"].as_str().unwrap_or_default();
        let nodes: Vec<String> =
            each["nodes"].as_array()?.iter().take(5).map(|node| node["html"].to_string()).collect();
        matches!(impact, "serious" | "critical").then(|| format!("{}: {}", each["help"], nodes.join(" ")))
    };
    found.as_array().unwrap().iter().filter_map(violation).collect()
}
