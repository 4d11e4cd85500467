//! Durations and packet numbers as the report prints them.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::Time;
use crate::flow;
use crate::time::Span;

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
