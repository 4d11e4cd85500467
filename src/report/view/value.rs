//! Times, durations and packet numbers as the report prints them.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::flow;
use crate::time::{Span, Timestamp};

impl<T: JsonSchema> JsonSchema for flow::Sides<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("SidesOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let side = generator.subschema_for::<T>();
        json_schema!({
            "description": "A value for each side of a connection.",
            "type": "object",
            "properties": { "client": side, "server": side },
            "required": ["client", "server"],
        })
    }
}

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
        f.write_str(str::from_utf8(&self.utc()).unwrap_or_default())
    }
}

impl Time {
    // Written digit by digit: a report holds a time for every event.
    fn utc(self) -> [u8; 30] {
        let (seconds, nanos) = (self.unix_ns.div_euclid(NANOS), self.unix_ns.rem_euclid(NANOS) as u32);
        let (year, month, day) = date(seconds.div_euclid(DAY) as i32);
        let second = seconds.rem_euclid(DAY) as u32;
        let mut text = *b"0000-00-00T00:00:00.000000000Z";
        let pairs = [
            (0, year / 100),
            (2, year % 100),
            (5, month),
            (8, day),
            (11, second / 3600),
            (14, second / 60 % 60),
            (17, second % 60),
            (20, nanos / 10_000_000),
            (22, nanos / 100_000 % 100),
            (24, nanos / 1000 % 100),
            (26, nanos / 10 % 100),
        ];
        for (place, pair) in pairs {
            text[place] += (pair / 10) as u8;
            text[place + 1] += (pair % 10) as u8;
        }
        text[28] += (nanos % 10) as u8;
        text
    }
}

/// Year, month and day of the Gregorian calendar, so many days after 1970 began.
///
/// Years are taken to begin in March, so that a leap day is the last one.
const fn date(days: i32) -> (u32, u32, u32) {
    const ERA: i32 = 146_097; // days in 400 years
    let days = days + 719_468; // days from March of the year 0 to 1970
    let (era, day) = (days.div_euclid(ERA), days.rem_euclid(ERA));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153; // 153 days in each five months
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    ((400 * era + year + next) as u32, month as u32, day as u32)
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut time = serializer.serialize_struct("Time", 2)?;
        time.serialize_field("unix_ns", &self.unix_ns)?;
        time.serialize_field("utc", str::from_utf8(&self.utc()).unwrap_or_default())?;
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

/// A duration in nanoseconds, printed as a number of seconds.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Seconds(pub i64);

impl Seconds {
    /// The duration as a number of seconds, exact to the nanosecond up to three months.
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

impl From<Span> for Seconds {
    fn from(span: Span) -> Self {
        Self(span.as_nanos())
    }
}

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_f64())
    }
}

impl JsonSchema for Seconds {
    fn schema_name() -> Cow<'static, str> {
        "Seconds".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "A duration in seconds, exact to the nanosecond.", "type": "number" })
    }
}

/// A packet: which capture, and its number there as Wireshark counts.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct PacketRef {
    /// Index into the report's captures.
    pub file: u32,
    /// 1-based position in that file.
    pub packet: u64,
}

impl From<flow::PacketRef> for PacketRef {
    fn from(at: flow::PacketRef) -> Self {
        Self { file: at.file(), packet: at.packet() }
    }
}

/// When and where something was seen.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Stamp {
    /// The packet's time.
    pub time: Time,
    /// The packet.
    pub packet: PacketRef,
}

impl From<flow::Stamp> for Stamp {
    fn from(stamp: flow::Stamp) -> Self {
        Self { time: stamp.time.into(), packet: stamp.packet.into() }
    }
}

/// How a set of durations is spread.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Spread {
    /// The middle one.
    pub median: Seconds,
    /// The shortest.
    pub min: Seconds,
    /// The longest.
    pub max: Seconds,
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

    #[test]
    fn seconds_carry_no_float_noise() {
        for (ns, text) in [
            (60_000_123_456, "60.000123456"),
            (700_000_000, "0.7"),
            (-500_000_000, "-0.5"),
            (60_000_000_000, "60"),
            (8_300_000_123_456_789, "8300000.123456789"),
            (1, "0.000000001"),
        ] {
            assert_eq!(Seconds(ns).as_f64().to_string(), text);
        }
    }
}
