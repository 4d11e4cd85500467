//! How long connections were silent before they ended, against the timers that are usual.

use std::collections::BTreeMap;

use super::super::super::units::{count, grouped, setting};
use super::super::super::view::{Seconds, View};
use super::Px;

const LEFT: f64 = 16.0;
const RIGHT: f64 = 944.0;

/// The tallest column.
const TALLEST: f64 = 120.0;

/// Where the columns stand.
const GROUND: f64 = 150.0;

/// With fewer ended connections than this there is nothing to see.
const FEWEST: u64 = 3;

/// Timers named beside a step at most.
const NAMED: usize = 3;

/// A bound of the report is this much above the timer that it tells apart.
const ABOVE_TIMER: i64 = 1_000_000_000;

/// The histogram.
#[derive(Clone, Debug)]
pub(in crate::report::html) struct Silences {
    pub(in crate::report::html) height: Px,
    pub(in crate::report::html) ground: Px,
    pub(in crate::report::html) columns: Vec<Column>,
    /// The picture in words.
    pub(in crate::report::html) description: String,
}

/// One step of it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::report::html) struct Column {
    pub(in crate::report::html) x: Px,
    pub(in crate::report::html) y: Px,
    pub(in crate::report::html) width: Px,
    pub(in crate::report::html) height: Px,
    pub(in crate::report::html) middle: Px,
    /// The usual timer below its bound.
    pub(in crate::report::html) timer: String,
    /// From where to where it goes.
    pub(in crate::report::html) range: String,
    /// Connections in it.
    pub(in crate::report::html) count: u64,
    /// Known timers that verdicts name, with how often.
    pub(in crate::report::html) fits: String,
}

impl Silences {
    /// The histogram of a report with several connections that ended.
    pub(in crate::report::html) fn new(view: &View) -> Option<Self> {
        let steps = steps(view);
        if view.summary.silence_before_end.count < FEWEST {
            return None;
        }
        let most = steps.iter().map(|step| step.count).max().unwrap_or(1).max(1);
        let pitch = (RIGHT - LEFT) / steps.len().max(1) as f64;
        let column = |(index, step): (usize, &Step)| {
            let height = TALLEST * step.count as f64 / most as f64;
            let height = if step.count > 0 { height.max(2.0) } else { 0.0 };
            let x = LEFT + pitch * index as f64;
            Column {
                x: Px(x + 3.0),
                y: Px(GROUND - height),
                width: Px(pitch - 6.0),
                height: Px(height),
                middle: Px(x + pitch / 2.0),
                timer: step.timer(),
                range: step.range(),
                count: step.count,
                fits: fits(view, step),
            }
        };
        let columns: Vec<Column> = steps.iter().enumerate().map(column).collect();
        let told = columns.iter().filter(|column| column.count > 0);
        let told: Vec<String> = told.map(|column| format!("{} {}", column.said(), column.range)).collect();
        let ended = count(view.summary.silence_before_end.count, "connection");
        let description = format!("Silence before the end of {ended}: {}.", told.join(", "));
        Some(Self { height: Px(GROUND + 24.0), ground: Px(GROUND), columns, description })
    }
}

impl Column {
    /// Connections in it, as one reads it.
    pub(in crate::report::html) fn said(&self) -> String {
        grouped(self.count)
    }
}

/// Connections whose silence was longer than `above` and at most `bound`.
#[derive(Clone, Copy)]
struct Step {
    above: Option<Seconds>,
    bound: Option<Seconds>,
    count: u64,
}

impl Step {
    fn timer(self) -> String {
        match (self.above, self.bound) {
            (None, Some(bound)) => format!("≤ {}", setting(bound)),
            (_, Some(bound)) => brief(Seconds(bound.0 - ABOVE_TIMER)),
            (_, None) => "more".to_owned(),
        }
    }

    fn range(self) -> String {
        match (self.above, self.bound) {
            (None, Some(bound)) => format!("up to {}", setting(bound)),
            (Some(above), Some(bound)) => format!("over {} up to {}", setting(above), setting(bound)),
            (Some(above), None) => format!("over {}", setting(above)),
            (None, None) => "of any length".to_owned(),
        }
    }

    fn holds(self, span: Seconds) -> bool {
        self.above.is_none_or(|above| span > above) && self.bound.is_none_or(|bound| span <= bound)
    }
}

/// The steps with what each adds to those before it.
fn steps(view: &View) -> Vec<Step> {
    let silences = &view.summary.silence_before_end;
    let (mut above, mut before) = (None, 0);
    let mut steps = Vec::new();
    for bucket in &silences.buckets {
        let count = bucket.count.saturating_sub(before);
        steps.push(Step { above, bound: Some(bucket.at_most_s), count });
        (above, before) = (Some(bucket.at_most_s), bucket.count);
    }
    steps.push(Step { above, bound: None, count: silences.count.saturating_sub(before) });
    steps
}

/// `nginx proxy_read_timeout (14), HAProxy timeout client (2)`: the first candidate of each verdict.
fn fits(view: &View, step: &Step) -> String {
    let mut named: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for candidate in view.connections.iter().filter_map(|each| each.verdict.candidates.first()) {
        if candidate.measured_s.is_some_and(|measured| step.holds(measured)) {
            *named.entry((&candidate.product, &candidate.setting)).or_default() += 1;
        }
    }
    let mut named: Vec<_> = named.into_iter().collect();
    named.sort_by_key(|&(_, number)| std::cmp::Reverse(number));
    let text = |((product, setting), number): ((&str, &str), u64)| format!("{product} {setting} ({number})");
    named.into_iter().take(NAMED).map(text).collect::<Vec<_>>().join(", ")
}

/// A timer as short as it fits below a column: `60 s`, `5 min`.
fn brief(span: Seconds) -> String {
    const MINUTE: i64 = 60_000_000_000;
    if span.0 >= 2 * MINUTE && span.0 % MINUTE == 0 {
        let minutes = span.0 / MINUTE;
        return if minutes % 60 == 0 { format!("{} h", minutes / 60) } else { format!("{minutes} min") };
    }
    setting(span)
}

#[cfg(test)]
mod tests {
    use super::super::super::super::fixture;
    use super::super::super::super::view::{Bucket, View};
    use super::*;

    fn seconds(seconds: i64) -> Seconds {
        Seconds(seconds * 1_000_000_000)
    }

    fn view() -> View {
        let mut view = fixture::view([fixture::idle_kill(1), fixture::idle_kill(2), fixture::clean_close(3)]);
        let bucket = |&(bound, count): &(i64, u64)| Bucket { at_most_s: seconds(bound), count };
        view.summary.silence_before_end.buckets = [(1, 1), (46, 1), (61, 9)].iter().map(bucket).collect();
        view.summary.silence_before_end.count = 10;
        view
    }

    #[test]
    fn each_column_counts_its_own_step() {
        let silences = Silences::new(&view()).unwrap();
        let columns: Vec<(&str, u64)> =
            silences.columns.iter().map(|column| (column.timer.as_str(), column.count)).collect();
        assert_eq!(columns, [("≤ 1 s", 1), ("45 s", 0), ("60 s", 8), ("more", 1)]);
        assert_eq!(silences.columns[2].height.0, TALLEST);
        assert_eq!(silences.columns[1].height.0, 0.0);
        assert!(silences.description.contains("8 over 46 s up to 61 s"), "{}", silences.description);
    }

    #[test]
    fn known_timers_are_named() {
        let silences = Silences::new(&view()).unwrap();
        assert!(silences.columns[2].fits.ends_with("(2)"), "{}", silences.columns[2].fits);
        assert_eq!(silences.columns[0].fits, "");
    }

    #[test]
    fn timers_are_short() {
        for (span, text) in
            [(seconds(60), "60 s"), (seconds(300), "5 min"), (seconds(3600), "1 h"), (seconds(350), "350 s")]
        {
            assert_eq!(brief(span), text);
        }
    }
}
