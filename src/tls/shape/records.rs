//! Record after record of one direction, by their headers alone: what is inside is passed over.

use crate::tls::record::{ContentType, HEADER, record_len};

/// Bytes of a record's content that are looked at: an alert in plain text has two.
const LOOKED_AT: usize = 2;

/// The place in one direction's records; a few bytes, whatever goes through.
#[derive(Clone, Debug, Default)]
pub(super) struct Records {
    place: Place,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    /// In a header, of which this many bytes are there.
    Header([u8; HEADER], u8),
    /// In a body.
    Body(Head, u32),
    /// It is not known where the next record begins.
    Lost,
}

impl Default for Place {
    fn default() -> Self {
        Self::Header([0; HEADER], 0)
    }
}

/// A record's header, and the first bytes behind it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) kind: ContentType,
    /// Bytes of its content.
    pub(super) len: u16,
    start: [u8; LOOKED_AT],
    seen: u8,
}

impl Head {
    /// The content, where it is no longer than an alert in plain text and was seen.
    pub(super) const fn short_content(&self) -> Option<[u8; LOOKED_AT]> {
        if self.len as usize == LOOKED_AT && self.seen as usize == LOOKED_AT {
            Some(self.start)
        } else {
            None
        }
    }

    /// Notes the first bytes of the content, of which these are the next.
    fn look_at(&mut self, content: &[u8]) {
        for byte in content.iter().take(LOOKED_AT - usize::from(self.seen)) {
            self.start[usize::from(self.seen)] = *byte;
            self.seen += 1;
        }
    }

    const fn of(header: [u8; HEADER], len: usize) -> Self {
        let len = (len - HEADER) as u16;
        Self { kind: ContentType(header[0]), len, start: [0; LOOKED_AT], seen: 0 }
    }
}

/// What a piece of the stream is.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    /// Bytes of the content of a record with handshake messages.
    Handshake(&'a [u8]),
    /// A record's end.
    End(Head),
    /// What stands here is no record.
    NotARecord,
}

impl Records {
    /// Records whose beginning is not in the capture.
    pub(super) const fn midstream() -> Self {
        Self { place: Place::Lost }
    }

    /// Whether it is known where the next record begins.
    pub(super) const fn is_lost(&self) -> bool {
        matches!(self.place, Place::Lost)
    }

    /// Passes over bytes, if they are no more than the middle of what a record protects.
    pub(super) const fn pass(&mut self, bytes: &[u8]) -> bool {
        match &mut self.place {
            Place::Body(Head { kind: ContentType::APPLICATION_DATA, seen, .. }, left)
                if *seen as usize == LOOKED_AT && *left as usize > bytes.len() =>
            {
                *left -= bytes.len() as u32;
                true
            }
            _ => false,
        }
    }

    /// The next piece of the stream that goes on with `input`, which is advanced.
    pub(super) fn next<'a>(&mut self, input: &mut &'a [u8]) -> Option<Piece<'a>> {
        if self.is_lost() {
            if !is_record_chain(input) {
                return None;
            }
            *self = Self::default();
        }
        match &mut self.place {
            Place::Header(header, have) => {
                let wanted = (HEADER - usize::from(*have)).min(input.len());
                if wanted == 0 {
                    return None;
                }
                let (now, rest) = input.split_at(wanted);
                header[usize::from(*have)..][..wanted].copy_from_slice(now);
                *have += wanted as u8;
                *input = rest;
                if usize::from(*have) < HEADER {
                    return None;
                }
                let Ok(len) = record_len(header) else {
                    self.place = Place::Lost;
                    return Some(Piece::NotARecord);
                };
                let head = Head::of(*header, len);
                self.place = Place::Body(head, u32::from(head.len));
                self.body(input)
            }
            Place::Body(..) => self.body(input),
            Place::Lost => None,
        }
    }

    fn body<'a>(&mut self, input: &mut &'a [u8]) -> Option<Piece<'a>> {
        let Place::Body(head, left) = &mut self.place else { return None };
        if *left > 0 {
            let (now, rest) = input.split_at((*left as usize).min(input.len()));
            *left -= now.len() as u32;
            *input = rest;
            head.look_at(now);
            if head.kind == ContentType::HANDSHAKE && !now.is_empty() {
                return Some(Piece::Handshake(now));
            }
            if *left > 0 {
                return None;
            }
        }
        let head = *head;
        self.place = Place::default();
        Some(Piece::End(head))
    }

    /// Goes over a hole of `bytes` bytes; gives the record that ends with it.
    pub(super) fn gap(&mut self, bytes: u64) -> Option<Head> {
        let Place::Body(head, left) = &mut self.place else {
            self.place = Place::Lost;
            return None;
        };
        match u64::from(*left).checked_sub(bytes) {
            Some(0) => {
                let head = *head;
                self.place = Place::default();
                Some(head)
            }
            Some(rest) => {
                *left = rest as u32;
                None
            }
            None => {
                self.place = Place::Lost;
                None
            }
        }
    }
}

/// Whether bytes in the middle of a stream begin with records: one that ends where they do, is followed by
/// another, or is of application data and longer than they are.
pub fn is_record_chain(bytes: &[u8]) -> bool {
    let Some(header) = bytes.first_chunk::<HEADER>() else { return false };
    // From TLS 1.2 on, every record behind the hellos has this version (RFC 8446 §5.1).
    if !matches!(header, [20..=23, 3, 3, ..]) {
        return false;
    }
    let Ok(len) = record_len(header) else { return false };
    match bytes.get(len..) {
        Some([]) => true,
        Some(rest) => matches!(rest, [20..=23] | [20..=23, 3] | [20..=23, 3, 3, ..]),
        None => header[0] == ContentType::APPLICATION_DATA.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u8, len: usize) -> Vec<u8> {
        [&[kind, 3, 3, (len >> 8) as u8, len as u8][..], &vec![7; len]].concat()
    }

    fn ends(records: &mut Records, mut input: &[u8]) -> Vec<(u8, u16)> {
        let mut found = Vec::new();
        while let Some(piece) = records.next(&mut input) {
            if let Piece::End(head) = piece {
                found.push((head.kind.0, head.len));
            }
        }
        found
    }

    #[test]
    fn records_are_passed_over_however_they_are_split() {
        let stream = [record(22, 3), record(23, 0), record(23, 700), record(21, 2)].concat();
        for size in 1..=stream.len() {
            let mut records = Records::default();
            let found: Vec<_> = stream.chunks(size).flat_map(|chunk| ends(&mut records, chunk)).collect();
            assert_eq!(found, [(22, 3), (23, 0), (23, 700), (21, 2)], "{size}");
        }
    }

    #[test]
    fn a_hole_within_a_record_loses_nothing() {
        let stream = [record(23, 100), record(23, 9)].concat();
        let mut records = Records::default();
        assert!(ends(&mut records, &stream[..20]).is_empty());
        assert!(records.gap(50).is_none());
        assert_eq!(ends(&mut records, &stream[70..]), [(23, 100), (23, 9)]);
        assert!(ends(&mut records, &stream[..20]).is_empty());
        assert_eq!(records.gap(85).map(|head| head.len), Some(100));
        assert_eq!(ends(&mut records, &stream[105..]), [(23, 9)]);
    }

    #[test]
    fn behind_other_holes_a_chain_is_looked_for() {
        let mut records = Records::default();
        assert!(records.gap(10).is_none() && records.is_lost());
        assert!(ends(&mut records, b"the rest of a record").is_empty());
        assert_eq!(ends(&mut records, &[record(23, 9), record(23, 1)].concat()), [(23, 9), (23, 1)]);
        assert!(!records.is_lost());
    }

    #[test]
    fn other_bytes_are_no_records() {
        let mut input: &[u8] = b"HTTP/1.1 400 Bad Request";
        assert!(matches!(Records::default().next(&mut input), Some(Piece::NotARecord)));
        assert!(!is_record_chain(b"GET / HTTP/1.1"));
        assert!(!is_record_chain(&[23, 3, 1, 0, 1, 0]));
        assert!(is_record_chain(&record(23, 9000)[..1400]));
        assert!(!is_record_chain(&[record(22, 5), b"x".to_vec()].concat()));
    }
}
