//! Holds one source file against the table.

use std::collections::BTreeSet;
use std::fmt;

use proc_macro2::TokenTree;

use crate::paths::{Path, after_item, is_char, is_for_tests, paths};
use crate::rooms::{MACHINES, OUTSIDE, ROOMS, Room, Use};
use crate::signatures::shown;
use crate::source::Source;

/// A place that breaks a rule.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Violation {
    file: String,
    line: usize,
    what: String,
    rule: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}\n    rule: {}", self.file, self.line, self.what, self.rule)
    }
}

/// Everything in `source` that breaks a rule; `crates` are the dependencies by their names in code.
pub(crate) fn violations(source: &Source, crates: &[String]) -> BTreeSet<Violation> {
    let mut found = BTreeSet::new();
    let mut report = |line, what: String, rule: String| {
        found.insert(Violation { file: source.name.clone(), line, what, rule });
    };
    let name = source.room();
    let Some(room) = ROOMS.iter().find(|room| room.name == name) else {
        let rule = "every room is listed in tests/architecture/rooms.rs with what it may use".to_owned();
        report(1, format!("the room `{name}` is new"), rule);
        return found;
    };
    let paths = paths(source.tokens.clone(), &source.module);
    for path in &paths {
        if let Some(rule) = broken_by(path, room, crates) {
            report(path.line, format!("`{name}` uses `{}`", path.segments.join("::")), rule);
        }
    }
    if name == "bin" {
        return found;
    }
    let foreign = foreign_names(&paths, crates);
    let tokens: Vec<_> = source.tokens.clone().into_iter().collect();
    for shown in shown(&tokens) {
        if let Some(origin) = foreign.iter().find(|(short, _)| *short == shown.word).map(|(_, full)| full) {
            let rule = "types of other crates stay out of the public API, so that a crate can be replaced";
            report(shown.line, format!("a public signature shows `{origin}`"), rule.to_owned());
        }
    }
    for (word, line) in words(&tokens) {
        let rule = match word.as_str() {
            "unsafe" => "there is no unsafe code",
            "print!" | "println!" | "eprint!" | "eprintln!" | "dbg!" => "only the program prints",
            _ => continue,
        };
        report(line, format!("`{word}`"), rule.to_owned());
    }
    found
}

fn broken_by(path: &Path, room: &Room, crates: &[String]) -> Option<String> {
    let full = path.segments.join("::");
    let first = path.segments.first()?;
    if room.name != "bin" && is_clock(&path.segments) {
        return Some("the library reads no clock: every time comes from a capture".to_owned());
    }
    if first == "crate" {
        return room_rule(path, room);
    }
    if first == "std" {
        // The bare module does nothing; what is used of it is found by its full name.
        let outside = full != "std::io" && OUTSIDE.iter().any(|part| begins_with(&full, part));
        let allowed = room.std.iter().any(|part| begins_with(&full, part));
        return (outside && !allowed).then(|| {
            let rule = "input and output happen at the two ends only: capture, report and the program";
            format!("{rule}; `{}` may name: {}", room.name, list(room.std))
        });
    }
    let foreign = crates.iter().any(|name| name == first) && !room.crates.contains(&first.as_str());
    foreign.then(|| format!("the crates that `{}` may use: {}", room.name, list(room.crates)))
}

/// What a path into the crate breaks.
fn room_rule(path: &Path, room: &Room) -> Option<String> {
    let inner = path.segments.get(1..).unwrap_or_default().join("::");
    let target = path.segments.get(1)?;
    if target == room.name || room.name == "bin" {
        return None;
    }
    let Some(other) = ROOMS.iter().find(|other| other.name == *target) else {
        let reexport = "use the room that owns it, not a re-export of the crate root or a glob";
        return Some(reexport.to_owned());
    };
    let machine = MACHINES.iter().any(|machine| begins_with(&inner, machine)) || inner.ends_with('*');
    let allowed = room.rooms.iter().find(|allowed| allowed.room() == other.name);
    match allowed {
        Some(Use::All(_)) => None,
        Some(Use::Values(_)) if !machine => None,
        Some(Use::Values(_)) => {
            Some(format!("`{}` may use the values of `{target}`, not its machines", room.name))
        }
        None => {
            let names: Vec<_> = room.rooms.iter().map(Use::room).collect();
            Some(format!("the rooms that `{}` may use: {}", room.name, list(&names)))
        }
    }
}

impl Use {
    fn room(&self) -> &'static str {
        match self {
            Self::All(room) | Self::Values(room) => room,
        }
    }
}

fn is_clock(segments: &[String]) -> bool {
    let has = |word: &str| segments.iter().any(|segment| segment == word);
    segments.last().is_some_and(|last| last == "now") || (has("std") && (has("SystemTime") || has("Instant")))
}

/// The names by which a file calls things of other crates, with their full paths.
fn foreign_names(paths: &[Path], crates: &[String]) -> Vec<(String, String)> {
    let foreign =
        paths.iter().filter(|path| path.segments.first().is_some_and(|first| crates.contains(first)));
    let named = foreign.filter_map(|path| {
        let last = path.segments.last()?.clone();
        let is_type = last.starts_with(char::is_uppercase);
        is_type.then(|| (last, path.segments.join("::")))
    });
    named.chain(crates.iter().map(|name| (name.clone(), name.clone()))).collect()
}

/// All words of a file but those for tests; macros with their `!`.
fn words(tokens: &[TokenTree]) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            TokenTree::Ident(word) => {
                let mark = if is_char(tokens, at, '!') { "!" } else { "" };
                found.push((format!("{word}{mark}"), word.span().start().line));
            }
            TokenTree::Group(group) => found.extend(words(&group.stream().into_iter().collect::<Vec<_>>())),
            _ if is_for_tests(tokens, at - 1) => at = after_item(tokens, at + 1),
            _ => {}
        }
    }
    found
}

/// Whether a path is `start` or lies within it.
fn begins_with(path: &str, start: &str) -> bool {
    path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn list(names: &[&str]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
