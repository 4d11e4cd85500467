//! Why the reading of a capture ended.

use std::io::{self, ErrorKind};

/// The end of a capture: a clean one, or what is wrong.
#[derive(Debug)]
pub(super) enum Stop {
    /// The input ended after a whole record.
    End,
    /// The input ended inside something.
    Cut {
        /// What it ended in.
        what: &'static str,
        /// The bytes that should be there.
        needed: usize,
        /// The bytes that are.
        found: usize,
    },
    /// A length or a mark that cannot be right, in words.
    Corrupt(String),
    /// The input could not be read further.
    Io(io::Error),
}

impl Stop {
    /// Whether the input is only empty for now; what was read of the record stays.
    pub(super) fn is_pause(&self) -> bool {
        matches!(self, Self::Io(cause) if cause.kind() == ErrorKind::WouldBlock)
    }

    /// What is wrong, in words; `None` for a clean end.
    pub(super) fn reason(&self) -> Option<String> {
        match self {
            Self::End => None,
            Self::Cut { what, needed, found } => {
                Some(format!("the file is cut short: {what} needs {needed} bytes, {found} are there"))
            }
            Self::Corrupt(reason) => Some(reason.clone()),
            Self::Io(cause) => Some(match cause.kind() {
                ErrorKind::UnexpectedEof => format!("the file is cut short: {cause}"),
                ErrorKind::InvalidData | ErrorKind::Unsupported => cause.to_string(),
                _ => format!("reading failed: {cause}"),
            }),
        }
    }
}
