//! A connection in detail: its picture, what the packets show, what is inferred, the timeline.

use super::super::prose::{self, Inferred, Row, words};
use super::super::units::{count, duration};
use super::super::view::{Connection, Evidence, TimelineEvent};
use super::escaper::Coded;
use super::lead::class;
use super::picture::{Strip, Words};

/// A timeline of no more events than this is shown whole.
const WHOLE: usize = 120;

/// A connection.
pub(super) struct Detail {
    pub(super) id: u32,
    /// The level of the headings in it.
    pub(super) level: u8,
    pub(super) is_open: bool,
    pub(super) mood: &'static str,
    /// `10.0.0.1:4000 → 10.0.0.2:80`.
    pub(super) ends: String,
    pub(super) verdict: String,
    pub(super) sentence: String,
    pub(super) picture_title: String,
    pub(super) strip: Option<Strip>,
    pub(super) evidence: Vec<Fact>,
    pub(super) facts: prose::Facts,
    pub(super) inferred: Vec<Conclusion>,
    pub(super) advice: Vec<Coded>,
    /// Display filters for Wireshark, each with what it shows.
    pub(super) filters: Vec<(String, String)>,
    pub(super) timeline_title: String,
    pub(super) lines: Vec<Line>,
    /// What the timeline leaves out.
    pub(super) folded: String,
}

/// Something inferred.
pub(super) struct Conclusion {
    pub(super) name: &'static str,
    pub(super) text: Coded,
    pub(super) is_conclusion: bool,
}

impl From<Inferred> for Conclusion {
    fn from(Inferred { name, text, is_conclusion }: Inferred) -> Self {
        Self { name, text: Coded(text), is_conclusion }
    }
}

/// A fact that decides.
pub(super) struct Fact {
    pub(super) time: String,
    pub(super) packet: String,
    pub(super) fact: String,
}

/// A line of the timeline.
pub(super) struct Line {
    pub(super) class: &'static str,
    pub(super) time: String,
    pub(super) packet: String,
    pub(super) side: String,
    pub(super) side_class: &'static str,
    pub(super) event: String,
    pub(super) detail: String,
}

impl Detail {
    /// The details of a connection, alone on the page or one of several.
    pub(super) fn new(each: &Connection, words: Words<'_>, is_alone: bool, is_open: bool) -> Self {
        let (rows, folded) = prose::rows(each, words.clock, words.names, WHOLE);
        let title = |first: &TimelineEvent| {
            let day = words.clock.day(first.time).map_or_else(String::new, |day| format!(", {day}"));
            format!("{}{day}, {}", words.clock.zone(first.time), count(each.timeline.len() as u64, "event"))
        };
        let verdict = &each.verdict;
        let mut evidence: Vec<&Evidence> = verdict.evidence.iter().collect();
        evidence.sort_by_key(|each| (each.time, each.packet));
        let fact = |fact: &Evidence| Fact {
            time: words.moment(each, fact.time),
            packet: words.names.packet(fact.packet),
            fact: fact.fact.clone(),
        };
        Self {
            id: each.id,
            level: if is_alone { 3 } else { 4 },
            is_open,
            mood: class(words::mood(verdict)),
            ends: format!("{} → {}", prose::address(&each.client), prose::address(&each.server)),
            verdict: words::verdict(verdict),
            sentence: verdict.summary.clone(),
            picture_title: picture_title(each),
            strip: Strip::new(each, words),
            evidence: evidence.into_iter().map(fact).collect(),
            facts: prose::facts(each, words.names),
            inferred: prose::inference(each, words.names).into_iter().map(Conclusion::from).collect(),
            advice: verdict.advice.iter().cloned().map(Coded).collect(),
            filters: filters(each, words),
            timeline_title: each.timeline.first().map_or_else(String::new, title),
            lines: rows.iter().map(|row| line(row, each, words)).collect(),
            folded: match folded {
                0 => String::new(),
                folded => format!("{} folded here; --format json has them.", count(folded as u64, "event")),
            },
        }
    }
}

fn filters(each: &Connection, words: Words<'_>) -> Vec<(String, String)> {
    let filters = prose::filters(each, words.names);
    filters.into_iter().map(|(name, filter)| (name, filter.to_owned())).collect()
}

fn picture_title(each: &Connection) -> String {
    let path = prose::path(each);
    let path = if path.is_empty() { path } else { format!(" {path}") };
    let marks = if each.kind == "opaque_tls" {
        "Bars are TLS records, taller for more of them; what is dashed was not read but inferred from their lengths and times"
    } else {
        "Bars are messages, taller for more of them; lines between the lanes join pings to their pongs"
    };
    format!(
        "Connection{path} over {}. {marks}; // on the axis is a silence that is compressed.",
        duration(each.duration_s)
    )
}

fn line(row: &Row<'_>, each: &Connection, words: Words<'_>) -> Line {
    match row {
        Row::Event(event) if event.event == "idle" => quiet(words.moment(each, event.time), &event.detail),
        Row::Event(event) => happened(event, each, words),
        Row::Folded(text) | Row::Omitted(text) | Row::Day(text) => quiet(String::new(), text),
    }
}

/// A line about the absence of packets.
fn quiet(time: String, text: &str) -> Line {
    let empty = String::new;
    Line {
        class: "quiet",
        time,
        packet: empty(),
        side: empty(),
        side_class: "",
        event: empty(),
        detail: text.to_owned(),
    }
}

fn happened(event: &TimelineEvent, each: &Connection, words: Words<'_>) -> Line {
    let class = match event.event {
        "close" | "fin" | "rst" | "tls_alert" => "strong",
        "tls_inferred" => "guess",
        "violation" | "gap" | "zero_window" | "retransmission" => "odd",
        _ => "",
    };
    Line {
        class,
        time: words.moment(each, event.time),
        packet: event.packet.map_or_else(String::new, |at| words.names.packet(at)),
        side: words::side(event.from),
        side_class: event.from.unwrap_or_default(),
        event: prose::title(event),
        detail: prose::detail(event).to_owned(),
    }
}
