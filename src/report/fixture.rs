//! Hand-made reports for the tests of this room.

use super::view::*;

const SECOND: i64 = 1_000_000_000;
const START: i64 = 1_700_000_000 * SECOND;

/// A report of one capture and these connections.
pub(super) fn view(connections: impl IntoIterator<Item = Connection>) -> View {
    let connections: Vec<Connection> = connections.into_iter().collect();
    let mut summary = Summary { connections: connections.len() as u64, ..Summary::default() };
    for connection in &connections {
        *summary.by_party.entry(connection.verdict.party).or_default() += 1;
        *summary.by_cause.entry(connection.verdict.cause).or_default() += 1;
        summary.refused_upgrades += u64::from(connection.kind == "refused_upgrade");
        for code in connection.close_frames.iter().filter_map(|close| close.code) {
            *summary.close_codes.entry(code).or_default() += 1;
        }
    }
    View { captures: vec![capture("incident.pcap")], summary, connections, ..View::default() }
}

/// A capture without blemish.
pub(super) fn capture(path: &str) -> Capture {
    Capture {
        path: path.to_owned(),
        format: "pcap",
        compression: "none",
        link_types: vec!["ETHERNET".to_owned()],
        packets: 1204,
        bytes: 183_220,
        first: Some(time(0.0)),
        last: Some(time(95.5)),
        snaplen: Some(262_144),
        complete: true,
        warnings: Vec::new(),
    }
}

/// The moment `seconds` after the start of all fixtures.
pub(super) fn time(seconds: f64) -> Time {
    Time { unix_ns: START + span(seconds).0 }
}

/// A duration.
pub(super) fn span(seconds: f64) -> Seconds {
    Seconds((seconds * 1e9) as i64)
}

/// A packet of the first capture.
pub(super) fn packet(packet: u64) -> PacketRef {
    PacketRef { file: 0, packet }
}

fn event(at: f64, number: u64, from: Word, event: Word, detail: &str) -> TimelineEvent {
    let detail = detail.to_owned();
    TimelineEvent { time: time(at), packet: Some(packet(number)), from: Some(from), event, detail }
}

fn idle(at: f64, detail: &str) -> TimelineEvent {
    TimelineEvent { time: time(at), packet: None, from: None, event: "idle", detail: detail.to_owned() }
}

fn evidence(at: f64, number: u64, fact: &str) -> Evidence {
    Evidence { packet: packet(number), time: time(at), fact: fact.to_owned() }
}

fn close(at: f64, number: u64, from: Word, code: u16, name: &str, reason: Option<&str>) -> CloseFrame {
    CloseFrame {
        from,
        code: Some(code),
        name: Some(name.to_owned()),
        reason: reason.map(str::to_owned),
        packet: packet(number),
        time: time(at),
    }
}

fn opening() -> Vec<TimelineEvent> {
    vec![
        event(0.0, 1, "client", "syn", ""),
        event(0.000_4, 3, "client", "established", "TCP handshake complete, 0.42 ms"),
        event(0.000_9, 4, "client", "upgrade_request", "GET /chat"),
        event(0.002_1, 6, "server", "upgrade_response", "101 Switching Protocols"),
    ]
}

fn verdict(
    closer: Word,
    mechanism: Word,
    party: Word,
    cause: Word,
    confidence: Word,
    summary: &str,
) -> Verdict {
    Verdict {
        observed: Observed { closer, mechanism },
        party,
        cause,
        confidence,
        summary: summary.to_owned(),
        evidence: Vec::new(),
        alternatives: Vec::new(),
        would_settle: None,
        candidates: Vec::new(),
        advice: Vec::new(),
    }
}

fn connection(id: u32, verdict: Verdict) -> Connection {
    Connection {
        id,
        kind: "websocket",
        client: Endpoint { ip: [10, 0, 0, 17].into(), port: 51_000 + id as u16 },
        server: Endpoint { ip: [203, 0, 113, 80].into(), port: 8080 },
        encapsulation: Vec::new(),
        http2_stream: None,
        tls: None,
        handshake: Some(Handshake {
            request_packet: Some(packet(4)),
            response_packet: Some(packet(6)),
            method: Some("GET".to_owned()),
            host: Some("chat.example.com".to_owned()),
            path: Some("/chat".to_owned()),
            status: Some(101),
            accept_valid: Some(true),
            ..Handshake::default()
        }),
        opened: time(0.002_1),
        ended: None,
        duration_s: Seconds::default(),
        start_seen: true,
        end_seen: true,
        frames: Sides::default(),
        violations: Vec::new(),
        unparsed: Vec::new(),
        close_frames: Vec::new(),
        close_handshake: "none",
        tcp_end: TcpEnd::default(),
        idle: Idle::default(),
        heartbeats: Vec::new(),
        tcp: Tcp::default(),
        vantage: Vantage { at: "unknown", why: Vec::new() },
        signature: "ShHh".to_owned(),
        timeline: opening(),
        timeline_omitted: 0,
        verdict,
    }
}

fn ended(mut connection: Connection, at: f64, number: u64, from: Word, by: Word) -> Connection {
    let end = EndAct { from, by, packet: packet(number), time: time(at) };
    connection.ended = Some(end.time);
    connection.duration_s = Seconds(end.time.unix_ns - connection.opened.unix_ns);
    connection.tcp_end.first = Some(end);
    connection
}

/// The server goes away in good order.
pub(super) fn clean_close(id: u32) -> Connection {
    let mut verdict = verdict(
        "server",
        "close_handshake",
        "server",
        "going_away",
        "high",
        "The server closed the connection in good order: it was going away (1001).",
    );
    verdict.evidence = vec![
        evidence(3.4, 15, "the server sends Close 1001 \"shutting down\""),
        evidence(3.401, 16, "the client answers with Close 1001"),
        evidence(3.402, 17, "the server sends FIN"),
    ];
    let mut connection = ended(connection(id, verdict), 3.402, 17, "server", "fin");
    connection.close_frames = vec![
        close(3.4, 15, "server", 1001, "going away", Some("shutting down")),
        close(3.401, 16, "client", 1001, "going away", None),
    ];
    connection.close_handshake = "server_then_client";
    connection.idle.longest_s = span(1.2);
    connection.frames.client.text = 4;
    for n in 0..8 {
        let from = if n % 3 == 0 { "server" } else { "client" };
        connection.timeline.push(event(1.0 + n as f64 / 10.0, 7 + n, from, "message", "text, 24 bytes"));
    }
    connection.timeline.extend([
        event(3.4, 15, "server", "close", "1001 (going away) \"shutting down\""),
        event(3.401, 16, "client", "close", "1001 (going away)"),
        event(3.402, 17, "server", "fin", ""),
        event(3.403, 18, "client", "fin", ""),
    ]);
    connection
}

/// A proxy closes an idle connection.
pub(super) fn idle_kill(id: u32) -> Connection {
    let mut verdict = verdict(
        "server",
        "fin_without_close",
        "intermediary",
        "idle_timeout",
        "medium",
        "Something between client and server closed the connection after 60.0 s without traffic, most likely nginx.",
    );
    verdict.evidence = vec![
        evidence(3.2, 12, "the last frame: a text message from the client, 24 bytes"),
        evidence(63.212, 14, "the server's address sends FIN; no Close frame came before it"),
        evidence(0.0021, 6, "the upgrade was answered by \"Server: nginx/1.26.3\""),
    ];
    verdict.alternatives = vec![Alternative {
        reading: "the application behind the proxy closed it on a timer of its own".to_owned(),
        speaks: "against",
        fact: "such servers send a Close frame first".to_owned(),
    }];
    verdict.would_settle =
        Some("a capture on the proxy's other side, or nginx's error log around 22:14:23 UTC".to_owned());
    verdict.candidates = vec![Candidate {
        id: "nginx.proxy_read_timeout".to_owned(),
        product: "nginx".to_owned(),
        setting: "proxy_read_timeout".to_owned(),
        seconds: Some(span(60.0)),
        measured_s: Some(span(60.012)),
        matched: "value_and_header",
        fix: "proxy_read_timeout 3600s; in the location of the WebSocket".to_owned(),
    }];
    verdict.advice = vec![
        "Send a ping from either side every 25 s; the timer restarts with each.".to_owned(),
        "Raise proxy_read_timeout in nginx.".to_owned(),
    ];
    let mut connection = ended(connection(id, verdict), 63.212, 14, "server", "fin");
    if let Some(handshake) = &mut connection.handshake {
        handshake.server_header = Some("nginx/1.26.3".to_owned());
        handshake.via = vec!["Server: nginx/1.26.3".to_owned()];
    }
    connection.idle = Idle {
        longest_s: span(60.012),
        longest_from: Some(packet(12)),
        longest_to: Some(packet(14)),
        before_end_s: span(60.012),
        client_silent_s: Some(span(60.012)),
        server_silent_s: Some(span(61.0)),
        tcp_silent_s: Some(span(60.011)),
        gaps: vec![Gap {
            duration_s: span(60.012),
            from: packet(12),
            to: packet(14),
            start: time(3.2),
            end: time(63.212),
        }],
    };
    connection.heartbeats = vec![heartbeat("client", 2, 2)];
    connection.vantage =
        Vantage { at: "client", why: vec!["packets from 10.0.0.17 exceed the MTU".to_owned()] };
    connection.signature = "ShHh Po×2 D×3 ·60.0s· fF".to_owned();
    connection.timeline.extend([
        event(1.0, 7, "client", "ping", "4 bytes"),
        event(1.000_42, 8, "server", "pong", "answers #7 after 0.42 ms"),
        event(2.2, 10, "server", "message", "text, 120 bytes"),
        event(3.2, 12, "client", "message", "text, 24 bytes"),
        idle(3.2, "60.0 s without a frame"),
        event(63.212, 14, "server", "fin", "no Close before it"),
        event(63.213, 15, "client", "fin", ""),
    ]);
    connection
}

fn heartbeat(from: Word, sent: u64, answered: u64) -> Heartbeat {
    let rtt = Spread { median: span(0.000_42), min: span(0.000_4), max: span(0.001_2) };
    let interval = Spread { median: span(20.0), min: span(20.0), max: span(20.1) };
    Heartbeat {
        kind: "ping_pong",
        from,
        sent,
        answered,
        unanswered: sent - answered,
        unsolicited: 0,
        interval_s: Some(interval),
        rtt_s: (answered > 0).then_some(rtt),
        last: Some(Stamp { time: time(1.0), packet: packet(7) }),
        inferred: false,
    }
}

/// The server says no.
pub(super) fn refused(id: u32) -> Connection {
    let mut verdict = verdict(
        "server",
        "refused_upgrade",
        "server",
        "refused",
        "high",
        "The WebSocket never opened: the upgrade was answered with 403 Forbidden.",
    );
    verdict.evidence = vec![evidence(0.0021, 6, "the answer is 403 Forbidden, from \"Server: cloudflare\"")];
    let mut connection = ended(connection(id, verdict), 0.01, 7, "server", "fin");
    connection.kind = "refused_upgrade";
    if let Some(handshake) = &mut connection.handshake {
        handshake.status = Some(403);
        handshake.accept_valid = None;
        handshake.server_header = Some("cloudflare".to_owned());
        handshake.via = vec!["Server: cloudflare".to_owned(), "CF-Ray: 8a1b2c3d4e5f-AMS".to_owned()];
    }
    connection.timeline.truncate(3);
    connection.timeline.push(event(0.0021, 6, "server", "upgrade_response", "403 Forbidden"));
    connection.timeline.push(event(0.01, 7, "server", "fin", ""));
    connection
}

/// Nobody has closed it yet, over IPv6.
pub(super) fn still_open(id: u32) -> Connection {
    let summary = "The connection was still open when the capture ended.";
    let mut connection = connection(id, verdict("none", "still_open", "none", "unknown", "high", summary));
    connection.client = Endpoint { ip: [0x2001, 0xdb8, 0, 0, 0, 0, 0xabcd, 0x17].into(), port: 60_123 };
    connection.server =
        Endpoint { ip: [0x2001, 0xdb8, 0xffff, 0x1234, 0x5678, 0x9abc, 0xdef0, 0x80].into(), port: 443 };
    connection.duration_s = span(4000.0);
    connection.end_seen = false;
    connection.idle.longest_s = span(25.0);
    connection.heartbeats = vec![heartbeat("server", 160, 158)];
    if let Some(handshake) = &mut connection.handshake {
        handshake.path = Some("/api/v2/tenants/0b6f7c1e/projects/streaming/live/notifications".to_owned());
    }
    for n in 0..10 {
        let at = 25.0 * n as f64;
        connection.timeline.push(event(25.0 + at, 10 + 4 * n, "server", "ping", "4 bytes"));
        connection.timeline.push(event(25.0 + at + 0.000_4, 12 + 4 * n, "client", "pong", "after 0.42 ms"));
    }
    connection.timeline_omitted = 296;
    connection
}

/// Twelve connections of all sorts.
pub(super) fn twelve() -> View {
    let makers = [clean_close, idle_kill, clean_close, refused, still_open, clean_close];
    view((1..=12).map(|id| makers[id as usize % makers.len()](id)))
}

/// A peer that wants to paint the reader's terminal.
pub(super) fn hostile(id: u32) -> Connection {
    const EVIL: &str =
        "\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}drowssap\u{2066}\u{200b}\u{e0041}\r\n\u{9b}31m\u{2028}|x";
    let mut connection = idle_kill(id);
    let evil = || format!("{EVIL}{}", "A".repeat(5000));
    connection.handshake = Some(Handshake {
        method: Some(EVIL.to_owned()),
        host: Some(EVIL.to_owned()),
        path: Some(evil()),
        status: Some(101),
        server_header: Some(evil()),
        via: vec![evil(); 40],
        subprotocol: Some(EVIL.to_owned()),
        extensions: vec![EVIL.to_owned()],
        ..Handshake::default()
    });
    connection.encapsulation = vec![EVIL.to_owned()];
    connection.signature = evil();
    connection.close_frames = vec![close(60.0, 13, "server", 4999, EVIL, Some(EVIL))];
    connection.vantage.why = vec![evil()];
    for event in &mut connection.timeline {
        event.detail = evil();
    }
    let verdict = &mut connection.verdict;
    verdict.summary = format!("The server said \"{EVIL}\".");
    verdict.would_settle = Some(evil());
    verdict.advice = vec![evil()];
    verdict.evidence.iter_mut().for_each(|evidence| evidence.fact = evil());
    for other in &mut verdict.alternatives {
        (other.reading, other.fact) = (evil(), evil());
    }
    for candidate in &mut verdict.candidates {
        (candidate.product, candidate.setting, candidate.fix) = (evil(), evil(), evil());
    }
    connection
}

/// Names and reasons in wide scripts.
pub(super) fn far_east(id: u32) -> Connection {
    let mut connection = clean_close(id);
    let reason = "再接続してください。サーバーはまもなく停止します。";
    connection.close_frames[0].reason = Some(reason.to_owned());
    connection.verdict.summary = format!("サーバー \"{}\".", reason.repeat(4));
    connection.verdict.evidence[0].fact = reason.repeat(3);
    if let Some(handshake) = &mut connection.handshake {
        handshake.path = Some(format!("/{reason}"));
    }
    for event in &mut connection.timeline {
        event.detail = reason.repeat(2);
    }
    connection
}

/// Two captures, the second cut short, and a connection with every kind of trouble.
pub(super) fn troubled() -> View {
    let mut connection = idle_kill(2);
    let at = |number| PacketRef { file: 1, packet: number };
    let reset = |number, role, class, in_window| Reset {
        from: "server",
        packet: at(number),
        time: time(64.0),
        role,
        class,
        origin: "unknown",
        facts: ResetFacts { ttl: 57, usual_ttl: Some(52), has_ack: true, in_window, ..ResetFacts::default() },
    };
    connection.tcp_end.resets =
        vec![reset(20, "ended_it", None, Some(true)), reset(21, "ignored", None, Some(false))];
    connection.tcp_end.resets_total = 9;
    for number in 0..7 {
        let kind = if number == 0 { "masked_server_frame" } else { "reserved_opcode" };
        connection.violations.push(Violation { from: "server", kind, packet: at(number), time: time(1.0) });
    }
    let gap = Unparsed {
        from: "client",
        bytes: 4096,
        why: "capture_gap",
        packet: at(9),
        resynced_at: Some(at(11)),
    };
    connection.unparsed = vec![gap.clone(), Unparsed { resynced_at: None, ..gap }];
    connection.tcp.client = TcpSide { retransmissions: 3, out_of_order: 1, ..TcpSide::default() };
    connection.tcp.server = TcpSide { zero_window: 2, lost_in_capture_bytes: 4096, ..TcpSide::default() };
    connection.tcp.rtt_s = Some(span(0.013_7));
    connection.heartbeats.push(Heartbeat { unsolicited: 2, inferred: true, ..heartbeat("server", 5, 0) });
    if let Some(handshake) = &mut connection.handshake {
        handshake.accept_valid = Some(false);
        handshake.subprotocol = Some("graphql-transport-ws".to_owned());
    }
    let midnight = time(6401.0);
    connection
        .timeline
        .push(TimelineEvent { time: midnight, ..event(0.0, 30, "client", "violation", "fragmented ping") });
    let mut view = view([clean_close(1), connection]);
    let mut second = capture("proxy.pcapng");
    second.complete = false;
    second.last = Some(midnight);
    second.warnings = vec!["cut short in packet 1205".to_owned(), "tcpdump dropped 17 packets".to_owned()];
    view.captures.push(second);
    view.findings = vec![Finding {
        kind: "shared_timeout",
        text: "2 connections ended after 60.0 s of silence".to_owned(),
        connections: vec![1, 2],
        seconds: Some(span(60.0)),
        count: Some(2),
        confidence: "medium",
        advice: Some("Look for a 60 s timer on the path.".to_owned()),
    }];
    let verdict = view.connections[0].verdict.clone();
    view.sessions =
        vec![Session { legs: vec![1, 2], joined_by: "sec_websocket_key", clock_offset_s: None, verdict }];
    view
}
