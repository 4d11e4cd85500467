//! What the pictures hold, from hand-made connections.

use super::super::super::fixture;
use super::super::super::prose::{Clock, Names, TimeStyle};
use super::super::super::view::{
    Connection, Gap, Heartbeat, PacketRef, Seconds, Stamp, Time, TimelineEvent, Tls, TlsInferred, Word,
};
use super::marks::Kind;
use super::strip::Glyph;
use super::*;

const SECOND: i64 = 1_000_000_000;

fn words(clock: &Clock) -> Words<'_> {
    Words { clock, names: Names::new(1) }
}

fn strip(connection: &Connection) -> Strip {
    Strip::new(connection, words(&Clock::new(TimeStyle::Relative))).unwrap()
}

fn at(nanos: i64, packet: u64) -> Stamp {
    Stamp { time: Time { unix_ns: nanos }, packet: PacketRef { file: 0, packet } }
}

fn event(nanos: i64, packet: u64, from: Word, event: Word) -> TimelineEvent {
    let Stamp { time, packet } = at(nanos, packet);
    TimelineEvent {
        time,
        packet: Some(packet),
        from: Some(from),
        event,
        detail: "".into(),
        until: None,
        count: None,
        answers: None,
    }
}

/// A connection of these events alone.
fn connection(events: Vec<TimelineEvent>) -> Connection {
    let mut connection = fixture::still_open(1);
    connection.idle = Default::default();
    connection.timeline = events;
    connection
}

/// Pings of the server every ten seconds, each answered but the last, then a FIN.
fn pinged(pings: i64) -> Connection {
    let mut events = vec![event(0, 1, "client", "syn")];
    for n in 1..=pings {
        let packet = 10 * n as u64;
        events.push(event(10 * n * SECOND, packet, "server", "ping"));
        if n < pings {
            let mut pong = event(10 * n * SECOND + SECOND / 1000, packet + 1, "client", "pong");
            pong.answers = Some(PacketRef { file: 0, packet });
            events.push(pong);
        }
    }
    events.push(event(10 * pings * SECOND + 5 * SECOND, 10 * pings as u64 + 9, "server", "fin"));
    connection(events)
}

#[test]
fn pings_are_joined_to_their_pongs() {
    let strip = strip(&pinged(4));
    let answered: Vec<bool> = strip.pings.iter().map(|ping| ping.is_answered).collect();
    assert_eq!(answered, [true, true, true, false]);
    let first = &strip.pings[0];
    assert_eq!((first.y, first.to_y), (strip.server, strip.client));
    assert!(first.to_x > first.x, "a pong comes after its ping");
    assert!(first.title.contains("answered by #11 after 1.00 ms"), "{}", first.title);
    assert!(strip.pings[3].title.contains("no answer"), "{}", strip.pings[3].title);
}

#[test]
fn a_pong_that_answers_nothing_stands_alone() {
    let strip = strip(&connection(vec![event(0, 1, "client", "syn"), event(SECOND, 2, "client", "pong")]));
    assert!(strip.pings.is_empty());
    assert_eq!(strip.glyphs[1].kind, Kind::LonePong);
}

#[test]
fn five_thousand_events_stay_a_picture() {
    let kinds = ["message", "ping", "retransmission", "keepalive_probe", "violation", "close"];
    let events = (0..5_000).map(|n| {
        let from = if n % 2 == 0 { "client" } else { "server" };
        event(n * SECOND / 7, n as u64 + 1, from, kinds[n as usize / 2 % kinds.len()])
    });
    let strip = strip(&connection(events.collect()));
    let marks = strip.bars.len() + strip.pings.len() + strip.glyphs.len();
    assert!((200..=600).contains(&marks), "{marks}");
    let messages: u64 =
        strip.bars.iter().map(|bar| bar.title.split(' ').next().unwrap().parse::<u64>().unwrap_or(1)).sum();
    assert_eq!(messages, 834, "none is lost where they are joined");
    let labels = strip.glyphs.iter().filter(|glyph| glyph.label.is_some()).count();
    assert!(0 < labels && labels < 60, "{labels}");
    assert!(strip.ending.unwrap().steps.len() <= 24);
}

#[test]
fn five_events_keep_their_own_marks() {
    let events = ["syn", "upgrade_request", "message", "close", "fin"];
    let events = (0..5).zip(events).map(|(n, kind)| event(n * SECOND, n as u64 + 1, "client", kind));
    let strip = strip(&connection(events.collect()));
    assert_eq!((strip.bars.len(), strip.glyphs.len()), (1, 4));
    assert!(strip.bars[0].title.starts_with("#3 at 2.000000, client: message"), "{}", strip.bars[0].title);
}

#[test]
fn a_run_of_messages_is_as_wide_as_it_lasted() {
    let mut run = event(10 * SECOND, 5, "client", "message");
    run.until = Some(at(60 * SECOND, 99).time);
    run.count = Some(50);
    let strip =
        strip(&connection(vec![event(0, 1, "client", "syn"), run, event(80 * SECOND, 120, "client", "fin")]));
    assert!(strip.breaks.is_empty());
    let share = strip.bars[0].width.0 / (strip.right.0 - strip.left.0);
    assert!((0.60..0.65).contains(&share), "{share}");
}

#[test]
fn silences_are_shaded_with_their_length_and_long_ones_are_compressed() {
    let strip = strip(&fixture::idle_kill(1));
    assert_eq!(strip.breaks.len(), 1);
    let idle = &strip.bands[0];
    assert!(!idle.is_hole && idle.label.as_ref().unwrap().ends_with(" idle"), "{idle:?}");
    assert!(idle.left >= strip.left && idle.left.0 + idle.width.0 <= strip.right.0);
    assert!(idle.left.0 < strip.breaks[0].middle.0 && strip.breaks[0].middle.0 < idle.left.0 + idle.width.0);
}

#[test]
fn a_silence_until_the_capture_ends_is_shown() {
    let mut open =
        connection(vec![event(SECOND / 2, 1, "client", "syn"), event(SECOND, 2, "client", "message")]);
    open.idle.gaps = vec![Gap {
        duration_s: Seconds(20 * SECOND),
        from: PacketRef { file: 0, packet: 2 },
        to: PacketRef { file: 0, packet: 30 },
        start: Time { unix_ns: SECOND },
        end: Time { unix_ns: 21 * SECOND },
    }];
    let strip = strip(&open);
    assert_eq!(strip.breaks.len(), 1);
    assert_eq!(strip.bands[0].label.as_deref(), Some("20.000 s idle"));
    assert!(strip.ending.is_none());
}

#[test]
fn events_that_were_not_kept_leave_a_marked_hole() {
    let mut cut = pinged(8);
    cut.timeline_omitted = 1_204;
    cut.timeline_omitted_at = Some(4);
    let strip = strip(&cut);
    let hole = strip.bands.iter().find(|band| band.is_hole).unwrap();
    assert_eq!(hole.title, "1,204 events not kept in memory");
}

/// A connection in TLS that was not read: records, a heartbeat and a Close that are inferred, then a FIN.
fn sealed() -> Connection {
    let guess = |kind, packet, nanos| TlsInferred {
        kind,
        from: "server",
        packet: PacketRef { file: 0, packet },
        time: Time { unix_ns: nanos },
        confidence: "low",
        why: "its length".to_owned(),
    };
    let mut records = event(SECOND, 4, "server", "tls_data");
    records.count = Some(5);
    let mut sealed = connection(vec![
        event(0, 1, "client", "syn"),
        records,
        event(9 * SECOND, 8, "server", "tls_data"),
        event(9 * SECOND, 8, "server", "tls_inferred"),
        event(9 * SECOND + 1_000_000, 9, "server", "fin"),
    ]);
    sealed.kind = "opaque_tls";
    sealed.tls = Some(Tls { inferred: vec![guess("close", 8, 9 * SECOND)], ..Tls::default() });
    sealed.heartbeats = vec![Heartbeat {
        kind: "tls_inferred",
        from: "server",
        sent: 5,
        answered: 0,
        unanswered: 5,
        unsolicited: 0,
        interval_s: None,
        rtt_s: None,
        last: Some(at(7 * SECOND, 6)),
        inferred: true,
        why: None,
    }];
    sealed
}

#[test]
fn what_is_inferred_is_drawn_apart_from_what_was_read() {
    let strip = strip(&sealed());
    assert!(strip.bars.iter().all(|bar| bar.is_sealed), "records are no messages");
    assert!(strip.bars[0].title.starts_with("#4"), "{}", strip.bars[0].title);
    let guesses: Vec<&Glyph> = strip.glyphs.iter().filter(|glyph| glyph.kind == Kind::Guess).collect();
    assert_eq!(guesses.len(), 2, "the Close and the last heartbeat");
    assert!(guesses[1].title.contains("the last of TLS heartbeats from the server, inferred: 5 sent"));
    let legend: Vec<&str> = strip.legend.iter().map(|entry| entry.2).collect();
    assert_eq!(
        legend,
        ["opening", "TLS records, not read", "FIN", "inferred from lengths and times, not read"]
    );
    let text = &strip.description;
    assert!(text.contains("inferred, not read: Close? from the server (#8), TLS heartbeats"), "{text}");
    assert!(text.contains("end acts: FIN from the server (#9)"), "{text}");
    let ending = strip.ending.unwrap();
    let labels: Vec<&str> =
        ending.steps.iter().map(|step| step.label.as_ref().unwrap().text.as_str()).collect();
    assert_eq!(labels, ["#8 Close?", "#9 FIN"], "the record is drawn as what it may be");
}

#[test]
fn the_ending_is_true_to_scale() {
    let events = vec![
        event(0, 1, "client", "syn"),
        event(60 * SECOND, 20, "server", "close"),
        event(60 * SECOND + 1_000_000, 21, "client", "close"),
        event(60 * SECOND + 4_000_000, 22, "server", "fin"),
    ];
    let ending = strip(&connection(events)).ending.unwrap();
    let x: Vec<f64> = ending.steps.iter().map(|step| step.x.0).collect();
    assert!(((x[2] - x[0]) / (x[1] - x[0]) - 4.0).abs() < 1e-9, "{x:?}");
    assert_eq!(ending.length, "4.00 ms");
    let labels: Vec<&str> =
        ending.steps.iter().map(|step| step.label.as_ref().unwrap().text.as_str()).collect();
    assert_eq!(labels, ["#20 Close", "#21 Close", "#22 FIN"]);
    assert!(ending.steps[0].is_up() && !ending.steps[1].is_up());
    assert_eq!(ending.later, None);
}

#[test]
fn what_is_far_from_the_end_is_not_drawn_with_it() {
    let mut events = vec![event(0, 1, "client", "message"), event(60 * SECOND, 2, "server", "fin")];
    events.push(event(90 * SECOND, 3, "client", "retransmission"));
    let ending = strip(&connection(events)).ending.unwrap();
    assert_eq!(ending.steps.len(), 1);
    assert_eq!(ending.later.as_deref(), Some("1 event later"));
    assert_eq!(ending.length, "one moment");
}

#[test]
fn an_answer_to_what_follows_the_end_is_drawn_with_it() {
    // A forged RST, what the server says all the same, and the client's RST to that.
    let milli = SECOND / 1000;
    let events = vec![
        event(0, 1, "client", "syn"),
        event(10 * SECOND, 14, "server", "rst"),
        event(10 * SECOND + 600 * milli, 15, "server", "message"),
        event(10 * SECOND + 601 * milli, 16, "client", "rst"),
    ];
    let ending = strip(&connection(events)).ending.unwrap();
    assert_eq!((ending.steps.len(), ending.later), (3, None));
}

#[test]
fn any_times_make_a_picture() {
    for times in [[i64::MIN, 0, i64::MAX], [5, 5, 5], [3, 2, 1]] {
        let [a, b, c] = times;
        let events = vec![
            event(a, 1, "client", "ping"),
            event(b, 2, "server", "message"),
            event(c, 3, "server", "rst"),
        ];
        let strip = strip(&connection(events));
        let inside = |x: Px| (0.0..=strip.width.0).contains(&x.0);
        assert!(
            strip.glyphs.iter().all(|glyph| inside(glyph.x)) && strip.bars.iter().all(|bar| inside(bar.x))
        );
    }
}

#[test]
fn lifetimes_are_sorted_by_their_ends() {
    let mut view = fixture::view((1..=300).map(fixture::idle_kill));
    for (index, each) in view.connections.iter_mut().enumerate() {
        each.duration_s = Seconds((301 - index as i64) * SECOND);
    }
    let clock = Clock::new(TimeStyle::Relative);
    let overview = Overview::new(&view, words(&clock)).unwrap();
    assert_eq!(overview.each, Some(2));
    assert_eq!(overview.lives.len(), 150);
    let ends: Vec<f64> = overview.lives.iter().map(|life| life.x.0 + life.width.0).collect();
    assert!(ends.windows(2).all(|pair| pair[0] <= pair[1] + 1e-6), "{ends:?}");
    assert!(overview.lives.iter().all(|life| life.silence.is_some()));
    assert!(overview.description.contains("300 connections"), "{}", overview.description);
    assert!(Overview::new(&fixture::view([fixture::idle_kill(1)]), words(&clock)).is_none());
}

#[test]
fn places_are_short() {
    assert_eq!(Px(12.0).to_string(), "12");
    assert_eq!(Px(12.34).to_string(), "12.3");
    assert_eq!(Px(-0.01).to_string(), "0");
}
