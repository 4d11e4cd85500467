//! IP packets put into link layers and tunnels of every kind.

/// A link type, and what it puts in front of an IPv4 packet.
pub(crate) struct Link {
    pub(crate) name: &'static str,
    pub(crate) number: u16,
    pub(crate) wrap: fn(&[u8]) -> Vec<u8>,
}

/// A tunnel: an Ethernet frame around an IPv4 packet, and how the report names it.
pub(crate) struct Tunnel {
    pub(crate) names: &'static [&'static str],
    pub(crate) wrap: fn(&[u8]) -> Vec<u8>,
}

fn behind(header: &[u8], inner: &[u8]) -> Vec<u8> {
    [header, inner].concat()
}

/// An Ethernet frame.
pub(crate) fn ethernet(ether_type: u16, payload: &[u8]) -> Vec<u8> {
    [[2; 12].as_slice(), &ether_type.to_be_bytes(), payload].concat()
}

/// An IPv4 packet between the ends of a tunnel.
pub(crate) fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let [high, low] = (20 + payload.len() as u16).to_be_bytes();
    let header = [0x45, 0, high, low, 7, 7, 0, 0, 64, protocol, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2];
    behind(&header, payload)
}

/// An IPv6 packet between the ends of a tunnel.
fn ipv6(next: u8, payload: &[u8]) -> Vec<u8> {
    let [high, low] = (payload.len() as u16).to_be_bytes();
    let addresses = [[0xfd; 16], [0xfe; 16]].concat();
    [&[0x60, 0, 0, 0, high, low, next, 64], addresses.as_slice(), payload].concat()
}

/// A UDP packet between the ends of a tunnel.
pub(crate) fn udp(port: u16, payload: &[u8]) -> Vec<u8> {
    let [high, low] = port.to_be_bytes();
    ipv4(17, &behind(&[0xc0, 0, high, low, 0, 0, 0, 0], payload))
}

fn on_ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    ethernet(0x0800, &ipv4(protocol, payload))
}

fn on_udp(port: u16, payload: &[u8]) -> Vec<u8> {
    ethernet(0x0800, &udp(port, payload))
}

fn frame(ip: &[u8]) -> Vec<u8> {
    ethernet(0x0800, ip)
}

/// An 802.11 frame from an access point.
fn wireless(ip: &[u8]) -> Vec<u8> {
    let logical = [0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00];
    [&[0x88, 0x02], [2; 20].as_slice(), &[0x10, 0, 0, 0], &logical, ip].concat()
}

/// The attributes of a logged packet, in little-endian order.
fn logged(ip: &[u8]) -> Vec<u8> {
    let [low, high] = (ip.len() as u16 + 4).to_le_bytes();
    behind(&[2, 0, 0, 1, 8, 0, 1, 0, 8, 0, 2, 0, low, high, 9, 0], ip)
}

/// Every link type.
pub(crate) const LINKS: [Link; 24] = [
    Link { name: "NULL", number: 0, wrap: |ip| behind(&[2, 0, 0, 0], ip) },
    Link { name: "NULL, big-endian", number: 0, wrap: |ip| behind(&[0, 0, 0, 2], ip) },
    Link { name: "Ethernet", number: 1, wrap: frame },
    Link {
        name: "Ethernet with padding and check sequence",
        number: 1,
        wrap: |ip| [frame(ip), vec![0; 24]].concat(),
    },
    Link {
        name: "802.3",
        number: 1,
        wrap: |ip| ethernet(ip.len() as u16 + 8, &behind(&[0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00], ip)),
    },
    Link { name: "PPP", number: 9, wrap: |ip| behind(&[0xff, 0x03, 0x00, 0x21], ip) },
    Link { name: "raw, BSD", number: 12, wrap: <[u8]>::to_vec },
    Link { name: "raw, OpenBSD", number: 14, wrap: <[u8]>::to_vec },
    Link { name: "PPP, HDLC", number: 50, wrap: |ip| behind(&[0x00, 0x21], ip) },
    Link { name: "PPP over Ethernet", number: 51, wrap: |ip| behind(&[0x11, 0, 0, 9, 0, 0, 0, 0x21], ip) },
    Link { name: "raw", number: 101, wrap: <[u8]>::to_vec },
    Link { name: "Cisco HDLC", number: 104, wrap: |ip| behind(&[0x0f, 0, 0x08, 0], ip) },
    Link { name: "802.11", number: 105, wrap: wireless },
    Link { name: "loopback", number: 108, wrap: |ip| behind(&[0, 0, 0, 2], ip) },
    Link {
        name: "cooked",
        number: 113,
        wrap: |ip| behind(&[0, 6, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0, 0x08, 0x00], ip),
    },
    Link {
        name: "cooked, LLC",
        number: 113,
        wrap: |ip| {
            let logical = behind(&[0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00], ip);
            behind(&[0, 6, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0, 0, 4], &logical)
        },
    },
    Link { name: "radiotap", number: 127, wrap: |ip| behind(&[0, 0, 8, 0, 0, 0, 0, 0], &wireless(ip)) },
    Link {
        name: "radiotap with time and flags",
        number: 127,
        wrap: |ip| {
            let header = [0, 0, 17, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            behind(&header, &wireless(ip))
        },
    },
    Link { name: "PPP with direction", number: 204, wrap: |ip| behind(&[1, 0xff, 0x03, 0x00, 0x21], ip) },
    Link { name: "IPv4", number: 228, wrap: <[u8]>::to_vec },
    Link { name: "NFLOG", number: 239, wrap: logged },
    Link {
        name: "cooked, version 2",
        number: 276,
        wrap: |ip| behind(&[0x08, 0, 0, 0, 0, 0, 0, 9, 0, 1, 6, 6, 2, 2, 2, 2, 2, 2, 0, 0], ip),
    },
    Link {
        name: "cooked, version 2, with a tag",
        number: 276,
        wrap: |ip| behind(&[0x81, 0, 0, 0, 0, 0, 0, 9, 0, 1, 6, 6, 2, 2, 2, 2, 2, 2, 0, 0, 0, 7, 8, 0], ip),
    },
    Link { name: "PPP, compressed protocol", number: 9, wrap: |ip| behind(&[0x21], ip) },
];

/// Every tunnel, on Ethernet.
pub(crate) const TUNNELS: [Tunnel; 28] = [
    Tunnel { names: &["vlan:7"], wrap: |ip| ethernet(0x8100, &behind(&[0, 7, 8, 0], ip)) },
    Tunnel {
        names: &["vlan:7", "vlan:9"],
        wrap: |ip| ethernet(0x88a8, &behind(&[0, 7, 0x81, 0, 0, 9, 8, 0], ip)),
    },
    Tunnel { names: &["pppoe:9"], wrap: |ip| ethernet(0x8864, &behind(&[0x11, 0, 0, 9, 0, 0, 0, 0x21], ip)) },
    Tunnel { names: &["mpls:1"], wrap: |ip| ethernet(0x8847, &behind(&[0, 0, 0x11, 64], ip)) },
    Tunnel {
        names: &["mpls:1", "mpls:2"],
        wrap: |ip| ethernet(0x8848, &behind(&[0, 0, 0x10, 64, 0, 0, 0x21, 64], ip)),
    },
    Tunnel { names: &["mpls:1"], wrap: |ip| ethernet(0x8847, &behind(&[0, 0, 0x11, 64], &frame(ip))) },
    Tunnel {
        names: &["mpls:1"],
        wrap: |ip| ethernet(0x8847, &behind(&[0, 0, 0x11, 64, 0, 0, 0, 9], &frame(ip))),
    },
    Tunnel { names: &["mpls:1"], wrap: |ip| on_ipv4(137, &behind(&[0, 0, 0x11, 64], ip)) },
    Tunnel { names: &["mpls:1"], wrap: |ip| on_udp(6635, &behind(&[0, 0, 0x11, 64], ip)) },
    Tunnel { names: &["ip-in-ip"], wrap: |ip| on_ipv4(4, ip) },
    Tunnel { names: &["ip-in-ip"], wrap: |ip| ethernet(0x86dd, &ipv6(4, ip)) },
    Tunnel { names: &["ip-in-ip", "ip-in-ip"], wrap: |ip| on_ipv4(41, &ipv6(4, ip)) },
    Tunnel { names: &["gre"], wrap: |ip| on_ipv4(47, &behind(&[0, 0, 8, 0], ip)) },
    Tunnel { names: &["gre"], wrap: |ip| on_ipv4(47, &behind(&[0, 0, 0x65, 0x58], &frame(ip))) },
    Tunnel {
        names: &["gre:42"],
        wrap: |ip| on_ipv4(47, &behind(&[0xb0, 0, 8, 0, 9, 9, 0, 0, 0, 0, 0, 42, 0, 0, 0, 1], ip)),
    },
    Tunnel { names: &["gre"], wrap: |ip| ethernet(0x86dd, &ipv6(47, &behind(&[0, 0, 8, 0], ip))) },
    Tunnel {
        names: &["gre:7"],
        wrap: |ip| {
            on_ipv4(47, &behind(&[0x30, 0x01, 0x88, 0x0b, 0, 0, 0, 7, 0, 0, 0, 1, 0xff, 0x03, 0x21], ip))
        },
    },
    // ERSPAN of type I, II and III.
    Tunnel { names: &["gre"], wrap: |ip| on_ipv4(47, &behind(&[0, 0, 0x88, 0xbe], &frame(ip))) },
    Tunnel {
        names: &["erspan:100"],
        wrap: |ip| {
            let header = [0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 1, 0, 100, 0, 0, 0, 0];
            on_ipv4(47, &behind(&header, &frame(ip)))
        },
    },
    Tunnel {
        names: &["erspan:100"],
        wrap: |ip| {
            let header = [0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 1, 0, 100, 0, 0, 0, 0, 0, 0, 0, 0];
            on_ipv4(47, &behind(&header, &frame(ip)))
        },
    },
    Tunnel { names: &["vxlan:5"], wrap: |ip| on_udp(4789, &behind(&[8, 0, 0, 0, 0, 0, 5, 0], &frame(ip))) },
    Tunnel { names: &["vxlan:5"], wrap: |ip| on_udp(8472, &behind(&[8, 0, 0, 0, 0, 0, 5, 0], &frame(ip))) },
    Tunnel { names: &["vxlan:5"], wrap: |ip| on_udp(4790, &behind(&[12, 0, 0, 1, 0, 0, 5, 0], ip)) },
    Tunnel {
        names: &["geneve:5"],
        wrap: |ip| on_udp(6081, &behind(&[1, 0, 0x65, 0x58, 0, 0, 5, 0, 9, 9, 9, 0], &frame(ip))),
    },
    Tunnel { names: &["geneve:5"], wrap: |ip| on_udp(6081, &behind(&[0, 0, 8, 0, 0, 0, 5, 0], ip)) },
    Tunnel { names: &["gtp:6"], wrap: |ip| on_udp(2152, &behind(&[0x30, 0xff, 0, 0, 0, 0, 0, 6], ip)) },
    Tunnel {
        names: &["gtp:6"],
        wrap: |ip| {
            let header = [0x34, 0xff, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0x85, 1, 0, 9, 0];
            on_udp(2152, &behind(&header, ip))
        },
    },
    Tunnel {
        names: &["vlan:7", "vxlan:5", "vlan:9", "gre"],
        wrap: |ip| {
            let gre = ipv4(47, &behind(&[0, 0, 8, 0], ip));
            let inner = ethernet(0x8100, &behind(&[0, 9, 8, 0], &gre));
            let vxlan = behind(&[0xc0, 0, 0x12, 0xb5, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 5, 0], &inner);
            ethernet(0x8100, &behind(&[0, 7, 8, 0], &ipv4(17, &vxlan)))
        },
    },
];

/// The fragments of an IPv4 packet, each with at most `most` bytes of its payload, as Ethernet frames.
pub(crate) fn fragments(ip: &[u8], most: usize) -> Vec<Vec<u8>> {
    let (header, payload) = ip.split_at(usize::from(ip[0] & 0x0f) * 4);
    let pieces = payload.chunks(most).zip((0..).step_by(most / 8));
    let fragment = |(piece, offset): (&[u8], u16)| {
        let last = usize::from(offset) * 8 + piece.len() == payload.len();
        let mut packet = behind(header, piece);
        packet[2..4].copy_from_slice(&((header.len() + piece.len()) as u16).to_be_bytes());
        packet[6..8].copy_from_slice(&(offset | if last { 0 } else { 0x2000 }).to_be_bytes());
        frame(&packet)
    };
    pieces.map(fragment).collect()
}
