//! Numbers that stand for originals, each for one only.

use std::collections::{HashMap, HashSet};

use super::key::RedactionKey;

/// Numbers by kind ("space") and original: counted up, or from the key's hash.
#[derive(Default)]
pub(super) struct Numbers {
    key: Option<RedactionKey>,
    given: HashMap<(Vec<u8>, Vec<u8>), u64>,
    taken: HashMap<Vec<u8>, HashSet<u64>>,
}

impl Numbers {
    pub(super) fn new(key: Option<RedactionKey>) -> Self {
        Self { key, ..Self::default() }
    }

    /// True where pseudonyms are the same in each report made with the key.
    pub(super) const fn is_keyed(&self) -> bool {
        self.key.is_some()
    }

    /// The number below `size` that stands for `original` among its kind.
    ///
    /// Two originals share one only when there are more of them than numbers.
    pub(super) fn number(&mut self, space: &[u8], original: &[u8], size: u64) -> u64 {
        let place = (space.to_vec(), original.to_vec());
        if let Some(&number) = self.given.get(&place) {
            return number;
        }
        let taken = self.taken.entry(space.to_vec()).or_default();
        let wanted = match &self.key {
            Some(key) => key.hash(space, original) % size,
            None => taken.len() as u64 % size,
        };
        let mut number = wanted;
        while (taken.len() as u64) < size && taken.contains(&number) {
            number = (number + 1) % size;
        }
        taken.insert(number);
        self.given.insert(place, number);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_key_they_are_counted() {
        let mut numbers = Numbers::new(None);
        let all = ["a", "b", "a", "c"].map(|name| numbers.number(b"host", name.as_bytes(), 100));
        assert_eq!(all, [0, 1, 0, 2]);
        assert_eq!(numbers.number(b"path", b"z", 100), 0);
    }

    #[test]
    fn with_a_key_they_do_not_depend_on_the_order_and_never_collide() {
        let key = RedactionKey::new(b"0123456789abcdef");
        let (mut one, mut other) = (Numbers::new(key.clone()), Numbers::new(key));
        assert_eq!(one.number(b"h", b"a", 1 << 24), {
            other.number(b"h", b"b", 1 << 24);
            other.number(b"h", b"a", 1 << 24)
        });
        let all: HashSet<u64> = (0..10_u8).map(|each| one.number(b"few", &[each], 10)).collect();
        assert_eq!(all.len(), 10);
        assert!(one.number(b"few", b"one more", 10) < 10);
    }
}
