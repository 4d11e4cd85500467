//! Scenarios: what happens on the wire, told in `scenarios/*.toml`, and the verdict that it must have.
//!
//! Each is played as packets through the whole library, so that a verdict is held to the packets and
//! not to facts made by hand. `scenarios/README.md` tells how to write one.

#[path = "scenarios/expect.rs"]
mod expect;
#[path = "scenarios/file.rs"]
mod file;
#[path = "scenarios/host.rs"]
mod host;
#[path = "scenarios/http.rs"]
mod http;
#[path = "scenarios/mirror.rs"]
mod mirror;
#[path = "scenarios/packet.rs"]
mod packet;
#[path = "scenarios/play.rs"]
mod play;
#[path = "scenarios/random.rs"]
mod random;
#[path = "scenarios/script.rs"]
mod script;
#[path = "scenarios/tls.rs"]
mod tls;
#[path = "scenarios/wire.rs"]
mod wire;

use file::Scenario;

/// Every scenario, and the mirrored ones once more with client and server exchanged.
fn all() -> Vec<Scenario> {
    let told = file::read_all();
    let mirrored: Vec<_> = told.iter().filter(|scenario| scenario.mirror).map(mirror::of).collect();
    told.into_iter().chain(mirrored).collect()
}

#[test]
fn each_scenario_has_its_verdict() {
    let only = std::env::var("SCENARIO").unwrap_or_default();
    let scenarios = all();
    let played = scenarios.iter().filter(|scenario| scenario.name.contains(&only));
    let failures: Vec<_> = played.filter_map(expect::failure).collect();
    assert!(failures.is_empty(), "{} of them fail:\n\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn names_are_unique_and_there_are_many() {
    let mut names: Vec<_> = file::read_all().into_iter().map(|scenario| scenario.name).collect();
    let told = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), told, "two scenarios share a name");
    assert!(told >= 80, "only {told} scenarios");
}
