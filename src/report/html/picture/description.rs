//! A picture in words, for those who do not see it.

use super::super::super::prose;
use super::super::super::units::{count, duration};
use super::super::super::view::{Connection, FrameCounts, TimelineEvent};
use super::words::{self, Words};

fn is_end_act(event: &TimelineEvent) -> bool {
    matches!(event.event, "close" | "stream_end" | "stream_reset" | "fin" | "rst")
}

/// What the picture shows, for those who do not see it.
pub(super) fn description(connection: &Connection, words: Words<'_>) -> String {
    let mut parts = vec![
        format!("Two lanes, client above server, over {}", duration(connection.duration_s)),
        if connection.kind == "opaque_tls" {
            "what TLS hides was not read".to_owned()
        } else {
            frames(connection)
        },
    ];
    if let (Some(from), Some(to)) = (connection.idle.longest_from, connection.idle.longest_to) {
        let longest = duration(connection.idle.longest_s);
        parts.push(format!(
            "longest silence {longest}, {} to {}",
            words.names.packet(from),
            words.names.packet(to)
        ));
    }
    let acts = connection.timeline.iter().filter(|event| is_end_act(event));
    let acts: Vec<String> = acts.take(6).map(|event| act(connection, event, words)).collect();
    parts.push(if acts.is_empty() {
        "no Close, FIN or RST".to_owned()
    } else {
        format!("end acts: {}", acts.join(", "))
    });
    parts.extend(guesses(connection, words));
    parts.join("; ") + ". The timeline below says the same in a table."
}

/// What each side sent.
fn frames(connection: &Connection) -> String {
    let frames = [("client", connection.frames.client), ("server", connection.frames.server)];
    let of = |(side, frames): (&str, FrameCounts)| {
        let (messages, pings) = (count(frames.messages, "message"), count(frames.ping, "ping"));
        format!("the {side} sent {messages} and {pings}")
    };
    frames.map(of).join(", ")
}

/// What is drawn dashed.
fn guesses(connection: &Connection, words: Words<'_>) -> Option<String> {
    let events = connection.timeline.iter().filter(|event| event.event == "tls_inferred");
    let events = events.take(6).map(|event| act(connection, event, words));
    let beats = connection
        .heartbeats
        .iter()
        .filter(|beat| beat.inferred)
        .map(|beat| prose::heartbeat(connection, beat));
    let all: Vec<String> = events.chain(beats).collect();
    (!all.is_empty()).then(|| format!("inferred, not read: {}", all.join(", ")))
}

/// `Close 1011 from the server (#20)`.
fn act(connection: &Connection, event: &TimelineEvent, words: Words<'_>) -> String {
    let packet = event.packet.map_or_else(String::new, |at| format!(" ({})", words.names.packet(at)));
    let from = event.from.map_or_else(String::new, |from| format!(" from the {from}"));
    format!("{}{from}{packet}", words::act(connection, event))
}
