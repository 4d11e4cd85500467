//! What a picture says about its marks.

use super::super::super::escape::escape;
use super::super::super::prose::{self, Clock, Names};
use super::super::super::units::{count, duration};
use super::super::super::view::{Connection, Heartbeat, Seconds, Stamp, Time, TimelineEvent};
use super::marks::{Kind, Lane, Mark};

/// Characters of one sentence in a picture; the timeline has all.
const LONGEST: usize = 200;

/// How times and packets are written in pictures of one report.
#[derive(Clone, Copy)]
pub(in crate::report::html) struct Words<'a> {
    pub(in crate::report::html) clock: &'a Clock,
    pub(in crate::report::html) names: Names,
}

impl Words<'_> {
    /// What happened: `#22 at 01:32:16.809939, server: FIN`, or how many were how far apart.
    pub(super) fn mark(&self, connection: &Connection, mark: &Mark) -> String {
        let events = &connection.timeline;
        let (Some(first), Some(last)) = (events.get(mark.first), events.get(mark.last)) else {
            return String::new();
        };
        if mark.first == mark.last {
            let pong = answer(events, first).map_or_else(String::new, |pong| self.answered(first, pong));
            let lost = if mark.kind == Kind::UnansweredPing { ", no answer in the capture" } else { "" };
            return self.event(connection, first) + &pong + lost;
        }
        let what = count(mark.count, noun(mark.kind));
        let ends =
            [first.packet, last.packet].map(|at| at.map_or_else(String::new, |at| self.names.packet(at)));
        let start = prose::start(connection);
        let times = [first, last].map(|event| self.clock.moment(event.time, start));
        format!(
            "{what} from the {}, {} to {}, {} to {}",
            side(mark.lane),
            ends[0],
            ends[1],
            times[0],
            times[1]
        )
    }

    /// One event in a sentence.
    pub(super) fn event(&self, connection: &Connection, event: &TimelineEvent) -> String {
        let packet = event.packet.map_or_else(String::new, |at| self.names.packet(at) + " at ");
        let time = self.clock.moment(event.time, prose::start(connection));
        let from = event.from.map_or_else(String::new, |from| format!("{from}: "));
        let (title, detail) = (prose::title(event), prose::detail(event));
        let detail = if detail.is_empty() { String::new() } else { format!(", {detail}") };
        escape(&format!("{packet}{time}, {from}{title}{detail}"), LONGEST)
    }

    /// The last one of a heartbeat, and the whole of it.
    pub(super) fn beat(&self, connection: &Connection, beat: &Heartbeat, last: Stamp) -> String {
        let time = self.moment(connection, last.time);
        let packet = self.names.packet(last.packet);
        escape(&format!("{packet} at {time}, the last of {}", prose::heartbeat(connection, beat)), LONGEST)
    }

    /// The time of day of a moment, or the seconds since the connection's start.
    pub(in crate::report::html) fn moment(&self, connection: &Connection, time: Time) -> String {
        self.clock.moment(time, prose::start(connection))
    }

    fn answered(&self, ping: &TimelineEvent, pong: &TimelineEvent) -> String {
        let packet = pong.packet.map_or_else(String::new, |at| format!(" by {}", self.names.packet(at)));
        let after = Seconds(pong.time.unix_ns.saturating_sub(ping.time.unix_ns));
        format!("; answered{packet} after {}", duration(after))
    }
}

/// The pong that answers a ping.
fn answer<'a>(events: &'a [TimelineEvent], ping: &TimelineEvent) -> Option<&'a TimelineEvent> {
    let packet = ping.packet.filter(|_| ping.event == "ping")?;
    events.iter().find(|event| event.answers == Some(packet) && event.from != ping.from)
}

/// The side of a lane.
pub(super) const fn side(lane: Lane) -> &'static str {
    match lane {
        Lane::Client => "client",
        Lane::Server => "server",
    }
}

const fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Opening => "opening step",
        Kind::Message => "message",
        Kind::Records => "TLS record",
        Kind::Ping => "answered ping",
        Kind::UnansweredPing => "unanswered ping",
        Kind::LonePong => "unasked pong",
        Kind::Heartbeat => "application heartbeat",
        Kind::Close => "Close frame",
        Kind::StreamEnd => "stream end",
        Kind::StreamReset => "stream reset",
        Kind::Fin => "FIN",
        Kind::Rst => "RST",
        Kind::Probe => "probe",
        Kind::Alert => "TLS alert",
        Kind::Trouble => "incident",
        Kind::Guess => "inferred event",
    }
}

/// What is written beside an end act: `Close 1011`, `FIN`, `RST`; `Close?` where it was not read.
pub(super) fn act(connection: &Connection, event: &TimelineEvent) -> String {
    if event.event == "tls_inferred" {
        return guess(connection, event).to_owned();
    }
    let close = connection
        .close_frames
        .iter()
        .find(|close| Some(close.packet) == event.packet && event.event == "close");
    match close.and_then(|close| close.code) {
        Some(code) => format!("Close {code}"),
        None => prose::title(event),
    }
}

/// What an inferred event may be.
fn guess(connection: &Connection, event: &TimelineEvent) -> &'static str {
    let mut guesses = connection.tls.iter().flat_map(|tls| &tls.inferred);
    let found = guesses.find(|guess| Some(guess.packet) == event.packet && Some(guess.from) == event.from);
    match found.map(|guess| guess.kind) {
        Some("upgrade") => "101?",
        Some("close") => "Close?",
        Some("close_echo") => "Close echo?",
        Some("alert") => "close_notify?",
        _ => "inferred",
    }
}
