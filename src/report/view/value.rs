//! Times, durations and packet numbers as the report prints them.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

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

/// The UTC text with nine digits of a second.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.utc() {
            Some(text) => f.write_str(str::from_utf8(&text).unwrap_or_default()),
            None => write!(f, "{} ns", self.unix_ns),
        }
    }
}

impl Time {
    // Written digit by digit: a report holds a time for every event.
    fn utc(self) -> Option<[u8; 30]> {
        let (second, nanos) = (self.unix_ns.div_euclid(NANOS), self.unix_ns.rem_euclid(NANOS));
        let time = jiff::Timestamp::new(second, nanos as i32).ok()?;
        let utc = jiff::tz::Offset::UTC.to_datetime(time);
        let mut text = *b"0000-00-00T00:00:00.000000000Z";
        let mut put = |place: Range<usize>, mut value: i32| {
            for digit in text[place].iter_mut().rev() {
                *digit += (value % 10) as u8;
                value /= 10;
            }
        };
        put(0..4, utc.year().into());
        put(5..7, utc.month().into());
        put(8..10, utc.day().into());
        put(11..13, utc.hour().into());
        put(14..16, utc.minute().into());
        put(17..19, utc.second().into());
        put(20..29, nanos as i32);
        Some(text)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut time = serializer.serialize_struct("Time", 2)?;
        time.serialize_field("unix_ns", &self.unix_ns)?;
        match self.utc().as_ref().and_then(|text| str::from_utf8(text).ok()) {
            Some(text) => time.serialize_field("utc", text)?,
            None => time.serialize_field("utc", &format_args!("{self}"))?,
        }
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
        for unix_ns in [i64::MIN, -1, i64::MAX] {
            assert!(Time { unix_ns }.to_string().ends_with('Z'), "{unix_ns}");
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
