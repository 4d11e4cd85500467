use proptest::prelude::*;

use crate::http::ErrorCode;
use crate::tcp::GapReason;
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

fn history(bound: usize) -> impl Strategy<Value = History> {
    let side = prop::sample::select(vec![None, Some(Side::Client), Some(Side::Server)]);
    prop::collection::vec((stamp(), side, kind()), 0..20).prop_map(move |events| {
        let mut history = History::new(bound);
        events.into_iter().for_each(|(at, from, kind)| history.push(at, from, kind));
        history
    })
}

proptest! {
    #[test]
    fn a_history_comes_back_as_it_was(history in (2..24_usize).prop_flat_map(history)) {
        let packed = postcard::to_stdvec(&history).unwrap();
        let back: History = postcard::from_bytes(&packed).unwrap();
        prop_assert_eq!(format!("{back:?}"), format!("{history:?}"));
    }

    #[test]
    fn no_bytes_stop_the_program(mut packed in prop::collection::vec(any::<u8>(), 0..60), at in 0..9_usize) {
        let _ = postcard::from_bytes::<History>(&packed);
        packed.iter_mut().skip(at).for_each(|byte| *byte &= 0x1f);
        let _ = postcard::from_bytes::<History>(&packed);
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
