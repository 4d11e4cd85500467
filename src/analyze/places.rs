//! Where the bytes stand that an HTTP exchange keeps until an answer tells what they are.

use std::collections::VecDeque;

use crate::flow::Stamp;

use super::framing::Place;

/// As many as the exchange keeps pieces.
const MOST: usize = 1024;

/// The places of the client's newest chunks, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Places(VecDeque<(Stamp, Place)>);

impl Places {
    /// Notes where a chunk stands.
    pub(super) fn note(&mut self, at: Stamp, place: Place) {
        if self.0.len() >= MOST {
            self.0.pop_front();
        }
        self.0.push_back((at, place));
    }

    /// Where the bytes that packet `at` carried stand; those noted before it are forgotten.
    pub(super) fn of(&mut self, at: Stamp) -> Option<Place> {
        let index = self.0.iter().position(|(noted, _)| *noted == at)?;
        self.0.drain(..index);
        self.0.front().map(|(_, place)| *place)
    }

    /// Forgets all of them.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::PacketRef;

    #[test]
    fn places_are_given_in_the_order_of_their_chunks() {
        let at = |packet| Stamp { packet: PacketRef::new(0, packet), ..Stamp::default() };
        let mut places = Places::default();
        for packet in 1..=2_000 {
            places.note(at(packet), Place { end: packet as i64, acked: 0 });
        }
        let ends = [1_000, 1_500, 1_500, 1_200].map(|packet| places.of(at(packet)).map(|place| place.end));
        assert_eq!(ends, [Some(1_000), Some(1_500), Some(1_500), None]);
        assert_eq!(places.of(at(976)).map(|place| place.end), None);
    }
}
