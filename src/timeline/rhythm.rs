//! How regularly a side speaks, so that its falling silent can be told from its usual pauses.

use serde::{Deserialize, Serialize};

use crate::time::Span;

/// Fewer pauses show no rhythm, however alike they are.
const FEWEST: u64 = 3;

/// Fewer pauses must be alike to a tenth, as those of a program's timer are.
const MANY: u64 = 4;

/// The pauses between the frames of one side, in constant memory.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Rhythm {
    frames: u64,
    /// All pauses together, in nanoseconds.
    together: i64,
    longest: Span,
    /// The newest pause, which the others leave out; there is one from the second frame on.
    newest: Span,
}

impl Rhythm {
    /// The one of a side that said nothing yet.
    pub(crate) const NEW: Self = Self { frames: 0, together: 0, longest: Span::ZERO, newest: Span::ZERO };

    /// The side sent a frame, this long after its last one (after the opening, for the first).
    pub(crate) fn beat(&mut self, pause: Span) {
        self.frames += 1;
        if self.frames > 1 {
            let before = std::mem::replace(&mut self.newest, pause.max(Span::ZERO));
            self.together = self.together.saturating_add(before.as_nanos());
            self.longest = self.longest.max(before);
        }
    }

    /// The newest pause.
    pub fn newest(&self) -> Option<Span> {
        (self.frames > 1).then_some(self.newest)
    }

    /// The longest pause before the newest one, where there was one.
    pub fn longest_before(&self) -> Option<Span> {
        (self.frames > 2).then_some(self.longest)
    }

    /// The usual pause, where the side spoke at a steady pace to its last frame.
    pub fn steady(&self) -> Option<Span> {
        let (pauses, newest) = (self.frames.saturating_sub(1), self.newest()?);
        let usual = mean(self.together.saturating_add(newest.as_nanos()), pauses);
        let longest = self.longest.max(newest);
        let tenths = if pauses >= MANY { 15 } else { 11 };
        let steady = longest.as_nanos().saturating_mul(10) <= usual.as_nanos().saturating_mul(tenths);
        (pauses >= FEWEST && steady && usual > Span::ZERO).then_some(usual)
    }
}

fn mean(together: i64, count: u64) -> Span {
    Span::from_nanos(together / i64::try_from(count).unwrap_or(i64::MAX).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pauses: &[i64]) -> Rhythm {
        let mut rhythm = Rhythm::default();
        rhythm.beat(Span::from_millis(7));
        pauses.iter().for_each(|&pause| rhythm.beat(Span::from_millis(pause)));
        rhythm
    }

    #[test]
    fn a_steady_pace_is_told_from_chance() {
        assert_eq!(of(&[500, 500, 500, 500]).steady(), Some(Span::from_millis(500)));
        assert_eq!(of(&[500, 510, 490, 500]).steady(), Some(Span::from_millis(500)));
        assert_eq!(of(&[500, 501, 500]).steady(), Some(Span::from_nanos(500_333_333)));
        assert_eq!(of(&[500, 600, 500]).steady(), None);
        assert_eq!(of(&[500, 500]).steady(), None);
        assert_eq!(of(&[500, 20, 1_900, 30, 700]).steady(), None);
        assert_eq!(of(&[0, 0, 0, 0, 0]).steady(), None);
        assert_eq!(of(&[]).steady(), None);
    }

    #[test]
    fn the_newest_pause_is_held_against_those_before() {
        let rhythm = of(&[500, 700, 500, 700, 9_000]);
        assert_eq!(rhythm.newest(), Some(Span::from_millis(9_000)));
        assert_eq!(rhythm.longest_before(), Some(Span::from_millis(700)));
        assert_eq!(of(&[500]).longest_before(), None);
    }
}
