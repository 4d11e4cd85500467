//! When connections opened, as a column of a table says it.

use super::super::view::{Connection, Time, View};
use super::Clock;

/// How the opening times of one table are written.
pub(in crate::report) struct Opened<'a> {
    clock: &'a Clock,
    start: Time,
    /// The day of the first, if times are times of day.
    day: Option<String>,
    /// All connections opened on one day.
    one_day: bool,
}

impl<'a> Opened<'a> {
    pub(in crate::report) fn new(connections: &[&Connection], view: &View, clock: &'a Clock) -> Self {
        let opened = || connections.iter().map(|each| each.opened);
        let earliest = view.captures.iter().filter_map(|capture| capture.first).chain(opened()).min();
        let mut days = opened().map(|time| clock.day(time));
        let day = days.next().flatten();
        let one_day = days.all(|other| other == day);
        Self { clock, start: earliest.unwrap_or_default(), day, one_day }
    }

    /// What the column is headed with.
    pub(in crate::report) fn head(&self) -> String {
        match self.clock {
            Clock::Zone(_) => format!("Opened {}", self.clock.zone(self.start)),
            Clock::Relative => "Opened".to_owned(),
        }
    }

    /// What a sentence above the table says of the column.
    pub(in crate::report) fn note(&self) -> String {
        match (self.clock, self.day.as_ref().filter(|_| self.one_day)) {
            (Clock::Relative, _) => "Times count from the start of the capture.".to_owned(),
            (Clock::Zone(_), Some(day)) => {
                format!("All opened on {day}, {}.", self.clock.zone(self.start))
            }
            (Clock::Zone(_), None) => format!("Times are {}.", self.clock.zone(self.start)),
        }
    }

    /// The day, where the table has several, and the time.
    pub(in crate::report) fn parts(&self, connection: &Connection) -> (Option<String>, String) {
        let time = self.clock.second(connection.opened, self.start);
        (self.clock.day(connection.opened).filter(|_| !self.one_day), time)
    }

    /// Both in one text.
    pub(in crate::report) fn text(&self, connection: &Connection) -> String {
        match self.parts(connection) {
            (Some(day), time) => format!("{day} {time}"),
            (None, time) => time,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::super::TimeStyle;
    use super::*;

    #[test]
    fn the_day_is_said_once_where_there_is_one() {
        let mut view = fixture::view([fixture::idle_kill(1), fixture::idle_kill(2)]);
        let clock = Clock::new(TimeStyle::Utc);
        let text = |view: &View| {
            let all: Vec<&Connection> = view.connections.iter().collect();
            let opened = Opened::new(&all, view, &clock);
            (opened.note(), opened.text(all[1]))
        };
        let (note, time) = text(&view);
        assert!(note.starts_with("All opened on 20") && note.ends_with(", UTC."), "{note}");
        assert_eq!(time.len(), "12:00:00".len());
        view.connections[1].opened.unix_ns += 86_400_000_000_000;
        let (note, time) = text(&view);
        assert_eq!((note.as_str(), time.len()), ("Times are UTC.", "2026-01-01 12:00:00".len()));
    }
}
