//! Turns the ticks of a pcapng interface into nanoseconds.

use crate::time::Timestamp;

const NANOS_PER_SECOND: u32 = 1_000_000_000;

/// The clock of an interface: what a tick is, and where its count starts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Clock {
    tick: Tick,
    offset: i128,
}

/// How many ticks make a nanosecond, or the other way round.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Tick {
    /// A tick is this many nanoseconds.
    Nanos(u32),
    /// A nanosecond is this many ticks.
    PerNano(u64),
    /// A second is two to this power of ticks.
    PerSecondLog2(u32),
    /// A tick is so short that no count of them makes a nanosecond.
    Nothing,
}

impl Clock {
    /// The clock of `if_tsresol` and `if_tsoffset` as the interface states them.
    pub(super) fn new(tsresol: u8, tsoffset: i64) -> Self {
        let exponent = u32::from(tsresol & 0x7f);
        let tick = if tsresol & 0x80 != 0 {
            Tick::PerSecondLog2(exponent)
        } else if let Some(shift) = 9_u32.checked_sub(exponent) {
            Tick::Nanos(10_u32.pow(shift))
        } else {
            10_u64.checked_pow(exponent.saturating_sub(9)).map_or(Tick::Nothing, Tick::PerNano)
        };
        Self { tick, offset: i128::from(tsoffset) * i128::from(NANOS_PER_SECOND) }
    }

    /// The moment of `ticks`; the nearest one that can be written where it lies centuries away.
    #[inline]
    pub(super) fn time(&self, ticks: u64) -> Timestamp {
        // The narrow types let the compiler see that no product overflows.
        let nanos = match self.tick {
            Tick::Nanos(factor) => u128::from(ticks) * u128::from(factor),
            Tick::PerNano(divisor) => u128::from(ticks / divisor),
            Tick::PerSecondLog2(exponent) => (u128::from(ticks) * u128::from(NANOS_PER_SECOND)) >> exponent,
            Tick::Nothing => 0,
        };
        let nanos = i128::try_from(nanos).unwrap_or(i128::MAX).saturating_add(self.offset);
        let clamped = nanos.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
        Timestamp::from_nanos(i64::try_from(clamped).unwrap_or(i64::MAX))
    }
}

impl Default for Clock {
    /// Microseconds since the epoch, as an interface without options has it.
    fn default() -> Self {
        Self::new(6, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(tsresol: u8, tsoffset: i64, ticks: u64) -> i64 {
        Clock::new(tsresol, tsoffset).time(ticks).as_nanos()
    }

    #[test]
    fn decimal_resolutions() {
        assert_eq!(nanos(6, 0, 1_700_000_000_123_456), 1_700_000_000_123_456_000);
        assert_eq!(nanos(9, 0, 1_700_000_000_123_456_789), 1_700_000_000_123_456_789);
        assert_eq!(nanos(0, 0, 1_700_000_000), 1_700_000_000_000_000_000);
        assert_eq!(nanos(12, 0, 1_999), 1);
        assert_eq!(nanos(127, 0, u64::MAX), 0);
    }

    #[test]
    fn binary_resolutions() {
        assert_eq!(nanos(0x80 | 10, 0, 1024 + 512), 1_500_000_000);
        assert_eq!(nanos(0x80 | 32, 0, 1 << 31), 500_000_000);
        assert_eq!(nanos(0x80, 0, 3), 3_000_000_000);
        assert_eq!(nanos(0xff, 0, u64::MAX), 0);
    }

    #[test]
    fn offsets_are_signed_and_far_times_saturate() {
        assert_eq!(nanos(6, 3600, 1), 3_600_000_001_000);
        assert_eq!(nanos(6, -3600, 0), -3_600_000_000_000);
        assert_eq!(nanos(0, i64::MAX, u64::MAX), i64::MAX);
        assert_eq!(nanos(6, i64::MIN, 0), i64::MIN);
    }
}
