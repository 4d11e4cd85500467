//! Goes through every field of the report.
//!
//! Each type is taken apart without `..`: a field that is new does not compile until it stands here, and
//! text that nothing else is said of is rewritten as a sentence.

use std::collections::BTreeMap;

use super::super::view::*;
use super::Redactor;

/// A part of the report that may hold what has to be replaced.
pub(super) trait Walk {
    fn walk(&mut self, by: &mut Redactor);
}

/// Types of which every field is gone through.
macro_rules! walk {
    ($($type:ident { $($field:ident),* $(,)? })*) => {$(
        impl Walk for $type {
            fn walk(&mut self, by: &mut Redactor) {
                let Self { $($field),* } = self;
                $($field.walk(by);)*
            }
        }
    )*};
}

/// Types that hold no text from the wire.
macro_rules! plain {
    ($($type:ty),* $(,)?) => {$(
        impl Walk for $type {
            fn walk(&mut self, _: &mut Redactor) {}
        }
    )*};
}

plain!(bool, u8, u16, u32, u64, i64, f64, Word, Time, Seconds, PacketRef, Stamp, Spread);

walk! {
    FrameCounts { text, binary, continuation, ping, pong, close, other, bytes, messages }
    Violation { from, kind, packet, time }
    Unparsed { from, bytes, why, packet, resynced_at }
    Idle { longest_s, longest_from, longest_to, before_end_s, client_silent_s, server_silent_s, tcp_silent_s, gaps }
    Gap { duration_s, from, to, start, end }
    Heartbeat { kind, from, sent, answered, unanswered, unsolicited, interval_s, rtt_s, last, inferred, why }
    Tcp { client, server, rtt_s }
    TcpSide { segments, payload_bytes, retransmissions, out_of_order, lost_in_capture_bytes, zero_window, keepalive_probes, copies }
    TcpEnd { first, fins, resets, resets_total }
    EndAct { from, by, packet, time }
    Fin { from, packet, time }
    Reset { from, packet, time, role, class, origin, facts }
    ResetFacts { ttl, usual_ttl, ip_id, has_ack, has_timestamps, window, seq_offset, in_window, trigger, trigger_delay_s, flow_label_fits, unanswered_bytes, unanswered_probes }
    Observed { closer, mechanism }
    Tool { name, version }
    Silences { buckets, count, sum_s }
    Bucket { at_most_s, count }
    Capture {
        path, format, compression, link_types, packets, bytes, first, last, snaplen, complete, dropped, repeated,
        interfaces, interfaces_omitted, comments, comments_omitted, warnings
    }
    Summary {
        connections, by_party, by_cause, close_codes, opaque_tls, refused_upgrades, other_tcp_flows, silence_before_end,
        skipped_packets, ip_fragments, limits_hit
    }
    IpFragments { reassembled, dropped, overlapping }
    Finding { kind, text, connections, seconds, count, confidence, advice }
    Session { legs, joined_by, clock_offset_s, verdict }
    Connection {
        id, kind, client, server, encapsulation, http2_stream, http2_end, tls, handshake, opened, ended, duration_s,
        start_seen, end_seen, frames, violations, unparsed, close_frames, close_handshake, tcp_end, idle,
        heartbeats, tcp, vantage, signature, timeline, timeline_omitted, timeline_omitted_at, verdict, wireshark
    }
    NotDecrypted { reason, text }
    Http2End { ends, go_aways }
    Http2EndFrame { from, by, error, packet, time }
    TlsAlert { from, level, description, inferred, packet, time }
    TlsInferred { kind, from, packet, time, confidence, why }
    Vantage { at, why }
    Verdict {
        observed, party, cause, confidence, rule, summary, evidence, alternatives, would_settle, candidates, advice
    }
    Evidence { packet, time, fact }
    Alternative { reading, speaks, fact }
    Candidate { id, product, setting, seconds, measured_s, matched, fix }
}

impl Walk for View {
    fn walk(&mut self, by: &mut Redactor) {
        // Connections have values of their own and come one by one.
        let Self {
            schema,
            tool,
            captures,
            summary,
            findings,
            sessions,
            connections: _,
            worst_first,
            redaction: _,
        } = self;
        schema.walk(by);
        tool.walk(by);
        captures.walk(by);
        summary.walk(by);
        findings.walk(by);
        sessions.walk(by);
        worst_first.walk(by);
    }
}

/// Words of a filter are no names, whatever hosts are called: only its addresses are replaced.
impl Walk for Wireshark {
    fn walk(&mut self, by: &mut Redactor) {
        let Self { filter, packets } = self;
        *filter = by.addresses(filter);
        // Numbers of packets.
        for PacketFilter { file: _, filter: _ } in packets {}
    }
}

impl Walk for Endpoint {
    fn walk(&mut self, by: &mut Redactor) {
        let Self { ip, port: _, name } = self;
        *ip = by.address(*ip);
        replace(name, |name| by.host(name));
    }
}

impl Walk for Interface {
    fn walk(&mut self, by: &mut Redactor) {
        let Self { id: _, name, description, filter, link_type: _, snaplen: _, dropped: _ } = self;
        replace(name, |name| by.interface(name));
        replace(description, |text| by.name("description", text));
        replace(filter, |filter| by.name("filter", filter));
    }
}

impl Walk for Comment {
    fn walk(&mut self, by: &mut Redactor) {
        // A comment may tell anything in any words.
        let Self { about: _, interface: _, packet: _, text } = self;
        *text = by.name("comment", text);
    }
}

impl Walk for TimelineEvent {
    fn walk(&mut self, by: &mut Redactor) {
        let Self { time: _, packet: _, from: _, event, detail, until: _, count: _, answers: _ } = self;
        match *event {
            COMMENT => *detail = by.name("comment", detail).into(),
            _ => *detail = by.sentence(detail).into(),
        }
    }
}

impl Walk for Tls {
    fn walk(&mut self, by: &mut Redactor) {
        let Self {
            version,
            cipher,
            sni,
            alpn,
            decrypted: _,
            keys_from: _,
            alerts,
            found_at_record: _,
            alpn_offered,
            client_hello: _,
            server_hello: _,
            established: _,
            inferred,
            not_decrypted,
        } = self;
        version.walk(by);
        cipher.walk(by);
        replace(sni, |sni| by.host(sni));
        replace(alpn, |alpn| by.alpn(alpn));
        alpn_offered.iter_mut().for_each(|name| *name = by.alpn(name));
        alerts.walk(by);
        not_decrypted.walk(by);
        inferred.walk(by);
    }
}

impl Walk for Handshake {
    fn walk(&mut self, by: &mut Redactor) {
        let Self {
            request_packet: _,
            response_packet: _,
            method,
            host,
            path,
            status: _,
            server_header,
            via,
            subprotocol,
            extensions,
            accept_valid: _,
            key_hash,
        } = self;
        replace(method, |method| by.method(method));
        replace(host, |host| by.host(host));
        replace(path, |path| by.path(path));
        replace(server_header, |server| by.product(server));
        via.iter_mut().for_each(|header| *header = by.header(header));
        replace(subprotocol, |name| by.subprotocol(name));
        extensions.iter_mut().for_each(|extension| *extension = by.extension(extension));
        replace(key_hash, |hash| by.name("key", hash));
    }
}

impl Walk for CloseFrame {
    fn walk(&mut self, by: &mut Redactor) {
        // The code's name comes from a table.
        let Self { from: _, code: _, name: _, reason, packet: _, time: _ } = self;
        replace(reason, |reason| by.reason(reason));
    }
}

impl Walk for String {
    fn walk(&mut self, by: &mut Redactor) {
        *self = by.sentence(self);
    }
}

impl<T: Walk> Walk for Option<T> {
    fn walk(&mut self, by: &mut Redactor) {
        self.iter_mut().for_each(|each| each.walk(by));
    }
}

impl<T: Walk> Walk for Vec<T> {
    fn walk(&mut self, by: &mut Redactor) {
        self.iter_mut().for_each(|each| each.walk(by));
    }
}

impl<T: Walk> Walk for Sides<T> {
    fn walk(&mut self, by: &mut Redactor) {
        self.client.walk(by);
        self.server.walk(by);
    }
}

/// Counts: their keys are words of the report.
impl<K> Walk for BTreeMap<K, u64> {
    fn walk(&mut self, _: &mut Redactor) {}
}

fn replace(value: &mut Option<String>, by: impl FnOnce(&str) -> String) {
    if let Some(value) = value {
        *value = by(value);
    }
}

/// What of a connection may stand in its sentences, with what stands for it.
pub(super) fn values(connection: &Connection, by: &mut Redactor) -> Vec<(String, String)> {
    let mut values = Vec::new();
    if let Some(handshake) = &connection.handshake {
        of_handshake(handshake, by, &mut values);
    }
    for name in [&connection.client, &connection.server].into_iter().filter_map(|end| end.name.as_deref()) {
        values.push((name.to_owned(), by.host(name)));
    }
    let tls = connection.tls.iter();
    for name in tls.clone().filter_map(|tls| tls.sni.as_deref()) {
        values.push((name.to_owned(), by.host(name)));
    }
    for alpn in tls.flat_map(|tls| tls.alpn.iter().chain(&tls.alpn_offered)) {
        values.push((alpn.clone(), by.alpn(alpn)));
    }
    for reason in connection.close_frames.iter().filter_map(|close| close.reason.as_deref()) {
        values.push((reason.to_owned(), by.reason(reason)));
    }
    values
}

fn of_handshake(handshake: &Handshake, by: &mut Redactor, values: &mut Vec<(String, String)>) {
    let mut add = |original: &str, pseudonym: String| values.push((original.to_owned(), pseudonym));
    if let Some(host) = &handshake.host {
        let bare = host.rsplit_once(':').map_or(host.as_str(), |(bare, _)| bare);
        add(bare, by.host(bare));
        add(host, by.host(host));
    }
    if let Some(path) = &handshake.path {
        add(path, by.path(path));
    }
    if let Some(server) = &handshake.server_header {
        add(server, by.product(server));
    }
    for header in &handshake.via {
        let replaced = by.header(header);
        if let (Some((_, value)), Some((_, new))) = (header.split_once(':'), replaced.split_once(':')) {
            add(value.trim(), new.trim().to_owned());
        }
        add(header, replaced);
    }
    if let Some(name) = &handshake.subprotocol {
        add(name, by.subprotocol(name));
    }
    for extension in &handshake.extensions {
        add(extension, by.extension(extension));
    }
    if let Some(method) = &handshake.method {
        add(method, by.method(method));
    }
    if let Some(hash) = &handshake.key_hash {
        add(hash, by.name("key", hash));
    }
}
