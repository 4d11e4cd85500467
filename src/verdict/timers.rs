//! Known timers as candidates of a verdict.

use crate::catalogue::{Catalogue, Clocks, Match, Timer};
use crate::facts::Facts;
use crate::flow::{Side, Stamp};
use crate::heartbeat::Kind;
use crate::time::Span;
use crate::timeline::{IdleClock, IdleGap};

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

/// A box that forgets connections without a packet, which a silence may have set off.
pub(super) struct Forgetting {
    /// The silence: the timer is not longer.
    pub(super) at_most: Span,
    /// The longest silence before that did no harm: the timer is longer.
    pub(super) more_than: Option<Span>,
    /// The known timers between the two.
    pub(super) candidates: Vec<Candidate>,
}

/// What a silence says of a timer that drops connections unseen; nothing for silences shorter than a minute,
/// which nothing of the kind cuts.
///
/// `until` is the packet that met the loss.
pub(super) fn forgetting(
    facts: &Facts,
    catalogue: &Catalogue,
    silence: Span,
    until: Option<Stamp>,
) -> Option<Forgetting> {
    if silence < Span::from_secs(60) {
        return None;
    }
    let gaps = facts.connection.timeline.idle.as_ref().map_or(&[][..], |idle| idle.gaps());
    let earlier = gaps.iter().filter(|gap| until.is_none_or(|until| gap.to.packet < until.packet));
    let survived = earlier.map(IdleGap::span).max().filter(|survived| *survived < silence);
    let mut matches = catalogue.silent_drops(&Clocks::silent(silence), &headers(facts));
    matches.retain(|found| found.timer.value().is_none_or(|value| survived.is_none_or(|span| value > span)));
    Some(Forgetting { at_most: silence, more_than: survived, candidates: candidates(&matches) })
}

impl Forgetting {
    /// The bound as the rest of a sentence.
    pub(super) fn bound(&self) -> String {
        let least = self
            .more_than
            .map_or(String::new(), |span| format!(", and more than {span}, which did no harm before"));
        format!("such a timer would be {} or less{least}", self.at_most)
    }

    /// The heartbeat that would keep such a box from forgetting.
    pub(super) fn advice(&self) -> String {
        let shortest = self.candidates.iter().filter_map(|candidate| candidate.seconds).min();
        let timeout = shortest.unwrap_or(self.at_most);
        let half = (timeout.as_secs_f64() / 2.0).floor();
        let why = match shortest {
            Some(shortest) => {
                format!("half of {} s, the shortest known timer that fits", shortest.as_secs_f64())
            }
            None => format!("half of the {timeout} after which it was gone"),
        };
        format!(
            "Send a ping at least every {half} s ({why}), so that nothing on the path forgets the connection."
        )
    }
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
        id: timer.id.clone().into_owned(),
        product: timer.product.clone().into_owned(),
        setting: timer.setting.clone().into_owned(),
        seconds: found.value(),
        measured: found.measured,
        fit: found.fit,
        fix: timer.fix.clone().into_owned(),
    }
}
