//! Times of packets and the distances between them.
//!
//! Nothing in this crate reads a clock: every [`Timestamp`] comes from a capture file. Captures can
//! go backwards (clock steps, merged files), so a [`Span`] is signed.

use std::fmt;
use std::ops::Sub;

use serde::{Deserialize, Serialize};

/// A moment in nanoseconds since the Unix epoch, UTC, as the capture file states it.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment `nanos` nanoseconds after the Unix epoch.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the Unix epoch.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }
}

impl Sub for Timestamp {
    type Output = Span;

    fn sub(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

/// A signed distance between two [`Timestamp`]s in nanoseconds.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Span(i64);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of `nanos` nanoseconds.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// A span of whole milliseconds.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// A span of whole seconds.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000_000))
    }

    /// The span in nanoseconds.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// The span in seconds, for display and comparison with known timers.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// The distance regardless of its sign.
    pub const fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }

    /// The span `number` times.
    pub const fn times(self, number: i64) -> Self {
        Self(self.0.saturating_mul(number))
    }
}

/// What does not fit is told as the longest span: a capture's clock may be anything.
impl Sub for Span {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// From here on a span is too long for all its digits to be exact in an `f64`.
const INEXACT: i64 = 1_000_000_000_000_000;

/// As all reports and verdicts tell it, to hold against a timer: `0.42 ms`, `321 ms`, `600.012 s`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_to(f)
    }
}

impl Span {
    /// Writes it as its [`Display`](fmt::Display) does, to a text at hand without a formatter between.
    pub(crate) fn write_to(self, f: &mut impl fmt::Write) -> fmt::Result {
        let (step, places, unit) = match self.abs().0 {
            0 => return f.write_str("0 s"),
            ns if ns < 5_000 => return f.write_str("<0.01 ms"),
            ns if ns < 10_000_000 => (10_000, 2, " ms"),
            ns if ns < 999_500_000 => (1_000_000, 0, " ms"),
            ns if ns < INEXACT => (1_000_000, 3, " s"),
            _ => return write!(f, "{:.3} s", self.as_secs_f64()),
        };
        // A half goes to the side on which its nearest `f64` lies.
        let number = match self.abs().0 {
            ns if ns % step == step / 2 => {
                let float = ns as f64 / if unit == " s" { 1e9 } else { 1e6 };
                return write!(f, "{}{float:.places$}{unit}", self.sign());
            }
            ns => (ns + step / 2) / step,
        };
        f.write_str(self.sign())?;
        let mut text = [0; 20];
        f.write_str(decimal(&mut text, number.unsigned_abs(), places))?;
        f.write_str(unit)
    }

    const fn sign(self) -> &'static str {
        if self.0 < 0 { "-" } else { "" }
    }
}

/// A number of which this many digits stand behind the point.
fn decimal(text: &mut [u8; 20], mut number: u64, places: usize) -> &str {
    let mut start = text.len();
    let mut put = |byte| {
        start -= 1;
        text[start] = byte;
    };
    for place in 1.. {
        put(b'0' + (number % 10) as u8);
        number /= 10;
        if place == places {
            put(b'.');
        } else if number == 0 && place > places {
            break;
        }
    }
    str::from_utf8(&text[start..]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spans_are_signed_and_saturate() {
        let early = Timestamp::from_nanos(5);
        let late = Timestamp::from_nanos(7);
        assert_eq!(late - early, Span::from_nanos(2));
        assert_eq!(early - late, Span::from_nanos(-2));
        let far = Timestamp::from_nanos(i64::MAX) - Timestamp::from_nanos(i64::MIN);
        assert_eq!(far.as_nanos(), i64::MAX);
        assert_eq!(((early - late) - far).as_nanos(), i64::MIN);
        assert_eq!((far.times(4), (early - late).times(3).as_nanos()), (far, -6));
    }

    /// What a span is by the digits of its `f64`.
    fn by_float(span: Span) -> String {
        let ms = span.0 as f64 / 1e6;
        match span.abs().0 {
            0 => "0 s".to_owned(),
            ns if ns < 5_000 => "<0.01 ms".to_owned(),
            ns if ns < 10_000_000 => format!("{ms:.2} ms"),
            ns if ns < 999_500_000 => format!("{ms:.0} ms"),
            _ => format!("{:.3} s", span.as_secs_f64()),
        }
    }

    proptest! {
        #[test]
        fn spans_have_the_digits_of_their_floats(ns in any::<i64>(), shift in 0..63, near in -2..2_i64) {
            let ns = ns >> shift;
            for ns in [ns, ns / 10_000 * 10_000 + 5_000 + near, ns / 1_000_000 * 1_000_000 + 500_000 + near] {
                let span = Span::from_nanos(ns);
                prop_assert_eq!(span.to_string(), by_float(span));
            }
        }
    }

    #[test]
    fn spans_read_as_they_are_told() {
        for (nanos, text) in [
            (0, "0 s"),
            (420, "<0.01 ms"),
            (5_000, "0.01 ms"),
            (9_990_000, "9.99 ms"),
            (13_700_000, "14 ms"),
            (320_600_000, "321 ms"),
            (999_499_999, "999 ms"),
            (999_999_999, "1.000 s"),
            (600_012_345_678, "600.012 s"),
            (-500_000_000, "-500 ms"),
        ] {
            assert_eq!(Span::from_nanos(nanos).to_string(), text);
        }
    }
}
