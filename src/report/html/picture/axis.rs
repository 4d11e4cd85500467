//! The axis of time: true to scale, but for silences so long that they would leave no room for the rest.

use super::super::super::units::duration;
use super::super::super::view::Seconds;
use super::Px;

/// A silence of this share of what is not yet compressed is compressed.
const DOMINANT: f64 = 0.4;

/// Silences shorter than this are never compressed: there is nothing to wait for.
const SHORTEST: i64 = 1_000_000_000;

/// Compressed silences at most.
const BREAKS: usize = 4;

/// The share of the width that one compressed silence takes.
const BREAK_SHARE: f64 = 0.16;

/// The least distance of two ticks.
const TICK_DISTANCE: f64 = 84.0;

/// The width of a letter of a label.
const LETTER: f64 = 6.2;

/// A moment alone is told to the millisecond.
const ALONE: i64 = 1_000_000;

/// Steps between ticks in nanoseconds: 1, 2, 5 times a power of ten up to seconds, then clock-like.
const STEPS: [i64; 45] = steps();

/// Moments mapped to places from left to right.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    origin: i64,
    pieces: Vec<Piece>,
}

/// A stretch with one scale.
#[derive(Clone, Copy, Debug)]
struct Piece {
    start: i64,
    end: i64,
    left: f64,
    right: f64,
    is_break: bool,
}

/// A compressed silence.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::report::html) struct Break {
    pub(in crate::report::html) left: Px,
    pub(in crate::report::html) middle: Px,
    pub(in crate::report::html) right: Px,
    /// How long it was.
    pub(in crate::report::html) length: String,
}

/// A mark of the scale.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::report::html) struct Tick {
    pub(in crate::report::html) x: Px,
    /// The time since the start, where there is room for it.
    pub(in crate::report::html) label: Option<String>,
}

impl Axis {
    /// An axis over all `busy` stretches, in any order, between two places; long silences between them
    /// are compressed.
    pub(super) fn compressed(busy: &[(i64, i64)], left: f64, right: f64) -> Self {
        let first = busy.iter().map(|each| each.0).min().unwrap_or_default();
        let last = busy.iter().map(|each| each.1).max().unwrap_or_default();
        let pieces = scaled(stretches(first, last.max(first), &silences(busy)), left, right);
        Self { origin: first, pieces }
    }

    /// An axis of one scale from `start` to `end`, counting from `origin`.
    pub(super) fn linear(origin: i64, start: i64, end: i64, left: f64, right: f64) -> Self {
        Self { origin, pieces: scaled(vec![(start, end.max(start), false)], left, right) }
    }

    /// Where a moment is; one outside is at the edge.
    pub(super) fn x(&self, moment: i64) -> f64 {
        // What ends a silence belongs to what follows it.
        let holds = |piece: &&Piece| moment < piece.end || moment == piece.end && !piece.is_break;
        let Some(piece) = self.pieces.iter().find(holds).or_else(|| self.pieces.last()) else {
            return 0.0;
        };
        let length = between(piece.start, piece.end);
        let share = if length > 0.0 { between(piece.start, moment) / length } else { 0.5 };
        piece.left + (piece.right - piece.left) * share.clamp(0.0, 1.0)
    }

    /// The compressed silences.
    pub(super) fn breaks(&self) -> Vec<Break> {
        let entry = |piece: &Piece| Break {
            left: Px(piece.left),
            middle: Px((piece.left + piece.right) / 2.0),
            right: Px(piece.right),
            length: duration(Seconds(piece.end.saturating_sub(piece.start))),
        };
        self.pieces.iter().filter(|piece| piece.is_break).map(entry).collect()
    }

    /// Marks of the scale, as many as there is room for; their labels keep clear of those of the
    /// compressed silences and of each other.
    pub(super) fn ticks(&self) -> Vec<Tick> {
        let pieces = self.pieces.iter().filter(|piece| !piece.is_break);
        let mut ticks: Vec<Tick> = pieces.flat_map(|piece| self.ticks_of(piece)).collect();
        let room = |x: Px, label: &str| {
            let half = label.chars().count() as f64 * LETTER / 2.0 + 3.0;
            (x.0 - half, x.0 + half)
        };
        let mut taken: Vec<(f64, f64)> =
            self.breaks().iter().map(|each| room(each.middle, &each.length)).collect();
        for tick in &mut ticks {
            let Some(label) = &tick.label else { continue };
            let (left, right) = room(tick.x, label);
            if taken.iter().any(|&(from, to)| left < to && from < right) {
                tick.label = None;
            } else {
                taken.push((left, right));
            }
        }
        ticks
    }

    fn ticks_of(&self, piece: &Piece) -> Vec<Tick> {
        let (width, length) = (piece.right - piece.left, between(piece.start, piece.end));
        let room = (width / TICK_DISTANCE).floor();
        if length <= 0.0 || room < 1.0 {
            return vec![self.tick(piece.start, ALONE)];
        }
        let step = STEPS.iter().copied().find(|&step| length / step as f64 <= room);
        let Some(step) = step else { return vec![self.tick(piece.start, STEPS[STEPS.len() - 1])] };
        let offset = piece.start.saturating_sub(self.origin);
        let first = offset.saturating_add(step - 1).div_euclid(step).saturating_mul(step);
        let marks = (0..=room as i64).map(|index| first.saturating_add(index.saturating_mul(step)));
        let inside = marks.map(|mark| self.origin.saturating_add(mark)).take_while(|&at| at <= piece.end);
        inside.map(|at| self.tick(at, step)).collect()
    }

    fn tick(&self, at: i64, step: i64) -> Tick {
        Tick { x: Px(self.x(at)), label: Some(label(at.saturating_sub(self.origin), step)) }
    }
}

/// The silences to compress, as pairs of their first and last moment, in order.
fn silences(busy: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let mut busy = busy.to_vec();
    busy.sort_unstable();
    let (start, mut end) = busy.first().copied().unwrap_or_default();
    let mut gaps = Vec::new();
    for (from, to) in busy {
        if from > end {
            gaps.push((end, from));
        }
        end = end.max(to);
    }
    let mut rest = between(start, end);
    gaps.sort_by(|a, b| between(b.0, b.1).total_cmp(&between(a.0, a.1)));
    let mut found = Vec::new();
    for (from, to) in gaps.into_iter().take(BREAKS) {
        let length = between(from, to);
        if length < SHORTEST as f64 || length < DOMINANT * rest {
            break;
        }
        rest -= length;
        found.push((from, to));
    }
    found.sort_unstable();
    found
}

/// The stretches from the first to the last moment, those to compress marked.
fn stretches(first: i64, last: i64, breaks: &[(i64, i64)]) -> Vec<(i64, i64, bool)> {
    let mut stretches = Vec::new();
    let mut at = first;
    for &(from, to) in breaks {
        stretches.push((at, from, false));
        stretches.push((from, to, true));
        at = to;
    }
    stretches.push((at, last, false));
    stretches
}

/// Gives each stretch its place: the compressed ones a fixed share, a moment alone a narrow one, the
/// others what is left, all with one scale.
fn scaled(stretches: Vec<(i64, i64, bool)>, left: f64, right: f64) -> Vec<Piece> {
    const MOMENT: f64 = 0.03;
    let width = right - left;
    let wants = |&(from, to, is_break): &(i64, i64, bool)| match () {
        () if is_break => BREAK_SHARE,
        () if from == to => MOMENT,
        () => 0.0,
    };
    let fixed: f64 = stretches.iter().map(wants).sum();
    let true_length: f64 =
        stretches.iter().filter(|each| !each.2).map(|&(from, to, _)| between(from, to)).sum();
    // Without a stretch to scale, those with a fixed share fill the axis.
    let grow = if true_length > 0.0 { 1.0 } else { 1.0 / fixed.max(MOMENT) };
    let shared = (1.0 - fixed * grow).max(0.0);
    let mut at = left;
    let place = |each: (i64, i64, bool)| {
        let (start, end, is_break) = each;
        let share = match wants(&each) {
            0.0 => shared * between(start, end) / true_length,
            share => share * grow,
        };
        let piece = Piece { start, end, left: at, right: (at + share * width).min(right), is_break };
        at = piece.right;
        piece
    };
    stretches.into_iter().map(place).collect()
}

/// From one moment to another in nanoseconds; captures may hold times of any size.
fn between(from: i64, to: i64) -> f64 {
    (i128::from(to) - i128::from(from)) as f64
}

/// Minutes, hours or days since the start; clock-like where a step is a part of the smallest unit.
fn long(offset: i64, step: i64) -> String {
    const SECOND: i64 = 1_000_000_000;
    const HOUR: i64 = 3600 * SECOND;
    const DAY: i64 = 24 * HOUR;
    let seconds = offset.unsigned_abs() / SECOND.unsigned_abs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let sign = if offset < 0 { "-" } else { "" };
    let day = if days > 0 { format!("{days} d ") } else { String::new() };
    match offset.saturating_abs() {
        HOUR.. if step < 60 * SECOND => format!("{sign}{day}{hours:02}:{minutes:02}:{:02}", seconds % 60),
        DAY.. if step < HOUR => format!("{sign}{day}{hours:02}:{minutes:02}"),
        _ => duration(Seconds(offset)),
    }
}

/// The time since the start as precise as the steps are.
fn label(offset: i64, step: i64) -> String {
    const MILLI: i64 = 1_000_000;
    const SECOND: i64 = 1_000_000_000;
    const MINUTES: i64 = 120 * SECOND;
    if offset == 0 {
        return "0".to_owned();
    }
    if step >= SECOND && offset.saturating_abs() >= MINUTES {
        return long(offset, step);
    }
    let (value, unit, smallest) = if offset.saturating_abs() < SECOND {
        (offset as f64 / 1e6, "ms", MILLI)
    } else {
        (offset as f64 / 1e9, "s", SECOND)
    };
    let mut decimals = 0;
    let mut size = smallest;
    while size > step && decimals < 6 {
        size /= 10;
        decimals += 1;
    }
    format!("{value:.decimals$} {unit}")
}

const fn steps() -> [i64; 45] {
    let mut steps = [0; 45];
    let mut index = 0;
    let mut power = 1_000;
    while power <= 100_000_000 {
        let mut which = 0;
        while which < 3 {
            steps[index] = power * [1, 2, 5][which];
            index += 1;
            which += 1;
        }
        power *= 10;
    }
    let seconds = [
        1,
        2,
        5,
        10,
        15,
        30,
        60,
        120,
        300,
        600,
        1_200,
        1_800,
        3_600,
        7_200,
        14_400,
        28_800,
        43_200,
        86_400,
        172_800,
        604_800,
        2_592_000,
        7_776_000,
        31_536_000,
        94_608_000,
        315_360_000,
        946_080_000,
        3_153_600_000,
    ];
    let mut which = 0;
    while which < 27 {
        steps[index] = seconds[which] * 1_000_000_000;
        index += 1;
        which += 1;
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn axis(moments: &[i64]) -> Axis {
        let moments: Vec<(i64, i64)> = moments.iter().map(|&moment| (moment, moment)).collect();
        Axis::compressed(&moments, 100.0, 900.0)
    }

    #[test]
    fn without_a_dominant_silence_it_is_true_to_scale() {
        let axis = axis(&[0, 20 * SECOND, 40 * SECOND, 60 * SECOND, 80 * SECOND]);
        assert_eq!(axis.breaks(), []);
        for (moment, x) in [(0, 100.0), (20, 300.0), (80, 900.0), (-5, 100.0), (99, 900.0)] {
            assert!((axis.x(moment * SECOND) - x).abs() < 1e-9, "{moment}");
        }
    }

    #[test]
    fn a_dominant_silence_is_compressed_and_the_rest_keeps_one_scale() {
        let milli = SECOND / 1000;
        let axis = axis(&[0, 10 * milli, 60 * SECOND, 60 * SECOND + 10 * milli]);
        let breaks = axis.breaks();
        assert_eq!(breaks.len(), 1);
        assert_eq!(breaks[0].length, "59.990 s");
        let widths = [axis.x(10 * milli) - axis.x(0), axis.x(60 * SECOND + 10 * milli) - axis.x(60 * SECOND)];
        assert!((widths[0] - widths[1]).abs() < 1e-6, "{widths:?}");
        assert!((widths[0] - 336.0).abs() < 1e-6, "{widths:?}");
    }

    #[test]
    fn a_lone_moment_behind_a_silence_has_room() {
        let axis = axis(&[0, SECOND / 100, 60 * SECOND]);
        assert!(axis.x(60 * SECOND) - axis.breaks()[0].right.0 > 5.0);
        assert!(axis.x(60 * SECOND) < 900.0);
    }

    #[test]
    fn a_run_of_messages_is_no_silence() {
        let busy = [(0, 60 * SECOND), (30 * SECOND, 30 * SECOND), (61 * SECOND, 61 * SECOND)];
        assert_eq!(Axis::compressed(&busy, 0.0, 100.0).breaks(), []);
    }

    #[test]
    fn time_never_goes_backwards_on_it() {
        let hostile = [i64::MIN, -1, 0, 1, 5 * SECOND, 3600 * SECOND, 7200 * SECOND, i64::MAX];
        for moments in [&hostile[..], &hostile[..1], &hostile[2..6], &[]] {
            let axis = axis(moments);
            let places: Vec<f64> = hostile.iter().map(|&moment| axis.x(moment)).collect();
            assert!(places.windows(2).all(|pair| pair[0] <= pair[1]), "{places:?}");
            assert!(places.iter().all(|x| (0.0..=900.0).contains(x)), "{places:?}");
            assert!(axis.breaks().len() <= BREAKS);
            let ticks = axis.ticks();
            assert!(ticks.len() < 40 && ticks.windows(2).all(|pair| pair[0].x.0 <= pair[1].x.0), "{ticks:?}");
        }
    }

    #[test]
    fn ticks_are_round_and_apart() {
        let labels = |axis: &Axis| axis.ticks().into_iter().filter_map(|tick| tick.label).collect::<Vec<_>>();
        assert_eq!(
            labels(&axis(&[0, 20 * SECOND, 40 * SECOND, 50 * SECOND, 80 * SECOND])),
            ["0", "10 s", "20 s", "30 s", "40 s", "50 s", "60 s", "70 s", "80 s"]
        );
        let ending = Axis::linear(0, 60 * SECOND, 60 * SECOND + 2_000_000, 0.0, 400.0);
        assert_eq!(labels(&ending), ["60.0000 s", "60.0005 s", "60.0010 s", "60.0015 s", "60.0020 s"]);
        assert_eq!(label(0, 1), "0");
        assert_eq!(label(2_500_000, 500_000), "2.5 ms");
        assert_eq!(label(185 * SECOND, 5 * SECOND), "3 min 5 s");
        assert_eq!(label(3 * 3600 * SECOND, 1800 * SECOND), "3 h 00 min");
        assert_eq!(label(7265 * SECOND, 5 * SECOND), "02:01:05");
        assert_eq!(label(90_000 * SECOND, 1800 * SECOND), "1 d 01:00");
        assert_eq!(label(90_000 * SECOND, 5 * SECOND), "1 d 01:00:00");
        assert_eq!(label(172_800 * SECOND, 86_400 * SECOND), "2 d 0 h");
        assert!(STEPS.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
