//! Name Resolution Blocks: the names of addresses.

use std::net::IpAddr;

use crate::capture::bytes::ByteOrder;

/// Position of the records in their block: behind type and length.
const RECORDS: usize = 8;

/// The length that ends a block.
const TRAILER: usize = 4;

/// Ends the records; options follow.
const END: u16 = 0;

/// A record of an IPv4 address and its names.
const IPV4: u16 = 1;

/// A record of an IPv6 address and its names.
const IPV6: u16 = 2;

/// Gives each address of a whole block with its first name, as far as the block can be read.
// pcap-parser rejects blocks without an end record, and gives values with their padding.
pub(super) fn read(block: &[u8], order: ByteOrder, found: &mut impl FnMut(IpAddr, &[u8])) {
    let end = block.len().saturating_sub(TRAILER);
    let mut rest = block.get(RECORDS..end).unwrap_or_default();
    while let Some((&[k0, k1, l0, l1], behind)) = rest.split_first_chunk() {
        let (kind, len) = (order.u16([k0, k1]), usize::from(order.u16([l0, l1])));
        let Some(value) = behind.get(..len).filter(|_| kind != END) else { return };
        match kind {
            IPV4 => named::<4>(value, found),
            IPV6 => named::<16>(value, found),
            _ => {}
        }
        rest = behind.get(len.next_multiple_of(4)..).unwrap_or_default();
    }
}

/// Reads an address of `N` bytes and the names behind it, each ended by a zero.
fn named<const N: usize>(value: &[u8], found: &mut impl FnMut(IpAddr, &[u8]))
where
    IpAddr: From<[u8; N]>,
{
    let Some((address, names)) = value.split_first_chunk::<N>() else { return };
    if let Some(name) = names.split(|&byte| byte == 0).find(|name| !name.is_empty()) {
        found(IpAddr::from(*address), name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, value: &[u8]) -> Vec<u8> {
        let head = [kind, value.len() as u16].map(u16::to_be_bytes).concat();
        let padding = vec![b'x'; value.len().next_multiple_of(4) - value.len()];
        [head, value.to_vec(), padding].concat()
    }

    fn names(records: &[Vec<u8>]) -> Vec<String> {
        let block = [&[0; RECORDS][..], &records.concat(), &[0; TRAILER]].concat();
        let mut names = Vec::new();
        read(&block, ByteOrder::Big, &mut |ip, name| {
            names.push(format!("{ip} {}", String::from_utf8_lossy(name)));
        });
        names
    }

    #[test]
    fn addresses_have_their_first_name() {
        let v6 = [&[0xfd, 0x77][..], &[0; 13], &[2], b"host.six\0"].concat();
        let records =
            [record(IPV4, b"\x0a\0\0\x01web\0www\0"), record(3, b"\0\0\0\0\0\0mac\0"), record(IPV6, &v6)];
        assert_eq!(names(&records), ["10.0.0.1 web", "fd77::2 host.six"]);
    }

    #[test]
    fn padding_is_no_name_and_a_name_may_end_with_its_record() {
        assert_eq!(names(&[record(IPV4, b"\x0a\0\0\x01\0")]), [""; 0]);
        assert_eq!(names(&[record(IPV4, b"\x0a\0\0\x01db1")]), ["10.0.0.1 db1"]);
    }

    #[test]
    fn records_end_where_they_are_damaged() {
        let good = record(IPV4, b"\x0a\0\0\x01web\0");
        let long = [&IPV4.to_be_bytes()[..], &u16::MAX.to_be_bytes(), b"\x0a\0\0\x02x\0"].concat();
        assert_eq!(names(&[good.clone(), long]), ["10.0.0.1 web"]);
        assert_eq!(names(&[good.clone(), record(END, b""), good.clone()]), ["10.0.0.1 web"]);
        assert_eq!(names(&[record(IPV4, b"\x0a\0"), good]), ["10.0.0.1 web"]);
        read(&[0; 3], ByteOrder::Big, &mut |_, _| panic!("nothing there"));
    }
}
