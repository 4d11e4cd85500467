//! Durations, counts and sizes for human readers.

use super::view::Seconds;
use crate::time::Span;

const SECOND: i64 = 1_000_000_000;

/// From here on a duration is told in minutes, hours or days.
const TWO_MINUTES: i64 = 120 * SECOND;

/// The duration as one says it: `0.42 ms`, `60.012 s`, `2 min 3 s`, `1 h 02 min`, `3 d 4 h`.
pub(in crate::report) fn duration(span: Seconds) -> String {
    let ns = span.0.saturating_abs();
    if ns < TWO_MINUTES {
        return measured(span);
    }
    let sign = if span.0 < 0 { "-" } else { "" };
    format!("{sign}{}", long(ns.saturating_add(SECOND / 2) / SECOND))
}

/// The duration in seconds or milliseconds, to hold against a timer: `0.42 ms`, `600.012 s`.
pub(in crate::report) fn measured(span: Seconds) -> String {
    Span::from_nanos(span.0).to_string()
}

fn long(seconds: i64) -> String {
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    match hours {
        0 => format!("{minutes} min {} s", seconds % 60),
        1..24 => format!("{hours} h {:02} min", minutes % 60),
        _ => format!("{} d {} h", hours / 24, hours % 24),
    }
}

/// The value of a timer as one sets it: `60 s`, `2.5 s`.
pub(in crate::report) fn setting(span: Seconds) -> String {
    let text = format!("{:.3}", span.as_f64());
    format!("{} s", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A number with its noun in the right form.
pub(in crate::report) fn count(number: u64, noun: &str) -> String {
    let number_text = grouped(number);
    if number == 1 { format!("1 {noun}") } else { format!("{number_text} {noun}s") }
}

/// A number with commas between its thousands.
pub(in crate::report) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A size in bytes, in the largest unit that leaves a number above one.
pub(in crate::report) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return count(bytes, "byte");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_one_says_them() {
        for (ns, text) in [
            (0, "0 s"),
            (13_700_000, "14 ms"),
            (1_000_000_000, "1.000 s"),
            (60_012_000_000, "60.012 s"),
            (119_940_000_000, "119.940 s"),
            (120_000_000_000, "2 min 0 s"),
            (123_400_000_000, "2 min 3 s"),
            (3_599_600_000_000, "1 h 00 min"),
            (3_725_000_000_000, "1 h 02 min"),
            (273_600_000_000_000, "3 d 4 h"),
            (-500_000_000, "-500 ms"),
            (i64::MIN, "-106751 d 23 h"),
        ] {
            assert_eq!(duration(Seconds(ns)), text);
        }
    }

    #[test]
    fn timers_read_as_one_sets_them() {
        assert_eq!(setting(Seconds(60_000_000_000)), "60 s");
        assert_eq!(setting(Seconds(2_500_000_000)), "2.5 s");
        assert_eq!(setting(Seconds(0)), "0 s");
    }

    #[test]
    fn numbers_and_sizes() {
        assert_eq!(count(1, "packet"), "1 packet");
        assert_eq!(count(1_234_567, "packet"), "1,234,567 packets");
        assert_eq!(size(999), "999 bytes");
        assert_eq!(size(183_220), "183.2 kB");
        assert_eq!(size(999_960_000), "1.0 GB");
    }
}
