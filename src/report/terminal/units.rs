//! Durations, counts and sizes for human readers.

use super::super::view::Seconds;

const MICROSECOND: i64 = 1_000;
const MILLISECOND: i64 = 1_000_000;
const SECOND: i64 = 1_000_000_000;

/// Between these two a duration is written in seconds with one digit after the point.
const TWO_MINUTES: i64 = 119_950 * MILLISECOND;

/// The duration as one says it: `0.42 ms`, `60.0 s`, `2 min 3 s`, `1 h 02 min`, `3 d 4 h`.
pub(super) fn duration(span: Seconds) -> String {
    let sign = if span.0 < 0 { "-" } else { "" };
    let ns = span.0.saturating_abs();
    let text = match ns {
        0 => "0 s".to_owned(),
        ns if ns < MICROSECOND => format!("{ns} ns"),
        ns if ns < 10 * MILLISECOND => format!("{:.2} ms", ns as f64 / MILLISECOND as f64),
        ns if ns < 100 * MILLISECOND => format!("{:.1} ms", ns as f64 / MILLISECOND as f64),
        ns if ns < SECOND => format!("{} ms", ns / MILLISECOND),
        ns if ns < TWO_MINUTES => format!("{:.1} s", ns as f64 / SECOND as f64),
        ns => long(ns.saturating_add(SECOND / 2) / SECOND),
    };
    format!("{sign}{text}")
}

fn long(seconds: i64) -> String {
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    match hours {
        0 => format!("{minutes} min {} s", seconds % 60),
        1..24 => format!("{hours} h {:02} min", minutes % 60),
        _ => format!("{} d {} h", hours / 24, hours % 24),
    }
}

/// The duration in seconds to the millisecond, to hold against a configured timer.
pub(super) fn exact(span: Seconds) -> String {
    let text = format!("{:.3}", span.as_f64());
    format!("{} s", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A number with its noun in the right form.
pub(super) fn count(number: u64, noun: &str) -> String {
    let number_text = grouped(number);
    if number == 1 { format!("1 {noun}") } else { format!("{number_text} {noun}s") }
}

/// A number with commas between its thousands.
pub(super) fn grouped(number: u64) -> String {
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
pub(super) fn size(bytes: u64) -> String {
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
            (420, "420 ns"),
            (420_000, "0.42 ms"),
            (9_990_000, "9.99 ms"),
            (13_700_000, "13.7 ms"),
            (420_000_000, "420 ms"),
            (999_999_999, "999 ms"),
            (1_000_000_000, "1.0 s"),
            (60_012_000_000, "60.0 s"),
            (119_940_000_000, "119.9 s"),
            (119_950_000_000, "2 min 0 s"),
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
    fn timers_are_exact_to_the_millisecond() {
        assert_eq!(exact(Seconds(60_012_345_678)), "60.012 s");
        assert_eq!(exact(Seconds(60_000_000_000)), "60 s");
        assert_eq!(exact(Seconds(0)), "0 s");
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
