//! A connection told segment by segment, and what the flow makes of it.

use super::*;
use crate::decode::IpFacts;
use crate::flow::PacketRef;
use crate::tcp::IpIdFit;
use crate::time::Timestamp;

const SYN: TcpFlags = TcpFlags::SYN;
const ACK: TcpFlags = TcpFlags::ACK;
const FIN: TcpFlags = TcpFlags::FIN;
const RST: TcpFlags = TcpFlags::RST;

/// SYN with a window scale of 7, padded.
const SYN_OPTIONS: [u8; 4] = [3, 3, 7, 0];

fn end(text: &str) -> Endpoint {
    let address: std::net::SocketAddr = text.parse().unwrap();
    Endpoint { ip: address.ip(), port: address.port() }
}

/// Builds segments and writes down what the flow tells.
struct Case {
    flow: Option<Flow>,
    packet: u64,
    millis: i64,
    told: Vec<String>,
    ids: Sides<u16>,
}

impl Case {
    fn new() -> Self {
        Self { flow: None, packet: 0, millis: 0, told: Vec::new(), ids: Sides { client: 100, server: 200 } }
    }

    /// A connection after its handshake; the client's next number is 1001, the server's 5001.
    fn open() -> Self {
        let mut case = Self::new();
        case.send(Side::Client, SYN, 1000, 0, b"");
        case.send(Side::Server, SYN.with(ACK), 5000, 1001, b"");
        case.send(Side::Client, ACK, 1001, 5001, b"");
        case
    }

    fn wait(&mut self, millis: i64) -> &mut Self {
        self.millis += millis;
        self
    }

    fn client(&mut self, seq: u32, ack: u32, bytes: &[u8]) -> &mut Self {
        self.send(Side::Client, ACK, seq, ack, bytes)
    }

    fn server(&mut self, seq: u32, ack: u32, bytes: &[u8]) -> &mut Self {
        self.send(Side::Server, ACK, seq, ack, bytes)
    }

    fn send(&mut self, side: Side, flags: TcpFlags, seq: u32, ack: u32, bytes: &[u8]) -> &mut Self {
        let id = self.ids.get_mut(side);
        *id += 1;
        let ip = IpFacts { ttl: 64, id: Some(*id), dont_fragment: true, flow_label: 0 };
        self.push(side, flags, seq, ack, bytes, ip, 500)
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of a segment")]
    fn push(
        &mut self,
        side: Side,
        flags: TcpFlags,
        seq: u32,
        ack: u32,
        bytes: &[u8],
        ip: IpFacts,
        window: u16,
    ) -> &mut Self {
        self.packet += 1;
        self.millis += 1;
        let ends = [end("10.0.0.1:4000"), end("10.0.0.2:80")];
        let [source, destination] = if side == Side::Client { ends } else { [ends[1], ends[0]] };
        let time = Timestamp::from_nanos(self.millis * 1_000_000);
        let options: &[u8] = if flags.has(SYN) { &SYN_OPTIONS } else { &[] };
        let segment = Segment {
            at: Stamp { packet: PacketRef::new(0, self.packet), time },
            source,
            destination,
            ip,
            seq,
            ack,
            flags,
            window,
            options,
            payload: bytes,
            payload_len: bytes.len() as u32,
            direction: None,
            encapsulation: &[],
        };
        let Self { flow, told, .. } = self;
        let flow = flow.get_or_insert_with(|| Flow::new(&segment));
        told.push(format!("{:?}", flow.belongs(&segment)).replace("Here", ""));
        flow.push(&segment, &Limits::default(), &mut |item| told.push(tell(&item)));
        self
    }

    fn told(&self) -> String {
        let told: Vec<_> = self.told.iter().filter(|text| !text.is_empty()).map(String::as_str).collect();
        told.join(" ")
    }

    fn summary(&self) -> Summary {
        self.flow.as_ref().unwrap().summary()
    }
}

fn tell(item: &Item<'_>) -> String {
    match item {
        Item::Data(data) => format!("{}:{}", data.side, String::from_utf8_lossy(data.bytes)),
        Item::Gap(gap) => format!("{}:gap{}", gap.side, gap.bytes),
        Item::Event(event) => match event.kind {
            EventKind::Retransmission { bytes, differs } => format!("{}:again{bytes}{differs:?}", event.side),
            EventKind::Reset(_) => format!("{}:rst", event.side),
            EventKind::Fin { acked, end } => format!("{}:fin@{end}/{acked}", event.side),
            kind => format!("{}:{kind:?}", event.side),
        },
    }
}

#[test]
fn both_directions_are_told_in_order() {
    let mut case = Case::open();
    case.client(1001, 5001, b"hello").server(5001, 1006, b"hi").client(1006, 5003, b"!");
    assert_eq!(case.told(), "client:hello server:hi client:!");
    assert!(case.summary().established.is_some());
    assert_eq!(case.summary().sides.client.payload_bytes, 6);
}

#[test]
fn a_retransmission_is_counted_and_told_apart_from_a_changed_one() {
    let mut case = Case::open();
    case.client(1001, 5001, b"hello").wait(300).client(1001, 5001, b"hello").client(1001, 5001, b"hexxo");
    assert_eq!(case.told(), "client:hello client:again5Some(false) client:again5Some(true)");
    assert_eq!(case.summary().sides.client.retransmissions, 2);
}

#[test]
fn overtaken_segments_are_out_of_order_and_late_ones_retransmissions() {
    let mut case = Case::open();
    case.client(1004, 5001, b"def").client(1001, 5001, b"abc");
    case.client(1010, 5001, b"jkl").wait(300).client(1007, 5001, b"ghi");
    assert_eq!(case.told(), "client:abc client:def client:ghi client:jkl");
    let client = case.summary().sides.client;
    assert_eq!((client.out_of_order, client.retransmissions), (1, 1));
}

#[test]
fn keep_alive_probes_are_neither_data_nor_retransmissions() {
    let mut case = Case::open();
    case.client(1001, 5001, b"x").server(5001, 1002, b"");
    case.client(1001, 5001, b"").server(5001, 1002, b"").client(1001, 5001, b"x");
    assert_eq!(case.told(), "client:x client:KeepAliveProbe client:KeepAliveProbe");
    let client = case.summary().sides.client;
    assert_eq!((client.keepalive_probes, client.keepalive_answered, client.retransmissions), (2, 1, 0));
}

#[test]
fn a_closed_window_and_its_probes_are_told() {
    let mut case = Case::open();
    case.client(1001, 5001, b"x");
    let ip = IpFacts { ttl: 64, id: Some(900), dont_fragment: true, flow_label: 0 };
    case.push(Side::Server, ACK, 5001, 1002, b"", ip, 0);
    case.client(1001, 5001, b"").server(5001, 1002, b"");
    assert_eq!(case.told(), "client:x server:ZeroWindow client:ZeroWindowProbe server:WindowOpened");
    assert_eq!(case.summary().sides.server.zero_windows, 1);
}

#[test]
fn a_hole_that_the_peer_acknowledged_is_declared_before_the_end() {
    let mut case = Case::open();
    case.client(1006, 5001, b"world").server(5001, 1011, b"");
    case.send(Side::Client, FIN.with(ACK), 1011, 5001, b"");
    assert_eq!(case.told(), "client:gap5 client:world client:fin@11/0");
    assert_eq!(case.summary().sides.client.lost_in_capture, 5);
}

#[test]
fn a_fin_tells_what_it_acknowledges() {
    let mut case = Case::open();
    case.client(1001, 5001, b"bye");
    case.send(Side::Server, FIN.with(ACK), 5001, 1004, b"");
    case.send(Side::Client, FIN.with(ACK), 1004, 5002, b"");
    assert_eq!(case.told(), "client:bye server:fin@1/3 client:fin@4/1");
    assert!(case.flow.as_ref().unwrap().has_ended());
}

#[test]
fn sequence_numbers_wrap() {
    let mut case = Case::new();
    case.send(Side::Client, SYN, u32::MAX - 2, 0, b"");
    case.send(Side::Server, SYN.with(ACK), 9, u32::MAX - 1, b"");
    case.client(u32::MAX - 1, 10, b"abcd").client(2, 10, b"ef");
    assert_eq!(case.told(), "client:abcd client:ef");
}

#[test]
fn a_reset_is_set_against_its_senders_habits() {
    let mut case = Case::open();
    (0..6).for_each(|step| {
        case.server(5001 + step, 1001, b"x");
    });
    let forged = IpFacts { ttl: 255, id: Some(7), dont_fragment: false, flow_label: 0 };
    case.push(Side::Server, RST, 5007, 0, b"", forged, 0);
    let flow = case.flow.as_ref().unwrap();
    assert!(flow.has_ended());
    assert_eq!(flow.halves.server.ids.fit(Some(7)), IpIdFit::Breaks);
    case.server(5007, 1001, b"on");
    assert!(case.summary().sides.server.spoke_after_reset.is_some());
}

#[test]
fn the_trigger_of_a_reset_is_the_packet_that_it_answers() {
    let mut case = Case::open();
    case.client(1001, 5001, b"anyone?");
    let answer = IpFacts { ttl: 64, id: Some(0), dont_fragment: true, flow_label: 0 };
    let flow_facts = |case: &mut Case| {
        let mut facts = None;
        let segment_seq = 5001;
        case.push(Side::Server, RST, segment_seq, 0, b"", answer, 0);
        if let Some(flow) = &case.flow {
            facts = flow.halves.client.trigger(segment_seq, flow.last);
        }
        facts
    };
    let trigger = flow_facts(&mut case).unwrap();
    assert_eq!((trigger.at.packet.packet(), trigger.has_payload), (4, true));
}

#[test]
fn a_port_used_again_starts_a_new_connection_only_after_an_end() {
    let mut case = Case::open();
    case.send(Side::Client, SYN, 77_000, 0, b"");
    assert_eq!(case.told(), "client:SynOnOpenConnection");
    case.send(Side::Server, SYN.with(ACK), 88_000, 77_001, b"");
    assert!(case.told().contains("Successor"));
    let mut case = Case::open();
    case.send(Side::Client, RST.with(ACK), 1001, 5001, b"");
    case.send(Side::Client, SYN, 77_000, 0, b"");
    assert!(case.told().starts_with("client:rst New"));
}

#[test]
fn the_same_packet_twice_is_a_copy() {
    let mut case = Case::open();
    case.client(1001, 5001, b"once");
    let again = IpFacts { ttl: 63, id: Some(case.ids.client), dont_fragment: true, flow_label: 0 };
    case.push(Side::Client, ACK, 1001, 5001, b"once", again, 500);
    assert_eq!(case.told(), "client:once");
    let client = case.summary().sides.client;
    assert_eq!((client.copies, client.retransmissions, client.segments), (1, 0, 3));
    assert!(client.seen_forwarded);
}

#[test]
fn unanswered_attempts_are_counted_until_the_peer_is_heard() {
    let mut case = Case::open();
    case.client(1001, 5001, b"a").wait(300).client(1001, 5001, b"a").wait(600).client(1001, 5001, b"a");
    let unanswered = case.summary().sides.client.unanswered;
    assert_eq!(unanswered.segments, 3);
    case.server(5001, 1002, b"");
    let client = case.summary().sides.client;
    assert_eq!((client.unanswered.segments, client.worst_unanswered.segments), (0, 3));
}

#[test]
fn what_was_acknowledged_before_it_was_seen_is_no_attempt() {
    let mut case = Case::open();
    case.server(5001, 1004, b"ok").client(1001, 5001, b"abc");
    assert_eq!(case.summary().sides.client.unanswered.segments, 0);
    // Sent again it is one: the acknowledgement did not get through.
    case.wait(500).client(1001, 5001, b"abc");
    assert_eq!(case.summary().sides.client.unanswered.segments, 1);
}

#[test]
fn a_capture_that_starts_later_can_exchange_its_sides() {
    let mut case = Case::new();
    case.server(5001, 1001, b"mid");
    let flow = case.flow.as_mut().unwrap();
    assert!(!flow.syn_seen());
    assert_eq!(flow.endpoints().client, end("10.0.0.2:80"));
    flow.swap_sides();
    assert_eq!(flow.endpoints().client, end("10.0.0.1:4000"));
    case.server(5004, 1001, b"stream");
    assert_eq!(case.told(), "client:mid server:stream");
}

#[test]
fn a_connection_is_over_when_nothing_can_come_any_more() {
    let over = |case: &Case| case.flow.as_ref().unwrap().is_over();
    let fin = FIN.with(ACK);
    let mut case = Case::open();
    case.client(1001, 5001, b"bye").send(Side::Server, fin, 5001, 1001, b"");
    assert!(!over(&case));
    case.send(Side::Client, fin, 1005, 5002, b"");
    assert!(!over(&case), "the byte 1004 may still come");
    case.client(1004, 5002, b"!");
    assert!(over(&case));
}

#[test]
fn a_silent_connection_that_speaks_after_its_end_is_a_new_one() {
    let mut case = Case::new();
    case.send(Side::Client, SYN, 1000, 0, b"").send(Side::Server, RST.with(ACK), 0, 1001, b"");
    let flow = case.flow.as_ref().unwrap();
    assert!(flow.is_over() && flow.reduced().silent);
    let mut case = Case::open();
    case.client(1001, 5001, b"a").send(Side::Server, RST, 5001, 0, b"");
    let flow = case.flow.as_ref().unwrap();
    assert!(!flow.is_over() && !flow.reduced().silent);
}
