//! The timeline of the view: each event with what a reader wants to know of it.

use std::borrow::Borrow;
use std::fmt::{Display, Write};

use crate::analyze::{Judged, Remarked};
use crate::capture::CaptureSummary;
use crate::flow::Side;
use crate::heartbeat::{self, Beat};
use crate::tcp::{GapReason, IcmpKind, PathError};
use crate::time::{Span, Timestamp};
use crate::timeline::{CloseBody, Connection, Event, EventKind, Guess, Kind, Messages, Timeline};
use crate::tls::Alert;

use super::super::prose::phrases;
use super::super::view::{COMMENT, Detail, TimelineEvent};
use super::Contents;

/// Room for most texts of events.
const TEXT_LEN: usize = 40;

/// The events with the comments on packets among them, and where events are missing.
pub(super) fn view(
    judged: &Judged,
    events: &[Event],
    contents: Contents,
    captures: &[impl Borrow<CaptureSummary>],
) -> (Vec<TimelineEvent>, Option<u64>) {
    let connection = &judged.facts.connection;
    let mut texts = String::with_capacity(TEXT_LEN * events.len());
    let mut ends = Vec::with_capacity(events.len());
    for event in events {
        push_detail(&mut texts, event, connection, contents);
        ends.push(texts.len());
    }
    let details = Detail::parts(texts, ends);
    let mut entries: Vec<_> =
        events.iter().zip(details).map(|(event, detail)| entry(event, detail)).collect();
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
            detail: text.into(),
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

fn entry(event: &Event, detail: Detail) -> TimelineEvent {
    let silent = matches!(event.kind, EventKind::Idle { .. });
    TimelineEvent {
        time: event.at.time.into(),
        packet: (!silent).then(|| event.at.packet.into()),
        from: event.from.map(Side::name),
        event: event.kind.name(),
        detail,
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

fn push_detail(text: &mut String, event: &Event, connection: &Connection, contents: Contents) {
    let record = &connection.timeline;
    match &event.kind {
        EventKind::Syn if event.from == Some(Side::Server) => text.push_str("SYN-ACK"),
        EventKind::Established => push_established(text, connection.tcp.rtt()),
        EventKind::UpgradeRequest => push_request(text, record, contents),
        EventKind::UpgradeResponse { status } => push_count(text, (*status).into(), ""),
        EventKind::Messages(run) => push_messages(text, run, event),
        EventKind::Ping { bytes } => push_bytes(text, *bytes),
        EventKind::Pong { answers: Some(ping) } => {
            text.push_str("answers after ");
            push_span(text, event.at.time - ping.time);
        }
        EventKind::Pong { answers: None } => text.push_str("answers no ping"),
        EventKind::Heartbeat { kind, beat, bytes } => push_heartbeat(text, *kind, beat, *bytes),
        EventKind::Close(body) => push_close(text, body),
        EventKind::OtherFrame { opcode } => push(text, opcode),
        EventKind::Idle { span } => {
            push_span(text, *span);
            let is_sealed = connection.kind == Kind::OpaqueTls;
            text.push_str(if is_sealed { " without a record" } else { " without a frame" });
        }
        EventKind::Reset => push_reset(text, event, record),
        EventKind::Retransmission { bytes, differs } => {
            push_bytes(text, (*bytes).into());
            text.push_str(if *differs { " that differ from the first copy" } else { "" });
        }
        EventKind::Gap { bytes, why } => push_gap(text, *bytes, *why),
        EventKind::Violation(kind) => text.push_str(phrases::violation(kind.name())),
        EventKind::Resynced => text.push_str("frames are read from here on"),
        EventKind::TlsAlert(alert) => push_alert(text, *alert),
        EventKind::TlsHello => push_hello(text, event, record),
        EventKind::TlsEstablished => text.push_str("handshake complete"),
        EventKind::TlsData(run) => push_records(text, run, event),
        EventKind::TlsInferred(guess) => push_guess(text, *guess, record),
        EventKind::IcmpError(error) => push_undelivered(text, error),
        EventKind::StreamEnd => text.push_str("END_STREAM"),
        EventKind::StreamReset { error } => push(text, format_args!("RST_STREAM, {error}")),
        EventKind::GoAway { error } => push(text, error),
        EventKind::SynOnOpenConnection => text.push_str("with another initial sequence number"),
        _ => {}
    }
}

fn push_established(text: &mut String, rtt: Option<Span>) {
    text.push_str("TCP handshake complete");
    if let Some(rtt) = rtt {
        text.push_str(", round trip ");
        push_span(text, rtt);
    }
}

fn push_gap(text: &mut String, bytes: u64, why: GapReason) {
    let verb = match (why, bytes) {
        (GapReason::CaptureGap, 1) => "is",
        (GapReason::CaptureGap, _) => "are",
        (_, 1) => "was",
        _ => "were",
    };
    push_bytes(text, bytes);
    text.extend([" ", verb, " ", phrases::unread(why.name())]);
}

fn push_request(text: &mut String, record: &Timeline, contents: Contents) {
    let Some(request) = &record.request else { return };
    let path = if contents.show_query { request.target.as_str() } else { request.path() };
    text.extend([&request.method, " ", path]);
}

fn push_messages(text: &mut String, run: &Messages, event: &Event) {
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
}

fn push_heartbeat(text: &mut String, kind: heartbeat::Kind, beat: &Beat, bytes: u64) {
    let what = match beat {
        Beat::Ping => "a ping of the application",
        Beat::Pong => "the answer to a ping of the application",
        _ => "a sign of life of the application",
    };
    text.extend([what, " (", kind.name(), "), "]);
    push_bytes(text, bytes);
}

/// What the server's hello chose; what the client's offers stands in the facts.
fn push_hello(text: &mut String, event: &Event, record: &Timeline) {
    let agreed = record.tls.as_ref().filter(|_| event.from == Some(Side::Server)).map(|tls| &tls.negotiated);
    let version = agreed.and_then(|agreed| agreed.version).map(|version| version.to_string());
    let cipher = agreed.and_then(|agreed| agreed.cipher).map(|cipher| cipher.to_string());
    text.push_str(&version.into_iter().chain(cipher).collect::<Vec<_>>().join(", "));
}

fn push_records(text: &mut String, run: &Messages, event: &Event) {
    push_count(text, run.count.into(), if run.count == 1 { " record, " } else { " records, " });
    push_bytes(text, run.bytes);
    push_end(text, run, event);
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

fn push_guess(text: &mut String, guess: Guess, record: &Timeline) {
    let sealed = record.tls.as_ref().and_then(|tls| tls.sealed.as_ref());
    let close = sealed.and_then(|sealed| sealed.close.as_ref());
    match guess {
        Guess::Upgrade => text.push_str("probably the 101"),
        Guess::Close => close.into_iter().for_each(|close| text.extend(["probably a Close: ", &*close.why])),
        Guess::CloseEcho => text.push_str("probably the echo of the Close"),
        Guess::Alert => text.push_str("an alert by its length and place: probably close_notify"),
    }
}

fn push_close(text: &mut String, body: &CloseBody) {
    match body {
        CloseBody::Empty => text.push_str("no code"),
        CloseBody::NotCaptured => text.push_str("its code is not in the capture"),
        CloseBody::Code(code, reason) if reason.is_empty() => push(text, code),
        CloseBody::Code(code, reason) => push(text, format_args!("{code}: {reason}")),
    }
}

fn push_alert(text: &mut String, alert: Option<Alert>) {
    let Some(alert) = alert else { return text.push_str("encrypted") };
    if let Some(level) = alert.level.name() {
        text.extend([level, ": "]);
    }
    push(text, alert.description);
}

fn push_reset(text: &mut String, event: &Event, record: &Timeline) {
    if let Some(reset) = record.resets.iter().find(|reset| reset.at.packet == event.at.packet) {
        text.push_str(if reset.facts.has_ack { "with ACK" } else { "without ACK" });
        push(text, format_args!(", TTL {}", reset.facts.ttl));
    }
}

fn push_undelivered(text: &mut String, error: &PathError) {
    match error.kind {
        IcmpKind::Unreachable => text.push_str("not reachable"),
        IcmpKind::Prohibited => text.push_str("prohibited"),
        IcmpKind::TimeExceeded => text.push_str("time exceeded"),
        IcmpKind::TooBig(Some(mtu)) => {
            text.push_str("too big, ");
            push_bytes(text, mtu.into());
            text.push_str(" at most");
        }
        IcmpKind::TooBig(None) => text.push_str("too big"),
    }
    push(text, format_args!(", says {}", error.router));
}

fn push(text: &mut String, shown: impl Display) {
    // Writing to a String cannot fail.
    let _ = write!(text, "{shown}");
}

fn push_span(text: &mut String, span: Span) {
    let _ = span.write_to(text);
}

fn push_count(text: &mut String, count: u64, noun: &str) {
    text.push_str(itoa::Buffer::new().format(count));
    text.push_str(noun);
}

fn push_bytes(text: &mut String, bytes: u64) {
    push_count(text, bytes, if bytes == 1 { " byte" } else { " bytes" });
}
