//! BSD and OpenBSD loopback.

use crate::decode::Layer;
use crate::decode::cursor::Cursor;
use crate::decode::skip::Skip;

/// Takes off an address family in either byte order; the systems number IPv6 differently.
pub(super) fn strip(cursor: &mut Cursor<'_>) -> Result<Layer, Skip> {
    match *cursor.take::<4>()? {
        [family, 0, 0, 0] | [0, 0, 0, family] if matches!(family, 2 | 24 | 28 | 30) => Ok(Layer::Ip),
        _ => Err(Skip::NotIp),
    }
}
