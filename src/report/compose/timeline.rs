//! The timeline of the view: each event with what a reader wants to know of it.

use std::borrow::Borrow;
use std::fmt;

use crate::analyze::{Judged, Remarked};
use crate::capture::CaptureSummary;
use crate::flow::Side;
use crate::heartbeat::{self, Beat};
use crate::tcp::{GapReason, IcmpKind, PathError};
use crate::time::{Span, Timestamp};
use crate::timeline::{CloseBody, Connection, Event, EventKind, Guess, Kind, Messages, Timeline};
use crate::tls::Alert;

use super::super::prose::phrases;
use super::super::view::{COMMENT, TimelineEvent};
use super::Contents;

/// The events with the comments on packets among them, and where events are missing.
pub(super) fn view(
    judged: &Judged,
    contents: Contents,
    captures: &[impl Borrow<CaptureSummary>],
) -> (Vec<TimelineEvent>, Option<u64>) {
    let connection = &judged.facts.connection;
    let events = connection.timeline.history.events();
    let mut entries: Vec<_> = events.into_iter().map(|event| entry(event, connection, contents)).collect();
    let mut omitted_at = omitted_at(&connection.timeline);
    for comment in comments(judged, captures) {
        let is_behind = |event: &TimelineEvent| event.packet > comment.packet;
        let at = entries.iter().position(is_behind).unwrap_or(entries.len());
        omitted_at = omitted_at.map(|hole| hole + u64::from(at as u64 <= hole));
        entries.insert(at, comment);
    }
    (entries, omitted_at)
}

/// What the captures say of single packets of a connection.
fn comments(
    judged: &Judged,
    captures: &[impl Borrow<CaptureSummary>],
) -> impl Iterator<Item = TimelineEvent> {
    judged.remarked.iter().flat_map(move |&Remarked { at, from }| {
        let capture = captures.get(at.packet.file() as usize);
        let texts = capture
            .into_iter()
            .flat_map(move |capture| capture.borrow().remarks.on_packet(at.packet.packet()));
        texts.map(move |text| TimelineEvent {
            time: at.time.into(),
            packet: Some(at.packet.into()),
            from: Some(from.name()),
            event: COMMENT,
            detail: text.to_owned(),
            until: None,
            count: None,
            answers: None,
        })
    })
}

/// Where in the view's timeline events are missing.
pub(super) fn omitted_at(record: &Timeline) -> Option<u64> {
    let history = &record.history;
    (history.omitted() > 0).then(|| history.kept_before_omission() as u64)
}

fn entry(event: &Event, connection: &Connection, contents: Contents) -> TimelineEvent {
    let silent = matches!(event.kind, EventKind::Idle { .. });
    TimelineEvent {
        time: event.at.time.into(),
        packet: (!silent).then(|| event.at.packet.into()),
        from: event.from.map(Side::name),
        event: event.kind.name(),
        detail: detail(event, connection, contents),
        until: until(event).map(Into::into),
        count: match &event.kind {
            EventKind::Messages(run) | EventKind::TlsData(run) => Some(run.count.into()),
            _ => None,
        },
        answers: match event.kind {
            EventKind::Pong { answers: Some(ping) } => Some(ping.packet.into()),
            _ => None,
        },
    }
}

/// When something that lasted was over.
fn until(event: &Event) -> Option<Timestamp> {
    match &event.kind {
        EventKind::Messages(run) | EventKind::TlsData(run) => Some(run.last.time),
        EventKind::Idle { span } => {
            Some(Timestamp::from_nanos(event.at.time.as_nanos().saturating_add(span.as_nanos())))
        }
        _ => None,
    }
}

fn detail(event: &Event, connection: &Connection, contents: Contents) -> String {
    let record = &connection.timeline;
    match &event.kind {
        EventKind::Syn if event.from == Some(Side::Server) => "SYN-ACK".to_owned(),
        EventKind::Established => established(connection.tcp.rtt()),
        EventKind::UpgradeRequest => request(record, contents),
        EventKind::UpgradeResponse { status } => status.to_string(),
        EventKind::Messages(run) => messages(run, event),
        EventKind::Ping { bytes } => text_of(|text| push_bytes(text, *bytes)),
        EventKind::Pong { answers: Some(ping) } => text_of(|text| {
            text.push_str("answers after ");
            push_span(text, event.at.time - ping.time);
        }),
        EventKind::Pong { answers: None } => "answers no ping".to_owned(),
        EventKind::Heartbeat { kind, beat, bytes } => heartbeat(*kind, beat, *bytes),
        EventKind::Close(body) => close(body),
        EventKind::OtherFrame { opcode } => opcode.to_string(),
        EventKind::Idle { span } => text_of(|text| {
            push_span(text, *span);
            let is_sealed = connection.kind == Kind::OpaqueTls;
            text.push_str(if is_sealed { " without a record" } else { " without a frame" });
        }),
        EventKind::Reset => reset(event, record),
        EventKind::Retransmission { bytes, differs: true } => {
            format!("{} that differ from the first copy", Bytes((*bytes).into()))
        }
        EventKind::Retransmission { bytes, differs: false } => {
            text_of(|text| push_bytes(text, (*bytes).into()))
        }
        EventKind::Gap { bytes, why } => gap(*bytes, *why),
        EventKind::Violation(kind) => phrases::violation(kind.name()).to_owned(),
        EventKind::Resynced => "frames are read from here on".to_owned(),
        EventKind::TlsAlert(alert) => tls_alert(*alert),
        EventKind::TlsHello => hello(event, record),
        EventKind::TlsEstablished => "handshake complete".to_owned(),
        EventKind::TlsData(run) => records(run, event),
        EventKind::TlsInferred(guess) => inferred(*guess, record),
        EventKind::IcmpError(error) => undelivered(error),
        EventKind::StreamEnd => "END_STREAM".to_owned(),
        EventKind::StreamReset { error } => format!("RST_STREAM, {error}"),
        EventKind::GoAway { error } => error.to_string(),
        EventKind::SynOnOpenConnection => "with another initial sequence number".to_owned(),
        _ => String::new(),
    }
}

fn established(rtt: Option<Span>) -> String {
    text_of(|text| {
        text.push_str("TCP handshake complete");
        if let Some(rtt) = rtt {
            text.push_str(", round trip ");
            push_span(text, rtt);
        }
    })
}

fn gap(bytes: u64, why: GapReason) -> String {
    let verb = match (why, bytes) {
        (GapReason::CaptureGap, 1) => "is",
        (GapReason::CaptureGap, _) => "are",
        (_, 1) => "was",
        _ => "were",
    };
    format!("{} {verb} {}", Bytes(bytes), phrases::unread(why.name()))
}

fn request(record: &Timeline, contents: Contents) -> String {
    let Some(request) = &record.request else { return String::new() };
    let path = if contents.show_query { &request.target } else { &request.path };
    format!("{} {path}", request.method)
}

fn messages(run: &Messages, event: &Event) -> String {
    text_of(|text| {
        match (u64::from(run.count), u64::from(run.frames)) {
            (0, 1) => text.push_str("a fragment"),
            (0, frames) => push_count(text, frames, " fragments"),
            (1, 1) => text.push_str("1 message"),
            (1, frames) => {
                text.push_str("1 message in ");
                push_count(text, frames, " frames");
            }
            (count, _) => push_count(text, count, " messages"),
        }
        text.push_str(", ");
        push_bytes(text, run.bytes);
        push_end(text, run, event);
    })
}

fn heartbeat(kind: heartbeat::Kind, beat: &Beat, bytes: u64) -> String {
    let what = match beat {
        Beat::Ping => "a ping of the application",
        Beat::Pong => "the answer to a ping of the application",
        _ => "a sign of life of the application",
    };
    format!("{what} ({}), {}", kind.name(), Bytes(bytes))
}

/// What the server's hello chose; what the client's offers stands in the facts.
fn hello(event: &Event, record: &Timeline) -> String {
    let agreed = record.tls.as_ref().filter(|_| event.from == Some(Side::Server)).map(|tls| &tls.negotiated);
    let version = agreed.and_then(|agreed| agreed.version).map(|version| version.to_string());
    let cipher = agreed.and_then(|agreed| agreed.cipher).map(|cipher| cipher.to_string());
    version.into_iter().chain(cipher).collect::<Vec<_>>().join(", ")
}

fn records(run: &Messages, event: &Event) -> String {
    text_of(|text| {
        push_count(text, run.count.into(), if run.count == 1 { " record, " } else { " records, " });
        push_bytes(text, run.bytes);
        push_end(text, run, event);
    })
}

/// Where a run that is longer than a packet was over.
fn push_end(text: &mut String, run: &Messages, event: &Event) {
    if run.last.packet != event.at.packet {
        text.push_str(", until #");
        push_count(text, run.last.packet.packet(), ", ");
        push_span(text, run.last.time - event.at.time);
        text.push_str(" later");
    }
}

fn inferred(guess: Guess, record: &Timeline) -> String {
    let sealed = record.tls.as_ref().and_then(|tls| tls.sealed.as_ref());
    let close = sealed.and_then(|sealed| sealed.close.as_ref());
    match guess {
        Guess::Upgrade => "probably the 101".to_owned(),
        Guess::Close => close.map_or_else(String::new, |close| format!("probably a Close: {}", close.why)),
        Guess::CloseEcho => "probably the echo of the Close".to_owned(),
        Guess::Alert => "an alert by its length and place: probably close_notify".to_owned(),
    }
}

fn close(body: &CloseBody) -> String {
    match body {
        CloseBody::Empty => "no code".to_owned(),
        CloseBody::NotCaptured => "its code is not in the capture".to_owned(),
        CloseBody::Code(code, reason) if reason.is_empty() => code.to_string(),
        CloseBody::Code(code, reason) => format!("{code}: {reason}"),
    }
}

fn tls_alert(alert: Option<Alert>) -> String {
    let Some(alert) = alert else { return "encrypted".to_owned() };
    let level = alert.level.name().map_or_else(String::new, |level| format!("{level}: "));
    format!("{level}{}", alert.description)
}

fn reset(event: &Event, record: &Timeline) -> String {
    let reset = record.resets.iter().find(|reset| reset.at.packet == event.at.packet);
    reset.map_or(String::new(), |reset| {
        let ack = if reset.facts.has_ack { "with ACK" } else { "without ACK" };
        format!("{ack}, TTL {}", reset.facts.ttl)
    })
}

fn undelivered(error: &PathError) -> String {
    let what = match error.kind {
        IcmpKind::Unreachable => "not reachable".to_owned(),
        IcmpKind::Prohibited => "prohibited".to_owned(),
        IcmpKind::TimeExceeded => "time exceeded".to_owned(),
        IcmpKind::TooBig(Some(mtu)) => format!("too big, {} at most", Bytes(mtu.into())),
        IcmpKind::TooBig(None) => "too big".to_owned(),
    };
    format!("{what}, says {}", error.router)
}

/// Room for most texts of events.
const TEXT_LEN: usize = 64;

/// The text of an event of which there are many: made in one piece of memory.
fn text_of(write: impl FnOnce(&mut String)) -> String {
    let mut text = String::with_capacity(TEXT_LEN);
    write(&mut text);
    text
}

fn push_count(text: &mut String, count: u64, noun: &str) {
    text.push_str(itoa::Buffer::new().format(count));
    text.push_str(noun);
}

fn push_bytes(text: &mut String, bytes: u64) {
    push_count(text, bytes, if bytes == 1 { " byte" } else { " bytes" });
}

fn push_span(text: &mut String, span: Span) {
    // Writing to a String cannot fail.
    let _ = span.write_to(text);
}

/// A number of bytes in words.
struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 1 { f.write_str("1 byte") } else { write!(f, "{} bytes", self.0) }
    }
}
