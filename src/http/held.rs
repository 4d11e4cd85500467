//! Client bytes that wait for the answer which tells what they are.

use crate::flow::Stamp;

/// Pieces that may be held; answers the attack of many one-byte segments.
const MAX_PIECES: usize = 1024;

/// Bytes and holes in order, each with its packet.
#[derive(Debug, Default)]
pub(super) struct Held {
    bytes: Vec<u8>,
    pieces: Vec<Piece>,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    what: What,
    at: Stamp,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Bytes(usize),
    Hole(u64),
}

/// A piece as it is given back.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum HeldPiece<'a> {
    /// Bytes that one packet carried.
    Bytes(&'a [u8]),
    /// Bytes that are missing or did not fit.
    Hole(u64),
}

impl Held {
    /// Holds bytes; what exceeds `limit` becomes a hole.
    pub(super) fn push(&mut self, bytes: &[u8], at: Stamp, limit: usize) {
        let full = self.pieces.len() >= MAX_PIECES || self.ends_full(limit);
        let room = if full { 0 } else { limit.saturating_sub(self.bytes.len()) };
        let (kept, beyond) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
        if !kept.is_empty() {
            self.bytes.extend_from_slice(kept);
            self.pieces.push(Piece { what: What::Bytes(kept.len()), at });
        }
        self.hole(beyond.len() as u64, at);
    }

    /// Holds a hole; one that follows another widens it.
    pub(super) fn hole(&mut self, bytes: u64, at: Stamp) {
        match self.pieces.last_mut() {
            _ if bytes == 0 => {}
            Some(Piece { what: What::Hole(wider), .. }) => *wider = wider.saturating_add(bytes),
            _ => self.pieces.push(Piece { what: What::Hole(bytes), at }),
        }
    }

    /// Whether nothing is held.
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Whether nothing more fits, so that later bytes widen the hole at the end.
    fn ends_full(&self, limit: usize) -> bool {
        self.bytes.len() >= limit
    }

    /// The pieces in order.
    pub(super) fn pieces(&self) -> impl Iterator<Item = (HeldPiece<'_>, Stamp)> {
        let mut rest = self.bytes.as_slice();
        self.pieces.iter().map(move |piece| {
            let held = match piece.what {
                What::Hole(bytes) => HeldPiece::Hole(bytes),
                What::Bytes(len) => {
                    let (bytes, after) = rest.split_at_checked(len).unwrap_or((rest, &[]));
                    rest = after;
                    HeldPiece::Bytes(bytes)
                }
            };
            (held, piece.at)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(held: &Held) -> Vec<HeldPiece<'_>> {
        held.pieces().map(|(piece, _)| piece).collect()
    }

    #[test]
    fn bytes_beyond_the_limit_become_a_hole() {
        let mut held = Held::default();
        for bytes in [&b"abc"[..], b"defg", b"hi"] {
            held.push(bytes, Stamp::default(), 5);
        }
        assert_eq!(pieces(&held), [HeldPiece::Bytes(b"abc"), HeldPiece::Bytes(b"de"), HeldPiece::Hole(4)]);
    }

    #[test]
    fn holes_keep_their_place() {
        let mut held = Held::default();
        held.push(b"a", Stamp::default(), 5);
        held.hole(7, Stamp::default());
        held.push(b"b", Stamp::default(), 5);
        assert_eq!(pieces(&held), [HeldPiece::Bytes(b"a"), HeldPiece::Hole(7), HeldPiece::Bytes(b"b")]);
    }

    #[test]
    fn many_pieces_end_in_one_hole() {
        let mut held = Held::default();
        for _ in 0..2 * MAX_PIECES {
            held.push(b"a", Stamp::default(), usize::MAX);
        }
        assert_eq!(held.pieces().count(), MAX_PIECES + 1);
    }
}
