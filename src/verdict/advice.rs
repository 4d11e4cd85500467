//! What to change against a timer: the setting with its value, and the heartbeat that would do.

use crate::catalogue::{Fit, Match, ResetBy, Timer};
use crate::facts::Facts;
use crate::flow::Side;
use crate::time::Span;

/// A heartbeat that keeps a connection of this silence alive; half the timeout leaves room for a lost ping.
pub(super) fn against_silence(facts: &Facts, silence: Span, timer: Option<&Timer>) -> Vec<String> {
    let timeout = rounded(silence);
    let half = timeout / 2.0;
    let what = match timer.map(|timer| timer.reset_by) {
        Some(ResetBy::AppMessageOnly) => {
            "Send a message of the application (a ping does not count)".to_owned()
        }
        Some(ResetBy::ClientToServer) => {
            "Let the client send something (a pong to the server's ping counts)".to_owned()
        }
        Some(ResetBy::ServerToClient) => {
            "Let the server send something (a pong to the client's ping counts)".to_owned()
        }
        Some(ResetBy::AnySegment) => "Send a ping, or a TCP keep-alive,".to_owned(),
        _ => "Send a ping".to_owned(),
    };
    let beat = format!("{what} at least every {half} s: half of the {timeout} s after which it was cut.");
    std::iter::once(beat).chain(too_seldom(facts, silence, half)).collect()
}

/// The setting of the product that a header names, with what was measured.
pub(super) fn setting(found: &Match<'_>) -> String {
    let timer = found.timer;
    let usual = match (found.fit, timer.value(), found.value()) {
        (Fit::Header, Some(value), _) => {
            format!(" (it comes with {} s, so someone set it)", value.as_secs_f64())
        }
        (_, Some(value), Some(matched)) if matched != value => format!(
            " (it comes with {} s; elsewhere it is known with {} s)",
            value.as_secs_f64(),
            matched.as_secs_f64()
        ),
        (_, Some(value), _) => format!(" (it comes with {} s)", value.as_secs_f64()),
        _ => String::new(),
    };
    format!("{}: `{}` acted after {}{usual}; {}.", timer.product, timer.setting, found.measured, timer.fix)
}

/// Pings that come, but not often enough.
fn too_seldom(facts: &Facts, silence: Span, half: f64) -> Option<String> {
    let slow = |side: Side| {
        let every = facts.connection.timeline.pings.get(side).interval.median()?;
        (every >= silence).then(|| {
            format!("The {side} does ping, but only every {every}: that is too seldom, make it {half} s.")
        })
    };
    slow(Side::Client).or_else(|| slow(Side::Server))
}

/// Seconds as one would set them: whole ones from 2 s on.
fn rounded(span: Span) -> f64 {
    let seconds = span.as_secs_f64();
    if seconds >= 2.0 { seconds.round() } else { (seconds * 10.0).round() / 10.0 }
}
