//! An HTTP/2 connection whose start was not seen, and its streams: what comes on each is held until it reads as
//! the frames of a WebSocket.

use crate::flow::{Side, Sides};
use crate::limits::Limits;
use crate::tcp::{Data, Gap, GapReason};

use super::midstream::{Found, Held, Midstream};
use super::multiplexed::Multiplexed;
use super::reading::{Layer, Reading};
use super::tracked::Context;

/// Streams that are looked at once.
const MOST: usize = 8;

/// The streams that may be a WebSocket.
#[derive(Debug)]
pub(super) struct Loose {
    searches: Vec<Search>,
    /// Which side is the client is not certain yet.
    may_turn: bool,
}

/// One of them; without a search, it is something else.
#[derive(Debug)]
struct Search {
    id: u32,
    search: Option<Midstream>,
}

/// A stream that turned out to be a WebSocket.
#[derive(Debug)]
pub(super) struct Joined {
    /// The side whose frames are masked.
    pub(super) client: Side,
    /// What came on it until now.
    pub(super) held: Vec<Held>,
}

impl Loose {
    pub(super) const fn new(may_turn: bool) -> Self {
        Self { searches: Vec::new(), may_turn }
    }

    /// Takes the next bytes of a side on a stream.
    pub(super) fn push(&mut self, id: u32, data: &Data<'_>, limits: &Limits) -> Option<Joined> {
        let may_turn = self.may_turn;
        let at = self.place(id);
        let place = self.searches.get_mut(at)?;
        let client = match place.search.as_mut()?.push(data, limits) {
            Found::Nothing => return None,
            Found::WebSocket(client) if client == Side::Client || may_turn => client,
            Found::WebSocket(_) | Found::Http(_) | Found::Http2 | Found::Other => {
                place.search = None;
                return None;
            }
        };
        self.may_turn = false;
        let held = self.searches.remove(at).search.map(Midstream::into_held).unwrap_or_default();
        Some(Joined { client, held })
    }

    /// A stream has ended, or a part of it is missing.
    pub(super) fn forget(&mut self, id: u32) {
        self.searches.retain(|each| each.id != id);
    }

    /// Any part of any stream may be missing.
    pub(super) fn forget_all(&mut self) {
        self.searches.clear();
    }

    /// The place of a stream's search; the oldest one makes room.
    fn place(&mut self, id: u32) -> usize {
        if let Some(at) = self.searches.iter().position(|each| each.id == id) {
            return at;
        }
        if self.searches.len() >= MOST {
            self.searches.remove(0);
        }
        self.searches.push(Search { id, search: Some(Midstream::default()) });
        self.searches.len() - 1
    }
}

impl Reading {
    /// A connection without its start is HTTP/2: what was held of it is read, and `data`, the newest of it.
    pub(super) fn join_http2(&mut self, data: &Data<'_>, context: &Context) {
        let http2 = Multiplexed::midstream(&context.limits, !self.sides_known);
        let layer = std::mem::replace(&mut self.layer, Layer::Http2(Box::new(http2)));
        let Layer::Midstream(search) = layer else { return };
        let (before, mut ends) = (self.swapped, Sides::<Option<i64>>::default());
        for held in &search.into_held() {
            let (len, at) = (held.bytes.len() as i64, held.at);
            let side = if self.swapped == before { held.side } else { held.side.other() };
            let last = ends.get_mut(held.side).replace(held.end);
            // Long chunks are not held.
            let missing = last.map_or(0, |last| held.end - len - last);
            if missing > 0 {
                let (bytes, end) = (missing as u64, held.end - len);
                self.plain_gap(&Gap { side, bytes, end, why: GapReason::CaptureGap, at }, context);
            }
            self.plain(
                &Data { side, offset: held.end - len, bytes: &held.bytes, at, acked: held.acked },
                context,
            );
        }
        if *ends.get(data.side) != Some(data.offset + data.bytes.len() as i64) {
            let side = if self.swapped == before { data.side } else { data.side.other() };
            self.plain(&Data { side, ..*data }, context);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Stamp;

    const PONG: [u8; 6] = [0x8a, 0x80, 1, 2, 3, 4];
    const TEXT: [u8; 9] = [0x81, 0x83, 1, 2, 3, 4, b'a' ^ 1, b'b' ^ 2, b'c' ^ 3];

    fn push(loose: &mut Loose, id: u32, side: Side, bytes: &[u8]) -> Option<Joined> {
        let data = Data { side, offset: 0, bytes, at: Stamp::default(), acked: 0 };
        loose.push(id, &data, &Limits::default())
    }

    /// Pushes until the stream is known.
    fn joined(loose: &mut Loose, side: Side) -> Option<Joined> {
        (0..20).find_map(|_| push(loose, 1, side, &PONG).or_else(|| push(loose, 1, side, &TEXT)))
    }

    #[test]
    fn masks_tell_the_client_where_nothing_else_does() {
        for side in [Side::Client, Side::Server] {
            let found = joined(&mut Loose::new(true), side).unwrap();
            assert_eq!(found.client, side);
            assert!(!found.held.is_empty());
        }
        assert!(joined(&mut Loose::new(false), Side::Server).is_none());
    }

    #[test]
    fn streams_without_end_are_not_all_held() {
        let mut loose = Loose::new(true);
        for id in 0..1000 {
            assert!(push(&mut loose, id, Side::Server, b"<html>a page and no frame</html>").is_none());
        }
        assert_eq!(loose.searches.len(), MOST);
        loose.forget(999);
        assert_eq!(loose.searches.len(), MOST - 1);
    }
}
