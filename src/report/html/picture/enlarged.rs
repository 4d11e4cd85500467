//! The ending of a connection, enlarged and true to scale.

use super::super::super::units::{count, duration};
use super::super::super::view::{Connection, Seconds, TimelineEvent};
use super::axis::{Axis, Tick};
use super::labels::{self, Wish};
use super::marks::{self, Kind, Lane};
use super::strip::{LEFT, LETTER, Label, RIGHT, ROW};
use super::words::{self, Words};
use super::{Px, ending};

/// The ending, true to scale.
#[derive(Clone, Debug)]
pub(in crate::report::html) struct Ending {
    pub(in crate::report::html) height: Px,
    pub(in crate::report::html) client: Px,
    pub(in crate::report::html) server: Px,
    pub(in crate::report::html) axis: Px,
    /// How much time it shows.
    pub(in crate::report::html) length: String,
    /// The ending in words.
    pub(in crate::report::html) description: String,
    pub(in crate::report::html) ticks: Vec<Tick>,
    pub(in crate::report::html) steps: Vec<Step>,
    /// What follows further away.
    pub(in crate::report::html) later: Option<String>,
}

/// A packet of the ending, on its way from one lane to the other.
#[derive(Clone, Debug)]
pub(in crate::report::html) struct Step {
    pub(in crate::report::html) kind: Kind,
    pub(in crate::report::html) x: Px,
    pub(in crate::report::html) from_y: Px,
    pub(in crate::report::html) to_y: Px,
    pub(in crate::report::html) title: String,
    pub(in crate::report::html) label: Option<Label>,
    /// Where the line from the lane to the label ends.
    pub(in crate::report::html) leader_y: Px,
}

impl Step {
    /// It goes from the server, which is below, to the client.
    pub(in crate::report::html) fn is_up(&self) -> bool {
        self.to_y < self.from_y
    }
}

impl Ending {
    /// Rows of labels on either side.
    const ROWS: usize = 3;

    /// The client's lane.
    const CLIENT: f64 = 16.0 + ROW * Self::ROWS as f64;

    /// The server's lane.
    const SERVER: f64 = Self::CLIENT + 64.0;

    pub(super) fn new(connection: &Connection, words: Words<'_>) -> Option<Self> {
        let range = ending::events(connection)?;
        let events = connection.timeline.get(range.clone())?;
        let (first, last) = (events.first()?.time.unix_ns, events.last()?.time.unix_ns);
        let length = last.saturating_sub(first);
        // What happened at one moment stands in the middle.
        let pad = if length <= 0 { 500_000 } else { 0 };
        let start = connection.timeline.first()?.time.unix_ns;
        let (from, to) = (first.saturating_sub(pad), last.saturating_add(pad));
        let axis = Axis::linear(start, from, to, LEFT + 24.0, RIGHT - 24.0);
        let later = connection.timeline.len() - range.end;
        let axis_y = Self::SERVER + ROW * Self::ROWS as f64 + 14.0;
        let told: Vec<String> = events.iter().map(|event| words.event(connection, event)).collect();
        Some(Self {
            height: Px(axis_y + 24.0),
            client: Px(Self::CLIENT),
            server: Px(Self::SERVER),
            axis: Px(axis_y),
            length: if length <= 0 { "one moment".to_owned() } else { duration(Seconds(length)) },
            description: told.join("; "),
            ticks: axis.ticks(),
            steps: Self::steps(connection, events, &axis, words),
            later: (later > 0).then(|| format!("{} later", count(later as u64, "event"))),
        })
    }

    fn steps(connection: &Connection, events: &[TimelineEvent], axis: &Axis, words: Words<'_>) -> Vec<Step> {
        // What is inferred of a record stands for it.
        let is_guessed = |event: &TimelineEvent| {
            let same = |other: &TimelineEvent| (other.packet, other.from) == (event.packet, event.from);
            event.event == "tls_data"
                && events.iter().any(|other| other.event == "tls_inferred" && same(other))
        };
        let shown: Vec<(&TimelineEvent, Kind)> = events
            .iter()
            .filter(|event| !is_guessed(event))
            .filter_map(|event| Some((event, Kind::of_step(event)?)))
            .collect();
        let mut labels: Vec<Option<Label>> = vec![None; shown.len()];
        for lane in [Lane::Client, Lane::Server] {
            let mine: Vec<usize> =
                (0..shown.len()).filter(|&index| marks::lane(shown[index].0) == lane).collect();
            let texts: Vec<String> =
                mine.iter().map(|&index| step_label(connection, shown[index].0, words)).collect();
            let wish = |(&index, text): (&usize, &String)| Wish {
                x: axis.x(shown[index].0.time.unix_ns),
                width: text.chars().count() as f64 * LETTER,
            };
            let wishes: Vec<Wish> = mine.iter().zip(&texts).map(wish).collect();
            let places = labels::place(&wishes, Self::ROWS, LEFT, RIGHT);
            for ((index, text), place) in mine.into_iter().zip(texts).zip(places) {
                let label = |place: labels::Place| {
                    let away = 14.0 + ROW * place.row as f64;
                    let y =
                        if lane == Lane::Client { Self::CLIENT - away } else { Self::SERVER + away + 9.0 };
                    Label { x: Px(place.left), y: Px(y), text }
                };
                labels[index] = place.map(label);
            }
        }
        let step = |((event, kind), label): ((&TimelineEvent, Kind), Option<Label>)| {
            let lane = marks::lane(event);
            let (from, to) = if lane == Lane::Client {
                (Self::CLIENT, Self::SERVER)
            } else {
                (Self::SERVER, Self::CLIENT)
            };
            let towards = if lane == Lane::Client { 3.0 } else { -10.0 };
            Step {
                kind,
                x: Px(axis.x(event.time.unix_ns)),
                from_y: Px(from),
                to_y: Px(to),
                title: words.event(connection, event),
                leader_y: Px(label.as_ref().map_or(from, |label| label.y.0 + towards)),
                label,
            }
        };
        shown.into_iter().zip(labels).map(step).collect()
    }
}

/// `#22 FIN`.
fn step_label(connection: &Connection, event: &TimelineEvent, words: Words<'_>) -> String {
    let packet = event.packet.map_or_else(String::new, |at| words.names.packet(at) + " ");
    packet + &words::act(connection, event)
}
