//! What happened, as marks at places of the axis; what is too near to be told apart becomes one mark.

use std::collections::HashMap;

use super::super::super::view::{COMMENT, Connection, PacketRef, TimelineEvent};
use super::axis::Axis;

/// Marks of one picture at most; with more, what is near becomes one over wider columns.
const MOST: usize = 600;

/// The width of the columns within which marks of one kind become one, to begin with.
const COLUMN: f64 = 5.0;

/// Which of a connection's two lines something is on.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(in crate::report::html) enum Lane {
    /// The client's.
    Client,
    /// The server's.
    Server,
}

/// What a mark stands for.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(in crate::report::html) enum Kind {
    /// The TCP handshake or the upgrade.
    Opening,
    /// Data messages.
    Message,
    /// TLS records that were not opened.
    Records,
    /// Pings with their pongs.
    Ping,
    /// Pings that got no answer.
    UnansweredPing,
    /// Pongs that answer no ping.
    LonePong,
    /// Heartbeats of the application.
    Heartbeat,
    /// A Close.
    Close,
    /// The end of an HTTP/2 stream.
    StreamEnd,
    /// The reset of an HTTP/2 stream.
    StreamReset,
    /// A FIN.
    Fin,
    /// An RST.
    Rst,
    /// Keep-alive and zero-window probes.
    Probe,
    /// A TLS alert.
    Alert,
    /// What should not have happened: retransmissions, holes, violations and the like.
    Trouble,
    /// What lengths and times of records suggest, which nobody read.
    Guess,
}

impl Kind {
    /// Its symbol.
    pub(in crate::report::html) const fn symbol(self) -> &'static str {
        match self {
            Self::UnansweredPing => "nothing",
            Self::Heartbeat => "ping",
            Self::Records => "message",
            Self::Alert => "trouble",
            other => other.name(),
        }
    }

    /// What it stands for.
    pub(super) const fn meaning(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Message => "messages",
            Self::Records => "TLS records, not read",
            Self::Ping => "ping and pong",
            Self::UnansweredPing => "ping without a pong",
            Self::LonePong => "pong that answers no ping",
            Self::Heartbeat => "application heartbeat",
            Self::Close => "Close",
            Self::StreamEnd => "end of the HTTP/2 stream",
            Self::StreamReset => "reset of the HTTP/2 stream",
            Self::Fin => "FIN",
            Self::Rst => "RST",
            Self::Probe => "TCP probe",
            Self::Alert => "TLS alert",
            Self::Trouble => "incident",
            Self::Guess => "inferred from lengths and times, not read",
        }
    }

    /// The name of its class.
    pub(in crate::report::html) const fn name(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Message => "message",
            Self::Records => "records",
            Self::Ping => "ping",
            Self::UnansweredPing => "lost",
            Self::LonePong => "lone-pong",
            Self::Heartbeat => "heartbeat",
            Self::Close => "close",
            Self::Fin | Self::StreamEnd => "fin",
            Self::Rst | Self::StreamReset => "rst",
            Self::Probe => "probe",
            Self::Alert => "alert",
            Self::Trouble => "trouble",
            Self::Guess => "guess",
        }
    }

    /// What an event is drawn as in the ending, where each stands alone.
    pub(super) fn of_step(event: &TimelineEvent) -> Option<Self> {
        match event.event {
            "ping" | "pong" => Some(Self::Ping),
            _ => Self::of(event, true),
        }
    }

    /// What an event is drawn as; pongs are drawn with their pings.
    fn of(event: &TimelineEvent, is_answered: bool) -> Option<Self> {
        Some(match event.event {
            "syn" | "established" | "upgrade_request" | "upgrade_response" | "tls_hello"
            | "tls_established" => Self::Opening,
            "message" => Self::Message,
            "tls_data" => Self::Records,
            "tls_inferred" => Self::Guess,
            "tls_alert" => Self::Alert,
            "ping" if is_answered => Self::Ping,
            "ping" => Self::UnansweredPing,
            "pong" if event.answers.is_some() => return None,
            "pong" => Self::LonePong,
            "heartbeat" => Self::Heartbeat,
            "close" => Self::Close,
            "stream_end" => Self::StreamEnd,
            "stream_reset" => Self::StreamReset,
            "fin" => Self::Fin,
            "rst" => Self::Rst,
            "keepalive_probe" | "zero_window_probe" => Self::Probe,
            "idle" | "window_opened" | "resynced" | COMMENT => return None,
            _ => Self::Trouble,
        })
    }
}

/// A mark of the picture.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mark {
    pub(super) kind: Kind,
    pub(super) lane: Lane,
    pub(super) left: f64,
    pub(super) right: f64,
    /// How many of its kind: messages, pings …
    pub(super) count: u64,
    /// Indices into the timeline.
    pub(super) first: usize,
    pub(super) last: usize,
    /// Where the pong of the last of its pings is.
    pub(super) answer: Option<f64>,
}

impl Mark {
    /// Two of a run stand where they were, and not as a bar over the time between them.
    fn apart(self) -> impl Iterator<Item = Self> {
        let is_pair = self.count == 2 && self.right - self.left > COLUMN;
        let at = |place: f64| Self { left: place, right: place, count: 1, ..self.clone() };
        let marks = if is_pair { [Some(at(self.left)), Some(at(self.right))] } else { [Some(self), None] };
        marks.into_iter().flatten()
    }
}

/// The marks of a connection on `axis`, from left to right, never more than a picture can take.
pub(super) fn marks(connection: &Connection, axis: &Axis) -> Vec<Mark> {
    let all = single(connection, axis);
    let mut column = COLUMN;
    loop {
        let merged = merge(&all, column);
        if merged.len() <= MOST {
            return merged;
        }
        column *= 2.0;
    }
}

/// The side of an event; what neither did stands with the client.
pub(super) fn lane(event: &TimelineEvent) -> Lane {
    if event.from == Some("server") { Lane::Server } else { Lane::Client }
}

/// The pong of each ping, by the ping's packet and the pong's side.
fn pongs(events: &[TimelineEvent]) -> HashMap<(PacketRef, Lane), i64> {
    let answer = |event: &TimelineEvent| Some(((event.answers?, lane(event)), event.time.unix_ns));
    events.iter().filter_map(answer).collect()
}

fn single(connection: &Connection, axis: &Axis) -> Vec<Mark> {
    let pongs = pongs(&connection.timeline);
    let mark = |(index, event): (usize, &TimelineEvent)| {
        let lane = lane(event);
        let other = if lane == Lane::Client { Lane::Server } else { Lane::Client };
        let pong =
            event.packet.and_then(|packet| pongs.get(&(packet, other))).filter(|_| event.event == "ping");
        let left = axis.x(event.time.unix_ns);
        Some(Mark {
            kind: Kind::of(event, pong.is_some())?,
            lane,
            left,
            right: event.until.map_or(left, |until| axis.x(until.unix_ns)).max(left),
            count: event.count.unwrap_or(1).max(1),
            first: index,
            last: index,
            answer: pong.map(|&pong| axis.x(pong)),
        })
    };
    let marks = connection.timeline.iter().enumerate().filter_map(mark);
    let mut marks: Vec<Mark> = marks.flat_map(Mark::apart).collect();
    marks.sort_by(|a, b| a.left.total_cmp(&b.left));
    marks
}

/// Joins marks of one kind and side that lie in the same column.
fn merge(marks: &[Mark], column: f64) -> Vec<Mark> {
    let mut merged: Vec<Mark> = Vec::new();
    let mut newest: HashMap<(Kind, Lane), usize> = HashMap::new();
    for mark in marks {
        let key = (mark.kind, mark.lane);
        let same = |other: &Mark| (other.left / column).floor() == (mark.right / column).floor();
        match newest.get(&key).and_then(|&at| merged.get_mut(at)).filter(|other| same(other)) {
            Some(other) => {
                other.right = other.right.max(mark.right);
                other.count = other.count.saturating_add(mark.count);
                other.last = mark.last;
                other.answer = mark.answer.or(other.answer);
            }
            None => {
                newest.insert(key, merged.len());
                merged.push(mark.clone());
            }
        }
    }
    merged
}
