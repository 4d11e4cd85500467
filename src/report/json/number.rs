//! Writes numbers that have few digits, as durations have, without working out which ones they need.

use super::text::Text;
use crate::report::digits;

/// Places behind the point.
const PLACES: usize = 9;

/// One at the last of those places.
const ONE: f64 = 1e9;

/// Numbers below this have 15 digits at most. No two of those are one `f64`, so they are the shortest
/// text of it.
const TOO_LONG: u64 = 1_000_000_000_000_000;

/// A number of billionths.
pub(super) struct Decimal {
    is_negative: bool,
    billionths: u64,
}

impl Decimal {
    /// The number as a decimal that is the shortest text of it, unless that has to be looked for.
    pub(super) fn of(value: f64) -> Option<Self> {
        // A number that is none, or too large, becomes one that is not it.
        let billionths = (value.abs() * ONE + 0.5) as u64;
        let is_it = billionths < TOO_LONG && billionths as f64 / ONE == value.abs();
        is_it.then_some(Self { is_negative: value.is_sign_negative(), billionths })
    }

    /// Writes it with one digit behind the point at least.
    pub(super) fn write(&self, out: &mut Text) {
        let scale = ONE as u64;
        let (whole, rest) = (self.billionths / scale, self.billionths % scale);
        if self.is_negative {
            out.push(b"-");
        }
        out.push_number(whole);
        let places = digits::nine(rest as u32);
        let zeros = places[1..].iter().rev().take_while(|&&digit| digit == b'0').count();
        out.push(b".");
        out.push_slice(&places[..PLACES - zeros]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(value: f64) -> Option<String> {
        let mut out = Text::with_room(0);
        Decimal::of(value)?.write(&mut out);
        Some(String::from_utf8(out.written().to_vec()).unwrap())
    }

    fn usual(value: f64) -> String {
        if value.fract() == 0.0 { format!("{value:.1}") } else { value.to_string() }
    }

    #[test]
    fn numbers_with_few_digits() {
        for value in [0.0, -0.0, 60.0, -0.5, 0.1, 0.000_000_001, 999_999.999_999_999, 4.35, 1e-9] {
            assert_eq!(written(value), Some(usual(value)), "{value}");
        }
        for value in [1e-10, 1e6, 1e300, f64::MIN_POSITIVE, f64::NAN, f64::INFINITY, 1.0 / 3.0] {
            assert_eq!(written(value), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn all_are_the_shortest_text(ns in any::<i64>(), shift in 0..63, value in any::<f64>()) {
            for value in [(ns >> shift) as f64 / 1e9, value] {
                if let Some(text) = written(value) {
                    prop_assert_eq!(text, usual(value));
                }
            }
        }
    }
}
