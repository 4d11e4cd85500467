//! One connection of the view.

use std::borrow::Borrow;

use crate::analyze::Judged;
use crate::capture::CaptureSummary;
use crate::facts::{Facts, JudgedReset};
use crate::flow::{Side, Sides, Stamp};
use crate::http::{ErrorCode, Request, StreamEndBy};
use crate::tcp::{SideSummary, Summary};
use crate::timeline::{Close, CloseBody, Stream, Timeline};

use super::super::redact::may_be_secret;
use super::super::view::{
    CloseFrame, Connection, EndAct, Fin, Handshake, Http2End, Http2EndFrame, Reset, ResetFacts, Tcp, TcpEnd,
    TcpSide, Vantage, Wireshark,
};
use super::{Contents, names, timeline, traffic, verdict, wireshark};

/// All of a connection; its events only `with_timeline`.
pub(super) fn view(
    id: u32,
    judged: &Judged,
    contents: Contents,
    captures: &[impl Borrow<CaptureSummary>],
    with_timeline: bool,
) -> Connection {
    let facts = &judged.facts;
    let in_order = facts.connection.timeline.history.events();
    let mut view = brief(id, judged, contents, captures);
    if with_timeline {
        (view.timeline, view.timeline_omitted_at) = timeline::view(judged, &in_order, contents, captures);
    }
    view.vantage.why = facts.vantage.why.iter().map(ToString::to_string).collect();
    view.signature = facts.signature(&in_order);
    view.wireshark = wireshark::view(judged);
    view
}

/// What a row of a table may say of a connection: nothing of its single events, nor where to look for them.
pub(super) fn brief(
    id: u32,
    judged: &Judged,
    contents: Contents,
    captures: &[impl Borrow<CaptureSummary>],
) -> Connection {
    let facts = &judged.facts;
    let connection = &facts.connection;
    let (record, tcp) = (&connection.timeline, &connection.tcp);
    let Sides { client, server } = names::ends(tcp, captures);
    let opened = connection.opened();
    let first = record.first_fin_or_rst();
    let end = first.map(|(from, at, is_reset)| EndAct {
        from: from.name(),
        by: if is_reset { "rst" } else { "fin" },
        packet: at.packet.into(),
        time: at.time.into(),
    });
    let ended = record.first_end().map(|(_, at, _)| at);
    let last = ended.unwrap_or(connection.capture_end);
    Connection {
        id,
        kind: connection.kind.name(),
        client,
        server,
        encapsulation: connection.encapsulation.clone(),
        http2_stream: record.stream.as_ref().map(|stream| stream.id),
        http2_end: record.stream.as_deref().map(http2_end),
        tls: record.tls.as_ref().map(super::tls::view),
        handshake: handshake(record, contents),
        opened: opened.time.into(),
        ended: ended.map(|at| at.time.into()),
        duration_s: (last.time - opened.time).into(),
        start_seen: tcp.syn_seen,
        end_seen: ended.is_some() || !record.closes.is_empty(),
        frames: Sides {
            client: traffic::frames(&record.frames.client),
            server: traffic::frames(&record.frames.server),
        },
        violations: traffic::violations(record),
        unparsed: traffic::unparsed(record),
        close_frames: record.closes.iter().map(close_frame).collect(),
        close_handshake: facts.close_handshake.name(),
        tcp_end: tcp_end(facts, end),
        idle: traffic::idle(record),
        heartbeats: traffic::heartbeats(record, tcp),
        tcp: health(tcp),
        vantage: Vantage { at: facts.vantage.at.name(), why: Vec::new() },
        signature: String::new(),
        timeline: Vec::new(),
        timeline_omitted: record.history.omitted(),
        timeline_omitted_at: timeline::omitted_at(record),
        verdict: verdict::view(&judged.verdict),
        wireshark: Wireshark::default(),
    }
}

fn http2_end(stream: &Stream) -> Http2End {
    let ends = stream.ends.iter().map(|end| {
        let (by, error) = match end.by {
            StreamEndBy::EndStream => ("end_stream", None),
            StreamEndBy::Reset(error) => ("rst_stream", Some(error)),
        };
        frame_of(end.from, by, error, end.at)
    });
    let go_aways =
        stream.go_aways.iter().map(|each| frame_of(each.from, "goaway", Some(each.error), each.at));
    Http2End { ends: ends.collect(), go_aways: go_aways.collect() }
}

fn frame_of(from: Side, by: &'static str, error: Option<ErrorCode>, at: Stamp) -> Http2EndFrame {
    let error = error.map(|error| error.to_string());
    Http2EndFrame { from: from.name(), by, error, packet: at.packet.into(), time: at.time.into() }
}

fn handshake(record: &Timeline, contents: Contents) -> Option<Handshake> {
    let (request, response) = (record.request.as_ref(), record.response.as_ref());
    if request.is_none() && response.is_none() {
        return None;
    }
    let path = |request: &Request| {
        if contents.show_query { request.target.clone() } else { request.path().to_owned() }
    };
    let via = request
        .iter()
        .flat_map(|request| &request.via)
        .chain(response.iter().flat_map(|response| &response.via));
    let extensions = response.iter().flat_map(|response| &response.extensions);
    Some(Handshake {
        request_packet: request.map(|request| request.at.packet.into()),
        response_packet: response.map(|response| response.at.packet.into()),
        method: request.map(|request| request.method.to_string()),
        host: request.and_then(|request| request.host.clone()),
        path: request.map(path),
        status: response.map(|response| response.status),
        server_header: response.and_then(|response| response.server.clone()),
        via: via.map(ToString::to_string).collect(),
        subprotocol: response.and_then(|response| response.subprotocol.clone()).map(without_secret),
        extensions: extensions.map(ToString::to_string).collect(),
        accept_valid: response.and_then(|response| response.accept_valid),
        key_hash: request.and_then(|request| request.key_hash.map(|hash| hash.to_string())),
    })
}

/// A subprotocol that may hold a credential is only told to be there.
fn without_secret(subprotocol: String) -> String {
    if may_be_secret(&subprotocol) { "(hidden: may be a credential)".to_owned() } else { subprotocol }
}

fn close_frame(close: &Close) -> CloseFrame {
    let reason = match &close.body {
        CloseBody::Code(_, reason) if !reason.is_empty() => Some(reason.clone()),
        _ => None,
    };
    CloseFrame {
        from: close.from.name(),
        code: close.code().map(|code| code.0),
        name: match &close.body {
            CloseBody::Code(code, _) => Some(code.name().to_owned()),
            CloseBody::NotCaptured => Some("not captured".to_owned()),
            CloseBody::Empty => None,
        },
        reason,
        packet: close.at.packet.into(),
        time: close.at.time.into(),
    }
}

fn tcp_end(facts: &Facts, first: Option<EndAct>) -> TcpEnd {
    let record = &facts.connection.timeline;
    let fins = record.fins.iter();
    TcpEnd {
        first,
        fins: fins
            .map(|fin| Fin { from: fin.from.name(), packet: fin.at.packet.into(), time: fin.at.time.into() })
            .collect(),
        resets: facts.resets.iter().map(reset).collect(),
        resets_total: record.resets_total,
    }
}

fn reset(judged: &JudgedReset) -> Reset {
    let (reset, facts) = (&judged.reset, &judged.reset.facts);
    Reset {
        from: reset.from.name(),
        packet: reset.at.packet.into(),
        time: reset.at.time.into(),
        role: judged.role.name(),
        class: Some(judged.class.name()),
        origin: judged.origin.name(),
        facts: ResetFacts {
            ttl: facts.ttl,
            usual_ttl: facts.usual_ttl,
            ip_id: facts.ip_id,
            has_ack: facts.has_ack,
            has_timestamps: facts.has_timestamps,
            window: facts.window,
            seq_offset: Some(facts.seq_offset),
            in_window: facts.in_window,
            trigger: facts.trigger.map(|trigger| trigger.at.packet.into()),
            trigger_delay_s: facts.trigger.map(|trigger| trigger.delay.into()),
            flow_label_fits: facts.flow_label_fits,
            unanswered_bytes: facts.unanswered_bytes.max(0) as u64,
            unanswered_probes: facts.unanswered_probes,
        },
    }
}

fn health(tcp: &Summary) -> Tcp {
    Tcp { client: side(&tcp.sides.client), server: side(&tcp.sides.server), rtt_s: tcp.rtt().map(Into::into) }
}

const fn side(summary: &SideSummary) -> TcpSide {
    TcpSide {
        segments: summary.segments,
        payload_bytes: summary.payload_bytes,
        retransmissions: summary.retransmissions,
        out_of_order: summary.out_of_order,
        lost_in_capture_bytes: summary.lost_in_capture,
        zero_window: summary.zero_windows,
        keepalive_probes: summary.keepalive_probes,
        copies: summary.copies,
    }
}
