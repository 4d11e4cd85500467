//! Handshake messages over records (RFC 8446 §4 and §5.1).

/// Bytes of the longest handshake message that is read.
const MAX_MESSAGE: usize = 64 * 1024;

/// Bytes before a message's body: its type and a length of three bytes.
const HEADER: usize = 4;

/// What a handshake message is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct HandshakeType(pub(super) u8);

impl HandshakeType {
    pub(super) const CLIENT_HELLO: Self = Self(1);
    pub(super) const SERVER_HELLO: Self = Self(2);
    pub(super) const END_OF_EARLY_DATA: Self = Self(5);
    pub(super) const ENCRYPTED_EXTENSIONS: Self = Self(8);
    pub(super) const FINISHED: Self = Self(20);
    pub(super) const KEY_UPDATE: Self = Self(24);
}

/// A message that is longer than the bound.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct TooLong;

/// Puts the messages of one direction together.
#[derive(Clone, Debug, Default)]
pub(super) struct Messages {
    held: Vec<u8>,
    /// A piece is missing, so that no message's beginning is known.
    broken: bool,
}

impl Messages {
    /// Takes the content of a handshake record.
    pub(super) fn push(&mut self, content: &[u8]) {
        self.broken &= !is_chain(content);
        if !self.broken {
            self.held.extend_from_slice(content);
        }
    }

    /// The next whole message: its type and its body.
    pub(super) fn next(&mut self) -> Result<Option<(HandshakeType, Vec<u8>)>, TooLong> {
        let Some([kind, a, b, c]) = self.held.first_chunk().copied() else { return Ok(None) };
        let len = u32::from_be_bytes([0, a, b, c]) as usize;
        if len > MAX_MESSAGE {
            self.held = Vec::new();
            return Err(TooLong);
        }
        if self.held.len() < HEADER + len {
            return Ok(None);
        }
        let rest = self.held.split_off(HEADER + len);
        let mut message = std::mem::replace(&mut self.held, rest);
        message.drain(..HEADER);
        Ok(Some((HandshakeType(kind), message)))
    }

    /// A record of handshake messages is missing.
    pub(super) fn lose(&mut self) {
        self.held = Vec::new();
        self.broken = true;
    }

    /// New keys: no message goes on across them (RFC 8446 §5.1).
    pub(super) fn renew(&mut self) {
        *self = Self::default();
    }
}

/// Whether `content` is exactly one or more whole messages.
pub(super) fn is_chain(mut content: &[u8]) -> bool {
    let mut found = false;
    while let Some(([kind, a, b, c], rest)) = content.split_first_chunk() {
        let len = u32::from_be_bytes([0, *a, *b, *c]) as usize;
        let Some(rest) = rest.get(len..).filter(|_| *kind <= HandshakeType::KEY_UPDATE.0) else {
            return false;
        };
        (content, found) = (rest, true);
    }
    found && content.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_go_over_records() {
        let bytes = [&[2, 0, 0, 3][..], b"abc", &[20, 0, 0, 0], &[8, 0, 0, 1], b"x"].concat();
        for size in 1..=bytes.len() {
            let (mut messages, mut found) = (Messages::default(), Vec::new());
            for chunk in bytes.chunks(size) {
                messages.push(chunk);
                while let Some((kind, body)) = messages.next().unwrap() {
                    found.push((kind.0, body));
                }
            }
            assert_eq!(found, [(2, b"abc".to_vec()), (20, vec![]), (8, b"x".to_vec())]);
        }
    }

    #[test]
    fn a_message_without_end_is_not_held() {
        let mut messages = Messages::default();
        messages.push(&[11, 0xff, 0xff, 0xff, 0]);
        assert_eq!(messages.next(), Err(TooLong));
    }
    #[test]
    fn behind_a_hole_whole_messages_are_read_again() {
        let mut messages = Messages::default();
        messages.push(&[11, 0, 0, 9, 1]);
        messages.lose();
        messages.push(b"the rest of it");
        assert_eq!(messages.next(), Ok(None));
        messages.push(&[20, 0, 0, 1, 7]);
        assert_eq!(messages.next(), Ok(Some((HandshakeType::FINISHED, vec![7]))));
    }
}
