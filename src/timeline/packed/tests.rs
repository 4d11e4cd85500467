use proptest::prelude::*;

use crate::http::ErrorCode;
use crate::tcp::{GapReason, IcmpKind, PathError};
use crate::time::{Span, Timestamp};
use crate::timeline::history::History;
use crate::timeline::{CloseBody, Guess};

use super::*;

fn stamp() -> impl Strategy<Value = Stamp> {
    let near = (0..3_u32, 0..1000_u64, -10_000..10_000_i64);
    let any = (any::<u32>(), any::<u64>(), any::<i64>());
    prop_oneof![near, any].prop_map(|(file, packet, nanos)| Stamp {
        packet: PacketRef::new(file, packet),
        time: Timestamp::from_nanos(nanos),
    })
}

fn kind() -> impl Strategy<Value = EventKind> {
    let run = || {
        let run = (any::<u32>(), 0..9_u32, any::<u64>(), stamp());
        run.prop_map(|(count, frames, bytes, last)| Messages { count, frames, bytes, last })
    };
    prop_oneof![
        run().prop_map(EventKind::Messages),
        run().prop_map(EventKind::TlsData),
        any::<u64>().prop_map(|bytes| EventKind::Ping { bytes }),
        prop::option::of(stamp()).prop_map(|answers| EventKind::Pong { answers }),
        any::<i64>().prop_map(|nanos| EventKind::Idle { span: Span::from_nanos(nanos) }),
        (any::<u32>(), any::<bool>())
            .prop_map(|(bytes, differs)| EventKind::Retransmission { bytes, differs }),
        any::<u64>().prop_map(|bytes| EventKind::Gap { bytes, why: GapReason::CaptureGap }),
        any::<u16>().prop_map(|status| EventKind::UpgradeResponse { status }),
        prop::sample::select(vec![
            EventKind::Syn,
            EventKind::Established,
            EventKind::UpgradeRequest,
            EventKind::Fin,
            EventKind::Reset,
            EventKind::KeepAliveProbe,
            EventKind::ZeroWindow,
            EventKind::Close(CloseBody::NotCaptured),
            EventKind::GoAway { error: ErrorCode(7) },
            EventKind::TlsInferred(Guess::CloseEcho),
        ]),
    ]
}

/// An event, also one of a message that lies in one packet.
fn event() -> impl Strategy<Value = (Stamp, EventKind)> {
    let single = (stamp(), any::<u64>())
        .prop_map(|(at, bytes)| (at, EventKind::Messages(Messages { count: 1, frames: 1, bytes, last: at })));
    prop_oneof![1 => single, 5 => (stamp(), kind())]
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let side = prop::sample::select(vec![None, Some(Side::Client), Some(Side::Server)]);
    let event = (event(), side).prop_map(|((at, kind), from)| Event { at, from, kind });
    prop::collection::vec(event, 0..20)
}

/// Where the first `count` events end.
fn end_of(rows: &Rows, count: usize) -> usize {
    let mut reader = Reader::new(&rows.bytes, rows.others());
    (0..count).for_each(|_| assert!(reader.event().is_some()));
    rows.bytes.len() - reader.rest.len()
}

proptest! {
    #[test]
    fn events_come_back_as_they_were(events in events()) {
        let mut rows = Rows::default();
        events.iter().for_each(|event| rows.push(event));
        let back: Vec<_> = rows.iter().collect();
        prop_assert_eq!(format!("{back:?}"), format!("{events:?}"));
        prop_assert_eq!(rows.len(), events.len());
        let mut skipping = Reader::new(&rows.bytes, rows.others());
        for count in 1..=rows.len() {
            prop_assert!(skipping.skip().is_some());
            prop_assert_eq!(rows.bytes.len() - skipping.rest.len(), end_of(&rows, count));
        }
        let packed = postcard::to_stdvec(&rows).unwrap();
        let unpacked: Rows = postcard::from_bytes(&packed).unwrap();
        prop_assert_eq!(format!("{unpacked:?}"), format!("{rows:?}"));
    }

    #[test]
    fn a_history_comes_back_as_it_was(events in events(), bound in 2..24_usize) {
        let mut history = History::new(bound);
        events.into_iter().for_each(|event| history.push(event.at, event.from, event.kind));
        let packed = postcard::to_stdvec(&history).unwrap();
        let back: History = postcard::from_bytes(&packed).unwrap();
        prop_assert_eq!(format!("{back:?}"), format!("{history:?}"));
    }

    #[test]
    fn rows_that_are_cut_are_no_rows(events in events(), cut in 1..9_usize) {
        let mut rows = Rows::default();
        events.iter().for_each(|event| rows.push(event));
        let kept = rows.bytes.len().saturating_sub(cut);
        let whole = (0..=rows.len()).any(|count| end_of(&rows, count) == kept);
        rows.bytes.truncate(kept);
        let back = postcard::from_bytes::<Rows>(&postcard::to_stdvec(&rows).unwrap());
        prop_assert_eq!(back.is_ok(), whole);
    }

    #[test]
    fn no_bytes_stop_the_program(mut packed in prop::collection::vec(any::<u8>(), 0..60), at in 0..9_usize) {
        let read = |packed: &[u8]| {
            let history = postcard::from_bytes::<History>(packed).ok()?;
            Some((history.events().len(), history.len(), history.omitted(), history.kept_before_omission()))
        };
        let _ = read(&packed);
        packed.iter_mut().skip(at).for_each(|byte| *byte &= 0x1f);
        let _ = read(&packed);
    }
}

#[test]
fn kinds_that_are_asked_for_as_rare_have_no_form() {
    let error = PathError { router: std::net::Ipv4Addr::LOCALHOST.into(), kind: IcmpKind::Unreachable };
    for kind in [EventKind::Gap { bytes: 1, why: GapReason::Limit }, EventKind::IcmpError(error)] {
        let event = Event { at: Stamp::default(), from: None, kind };
        assert!(matches!(Form::of(&event), Form::Other), "{event:?}");
    }
}

#[test]
fn a_usual_event_takes_few_bytes() {
    let mut history = History::new(64);
    let at = |packet: u64| Stamp {
        packet: PacketRef::new(0, 1_000 + 700 * packet),
        time: Timestamp::from_nanos(1_760_000_000_000_000_000 + 400_000_000 * packet as i64),
    };
    let run = |last| Messages { count: 9, frames: 9, bytes: 2_000, last };
    for packet in 0..60 {
        history.push(at(packet), Some(Side::Client), EventKind::Messages(run(at(packet))));
    }
    let packed = postcard::to_stdvec(&history).unwrap();
    assert!(packed.len() < 60 * 20, "{}", packed.len());
}
