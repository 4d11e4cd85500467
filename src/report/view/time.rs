//! Moments as the report prints them.

use std::borrow::Cow;
use std::fmt;

use jiff::tz::Offset;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::Word;
use crate::report::digits;
use crate::time::Timestamp;

/// A moment, printed as nanoseconds since 1970 and as UTC text.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Time {
    /// Nanoseconds since the Unix epoch.
    pub unix_ns: i64,
}

impl From<Timestamp> for Time {
    fn from(time: Timestamp) -> Self {
        Self { unix_ns: time.as_nanos() }
    }
}

/// Nanoseconds in a second.
const NANOS: i64 = 1_000_000_000;

/// Seconds in a day.
const DAY: i64 = 86_400;

/// The UTC text with nine digits of a second.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut clock = Clock::default();
        clock.go_to(*self);
        f.write_str(str::from_utf8(clock.utc()).unwrap_or_default())
    }
}

/// Makes the texts of moments: of neighbours, which often share a second, only what differs.
#[derive(Debug)]
pub(in crate::report) struct Clock {
    now: Time,
    day: i64,
    second: i64,
    /// The last ten digits of that second's number.
    digits: [u8; 10],
    utc: [u8; 30],
}

impl Default for Clock {
    fn default() -> Self {
        let utc = *b"1970-01-01T00:00:00.000000000Z";
        Self { now: Time::default(), day: 0, second: 0, digits: [b'0'; 10], utc }
    }
}

impl Clock {
    /// From this moment on its number has nineteen digits.
    pub(in crate::report) const NINETEEN: i64 = 1_000_000_000 * NANOS;

    /// Makes the texts of a moment.
    #[inline]
    pub(in crate::report) fn go_to(&mut self, now: Time) {
        if now == self.now {
            return;
        }
        self.now = now;
        let (second, nanos) = (now.unix_ns.div_euclid(NANOS), now.unix_ns.rem_euclid(NANOS));
        if second != self.second {
            self.go_to_second(second);
        }
        self.utc[20..29].copy_from_slice(&digits::nine(nanos as u32));
    }

    /// The moment's number, where it has as many digits.
    #[inline]
    pub(in crate::report) fn nineteen(&self) -> [u8; 19] {
        let mut text = [b'0'; 19];
        text[..10].copy_from_slice(&self.digits);
        text[10..].copy_from_slice(&self.utc[20..29]);
        text
    }

    /// The moment's text in UTC, which is ASCII.
    pub(in crate::report) const fn utc(&self) -> &[u8; 30] {
        &self.utc
    }

    #[inline(never)]
    fn go_to_second(&mut self, second: i64) {
        self.second = second;
        let (above, rest) = (second.unsigned_abs() / NANOS as u64, second.unsigned_abs() % NANOS as u64);
        self.digits[0] = b'0' + (above % 10) as u8;
        self.digits[1..].copy_from_slice(&digits::nine(rest as u32));
        let (day, second) = (second.div_euclid(DAY), second.rem_euclid(DAY) as u32);
        if day != self.day {
            self.day = day;
            let start = jiff::Timestamp::from_second(day * DAY).unwrap_or_default();
            let date = Offset::UTC.to_datetime(start).date();
            let (year, month, day) = (date.year() as u32, date.month() as u32, date.day() as u32);
            self.put([(0, year / 100), (2, year % 100), (5, month), (8, day)]);
        }
        self.put([(11, second / 3600), (14, second / 60 % 60), (17, second % 60)]);
    }

    /// Puts two digits each at places of the text.
    fn put<const N: usize>(&mut self, pairs: [(usize, u32); N]) {
        for (place, pair) in pairs {
            self.utc[place] = b'0' + (pair / 10) as u8;
            self.utc[place + 1] = b'0' + (pair % 10) as u8;
        }
    }
}

impl Time {
    /// What it is called where it is printed.
    pub(in crate::report) const NAME: Word = "Time";

    /// The field that has its text, which says no more than the number before it.
    pub(in crate::report) const UTC: Word = "utc";
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut time = serializer.serialize_struct(Self::NAME, 2)?;
        time.serialize_field("unix_ns", &self.unix_ns)?;
        time.serialize_field(Self::UTC, &format_args!("{self}"))?;
        time.end()
    }
}

impl JsonSchema for Time {
    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A moment.",
            "type": "object",
            "properties": {
                "unix_ns": {
                    "description": "Nanoseconds since the Unix epoch.",
                    "type": "integer",
                    "format": "int64",
                },
                "utc": { "description": "The same in UTC, with nine digits of a second.", "type": "string" },
            },
            "required": ["unix_ns", "utc"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_has_all_nine_digits() {
        let time = Time { unix_ns: 1_700_000_000_123_456_789 };
        let json = serde_json::to_string(&time).unwrap();
        assert_eq!(json, r#"{"unix_ns":1700000000123456789,"utc":"2023-11-14T22:13:20.123456789Z"}"#);
        assert_eq!(Time { unix_ns: 0 }.to_string(), "1970-01-01T00:00:00.000000000Z");
    }

    #[test]
    fn every_time_that_fits_has_a_text() {
        for (unix_ns, text) in [
            (i64::MIN, "1677-09-21T00:12:43.145224192Z"),
            (-1, "1969-12-31T23:59:59.999999999Z"),
            (i64::MAX, "2262-04-11T23:47:16.854775807Z"),
        ] {
            assert_eq!(Time { unix_ns }.to_string(), text);
        }
    }

    #[test]
    fn every_day_has_its_date() {
        for day in -106_751..=106_751_i64 {
            let time = jiff::Timestamp::from_second(day * DAY).unwrap();
            let text = Time { unix_ns: day * DAY * NANOS + 7 }.to_string();
            assert_eq!(text, format!("{}.000000007Z", time.to_string().trim_end_matches('Z')));
        }
    }
}
