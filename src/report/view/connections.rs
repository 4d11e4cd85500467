//! The connections of the view, which are put into words one at a time where there are many.

use std::borrow::Cow;
use std::fmt::Debug;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, OnceLock};

use serde::{Serialize, Serializer};

use super::{Connection, Time, Word};

/// The connections of a report.
///
/// As a list ([`Deref`]) they are all in memory at once; [`each`](Self::each) and [`with_id`](Self::with_id)
/// make only those that are looked at.
#[derive(Clone, Debug, Default)]
pub struct Connections {
    source: Option<Arc<dyn Compose>>,
    /// The number of the only one of the source's that is left.
    only: Option<u32>,
    /// All of them, where someone wanted a list.
    listed: OnceLock<Vec<Connection>>,
    /// The list that they were changed in, which goes before all else.
    own: Option<Vec<Connection>>,
}

/// Makes the connections of a report when they are wanted.
pub(in crate::report) trait Compose: Debug + Send + Sync {
    /// How many there are.
    fn len(&self) -> usize;

    /// What is known of the connection at a place without its record.
    fn outline(&self, place: usize) -> Option<Outline>;

    /// The place of the connection with a number.
    fn place(&self, id: u32) -> Option<usize>;

    /// The connection at a place; `None` where it cannot be read back.
    fn connection(&self, place: usize) -> Option<Connection>;

    /// The same for a row of a table: what its single events say, and where to look for them, is left empty.
    fn brief(&self, place: usize) -> Option<Connection>;

    /// Why some could not be read back.
    fn failure(&self) -> Option<&str>;
}

/// What is known of a connection without its record.
#[derive(Clone, Copy, Debug)]
pub struct Outline {
    /// Its number in the report.
    pub id: u32,
    /// When its first FIN or RST was seen.
    pub ended: Option<Time>,
    /// Who ended it.
    pub party: Word,
    /// Why.
    pub cause: Word,
    /// How sure that is.
    pub confidence: Word,
}

impl Connections {
    /// Connections that are made when they are wanted.
    pub(in crate::report) const fn made_by(source: Arc<dyn Compose>) -> Self {
        Self { source: Some(source), only: None, listed: OnceLock::new(), own: None }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.in_memory().map_or_else(|| self.places().count(), Vec::len)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One after the other, of which none stays in memory.
    pub fn each(&self) -> impl Iterator<Item = Cow<'_, Connection>> {
        let made = self.places().filter_map(|(source, place)| source.connection(place));
        self.at_hand().iter().map(Cow::Borrowed).chain(made.map(Cow::Owned))
    }

    /// The connection with this number.
    pub fn with_id(&self, id: u32) -> Option<Cow<'_, Connection>> {
        self.made_with_id(id, |source, place| source.connection(place))
    }

    /// The connection with this number for a row of a table, which needs no more than [`Compose::brief`] makes.
    pub(in crate::report) fn brief(&self, id: u32) -> Option<Cow<'_, Connection>> {
        self.made_with_id(id, |source, place| source.brief(place))
    }

    /// The connection with this number, as `make` makes it where it is not in memory.
    fn made_with_id(
        &self,
        id: u32,
        make: impl FnOnce(&dyn Compose, usize) -> Option<Connection>,
    ) -> Option<Cow<'_, Connection>> {
        if let Some(listed) = self.in_memory() {
            return listed.iter().find(|each| each.id == id).map(Cow::Borrowed);
        }
        let source = self.source.as_deref().filter(|_| self.only.is_none_or(|only| only == id))?;
        make(source, source.place(id)?).map(Cow::Owned)
    }

    /// What is known of each without its record.
    pub fn outlines(&self) -> impl Iterator<Item = Outline> {
        let made = self.places().filter_map(|(source, place)| source.outline(place));
        self.at_hand().iter().map(outline).chain(made)
    }

    /// Leaves only the connection with this number.
    pub(super) fn keep_only(&mut self, id: u32) {
        self.only = Some(id);
        let lists = self.listed.get_mut().into_iter().chain(&mut self.own);
        lists.for_each(|list| list.retain(|each| each.id == id));
    }

    /// Why some could not be read back, after they were wanted.
    pub fn failure(&self) -> Option<&str> {
        self.source.as_ref().and_then(|source| source.failure())
    }

    /// The list, where there is one.
    fn in_memory(&self) -> Option<&Vec<Connection>> {
        self.own.as_ref().or_else(|| self.listed.get())
    }

    fn at_hand(&self) -> &[Connection] {
        self.in_memory().map_or(&[], Vec::as_slice)
    }

    /// The places of those that are not in memory.
    fn places(&self) -> impl Iterator<Item = (&Arc<dyn Compose>, usize)> {
        self.source.iter().filter(|_| self.in_memory().is_none()).flat_map(|source| {
            let places = match self.only {
                None => 0..source.len(),
                Some(id) => source.place(id).map_or(0..0, |place| place..place + 1),
            };
            places.map(move |place| (source, place))
        })
    }

    fn listed(&self) -> &Vec<Connection> {
        self.listed.get_or_init(|| self.each().map(Cow::into_owned).collect())
    }
}

fn outline(connection: &Connection) -> Outline {
    let super::Verdict { party, cause, confidence, .. } = connection.verdict;
    Outline { id: connection.id, ended: connection.ended, party, cause, confidence }
}

impl Deref for Connections {
    type Target = Vec<Connection>;

    fn deref(&self) -> &Vec<Connection> {
        self.own.as_ref().unwrap_or_else(|| self.listed())
    }
}

impl DerefMut for Connections {
    fn deref_mut(&mut self) -> &mut Vec<Connection> {
        if self.own.is_none() {
            self.listed();
        }
        let listed = self.listed.take();
        self.own.get_or_insert_with(|| listed.unwrap_or_default())
    }
}

impl From<Vec<Connection>> for Connections {
    fn from(listed: Vec<Connection>) -> Self {
        Self { own: Some(listed), ..Self::default() }
    }
}

impl<'a> IntoIterator for &'a Connections {
    type Item = &'a Connection;
    type IntoIter = std::slice::Iter<'a, Connection>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a> IntoIterator for &'a mut Connections {
    type Item = &'a mut Connection;
    type IntoIter = std::slice::IterMut<'a, Connection>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl Serialize for Connections {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.each())
    }
}
