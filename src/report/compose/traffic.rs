//! Frames, silences and heartbeats of the view.

use crate::flow::{Side, Stamp};
use crate::tcp::Summary;
use crate::timeline::{self, IdleClock, IdleGap, InferredBeat, Pings, Timeline};
use crate::tls::Series;

use super::super::view::{self, FrameCounts, Gap, Heartbeat, Idle, Unparsed, Violation};

pub(super) const fn frames(counts: &timeline::FrameCounts) -> FrameCounts {
    FrameCounts {
        text: counts.text,
        binary: counts.binary,
        continuation: counts.continuation,
        ping: counts.ping,
        pong: counts.pong,
        close: counts.close as u64,
        other: counts.other as u64,
        bytes: counts.bytes,
        messages: counts.messages,
    }
}

pub(super) fn violations(record: &Timeline) -> Vec<Violation> {
    let view = |violation: &timeline::Violation| Violation {
        from: violation.from.name(),
        kind: violation.kind.name(),
        packet: violation.at.packet.into(),
        time: violation.at.time.into(),
    };
    record.violations.iter().map(view).collect()
}

pub(super) fn unparsed(record: &Timeline) -> Vec<Unparsed> {
    let view = |unparsed: &timeline::Unparsed| Unparsed {
        from: unparsed.from.name(),
        bytes: unparsed.bytes,
        why: unparsed.why.name(),
        packet: unparsed.at.packet.into(),
        resynced_at: unparsed.resynced_at.map(|at| at.packet.into()),
    };
    record.unparsed.iter().map(view).collect()
}

pub(super) fn idle(record: &Timeline) -> Idle {
    let Some(clock) = &record.idle else { return Idle::default() };
    let longest = clock.longest();
    let silence = clock.before_end();
    Idle {
        longest_s: longest.map(|gap| gap.span().into()).unwrap_or_default(),
        longest_from: longest.map(|gap| gap.from.packet.into()),
        longest_to: longest.map(|gap| gap.to.packet.into()),
        before_end_s: silence.map(|silence| silence.before_end.into()).unwrap_or_default(),
        client_silent_s: silence.map(|silence| silence.sides.client.into()),
        server_silent_s: silence.map(|silence| silence.sides.server.into()),
        tcp_silent_s: silence.map(|silence| silence.tcp.into()),
        gaps: gaps(clock),
    }
}

fn gaps(clock: &IdleClock) -> Vec<Gap> {
    let view = |gap: &IdleGap| Gap {
        duration_s: gap.span().into(),
        from: gap.from.packet.into(),
        to: gap.to.packet.into(),
        start: gap.from.time.into(),
        end: gap.to.time.into(),
    };
    clock.gaps().iter().map(view).collect()
}

/// Pings, heartbeats inside messages and TCP keep-alives, of each side that sends any.
pub(super) fn heartbeats(record: &Timeline, tcp: &Summary) -> Vec<Heartbeat> {
    let sides = [Side::Client, Side::Server];
    let pings = sides.into_iter().filter_map(|side| ping_pong(side, record.pings.get(side)));
    let probes = sides.into_iter().filter_map(|side| keepalive(side, tcp));
    let beats = record.beats.iter().flat_map(|beats| {
        sides.into_iter().filter_map(|side| paired(beats.kind.name(), side, beats.sides.get(side)))
    });
    let sealed = record.tls.iter().flat_map(|tls| tls.sealed.iter().flat_map(|sealed| &sealed.beats));
    pings.chain(beats).chain(sealed.map(inferred)).chain(probes).collect()
}

fn ping_pong(side: Side, pings: &Pings) -> Option<Heartbeat> {
    paired("ping_pong", side, pings)
}

fn paired(kind: &'static str, side: Side, pings: &Pings) -> Option<Heartbeat> {
    let used = pings.sent > 0 || pings.unsolicited > 0;
    used.then(|| Heartbeat {
        kind,
        from: side.name(),
        sent: pings.sent,
        answered: pings.answered,
        unanswered: pings.unanswered(),
        unsolicited: pings.unsolicited,
        interval_s: spread(&pings.interval),
        rtt_s: spread(&pings.rtt),
        last: pings.last.map(Into::into),
        inferred: false,
        why: None,
    })
}

/// A heartbeat that records of TLS suggest.
fn inferred(each: &InferredBeat) -> Heartbeat {
    let beat = &each.beat;
    Heartbeat {
        kind: "tls_inferred",
        from: beat.from.name(),
        sent: beat.sent,
        answered: beat.answered,
        unanswered: beat.sent.saturating_sub(beat.answered),
        unsolicited: 0,
        interval_s: series(&beat.interval),
        rtt_s: series(&beat.rtt),
        last: Some(beat.last.into()),
        inferred: true,
        why: Some(beat.why.clone()),
    }
}

fn series(series: &Series) -> Option<view::Spread> {
    let (min, max) = series.bounds()?;
    Some(view::Spread { median: series.median()?.into(), min: min.into(), max: max.into() })
}

fn keepalive(side: Side, tcp: &Summary) -> Option<Heartbeat> {
    let summary = tcp.sides.get(side);
    (summary.keepalive_probes > 0).then(|| Heartbeat {
        kind: "tcp_keepalive",
        from: side.name(),
        sent: summary.keepalive_probes,
        answered: summary.keepalive_answered,
        unanswered: summary.keepalive_probes.saturating_sub(summary.keepalive_answered),
        unsolicited: 0,
        interval_s: None,
        rtt_s: None,
        last: summary.last_keepalive.map(|at: Stamp| at.into()),
        inferred: false,
        why: None,
    })
}

fn spread(spread: &timeline::Spread) -> Option<view::Spread> {
    Some(view::Spread {
        median: spread.median()?.into(),
        min: spread.min()?.into(),
        max: spread.max()?.into(),
    })
}
