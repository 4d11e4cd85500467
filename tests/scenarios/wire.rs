//! Plays the script of one connection: hosts that send, hear and acknowledge, seen from one place.

use std::collections::BTreeMap;

use crate::file::Connection;
use crate::host::{Host, Sent};
use crate::http;
use crate::packet::{self, ACK, Captured, FIN, PSH, RST, SYN, Segment};
use crate::script::{Line, Side, parse};
use crate::tls::{DATA, Tls};

const MICROSECOND: i64 = 1_000;

/// One connection as its script is played.
pub(crate) struct Wire {
    hosts: [Host; 2],
    key: String,
    tls: Option<Tls>,
    /// The side whose packets leave the capturing host, where the capture knows directions.
    local: Option<Side>,
    due: BTreeMap<(i64, u64), Line>,
    order: u64,
    captured: Vec<Captured>,
}

/// What was played of a connection.
pub(crate) struct Told {
    /// The packets that the capture holds.
    pub(crate) packets: Vec<Captured>,
    /// The lines of a key log that open it.
    pub(crate) keys: String,
}

/// Plays the `index`-th of such connections.
pub(crate) fn told(connection: &Connection, index: u16) -> Told {
    let later = (f64::from(index) * connection.every * 1e9) as i64;
    let mut wire = Wire::new(connection, index);
    for mut line in parse(&connection.script) {
        line.nanos += later;
        wire.plan(line);
    }
    while let Some((_, line)) = wire.due.pop_first() {
        wire.play(&line);
    }
    let keyed = wire.tls.as_ref().filter(|_| connection.tls.as_deref() == Some("keyed"));
    Told { keys: keyed.map(Tls::key_log).unwrap_or_default(), packets: wire.captured }
}

impl Wire {
    fn new(connection: &Connection, index: u16) -> Self {
        let path = &connection.path;
        let rtt = (path.rtt_ms * 1e6) as i64;
        let near = 20 * MICROSECOND;
        let (client_trip, server_trip, ttls) = match path.at.as_str() {
            "client" => (near, rtt, [64, 60]),
            "server" => (rtt, near, [60, 64]),
            "between" => (rtt / 2, rtt / 2, [62, 61]),
            at => panic!("at = {at}?"),
        };
        let port = 50_000 + index;
        let client = Host::new(&connection.client, "10.0.0.1", port, ttls[0], client_trip);
        let server = Host::new(&connection.server, "192.0.2.80", 80, ttls[1], server_trip);
        let local = match path.at.as_str() {
            "client" => Some(Side::Client),
            "server" => Some(Side::Server),
            _ => None,
        };
        let key = connection.key.clone().unwrap_or_else(|| format!("key {index} of {}", path.at));
        Self {
            hosts: [client, server],
            key: http::key(&key),
            tls: connection.tls.as_ref().map(|_| Tls::new(port)),
            local: local.filter(|_| path.directions),
            due: BTreeMap::new(),
            order: 0,
            captured: Vec::new(),
        }
    }

    fn plan(&mut self, line: Line) {
        self.order += 1;
        self.due.insert((line.nanos, self.order), line);
    }

    fn host(&self, side: Side) -> &Host {
        &self.hosts[side as usize]
    }

    fn host_mut(&mut self, side: Side) -> &mut Host {
        &mut self.hosts[side as usize]
    }

    fn play(&mut self, line: &Line) {
        let Some(side) = line.who else { return self.play_for_both(line) };
        match line.verb.as_str() {
            "gone" => self.host_mut(side).gone = Some(line.nanos),
            "back" => self.host_mut(side).gone = None,
            "syn" => self.syn(side, line),
            "auto" if self.host(side).is_gone(line.nanos) => {}
            "auto" | "ack" => _ = self.send(side, line, ACK, Vec::new()),
            "window" => {
                self.host_mut(side).window = line.argument(0).unwrap().parse().unwrap();
                self.send(side, line, ACK, Vec::new());
            }
            "keepalive" | "probe" => self.probe(side, line),
            "again" => self.again(side, line),
            "icmp" => self.icmp(side, line),
            "fin" => _ = self.send(side, line, FIN | ACK, Vec::new()),
            "rst" => self.reset(side, line, RST | ACK),
            "refuse" => self.reset(side, line, RST),
            "hello" | "finished" => {
                let bytes = self.tls.as_mut().expect("tls = …").handshake(side, &line.verb);
                self.put_said(side, line, bytes);
            }
            "alert" => {
                let number = |index| line.argument(index).unwrap().parse().unwrap();
                let bytes = self.tls.as_mut().expect("tls = …").alert(side, number(0), number(1));
                self.put_said(side, line, bytes);
            }
            // Past TLS, where there is one.
            "bare" => {
                let text = line.argument(0).unwrap().replace("\\r\\n", "\r\n");
                self.put_said(side, line, text.into_bytes());
            }
            "request" => {
                let without = line.options.get("without").cloned().unwrap_or_default();
                let bytes = http::request(&self.key, &self.host(side).headers, &without);
                self.say(side, line, bytes);
            }
            "answer" => {
                let status = line.argument(0).unwrap().parse().unwrap();
                let bytes = http::answer(status, &self.key, &self.host(side).headers);
                self.say(side, line, bytes);
            }
            "raw" => self.say(side, line, line.argument(0).unwrap().replace("\\r\\n", "\r\n").into_bytes()),
            "hex" => {
                let digits: Vec<_> =
                    line.arguments.concat().bytes().map(|d| (d as char).to_digit(16).unwrap()).collect();
                self.say(side, line, digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect());
            }
            _ => self.say(side, line, http::frame(side, line)),
        }
    }

    fn play_for_both(&mut self, line: &Line) {
        let [to_client, to_server] = Side::BOTH.map(|side| self.host(side).round_trip);
        let at = line.nanos;
        let is_tls = self.tls.is_some();
        let mut plan = |after: i64, who, verb: &str, argument: &str| {
            let mut implied = Line::implied(at + after, who, verb);
            implied.options = line.options.clone();
            implied.arguments = vec![argument.to_owned()];
            self.plan(implied);
        };
        match line.verb.as_str() {
            "connect" | "secure" | "open" => {
                plan(0, Side::Client, "syn", "");
                plan(to_server, Side::Server, "syn", "");
                plan(to_server + to_client, Side::Client, "ack", "");
                let mut asked = to_server + to_client + 50 * MICROSECOND;
                if line.verb != "connect" && is_tls {
                    plan(asked, Side::Client, "hello", "");
                    plan(asked + to_server + 200 * MICROSECOND, Side::Server, "hello", "");
                    asked += to_server + to_client + 400 * MICROSECOND;
                    plan(asked, Side::Client, "finished", "");
                    asked += 50 * MICROSECOND;
                }
                if line.verb == "open" {
                    plan(asked, Side::Client, "request", "");
                    plan(asked + to_server + 200 * MICROSECOND, Side::Server, "answer", "101");
                }
            }
            // A packet of no connection, which shows that the capture goes on.
            "end" => {
                let facts = packet::Ip { ttl: 64, id: 1, dont_fragment: false, flow_label: 0 };
                let (from, to) = ([10, 9, 9, 9].into(), [10, 9, 9, 8].into());
                let data = packet::ip(from, to, 17, facts, &[0, 53, 0, 53, 0, 8, 0, 0]);
                self.captured.push(Captured { nanos: at, data, label: line.label.clone(), leaves: None });
            }
            verb => panic!("what is {verb}?"),
        }
    }

    /// Sends bytes, which the other side acknowledges as soon as it can.
    fn say(&mut self, side: Side, line: &Line, bytes: Vec<u8>) {
        let bytes = match &mut self.tls {
            Some(tls) => tls.record(side, DATA, &bytes),
            None => bytes,
        };
        self.put_said(side, line, bytes);
    }

    /// The same of bytes as they are on the wire.
    fn put_said(&mut self, side: Side, line: &Line, bytes: Vec<u8>) {
        let seq = self.send(side, line, ACK | PSH, bytes.clone());
        if line.has("forged") {
            return;
        }
        self.host_mut(side).last_payload = Some((seq, bytes));
        self.acknowledge_soon(side, line);
    }

    fn acknowledge_soon(&mut self, side: Side, line: &Line) {
        let other = side.other();
        if line.has("lost") || line.has("noack") || self.host(other).is_gone(line.nanos) {
            return;
        }
        let at = line.nanos + self.host(other).round_trip + MICROSECOND;
        self.plan(Line::implied(at, other, "auto"));
    }

    fn syn(&mut self, side: Side, line: &Line) {
        let flags = if side == Side::Client { SYN } else { SYN | ACK };
        self.send(side, line, flags, Vec::new());
    }

    /// A probe of one number before the next, without payload.
    fn probe(&mut self, side: Side, line: &Line) {
        let next = self.host(side).next;
        self.put(side, line, ACK, next.wrapping_sub(1), Vec::new());
        let gone = self.host(side.other()).is_gone(line.nanos);
        if !gone && !line.has("lost") && !line.has("noack") {
            self.acknowledge_soon(side, line);
        }
    }

    fn again(&mut self, side: Side, line: &Line) {
        let (seq, bytes) = self.host(side).last_payload.clone().unwrap();
        self.put(side, line, ACK | PSH, seq, bytes);
        self.acknowledge_soon(side, line);
    }

    fn reset(&mut self, side: Side, line: &Line, flags: u8) {
        let seq = match flags & ACK {
            0 => self.host(side).newest_ack(self.host(side.other()), line.nanos),
            _ => self.host(side).next,
        };
        self.put(side, line, flags, seq, Vec::new());
    }

    /// Sends the next bytes; gives their number.
    fn send(&mut self, side: Side, line: &Line, flags: u8, bytes: Vec<u8>) -> u32 {
        let seq = self.host(side).next;
        let counted = u32::from(flags & SYN != 0) + u32::from(flags & FIN != 0);
        self.host_mut(side).next = seq.wrapping_add(bytes.len() as u32).wrapping_add(counted);
        self.put(side, line, flags, seq, bytes);
        seq
    }

    /// A router tells the side that its newest packet got no further.
    fn icmp(&mut self, side: Side, line: &Line) {
        let router = line.options.get("from").and_then(|ip| ip.parse().ok()).expect("from=IP");
        let host = self.host(side);
        let quoted = host.newest.as_deref().expect("it has sent something");
        let data = packet::icmp(line.argument(0).unwrap_or_default(), router, host.address.0, quoted);
        self.captured.push(Captured { nanos: line.nanos, data, label: line.label.clone(), leaves: None });
    }

    /// Puts a segment on the wire.
    fn put(&mut self, side: Side, line: &Line, flags: u8, seq: u32, payload: Vec<u8>) {
        let (host, peer) = (self.host(side), self.host(side.other()));
        let ack = if flags & ACK == 0 { 0 } else { host.heard(peer, line.nanos) };
        let reactive = flags & RST != 0 && flags & ACK == 0;
        let forged = line.has("forged");
        let (from, to) = (host.address, peer.address);
        let stamped = host.timestamps && !reactive && !forged && !line.has("bare");
        let window = if reactive { 0 } else { host.window };
        let (ttl, label) = (host.ttl, host.flow_label);
        let own_id = if reactive || forged { 0 } else { self.host_mut(side).ids.next() };
        let shift: i64 = line.number("seq").unwrap_or_default();
        let segment = Segment {
            from,
            to,
            ttl: line.number("ttl").unwrap_or(ttl),
            id: line.number("id").unwrap_or(own_id),
            dont_fragment: !line.has("fragments"),
            flow_label: line.number("label").unwrap_or(label),
            flags,
            seq: seq.wrapping_add(shift as u32),
            ack,
            window: line.number("window").unwrap_or(window),
            timestamps: stamped.then_some((line.nanos / 1_000_000) as u32),
            payload,
        };
        let counted = u32::from(flags & SYN != 0) + u32::from(flags & FIN != 0);
        let end = segment.seq.wrapping_add(segment.payload.len() as u32).wrapping_add(counted);
        if !forged && flags & RST == 0 {
            let lost = line.has("lost");
            let sent = Sent { nanos: line.nanos, seq: segment.seq, end, ack, lost };
            self.host_mut(side).sent.push(sent);
        }
        self.host_mut(side).newest = Some(segment.bytes());
        let unseen = line.has("unseen") || self.host(side).unseen && !forged;
        if !unseen {
            let leaves = self.local.map(|local| local == side && !forged);
            let label = line.label.clone();
            self.captured.push(Captured { nanos: line.nanos, data: segment.bytes(), label, leaves });
        }
    }
}
