//! What a colour means here. Without colour the text says the same.

use anstyle::{AnsiColor, Style};
use comfy_table::{Attribute, Cell, Color};

use super::super::prose::words::Mood;

/// Why a piece of text stands out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Tone {
    /// It does not.
    Plain,
    /// A heading or a headline.
    Strong,
    /// Of less interest.
    Dim,
    /// As it should be.
    Good,
    /// Worth a look.
    Warn,
    /// Broken.
    Bad,
    /// Concluded, not seen.
    Inferred,
}

impl Tone {
    /// The style of a whole line.
    pub(super) const fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Strong => Style::new().bold(),
            Self::Dim => Style::new().dimmed(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Warn => AnsiColor::Yellow.on_default(),
            Self::Bad => AnsiColor::Red.on_default(),
            Self::Inferred => AnsiColor::Magenta.on_default(),
        }
    }

    /// The cell in the same style.
    pub(super) fn paint(self, cell: Cell) -> Cell {
        match self {
            Self::Plain => cell,
            Self::Strong => cell.add_attribute(Attribute::Bold),
            Self::Dim => cell.add_attribute(Attribute::Dim),
            Self::Good => cell.fg(Color::DarkGreen),
            Self::Warn => cell.fg(Color::DarkYellow),
            Self::Bad => cell.fg(Color::DarkRed),
            Self::Inferred => cell.fg(Color::DarkMagenta),
        }
    }
}

impl From<Mood> for Tone {
    fn from(mood: Mood) -> Self {
        match mood {
            Mood::Open => Self::Plain,
            Mood::Good => Self::Good,
            Mood::Unclear => Self::Warn,
            Mood::Bad => Self::Bad,
        }
    }
}
