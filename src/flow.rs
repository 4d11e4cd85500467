//! Who talks to whom: endpoints, sides, and where a packet stands in its file.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::num::NonZeroU64;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::time::Timestamp;

/// One end of a TCP connection: an address and a port.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Endpoint {
    /// The IP address.
    pub ip: IpAddr,
    /// The TCP port.
    pub port: u16,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ip {
            IpAddr::V4(ip) => write!(f, "{ip}:{}", self.port),
            IpAddr::V6(ip) => write!(f, "[{ip}]:{}", self.port),
        }
    }
}

/// A pair of endpoints without direction: both directions of a connection share one key.
///
/// Kept as numbers: every packet has its key made, hashed and compared. Of IPv4 the first two are each
/// address with its port, the smaller one first; of IPv6 the first one has both ports, and the others the
/// addresses.
#[derive(Clone, Copy, Debug, Eq)]
pub struct FlowKey([u64; 5]);

impl FlowKey {
    /// What the first number of IPv6 has, and that of IPv4 never.
    const IPV6: u64 = 1 << 63;

    /// The key of the flow that a packet from `source` to `destination` belongs to.
    #[inline]
    pub fn new(source: Endpoint, destination: Endpoint) -> Self {
        let (IpAddr::V4(from), IpAddr::V4(to)) = (source.ip, destination.ip) else {
            return Self::of_ipv6(source, destination);
        };
        let from = u64::from(from.to_bits()) << 16 | u64::from(source.port);
        let to = u64::from(to.to_bits()) << 16 | u64::from(destination.port);
        Self([from.min(to), from.max(to), 0, 0, 0])
    }

    fn of_ipv6(source: Endpoint, destination: Endpoint) -> Self {
        let end = |end: Endpoint| (words(end.ip), u64::from(end.port));
        let (from, to) = (end(source), end(destination));
        let ((low, low_port), (high, high_port)) = (from.min(to), from.max(to));
        Self([Self::IPV6 | low_port << 16 | high_port, low.0, low.1, high.0, high.1])
    }
}

impl PartialEq for FlowKey {
    // Word by word: an array of this size would be compared by a call. The rest is zero of IPv4.
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        let ([first, second, rest @ ..], [other_first, other_second, other_rest @ ..]) = (self.0, other.0);
        first == other_first && second == other_second && (first & Self::IPV6 == 0 || rest == other_rest)
    }
}

impl Hash for FlowKey {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [first, second, rest @ ..] = self.0;
        state.write_u64(first);
        state.write_u64(second);
        if first & Self::IPV6 != 0 {
            rest.into_iter().for_each(|word| state.write_u64(word));
        }
    }
}

/// The words of an IP address.
fn words(ip: IpAddr) -> (u64, u64) {
    let bits = match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().to_bits(),
        IpAddr::V6(ip) => ip.to_bits(),
    };
    ((bits >> 64) as u64, bits as u64)
}

/// The side of a connection: the one that opened it, or the one that accepted it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub enum Side {
    /// The side that sent the SYN, the upgrade request or masked frames.
    Client,
    /// The other side.
    Server,
}

impl Side {
    /// The opposite side.
    pub const fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }

    /// `client` or `server`, as the report writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A value for each side of a connection.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Sides<T> {
    /// The client's value.
    pub client: T,
    /// The server's value.
    pub server: T,
}

impl<T> Sides<T> {
    /// The value of `side`.
    pub const fn get(&self, side: Side) -> &T {
        match side {
            Side::Client => &self.client,
            Side::Server => &self.server,
        }
    }

    /// The value of `side`, to change.
    pub const fn get_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    /// Exchanges the two values, for a connection whose client turns out to be the other side.
    pub const fn swap(&mut self) {
        std::mem::swap(&mut self.client, &mut self.server);
    }
}

/// A packet's place: which capture file, and its 1-based position there (Wireshark's `frame.number`).
///
/// One word, as several of them are kept for every connection: 16 bits for the file, 48 for the
/// packet. A number beyond that is told as the largest one.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct PacketRef(NonZeroU64);

impl PacketRef {
    /// The most packets of one file that are told apart.
    const MOST_PACKETS: u64 = (1 << 48) - 2;

    /// The packet with the 1-based number `packet` in the capture with the index `file`.
    pub const fn new(file: u32, packet: u64) -> Self {
        let file = if file < 0xffff { file as u64 } else { 0xffff };
        let packet = if packet < Self::MOST_PACKETS { packet } else { Self::MOST_PACKETS };
        // One is added so that the word is never 0, which stands for "no packet" in an `Option`.
        Self(NonZeroU64::MIN.saturating_add((file << 48) | packet))
    }

    /// Index of the capture in the order given.
    pub const fn file(self) -> u32 {
        ((self.0.get() - 1) >> 48) as u32
    }

    /// 1-based number of the packet in that file.
    pub const fn packet(self) -> u64 {
        (self.0.get() - 1) & 0xffff_ffff_ffff
    }
}

impl Default for PacketRef {
    fn default() -> Self {
        Self::new(0, 0)
    }
}

impl fmt::Display for PacketRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.packet())
    }
}

/// When and where something was seen: a packet and its time.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Stamp {
    /// The packet that shows it.
    pub packet: PacketRef,
    /// That packet's time.
    pub time: Timestamp,
}

impl Stamp {
    /// The later of two packets, in the order of the capture.
    pub fn later(self, other: Self) -> Self {
        if other.packet > self.packet { other } else { self }
    }
}

/// Two words of fixed length: a record holds a hundred of them, and their time alone would be a number of nine
/// or ten digits of seven bits.
impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let (packet, time) = (self.packet.0.get(), self.time.as_nanos());
        let mut bytes = [0; 16];
        let (first, second) = bytes.split_at_mut(8);
        first.copy_from_slice(&packet.to_le_bytes());
        second.copy_from_slice(&time.to_le_bytes());
        to.serialize_bytes(&bytes)
    }
}

impl<'de> Deserialize<'de> for Stamp {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let bytes = <&[u8]>::deserialize(from)?;
        let words = bytes.split_first_chunk().and_then(|(packet, time)| {
            let packet = NonZeroU64::new(u64::from_le_bytes(*packet))?;
            Some((PacketRef(packet), i64::from_le_bytes(time.try_into().ok()?)))
        });
        let (packet, time) = words.ok_or_else(|| D::Error::custom("no packet and time"))?;
        Ok(Self { packet, time: Timestamp::from_nanos(time) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(text: &str) -> Endpoint {
        let address: std::net::SocketAddr = text.parse().unwrap();
        Endpoint { ip: address.ip(), port: address.port() }
    }

    #[test]
    fn both_directions_share_a_key() {
        let (a, b) = (endpoint("10.0.0.1:80"), endpoint("10.0.0.2:1000"));
        assert_eq!(FlowKey::new(a, b), FlowKey::new(b, a));
        assert_ne!(FlowKey::new(a, b), FlowKey::new(a, endpoint("10.0.0.2:1001")));
        let swapped = (endpoint("10.0.0.1:1000"), endpoint("10.0.0.2:80"));
        assert_ne!(FlowKey::new(a, b), FlowKey::new(swapped.0, swapped.1));
    }

    #[test]
    fn ipv6_and_ipv4_have_keys_of_their_own() {
        let (a, b) = (endpoint("[::a00:1]:80"), endpoint("[::a00:2]:1000"));
        assert_eq!(FlowKey::new(a, b), FlowKey::new(b, a));
        assert_ne!(FlowKey::new(a, b), FlowKey::new(endpoint("10.0.0.1:80"), endpoint("10.0.0.2:1000")));
        assert_ne!(FlowKey::new(a, b), FlowKey::new(a, endpoint("[1::a00:2]:1000")));
    }

    #[test]
    fn a_packet_reference_is_one_word_and_its_absence_costs_none() {
        let at = PacketRef::new(3, 7);
        assert_eq!((at.file(), at.packet(), at.to_string()), (3, 7, "#7".to_owned()));
        assert!(PacketRef::new(0, 9) < at && at < PacketRef::new(3, 8));
        let most = PacketRef::new(u32::MAX, u64::MAX);
        assert_eq!((most.file(), most.packet()), (0xffff, PacketRef::MOST_PACKETS));
        assert_eq!(size_of::<Option<Stamp>>(), 16);
    }

    #[test]
    fn a_stamp_comes_back_as_it_was_packed_and_nothing_else_is_one() {
        for (packet, nanos) in [(0, 0), (1, -1), (u64::MAX, i64::MIN), (7, i64::MAX)] {
            let stamp = Stamp { packet: PacketRef::new(3, packet), time: Timestamp::from_nanos(nanos) };
            let packed = postcard::to_stdvec(&stamp).unwrap();
            assert_eq!(postcard::from_bytes::<Stamp>(&packed).unwrap(), stamp);
        }
        for bytes in [&[0; 16][..], &[1; 15], &[1; 17], &[1; 7], &[]] {
            let packed = postcard::to_stdvec(&bytes).unwrap();
            assert!(postcard::from_bytes::<Stamp>(&packed).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn ipv6_endpoints_are_bracketed() {
        assert_eq!(endpoint("[fd00::1]:443").to_string(), "[fd00::1]:443");
    }
}
