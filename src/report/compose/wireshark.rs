//! Display filters in Wireshark's syntax, as its version 4.0 and later take it.

use std::fmt::Write;
use std::net::IpAddr;

use crate::analyze::Judged;
use crate::flow::{Endpoint, Sides, Stamp};
use crate::timeline::{Connection, EventKind, IdleClock};

use super::super::digits;
use super::super::view::{PacketFilter, PacketRef, Time, Wireshark};

/// Packets that are named: more would not fit on a few lines.
const MOST: usize = 30;

/// Room for most filters.
const FILTER_LEN: usize = 224;

/// How to find a connection, and what of it was concluded from.
pub(super) fn view(judged: &Judged) -> Wireshark {
    let connection = &judged.facts.connection;
    let mut filter = ends(connection.tcp.endpoints);
    push_times(&mut filter, connection);
    Wireshark { filter, packets: packets_of(&telling(judged)) }
}

/// Both directions between two ends, in the words that Wireshark's own conversation filter uses.
fn ends(Sides { client, server }: Sides<Endpoint>) -> String {
    let ip = if client.ip.is_ipv4() { "ip" } else { "ipv6" };
    if client.ip != server.ip && client.port != server.port {
        let mut filter = String::with_capacity(FILTER_LEN);
        for (before, end) in [("", client), (" && ", server)] {
            filter.extend([before, ip, ".addr == "]);
            // Writing to a String cannot fail.
            let _ = write!(filter, "{}", end.ip);
        }
        for end in [client, server] {
            filter.push_str(" && tcp.port == ");
            push_number(&mut filter, end.port);
        }
        return filter;
    }
    // Where both ends have the same address or port, saying so twice would ask for one end only.
    let way = |from: Endpoint, to: Endpoint| {
        let address = |field: &str, ip_addr: IpAddr| format!("{ip}.{field} == {ip_addr}");
        let (source, destination) = (address("src", from.ip), address("dst", to.ip));
        format!("{source} && {destination} && tcp.srcport == {} && tcp.dstport == {}", from.port, to.port)
    };
    format!("(({}) || ({}))", way(client, server), way(server, client))
}

/// From its earliest packet to its latest, as another connection may have the same ends.
fn push_times(filter: &mut String, connection: &Connection) {
    // ICMP errors are events and no segments.
    let is_error = |kind: &EventKind| matches!(kind, EventKind::IcmpError(_));
    let known = connection.timeline.history.rare(is_error).map(|event| event.at.time);
    let (first, last) =
        known.fold(connection.tcp.times, |(first, last), time| (first.min(time), last.max(time)));
    for (comparison, time) in [(" && frame.time_epoch >= ", first), (" && frame.time_epoch <= ", last)] {
        filter.push_str(comparison);
        push_moment(filter, time.into());
    }
}

/// Seconds since 1970, with six digits behind the point where those are enough, as they are in most captures.
fn push_moment(filter: &mut String, Time { unix_ns }: Time) {
    let (seconds, nanos) = (unix_ns.div_euclid(1_000_000_000), unix_ns.rem_euclid(1_000_000_000));
    push_number(filter, seconds);
    filter.push('.');
    let digits = digits::nine(nanos as u32);
    let shown = if nanos % 1000 == 0 { &digits[..6] } else { &digits };
    filter.push_str(str::from_utf8(shown).unwrap_or_default());
}

fn push_number(filter: &mut String, number: impl itoa::Integer) {
    filter.push_str(itoa::Buffer::new().format(number));
}

/// The packets that a reader wants to see, in their order: what the verdict cites, then beginning, end and
/// longest silence.
fn telling(judged: &Judged) -> Vec<PacketRef> {
    let record = &judged.facts.connection.timeline;
    let cited = judged.verdict.evidence.iter().map(|evidence| evidence.at);
    let heads = record.request.iter().map(|request| request.at);
    let heads = heads.chain(record.response.iter().map(|response| response.at));
    let ends = record.closes.iter().map(|close| close.at);
    let ends = ends.chain(record.fins.iter().map(|fin| fin.at));
    let ends = ends.chain(judged.facts.resets.iter().map(|judged| judged.reset.at));
    let silence = record.idle.iter().filter_map(IdleClock::longest).flat_map(|gap| [gap.from, gap.to]);
    let mut found = Vec::with_capacity(MOST);
    for Stamp { packet, .. } in cited.chain(heads).chain(ends).chain(silence) {
        let packet = packet.into();
        if found.len() < MOST && !found.contains(&packet) {
            found.push(packet);
        }
    }
    found.sort_unstable();
    found
}

fn packets_of(telling: &[PacketRef]) -> Vec<PacketFilter> {
    telling.chunk_by(|a, b| a.file == b.file).filter_map(filter).collect()
}

/// The filter for packets of one capture.
fn filter(packets: &[PacketRef]) -> Option<PacketFilter> {
    let mut filter = String::with_capacity(FILTER_LEN);
    filter.push_str("frame.number in {");
    push_runs(&mut filter, packets);
    filter.push('}');
    Some(PacketFilter { file: packets.first()?.file, filter })
}

/// Ascending numbers with runs of three and more as `4..9`.
fn push_runs(filter: &mut String, packets: &[PacketRef]) {
    let start = filter.len();
    let mut push = |before: &str, at: &PacketRef| {
        filter.push_str(if filter.len() == start { "" } else { before });
        push_number(filter, at.packet);
    };
    for run in packets.chunk_by(|a, b| a.packet + 1 == b.packet) {
        match run {
            [first, _, .., last] => {
                push(", ", first);
                push("..", last);
            }
            few => few.iter().for_each(|at| push(", ", at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(ip: &str, port: u16) -> Endpoint {
        Endpoint { ip: ip.parse().unwrap(), port }
    }

    #[test]
    fn ends_of_every_kind() {
        let usual = ends(Sides { client: end("10.0.0.1", 4000), server: end("10.0.0.2", 80) });
        assert_eq!(usual, "ip.addr == 10.0.0.1 && ip.addr == 10.0.0.2 && tcp.port == 4000 && tcp.port == 80");
        let six = ends(Sides { client: end("fd77::1", 4000), server: end("fd77::2", 80) });
        assert!(six.starts_with("ipv6.addr == fd77::1 && "), "{six}");
        let one_host = ends(Sides { client: end("::1", 4000), server: end("::1", 80) });
        assert_eq!(
            one_host,
            "((ipv6.src == ::1 && ipv6.dst == ::1 && tcp.srcport == 4000 && tcp.dstport == 80) || \
             (ipv6.src == ::1 && ipv6.dst == ::1 && tcp.srcport == 80 && tcp.dstport == 4000))"
        );
        let one_port = ends(Sides { client: end("10.0.0.1", 80), server: end("10.0.0.2", 80) });
        assert!(one_port.contains("ip.src == 10.0.0.2 && ip.dst == 10.0.0.1"), "{one_port}");
    }

    #[test]
    fn moments_with_the_digits_that_they_need() {
        for (unix_ns, text) in [
            (1_700_000_000_000_001_000, "1700000000.000001"),
            (1_700_000_000_000_000_001, "1700000000.000000001"),
            (-1, "-1.999999999"),
            (0, "0.000000"),
        ] {
            let mut filter = String::new();
            push_moment(&mut filter, Time { unix_ns });
            assert_eq!(filter, text);
        }
    }

    #[test]
    fn numbers_in_runs() {
        let of = |file: u32, numbers: &[u64]| -> Vec<_> {
            numbers.iter().map(|&packet| PacketRef { file, packet }).collect()
        };
        let filters = |packets: Vec<PacketRef>| -> Vec<_> {
            packets_of(&packets).into_iter().map(|each| (each.file, each.filter)).collect()
        };
        assert_eq!(filters(of(0, &[1])), [(0, "frame.number in {1}".to_owned())]);
        let two = [of(0, &[1, 2, 4, 5, 6, 9]), of(3, &[10])].concat();
        let first = "frame.number in {1, 2, 4..6, 9}".to_owned();
        assert_eq!(filters(two), [(0, first), (3, "frame.number in {10}".to_owned())]);
        assert_eq!(filters(Vec::new()), []);
    }
}
