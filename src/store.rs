//! Bytes that wait until they are asked for: in memory up to a bound, then in a temporary file without a name.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Bytes of one piece of memory; a longer record has one of its own.
const PIECE: usize = 64 * 1024;

/// Where bytes are kept.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Place(u64);

impl Place {
    /// Bits for a record's length, which no connection comes near; the others say where it begins.
    const LEN: u32 = 24;

    fn new(at: u64, len: usize) -> Option<Self> {
        let fits = at < 1 << (u64::BITS - Self::LEN) && len < 1 << Self::LEN;
        fits.then_some(Self(at << Self::LEN | len as u64))
    }

    const fn at(self) -> u64 {
        self.0 >> Self::LEN
    }

    const fn len(self) -> usize {
        (self.0 & ((1 << Self::LEN) - 1)) as usize
    }
}

/// Keeps bytes, the newest of them in memory.
#[derive(Debug, Default)]
pub struct Store {
    /// Bytes that may be in memory.
    bound: usize,
    /// What is in memory, in order; each piece with the place of its first byte.
    pieces: Vec<(u64, Vec<u8>)>,
    /// Bytes in `pieces`.
    held: usize,
    /// Where the next bytes go.
    end: u64,
    /// What no longer is in memory; everything before `filed`.
    file: Option<Mutex<Filed>>,
    filed: u64,
    /// There is no room for a file: all stays in memory.
    is_stuck: bool,
    failure: OnceLock<String>,
}

impl Store {
    /// Keeps about `bound` bytes in memory.
    pub fn new(bound: usize) -> Self {
        Self { bound, ..Self::default() }
    }

    /// Keeps these bytes.
    pub fn put(&mut self, bytes: &[u8]) -> Place {
        let Some(place) = Place::new(self.end, bytes.len()) else {
            self.fail("there is no room to put anything aside".to_owned());
            return Place::default();
        };
        match self.pieces.last_mut().filter(|(_, piece)| piece.capacity() - piece.len() >= bytes.len()) {
            Some((_, piece)) => piece.extend_from_slice(bytes),
            None => {
                let mut piece = Vec::with_capacity(bytes.len().max(PIECE.min(self.bound)));
                piece.extend_from_slice(bytes);
                self.pieces.push((self.end, piece));
            }
        }
        self.end += bytes.len() as u64;
        self.held += bytes.len();
        if self.held > self.bound && !self.is_stuck {
            self.is_stuck = self.spill().is_err();
        }
        place
    }

    /// What `read` makes of the bytes at a place; `None` where they cannot be read back, which
    /// [`failure`](Self::failure) tells.
    pub fn get<T>(&self, place: Place, read: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let read = if place.at() < self.filed {
            self.read(place, read)
        } else {
            self.held_at(place).map(read).ok_or_else(|| io::ErrorKind::NotFound.into())
        };
        read.map_err(|error| self.fail(format!("what was put aside cannot be read back: {error}"))).ok()
    }

    /// Lets everything go, but not that something did not come back.
    pub fn clear(&mut self) {
        let failure = std::mem::take(&mut self.failure);
        *self = Self { is_stuck: self.is_stuck, failure, ..Self::new(self.bound) };
    }

    /// Whether more is in memory than the bound allows, as there is no room for a file.
    pub const fn is_stuck(&self) -> bool {
        self.is_stuck
    }

    /// Notes that something that was kept did not come back as it was.
    pub fn fail(&self, why: String) {
        self.failure.get_or_init(|| why);
    }

    /// Why something that was kept did not come back.
    pub fn failure(&self) -> Option<&str> {
        self.failure.get().map(String::as_str)
    }

    /// Bytes in memory.
    pub const fn held(&self) -> usize {
        self.held
    }

    fn read<T>(&self, place: Place, read: impl FnOnce(&[u8]) -> T) -> io::Result<T> {
        let filed = self.file.as_ref().ok_or(io::ErrorKind::NotFound)?;
        let mut filed = filed.lock().unwrap_or_else(PoisonError::into_inner);
        filed.bytes(place).map(read)
    }

    fn held_at(&self, place: Place) -> Option<&[u8]> {
        let index = self.pieces.partition_point(|(start, _)| *start <= place.at()).checked_sub(1)?;
        let (start, piece) = self.pieces.get(index)?;
        let offset = usize::try_from(place.at() - start).ok()?;
        piece.get(offset..offset.checked_add(place.len())?)
    }

    /// Moves what is in memory into the file.
    fn spill(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(Mutex::new(Filed::new(tempfile::tempfile()?))),
        };
        let file = &mut file.get_mut().unwrap_or_else(PoisonError::into_inner).file;
        // What was read in between has moved it.
        file.seek(SeekFrom::Start(self.filed))?;
        for (_, piece) in &self.pieces {
            file.write_all(piece)?;
        }
        // Only what is there as a whole counts as being there.
        self.filed = self.end;
        self.held = 0;
        self.pieces.clear();
        Ok(())
    }
}

/// What no longer is in memory.
#[derive(Debug)]
struct Filed {
    file: File,
    /// Where it is read to, one record after the other.
    read: Vec<u8>,
}

impl Filed {
    const fn new(file: File) -> Self {
        Self { file, read: Vec::new() }
    }

    /// The bytes at a place.
    fn bytes(&mut self, place: Place) -> io::Result<&[u8]> {
        // A long record leaves no more room behind than others need.
        self.read.truncate(place.len().max(PIECE));
        self.read.shrink_to(PIECE);
        if self.read.len() < place.len() {
            self.read.resize(place.len(), 0);
        }
        let (bytes, _) = self.read.split_at_mut(place.len());
        self.file.seek(SeekFrom::Start(place.at()))?;
        self.file.read_exact(bytes)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(number: usize) -> Vec<u8> {
        number.to_string().repeat(number % 7).into_bytes()
    }

    fn copy(store: &Store, place: Place) -> Option<Vec<u8>> {
        store.get(place, <[u8]>::to_vec)
    }

    #[test]
    fn everything_comes_back_and_little_is_in_memory() {
        let mut store = Store::new(100);
        let places: Vec<Place> = (0..1000)
            .map(|number| {
                let place = store.put(&record(number));
                assert!(store.held() <= 100, "{}", store.held());
                assert_eq!(copy(&store, place), Some(record(number)));
                place
            })
            .collect();
        assert!(store.filed > 0 && !store.is_stuck());
        for (number, place) in places.iter().enumerate().rev() {
            assert_eq!(copy(&store, *place), Some(record(number)), "{number}");
        }
    }

    #[test]
    fn without_a_file_all_stays_in_memory() {
        let mut store = Store { is_stuck: true, ..Store::new(100) };
        let places: Vec<Place> = (0..1000).map(|number| store.put(&record(number))).collect();
        for (number, place) in places.iter().enumerate() {
            assert_eq!(copy(&store, *place), Some(record(number)), "{number}");
        }
        assert!(store.held() > 100 && store.is_stuck());
        store.clear();
        assert_eq!((store.held(), store.is_stuck()), (0, true));
    }

    #[test]
    fn a_long_record_leaves_no_room_behind() {
        let mut store = Store::new(10);
        let long = vec![7; 3 * PIECE];
        let places = [store.put(&long), store.put(&record(13))];
        assert_eq!(copy(&store, places[0]), Some(long));
        assert_eq!(copy(&store, places[1]), Some(record(13)));
        let filed = store.file.unwrap().into_inner().unwrap();
        assert!(filed.read.capacity() <= PIECE, "{}", filed.read.capacity());
    }

    #[test]
    fn what_cannot_be_read_back_is_told() {
        let mut store = Store::new(10);
        let place = store.put(&[1; 20]);
        assert_eq!((copy(&store, place), store.failure()), (Some(vec![1; 20]), None));
        store.file = Some(Mutex::new(Filed::new(tempfile::tempfile().unwrap())));
        assert_eq!(copy(&store, place), None);
        assert!(store.failure().unwrap().starts_with("what was put aside cannot be read back: "));
    }
}
