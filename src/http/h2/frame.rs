//! The header of a frame (RFC 9113 §4.1), and what each kind of frame may look like.

use nom::combinator::map;
use nom::number::streaming::{be_u8, be_u24, be_u32};
use nom::{IResult, Parser};

/// Bytes of a frame's header.
pub(super) const HEADER: usize = 9;

/// What a client sends before its first frame (RFC 9113 §3.4).
pub(super) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Bytes of a frame that are taken for one where framing is looked for anew; common software stays at
/// or below 1 MiB.
const USUAL_LENGTH: u32 = 1 << 20;

/// The kind of a frame; kinds that are not known are passed over (RFC 9113 §4.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Kind(u8);

impl Kind {
    pub(super) const DATA: Self = Self(0x0);
    pub(super) const HEADERS: Self = Self(0x1);
    const PRIORITY: Self = Self(0x2);
    pub(super) const RST_STREAM: Self = Self(0x3);
    const SETTINGS: Self = Self(0x4);
    pub(super) const PUSH_PROMISE: Self = Self(0x5);
    const PING: Self = Self(0x6);
    pub(super) const GOAWAY: Self = Self(0x7);
    const WINDOW_UPDATE: Self = Self(0x8);
    pub(super) const CONTINUATION: Self = Self(0x9);
    /// RFC 9218 §7.1.
    const PRIORITY_UPDATE: Self = Self(0x10);
}

/// Flags of a frame; what a bit means depends on the kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Flags(u8);

impl Flags {
    pub(super) const END_STREAM: Self = Self(0x1);
    const ACK: Self = Self(0x1);
    pub(super) const END_HEADERS: Self = Self(0x4);
    pub(super) const PADDED: Self = Self(0x8);
    pub(super) const PRIORITY: Self = Self(0x20);

    pub(super) const fn has(self, flag: Self) -> bool {
        self.0 & flag.0 != 0
    }

    const fn within(self, allowed: u8) -> bool {
        self.0 & !allowed == 0
    }
}

/// What a frame says before its payload.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Header {
    /// Bytes of the payload.
    pub(super) len: u32,
    pub(super) kind: Kind,
    pub(super) flags: Flags,
    /// The stream; 0 is the connection as a whole.
    pub(super) stream: u32,
}

/// Reads a header; it is not judged.
pub(super) fn header(input: &[u8]) -> IResult<&[u8], Header> {
    let stream = map(be_u32, |id| id & 0x7fff_ffff);
    let fields = (be_u24, map(be_u8, Kind), map(be_u8, Flags), stream);
    map(fields, |(len, kind, flags, stream)| Header { len, kind, flags, stream }).parse(input)
}

impl Header {
    /// Whether a frame that begins like this may be one (RFC 9113 §6): used where framing is sought.
    pub(super) const fn is_plausible(self) -> bool {
        let Self { len, kind, flags, stream } = self;
        if len > USUAL_LENGTH {
            return false;
        }
        let (of_stream, of_connection) = (stream != 0, stream == 0);
        match kind {
            Kind::DATA => of_stream && flags.within(0x9),
            Kind::HEADERS => of_stream && flags.within(0x2d),
            Kind::PRIORITY => of_stream && len == 5 && flags.within(0),
            Kind::RST_STREAM => of_stream && len == 4 && flags.within(0),
            Kind::SETTINGS => {
                of_connection
                    && len.is_multiple_of(6)
                    && flags.within(Flags::ACK.0)
                    && (flags.0 == 0 || len == 0)
            }
            Kind::PUSH_PROMISE => of_stream && len >= 4 && flags.within(0xc),
            Kind::PING => of_connection && len == 8 && flags.within(Flags::ACK.0),
            Kind::GOAWAY => of_connection && len >= 8 && flags.within(0),
            Kind::WINDOW_UPDATE => len == 4 && flags.within(0),
            Kind::CONTINUATION => of_stream && flags.within(0x4),
            Kind::PRIORITY_UPDATE => of_connection && len >= 4 && flags.within(0),
            _ => false,
        }
    }
}

/// Whether a client's first bytes are the connection preface, as far as they go.
pub fn is_client_preface(bytes: &[u8]) -> bool {
    let len = bytes.len().min(PREFACE.len());
    len >= 3 && bytes.get(..len) == PREFACE.get(..len)
}

/// Whether a server's first bytes are its connection preface: a SETTINGS frame (RFC 9113 §3.4).
pub fn is_server_preface(bytes: &[u8]) -> bool {
    let settings = |(_, header): (_, Header)| {
        header.kind == Kind::SETTINGS && !header.flags.has(Flags::ACK) && header.is_plausible()
    };
    header(bytes).is_ok_and(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read() {
        let bytes = [0, 0, 4, 3, 0, 0x80, 0, 0, 7, 0, 0, 0, 8];
        let (rest, read) = header(&bytes).unwrap();
        assert_eq!(read, Header { len: 4, kind: Kind::RST_STREAM, flags: Flags(0), stream: 7 });
        assert_eq!(rest, [0, 0, 0, 8]);
        assert!(read.is_plausible());
        assert!(header(&bytes[..8]).is_err());
    }

    #[test]
    fn prefaces_are_recognised() {
        assert!(is_client_preface(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0"));
        assert!(is_client_preface(b"PRI *"));
        assert!(!is_client_preface(b"PRINT"));
        assert!(is_server_preface(&[0, 0, 6, 4, 0, 0, 0, 0, 0]));
        assert!(!is_server_preface(&[0, 0, 6, 4, 1, 0, 0, 0, 0]));
        assert!(!is_server_preface(&[0x81, 5, b'h', b'e', b'l', b'l', b'o', 0, 0]));
    }
}
