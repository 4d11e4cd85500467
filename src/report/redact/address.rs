//! Addresses that stand for addresses: which of them share a network, and what kind it is, stays.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::numbers::Numbers;

/// The address that stands for `ip`.
///
/// Private IPv4 stays in 10.0.0.0/8 with networks of 24 bits. Public ones go to 240.0.0.0/4, which is
/// nobody's (RFC 1112 §4), public IPv6 to `2001:db8::/32` (RFC 3849), both with their networks kept
/// apart. Loopback, multicast and other addresses that name no host stay as they are.
pub(super) fn pseudonym(ip: IpAddr, numbers: &mut Numbers) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => v4(ip, numbers).into(),
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(mapped) => v4(mapped, numbers).to_ipv6_mapped().into(),
            None => v6(ip, numbers).into(),
        },
    }
}

/// Where an address belongs, in the report's word.
pub(super) fn scope(ip: IpAddr) -> &'static str {
    match ip {
        IpAddr::V4(ip) if ip.is_loopback() => "loopback",
        IpAddr::V4(ip) if ip.is_link_local() => "link_local",
        IpAddr::V4(ip) if is_private(ip) => "private",
        IpAddr::V6(ip) if ip.is_loopback() => "loopback",
        IpAddr::V6(ip) if ip.is_unicast_link_local() => "link_local",
        IpAddr::V6(ip) if ip.is_unique_local() => "private",
        _ => "public",
    }
}

const fn names_no_host(ip: Ipv4Addr) -> bool {
    ip.is_loopback() || ip.is_unspecified() || ip.is_broadcast() || ip.is_multicast()
}

/// Private addresses (RFC 1918) and those that carriers share (RFC 6598).
const fn is_private(ip: Ipv4Addr) -> bool {
    let [a, b, ..] = ip.octets();
    ip.is_private() || (a == 100 && b & 0xc0 == 64)
}

fn v4(ip: Ipv4Addr, numbers: &mut Numbers) -> Ipv4Addr {
    if names_no_host(ip) {
        return ip;
    }
    if ip.is_link_local() {
        let [high, low] = (1 + numbers.number(b"link4", &ip.octets(), 0xfeff) as u16).to_be_bytes();
        return Ipv4Addr::new(169, 254, high, low);
    }
    let (space, first, size): (&[u8], u8, u64) =
        if is_private(ip) { (b"private4", 10, 1 << 16) } else { (b"public4", 240, 14 << 16) };
    let [a, b, c, host] = ip.octets();
    // Counted networks begin at 1, which reads better.
    let network = (numbers.number(space, &[a, b, c], size) + 1) % size;
    let [.., over, high, low] = network.to_be_bytes();
    let within = [space, &[over, high, low]].concat();
    let number = numbers.number(&within, &[a, b, c, host], 254);
    Ipv4Addr::new(first + over, high, low, 1 + number as u8)
}

fn v6(ip: Ipv6Addr, numbers: &mut Numbers) -> Ipv6Addr {
    if ip.is_loopback() || ip.is_unspecified() || ip.is_multicast() {
        return ip;
    }
    let octets = ip.octets();
    let (first, second) = match (ip.is_unicast_link_local(), ip.is_unique_local()) {
        (true, _) => {
            let [a, b] = low32(numbers.number(b"link6", &octets, u64::from(u32::MAX)));
            return Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, a, b);
        }
        (_, true) => (0xfd00, 0),
        _ => (0x2001, 0xdb8),
    };
    let kind = [&b"site6"[..], &[u8::from(first == 0xfd00)]].concat();
    let site = numbers.number(&kind, &octets[..6], 1 << 16) as u16;
    let kind = [&kind[..], &site.to_be_bytes()].concat();
    let subnet = numbers.number(&kind, &octets[..8], 1 << 16) as u16;
    let kind = [&kind[..], &subnet.to_be_bytes()].concat();
    let [a, b] = low32(numbers.number(&kind, &octets, u64::from(u32::MAX)));
    Ipv6Addr::new(first, second, site.wrapping_add(1), subnet.wrapping_add(1), 0, 0, a, b)
}

/// A number from 1 on, in two groups of an IPv6 address.
const fn low32(number: u64) -> [u16; 2] {
    let number = number + 1;
    [(number >> 16) as u16, number as u16]
}

#[cfg(test)]
mod tests {
    use super::super::key::RedactionKey;
    use super::*;

    fn all(numbers: &mut Numbers, addresses: &[&str]) -> Vec<String> {
        let parse = |text: &&str| text.parse().unwrap();
        addresses.iter().map(parse).map(|ip| pseudonym(ip, numbers).to_string()).collect()
    }

    #[test]
    fn networks_and_kinds_stay() {
        let mut numbers = Numbers::new(None);
        let found = all(
            &mut numbers,
            &[
                "192.168.7.9",
                "192.168.7.10",
                "172.16.0.1",
                "8.8.8.8",
                "8.8.8.9",
                "100.64.1.1",
                "127.0.0.1",
                "169.254.9.9",
                "224.0.0.1",
                "fd77:0:0:2::2",
                "fd77:0:0:3::2",
                "2a00:1::5",
                "fe80::9",
                "::1",
                "::ffff:192.168.7.9",
                "192.168.7.9",
            ],
        );
        assert_eq!(
            found,
            [
                "10.0.1.1",
                "10.0.1.2",
                "10.0.2.1",
                "240.0.1.1",
                "240.0.1.2",
                "10.0.3.1",
                "127.0.0.1",
                "169.254.0.1",
                "224.0.0.1",
                "fd00:0:1:1::1",
                "fd00:0:1:2::1",
                "2001:db8:1:1::1",
                "fe80::1",
                "::1",
                "::ffff:10.0.1.1",
                "10.0.1.1",
            ]
        );
    }

    #[test]
    fn a_key_makes_them_the_same_in_any_order() {
        let key = || Numbers::new(RedactionKey::new(b"0123456789abcdef"));
        let addresses = ["192.168.7.9", "8.8.8.8", "fd77::2", "10.0.0.1", "2a00::1", "fe80::7"];
        let mut reversed = addresses;
        reversed.reverse();
        let (mut one, mut other) = (all(&mut key(), &addresses), all(&mut key(), &reversed));
        one.sort();
        other.sort();
        assert_eq!(one, other);
    }

    #[test]
    fn no_two_hosts_become_one() {
        for key in [None, RedactionKey::new(b"0123456789abcdef")] {
            let mut numbers = Numbers::new(key);
            let hosts =
                (0..=255_u8).flat_map(|net| (1..=20_u8).map(move |host| Ipv4Addr::new(8, 1, net, host)));
            let found: std::collections::HashSet<_> =
                hosts.map(|ip| pseudonym(ip.into(), &mut numbers)).collect();
            assert_eq!(found.len(), 256 * 20);
        }
    }
}
