//! A pcapng file that says more than its packets do.

use super::session::Packet;

/// What is said in it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Said<'a> {
    pub(crate) capture: &'a [&'a str],
    pub(crate) name: &'a str,
    pub(crate) description: &'a str,
    pub(crate) filter: &'a str,
    pub(crate) interface: &'a [&'a str],
    /// Comments on packets, by their numbers.
    pub(crate) packets: &'a [(usize, &'a str)],
    /// Names of addresses, which come after the packets.
    pub(crate) addresses: &'a [(&'a [u8], &'a str)],
}

/// The code of a comment in every block.
const COMMENT: u16 = 1;

/// A big-endian file of these Ethernet packets with what is said of them.
pub(crate) fn file(packets: &[Packet], said: Said<'_>) -> Vec<u8> {
    let comments = |texts: &[&str]| texts.iter().map(|text| (COMMENT, text.as_bytes().to_vec())).collect();
    let section = [&[0x1a, 0x2b, 0x3c, 0x4d, 0, 1, 0, 0][..], &[0xff; 8]].concat();
    let mut file = block(0x0a0d_0d0a, &section, comments(said.capture));
    let filter = [&[0], said.filter.as_bytes()].concat();
    let named = [(2, said.name.as_bytes().to_vec()), (3, said.description.into()), (11, filter)];
    let options = named.into_iter().filter(|(_, text)| text.len() > 1);
    let about = comments(said.interface);
    file.extend(block(1, &[0, 1, 0, 0, 0, 4, 0, 0], options.chain(about).collect()));
    for (packet, number) in packets.iter().zip(1..) {
        let micros = packet.nanos / 1000;
        let len = packet.data.len() as u32;
        let fields = [0, (micros >> 32) as u32, micros as u32, len, len].map(u32::to_be_bytes).concat();
        let on_it: Vec<&str> =
            said.packets.iter().filter(|(about, _)| *about == number).map(|(_, text)| *text).collect();
        file.extend(block(6, &[fields, padded(packet.data.clone())].concat(), comments(&on_it)));
    }
    if !said.addresses.is_empty() {
        let record = |(address, name): &(&[u8], &str)| {
            let kind = if address.len() == 4 { 1 } else { 2 };
            tagged(kind, &[address, name.as_bytes(), &[0]].concat())
        };
        let records: Vec<u8> = said.addresses.iter().flat_map(record).collect();
        file.extend(block(4, &[records, vec![0; 4]].concat(), Vec::new()));
    }
    file
}

/// A block with options, whose end is only marked where there are any.
fn block(kind: u32, body: &[u8], options: Vec<(u16, Vec<u8>)>) -> Vec<u8> {
    let end = if options.is_empty() { 0 } else { 4 };
    let options: Vec<u8> = options.iter().flat_map(|(code, value)| tagged(*code, value)).collect();
    let body = [body, &options, &vec![0; end]].concat();
    let len = (body.len() as u32 + 12).to_be_bytes();
    [&kind.to_be_bytes()[..], &len, &body, &len].concat()
}

/// A code, a length and a padded value, as options and name records have them.
fn tagged(code: u16, value: &[u8]) -> Vec<u8> {
    let head = [code, value.len() as u16].map(u16::to_be_bytes).concat();
    [head, padded(value.to_vec())].concat()
}

fn padded(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}
