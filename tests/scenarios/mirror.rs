//! A scenario with client and server exchanged.

use crate::file::Scenario;

/// The mirror image of a scenario.
pub(crate) fn of(scenario: &Scenario) -> Scenario {
    scenario.changed(&exchanged)
}

/// A text with the two sides exchanged.
fn exchanged(text: &str) -> String {
    text.replace("client", "\u{0}").replace("server", "client").replace('\u{0}', "server")
}
