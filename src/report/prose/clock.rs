//! Times of day, in UTC, local time or seconds since the start.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::super::view::Time;

/// How times are written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum TimeStyle {
    /// UTC.
    #[default]
    Utc,
    /// The time zone of this computer.
    Local,
    /// Seconds since the connection's first packet.
    Relative,
}

/// Writes times in one style.
pub(in crate::report) enum Clock {
    /// As a time of day in this zone.
    Zone(TimeZone),
    /// As seconds since a start.
    Relative,
}

impl Clock {
    /// The clock of this style; the local zone is looked up once.
    pub(in crate::report) fn new(style: TimeStyle) -> Self {
        match style {
            TimeStyle::Utc => Self::Zone(TimeZone::UTC),
            TimeStyle::Local => Self::Zone(TimeZone::system()),
            TimeStyle::Relative => Self::Relative,
        }
    }

    /// The time with microseconds, or the seconds since `start`.
    pub(in crate::report) fn moment(&self, time: Time, start: Time) -> String {
        match self {
            Self::Zone(zone) => format(time, zone, "%H:%M:%S%.6f"),
            Self::Relative => {
                let micros = time.unix_ns.saturating_sub(start.unix_ns) / 1_000;
                let sign = if micros < 0 { "-" } else { "" };
                let micros = micros.unsigned_abs();
                format!("{sign}{}.{:06}", micros / 1_000_000, micros % 1_000_000)
            }
        }
    }

    /// The time to the second, or the seconds since `start`.
    pub(in crate::report) fn second(&self, time: Time, start: Time) -> String {
        match self {
            Self::Zone(zone) => format(time, zone, "%H:%M:%S"),
            Self::Relative => {
                let mut text = self.moment(time, start);
                text.truncate(text.len() - 3);
                format!("+{text} s")
            }
        }
    }

    /// The day of a time, where times are written as times of day.
    pub(in crate::report) fn day(&self, time: Time) -> Option<String> {
        match self {
            Self::Zone(zone) => Some(format(time, zone, "%Y-%m-%d")),
            Self::Relative => None,
        }
    }

    /// What a column of times is headed with.
    pub(in crate::report) fn zone(&self, time: Time) -> String {
        match self {
            Self::Zone(zone) if *zone == TimeZone::UTC => "UTC".to_owned(),
            Self::Zone(zone) => format(time, zone, "UTC%:z"),
            Self::Relative => "seconds".to_owned(),
        }
    }
}

fn format(time: Time, zone: &TimeZone, pattern: &str) -> String {
    Timestamp::from_nanosecond(time.unix_ns.into())
        .map(|moment| moment.to_zoned(zone.clone()).strftime(pattern).to_string())
        .unwrap_or_else(|_| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Time = Time { unix_ns: 1_700_000_000_123_456_789 };

    #[test]
    fn a_time_of_day_in_its_zone() {
        let utc = Clock::new(TimeStyle::Utc);
        assert_eq!(utc.moment(NOON, NOON), "22:13:20.123456");
        assert_eq!((utc.zone(NOON).as_str(), utc.day(NOON).as_deref()), ("UTC", Some("2023-11-14")));
        let east = Clock::Zone(TimeZone::fixed(jiff::tz::offset(2)));
        assert_eq!(east.second(NOON, NOON), "00:13:20");
        assert_eq!((east.zone(NOON).as_str(), east.day(NOON).as_deref()), ("UTC+02:00", Some("2023-11-15")));
    }

    #[test]
    fn relative_times_can_be_negative() {
        let clock = Clock::new(TimeStyle::Relative);
        let later = Time { unix_ns: NOON.unix_ns + 60_012_345_678 };
        assert_eq!(clock.moment(later, NOON), "60.012345");
        assert_eq!(clock.second(later, NOON), "+60.012 s");
        assert_eq!(clock.moment(NOON, later), "-60.012345");
    }
}
