//! The payload of a ping, kept until its pong comes.

/// Bytes of a payload that need no memory of their own: most have no more.
const SHORT: usize = 22;

/// A ping's payload (at most 125 bytes, RFC 6455 §5.5).
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Payload {
    /// The first `len` of these bytes.
    Short {
        /// How many.
        len: u8,
        /// The bytes, and zeros behind them.
        bytes: [u8; SHORT],
    },
    /// A longer one.
    Long(Box<[u8]>),
}

impl Payload {
    /// No bytes.
    pub(super) const EMPTY: Self = Self::Short { len: 0, bytes: [0; SHORT] };

    /// These bytes.
    pub(super) fn new(payload: &[u8]) -> Self {
        let mut bytes = [0; SHORT];
        match bytes.get_mut(..payload.len()) {
            Some(place) => {
                place.copy_from_slice(payload);
                Self::Short { len: payload.len() as u8, bytes }
            }
            None => Self::Long(payload.into()),
        }
    }

    /// Whether it is these bytes.
    pub(super) fn is(&self, payload: &[u8]) -> bool {
        match self {
            Self::Short { len, bytes } => bytes.get(..usize::from(*len)) == Some(payload),
            Self::Long(bytes) => **bytes == *payload,
        }
    }
}

impl Default for Payload {
    fn default() -> Self {
        Self::EMPTY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_of_any_length_are_told_apart() {
        let all: Vec<Vec<u8>> = (0..=125).map(|len| (0..len).collect()).collect();
        for one in &all {
            let payload = Payload::new(one);
            assert!(all.iter().all(|other| payload.is(other) == (one == other)), "{one:?}");
            assert!(!payload.is(&[&one[..], &[0]].concat()));
        }
        assert_eq!(Payload::default(), Payload::new(&[]));
        assert_eq!(size_of::<Payload>(), size_of::<Vec<u8>>());
    }
}
