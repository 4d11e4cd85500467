//! What a reader wants to know of an event.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// A text that is a part of a longer one: the events of a connection have one between them, as most of a report
/// are events, and memory for each of their texts took longer than to write it.
#[derive(Clone)]
pub struct Detail {
    whole: Arc<str>,
    part: Range<usize>,
}

impl Detail {
    /// The parts of a text that end at these places, each where the one before it ends.
    pub(in crate::report) fn parts(whole: String, ends: Vec<usize>) -> impl Iterator<Item = Self> {
        let whole: Arc<str> = whole.into();
        let mut start = 0;
        ends.into_iter().map(move |end| {
            let part = std::mem::replace(&mut start, end)..end;
            Self { whole: Arc::clone(&whole), part }
        })
    }
}

impl From<&str> for Detail {
    fn from(text: &str) -> Self {
        Self { whole: text.into(), part: 0..text.len() }
    }
}

impl From<String> for Detail {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl Deref for Detail {
    type Target = str;

    fn deref(&self) -> &str {
        self.whole.get(self.part.clone()).unwrap_or_default()
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl Serialize for Detail {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_what_they_were_written_as() {
        let parts = Detail::parts("näch".to_owned(), vec![0, 3, 3, 5]);
        let parts: Vec<_> = parts.map(|part| part.to_string()).collect();
        assert_eq!(parts, ["", "nä", "", "ch"]);
    }
}
