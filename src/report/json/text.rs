//! Text that is collected before it goes to the output.

/// Bytes that a short string has at most.
const SHORT: usize = 32;

/// Collects text. What is written at once has its room first, and is written there without a further look at
/// how much there is.
pub(super) struct Text {
    /// What is written, and room behind it.
    bytes: Vec<u8>,
    end: usize,
}

impl Text {
    pub(super) fn with_room(room: usize) -> Self {
        Self { bytes: vec![0; room], end: 0 }
    }

    /// What is written so far.
    pub(super) fn written(&self) -> &[u8] {
        &self.bytes[..self.end]
    }

    pub(super) const fn len(&self) -> usize {
        self.end
    }

    pub(super) const fn clear(&mut self) {
        self.end = 0;
    }

    /// Room for `N` bytes, of which those that are written are to be [kept](Self::keep).
    #[inline(always)]
    pub(super) fn room<const N: usize>(&mut self) -> &mut [u8; N] {
        if self.bytes.get(self.end..).is_some_and(|rest| rest.len() >= N) {
            return self.at_hand();
        }
        self.grow(N);
        self.at_hand()
    }

    #[inline(always)]
    fn at_hand<const N: usize>(&mut self) -> &mut [u8; N] {
        &mut self.bytes[self.end..].as_chunks_mut().0[0]
    }

    /// Takes what was written into the room as text.
    #[inline(always)]
    pub(super) const fn keep(&mut self, length: usize) {
        self.end += length;
    }

    #[inline(always)]
    pub(super) fn push<const N: usize>(&mut self, bytes: &[u8; N]) {
        *self.room() = *bytes;
        self.keep(N);
    }

    #[inline]
    pub(super) fn push_number(&mut self, number: u64) {
        self.push_slice(itoa::Buffer::new().format(number).as_bytes());
    }

    #[inline]
    pub(super) fn push_slice(&mut self, bytes: &[u8]) {
        if bytes.len() <= SHORT {
            copy(bytes, self.room());
        } else {
            self.reserve(bytes.len());
            self.bytes[self.end..][..bytes.len()].copy_from_slice(bytes);
        }
        self.keep(bytes.len());
    }

    /// Puts a string in quotes that stands as it is.
    #[inline]
    pub(super) fn push_quoted(&mut self, bytes: &[u8]) {
        if bytes.len() > SHORT {
            self.push(b"\"");
            self.push_slice(bytes);
            return self.push(b"\"");
        }
        let room: &mut [u8; SHORT + 2] = self.room();
        room[0] = b'"';
        if let Some(rest) = room[1..].first_chunk_mut() {
            copy(bytes, rest);
        }
        room[1 + bytes.len()] = b'"';
        self.keep(bytes.len() + 2);
    }

    /// Puts the text from `start` on into quotes.
    pub(super) fn quote_from(&mut self, start: usize) {
        self.push(b"\"\"");
        self.bytes[start..self.end - 1].rotate_right(1);
    }

    fn reserve(&mut self, length: usize) {
        if self.bytes.len() - self.end < length {
            self.grow(length);
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, length: usize) {
        let wanted = (self.end + length).max(2 * self.bytes.len());
        self.bytes.resize(wanted, 0);
    }
}

/// Copies a short text, in two parts that overlap.
#[inline(always)]
fn copy(text: &[u8], room: &mut [u8; SHORT]) {
    let length = text.len();
    if let (Some(head), Some(tail)) = (text.first_chunk::<16>(), text.last_chunk::<16>()) {
        room[..16].copy_from_slice(head);
        room[length - 16..length].copy_from_slice(tail);
    } else if let (Some(head), Some(tail)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        room[..8].copy_from_slice(head);
        room[length - 8..length].copy_from_slice(tail);
    } else if let (Some(head), Some(tail)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        room[..4].copy_from_slice(head);
        room[length - 4..length].copy_from_slice(tail);
    } else {
        room.iter_mut().zip(text).for_each(|(place, byte)| *place = *byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_of_every_length_at_every_fill() {
        for room in 0..40 {
            for length in 0..100_u8 {
                let string: Vec<u8> = (0..length).collect();
                let mut text = Text::with_room(room);
                text.push_slice(&string);
                text.push_quoted(&string);
                text.push_number(u64::from(length));
                let expected = [&*string, b"\"", &*string, b"\"", length.to_string().as_bytes()].concat();
                assert_eq!(text.written(), expected);
                text.quote_from(string.len() + 1);
                let quoted =
                    [&*string, b"\"\"", &*string, b"\"", length.to_string().as_bytes(), b"\""].concat();
                assert_eq!(text.written(), quoted);
            }
        }
    }
}
