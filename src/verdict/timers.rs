//! Known timers as candidates of a verdict.

use crate::catalogue::{Catalogue, Clocks, Match, Timer};
use crate::facts::Facts;
use crate::flow::Side;
use crate::heartbeat::Kind;
use crate::time::Span;
use crate::timeline::IdleClock;

use super::Candidate;

/// Candidates shown; more would be a list of everything that has a round value.
const SHOWN: usize = 8;

/// How long each clock had run where the end began.
pub(super) fn clocks(facts: &Facts) -> Clocks {
    let timeline = &facts.connection.timeline;
    let Some(silence) = timeline.idle.as_ref().and_then(IdleClock::before_end) else {
        return Clocks::default();
    };
    Clocks {
        silence: silence.before_end,
        sides: silence.sides,
        tcp: silence.tcp,
        lazy: silence.lazy,
        age: timeline.opened.map_or(Span::ZERO, |opened| silence.at.time - opened.time),
    }
}

/// The headers of the handshake that name products, as `Name: value`.
pub(super) fn headers(facts: &Facts) -> Vec<String> {
    let timeline = &facts.connection.timeline;
    let request = timeline.request.iter().flat_map(|request| &request.via);
    let response = timeline.response.iter().flat_map(|response| &response.via);
    request.chain(response).map(ToString::to_string).collect()
}

/// The best of the matches as candidates.
pub(super) fn candidates(matches: &[Match<'_>]) -> Vec<Candidate> {
    matches.iter().take(SHOWN).map(candidate).collect()
}

/// What silently forgets connections, and may have forgotten this one in a silence that was longer than
/// its value; empty for silences shorter than a minute, which nothing of the kind cuts.
pub(super) fn may_have_forgotten(facts: &Facts, catalogue: &Catalogue, silence: Span) -> Vec<Candidate> {
    if silence < Span::from_secs(60) {
        return Vec::new();
    }
    candidates(&catalogue.silent_drops(&Clocks::silent(silence), &headers(facts)))
}

/// The timer with which a protocol's library at `closer` gives its peer up.
pub(super) fn of_protocol(catalogue: &Catalogue, kind: Kind, closer: Side) -> Option<&Timer> {
    let id = match (kind, closer) {
        (Kind::ActionCable, Side::Client) => "actioncable-stale",
        (Kind::Centrifugo, Side::Server) => "centrifugo-ping",
        (Kind::Discord, _) => "discord-heartbeat",
        (Kind::EngineIo, Side::Client) => "engineio-ping-timeout-client",
        (Kind::EngineIo, Side::Server) => "engineio-ping-timeout-server",
        (Kind::Mqtt, Side::Server) => "mqtt-keepalive",
        (Kind::Phoenix, Side::Client) => "phoenix-js-heartbeat",
        (Kind::Pusher, Side::Client) => "pusher-js-activity",
        (Kind::Pusher, Side::Server) => "reverb-ping",
        (Kind::SignalR, Side::Client) => "signalr-server-timeout",
        (Kind::SignalR, Side::Server) => "signalr-client-timeout",
        (Kind::Stomp, Side::Server) => "spring-stomp-heartbeat",
        _ => return None,
    };
    catalogue.timer(id)
}

fn candidate(found: &Match<'_>) -> Candidate {
    let timer = found.timer;
    Candidate {
        id: timer.id.clone(),
        product: timer.product.clone(),
        setting: timer.setting.clone(),
        seconds: timer.value(),
        measured: found.measured,
        fit: found.fit.name(),
        fix: timer.fix.clone(),
    }
}
