//! The rooms of the crate use each other only as `architecture/rooms.rs` allows.
//!
//! Where a rule is in the way of better code, change the code and the table in one commit.

#[path = "architecture/paths.rs"]
mod paths;
#[path = "architecture/rooms.rs"]
mod rooms;
#[path = "architecture/rules.rs"]
mod rules;
#[path = "architecture/signatures.rs"]
mod signatures;
#[path = "architecture/source.rs"]
mod source;

use std::fs;

use rules::violations;
use source::{Source, sources};

/// The dependencies of the manifest by their names in code, and this crate as the program sees it.
fn crates() -> Vec<String> {
    let manifest = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let dependencies =
        ["dependencies", "dev-dependencies"].iter().filter_map(|kind| manifest.get(*kind)?.as_table());
    let names = dependencies.flat_map(toml::Table::keys).map(|name| name.replace('-', "_"));
    names.chain(["whoclosed".to_owned()]).collect()
}

#[test]
fn every_room_keeps_to_its_table() {
    let crates = crates();
    let found: Vec<_> = sources()
        .iter()
        .flat_map(|source| violations(source, &crates))
        .map(|each| each.to_string())
        .collect();
    assert!(found.is_empty(), "{} places break the architecture:\n\n{}\n", found.len(), found.join("\n"));
}

/// What the rules say of a file with this text.
fn said(name: &str, text: &str) -> Vec<String> {
    violations(&Source::new(name, text), &crates()).iter().map(ToString::to_string).collect()
}

/// Asserts that a planted line is found, by its number and a word of its rule.
fn finds(name: &str, line: &str, word: &str) {
    let found = said(name, &format!("//! A room.\n\n{line}\n"));
    let expected = format!("{name}:3: ");
    let hit = found.iter().any(|each| each.starts_with(&expected) && each.contains(word));
    assert!(hit, "`{line}` in {name} is not found: {found:?}");
}

#[test]
fn planted_uses_of_other_rooms_are_found() {
    finds("src/ws/reader.rs", "use crate::tcp::Flow;", "may use: time, flow, limits, prefetch");
    finds("src/ws/reader.rs", "use crate::{flow::Side, tcp::Flow as Other};", "may use");
    finds("src/ws/reader.rs", "fn f() { let x = crate::http::Exchange::new(); }", "may use");
    finds("src/ws/reader/tests.rs", "use super::super::super::tcp::Flow;", "may use");
    finds("src/ws/reader.rs", "mod inner { fn f() { super::super::super::tcp::f() } }", "may use");
    finds("src/time.rs", "use super::flow::Side;", "may use: none");
    finds("src/timeline/mod.rs", "use crate::tcp::{self, Flow};", "machines");
    finds("src/timeline/mod.rs", "use crate::tcp; fn f(x: &tcp::Flow) {}", "machines");
    finds("src/facts/mod.rs", "use crate::ws::*;", "machines");
    finds("src/verdict/mod.rs", "fn f() { assert!(crate::capture::x()); }", "may use");
    finds("src/report/mod.rs", "use crate::Analyzer;", "re-export");
    assert!(said("src/gossip.rs", "")[0].contains("`gossip` is new"));
}

#[test]
fn planted_uses_of_other_crates_are_found() {
    finds("src/tcp/flow.rs", "use etherparse::TcpSlice;", "crates that `tcp` may use");
    finds("src/decode/mod.rs", "use pcap_parser as p;", "crates that `decode` may use");
    finds("src/ws/mod.rs", "fn f() -> Result<(), anyhow::Error> {}", "crates that `ws` may use");
}

#[test]
fn planted_input_output_and_clocks_are_found() {
    finds("src/decode/mod.rs", "use std::io::{self, Read};", "two ends");
    finds("src/report/json.rs", "use std::io::{self, Read};", "two ends");
    finds("src/analyze/mod.rs", "use std::fs;", "two ends");
    finds("src/facts/mod.rs", "fn f() { std::time::Instant::now(); }", "clock");
    finds("src/report/mod.rs", "use jiff::Timestamp; fn f() { Timestamp::now(); }", "clock");
    finds("src/tcp/mod.rs", "fn f() { println!(); }", "prints");
    finds("src/tcp/mod.rs", "fn f() { unsafe { g() } }", "unsafe");
}

#[test]
fn planted_types_of_other_crates_in_the_public_api_are_found() {
    let decode = |line: &str| finds("src/decode/mod.rs", line, "public API");
    decode("use etherparse::TcpSlice; pub fn f(x: &TcpSlice<'_>) {}");
    decode("pub fn f() -> Option<etherparse::TcpSlice> { None }");
    decode("use etherparse::TcpSlice; pub struct X { a: u8, pub b: Vec<TcpSlice> }");
    decode("use etherparse::TcpSlice; pub enum X { A(TcpSlice) }");
    decode("pub use etherparse::TcpSlice;");
}

#[test]
fn what_is_allowed_is_not_reported() {
    let fine = "//! [`crate::tcp::Flow`] is told by `std::fs`.
        use std::fmt;
        use crate::flow::Side;
        use super::header::Header;
        use nom::IResult;
        /// A crate::tcp::Flow in words.
        pub fn f(side: Side) -> fmt::Result { g(\"crate::tcp::Flow println\") }
        struct Hidden { inner: IResult<u8, u8> }
        pub struct Shown { inner: IResult<u8, u8> }
        pub(crate) fn inner() -> IResult<u8, u8> { todo() }
        #[cfg(test)]
        mod tests { use crate::tcp::Flow; use std::fs; fn f() { println!(); } }
        #[cfg(test)]
        use proptest::prelude::*;";
    assert_eq!(said("src/ws/reader.rs", fine), Vec::<String>::new());
}
