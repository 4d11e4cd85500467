//! The hello messages as far as they matter to a reader (RFC 8446 §4.1, RFC 5246 §7.4.1).

use nom::bytes::complete::take;
use nom::combinator::rest;
use nom::multi::{length_data, many0};
use nom::number::complete::{be_u8, be_u16};
use nom::{IResult, Parser};

use super::suite::{CipherSuite, Version};

/// Bytes of a server name or application protocol that are kept.
const NAME_KEPT: usize = 255;

/// Offered application protocols that are kept.
const OFFERS_KEPT: usize = 8;

/// The random of a `ServerHello` that is a `HelloRetryRequest` (RFC 8446 §4.1.3).
const RETRY_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2,
    0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// An extension's number (IANA registry).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct ExtensionType(u16);

impl ExtensionType {
    const SERVER_NAME: Self = Self(0);
    const ALPN: Self = Self(16);
    const ENCRYPT_THEN_MAC: Self = Self(22);
    const EARLY_DATA: Self = Self(42);
    const SUPPORTED_VERSIONS: Self = Self(43);
}

/// A `ClientHello`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct ClientHello {
    pub(super) random: [u8; 32],
    pub(super) sni: Option<String>,
    /// The application protocols that it offers.
    pub(super) alpn: Vec<String>,
}

impl ClientHello {
    /// Reads the body of the message.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let (_, (random, extensions)) = client_hello(body).ok()?;
        let sni = find(extensions, ExtensionType::SERVER_NAME).and_then(server_name);
        let alpn = find(extensions, ExtensionType::ALPN).and_then(protocols).unwrap_or_default();
        Some(Self { random: random.try_into().ok()?, sni, alpn })
    }
}

/// A `ServerHello`, or a `HelloRetryRequest`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct ServerHello {
    pub(super) random: [u8; 32],
    pub(super) version: Version,
    pub(super) cipher: CipherSuite,
    pub(super) compressed: bool,
    pub(super) encrypt_then_mac: bool,
    pub(super) alpn: Option<String>,
}

impl ServerHello {
    /// Reads the body of the message.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let (_, ((version, random, _, cipher, compression), extensions)) = server_hello(body).ok()?;
        let selected = find(extensions, ExtensionType::SUPPORTED_VERSIONS);
        let selected = selected.and_then(|data| Some(u16::from_be_bytes(data.try_into().ok()?)));
        Some(Self {
            random: random.try_into().ok()?,
            version: Version(selected.unwrap_or(version)),
            cipher: CipherSuite(cipher),
            compressed: compression != 0,
            encrypt_then_mac: find(extensions, ExtensionType::ENCRYPT_THEN_MAC).is_some(),
            alpn: find(extensions, ExtensionType::ALPN).and_then(protocol),
        })
    }

    /// Whether the server asks for another `ClientHello`.
    pub(super) fn is_retry(&self) -> bool {
        self.random == RETRY_RANDOM
    }
}

/// What `EncryptedExtensions` tell (RFC 8446 §4.3.1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct EncryptedExtensions {
    pub(super) alpn: Option<String>,
    pub(super) early_data: bool,
}

impl EncryptedExtensions {
    /// Reads the body of the message.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let (_, extensions) = long_vector(body).ok()?;
        Some(Self {
            alpn: find(extensions, ExtensionType::ALPN).and_then(protocol),
            early_data: find(extensions, ExtensionType::EARLY_DATA).is_some(),
        })
    }
}

type Fields<'a, T> = IResult<&'a [u8], T>;

fn client_hello(body: &[u8]) -> Fields<'_, (&[u8], &[u8])> {
    let (body, (_, random, ..)) =
        (be_u16, take(32_usize), short_vector, long_vector, short_vector).parse(body)?;
    let (body, extensions) = extensions(body)?;
    Ok((body, (random, extensions)))
}

/// Version, random, session id, cipher suite and compression method.
type ServerFields<'a> = (u16, &'a [u8], &'a [u8], u16, u8);

fn server_hello(body: &[u8]) -> Fields<'_, (ServerFields<'_>, &[u8])> {
    let (body, fields) = (be_u16, take(32_usize), short_vector, be_u16, be_u8).parse(body)?;
    let (body, extensions) = extensions(body)?;
    Ok((body, (fields, extensions)))
}

/// The extensions at a hello's end, which may be left out.
fn extensions(body: &[u8]) -> Fields<'_, &[u8]> {
    if body.is_empty() { rest(body) } else { long_vector(body) }
}

fn short_vector(input: &[u8]) -> Fields<'_, &[u8]> {
    length_data(be_u8).parse(input)
}

fn long_vector(input: &[u8]) -> Fields<'_, &[u8]> {
    length_data(be_u16).parse(input)
}

/// The data of the first extension of a kind.
fn find(mut extensions: &[u8], wanted: ExtensionType) -> Option<&[u8]> {
    loop {
        let extension: Fields<'_, _> = (be_u16, long_vector).parse(extensions);
        let (rest, (kind, data)) = extension.ok()?;
        if ExtensionType(kind) == wanted {
            return Some(data);
        }
        extensions = rest;
    }
}

/// The host name of a `server_name` extension (RFC 6066 §3).
fn server_name(data: &[u8]) -> Option<String> {
    const HOST_NAME: u8 = 0;
    let (_, list) = long_vector(data).ok()?;
    let (_, names) = many0((be_u8, long_vector)).parse(list).ok()?;
    let (_, name) = names.into_iter().find(|(kind, _)| *kind == HOST_NAME)?;
    Some(text(name))
}

/// The protocol that a server's ALPN extension names (RFC 7301 §3.1).
fn protocol(data: &[u8]) -> Option<String> {
    let (_, list) = long_vector(data).ok()?;
    let (_, name) = short_vector(list).ok()?;
    Some(text(name))
}

/// The protocols that a client's ALPN extension offers.
fn protocols(data: &[u8]) -> Option<Vec<String>> {
    let (_, list) = long_vector(data).ok()?;
    let (_, names) = many0(short_vector).parse(list).ok()?;
    Some(names.into_iter().take(OFFERS_KEPT).map(text).collect())
}

fn text(name: &[u8]) -> String {
    String::from_utf8_lossy(&name[..name.len().min(NAME_KEPT)]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::testing::hex;
    use super::*;

    /// The hellos of RFC 8448 §3, without their handshake headers.
    #[test]
    fn hellos_of_rfc_8448() {
        let client =
            hex("0303cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7000006130113031302\
            010000910000000b0009000006736572766572ff01000100000a00140012001d00170018001901000101010201030104\
            002300000033002600240\
            01d002099381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c002b0003020304000d0020001e\
            040305030603020308040805080604010501060102010402050206020202002d00020101001c00024001");
        let hello = ClientHello::read(&client).unwrap();
        assert_eq!(hello.sni.as_deref(), Some("server"));
        assert_eq!(hello.random[..2], [0xcb, 0x34]);
        let server =
            hex("0303a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e2692800130100002e00330024\
            001d0020c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f002b00020304");
        let hello = ServerHello::read(&server).unwrap();
        assert_eq!((hello.version, hello.cipher), (Version::TLS13, CipherSuite(0x1301)));
        assert!(!hello.is_retry() && !hello.compressed && !hello.encrypt_then_mac);
    }

    #[test]
    fn hellos_without_extensions() {
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.extend([0, 0xc0, 0x2f, 0]);
        let hello = ServerHello::read(&body).unwrap();
        assert_eq!((hello.version, hello.alpn), (Version::TLS12, None));
        assert_eq!(ServerHello::read(&body[..36]), None);
    }

    #[test]
    fn the_protocol_that_was_chosen() {
        let extensions = hex("000f0010000b000908687474702f312e31");
        let extensions = EncryptedExtensions::read(&extensions).unwrap();
        assert_eq!(extensions.alpn.as_deref(), Some("http/1.1"));
        assert!(!extensions.early_data);
    }
}
