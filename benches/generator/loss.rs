//! Disturbs bursts of data as a lossy path does. Every byte still comes, and nothing is acknowledged before
//! the capture has seen it.

use super::packet::ACK;
use super::rng::Rng;
use super::segment::Segment;
use super::tcp::{MICRO, MILLI, Tcp};

/// How many segments were disturbed.
#[derive(Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) reordered: u64,
    pub(crate) retransmitted: u64,
}

type Disturbance = fn(&mut Tcp, &mut Rng, &mut Vec<Segment>, usize);

const KINDS: [Disturbance; 7] = [reorder, reorder, lose, repeat_whole, repeat_part, overlap, extend_back];

/// Disturbs at most one segment of a burst that one side has just sent.
pub(crate) fn disturb(tcp: &mut Tcp, rng: &mut Rng, burst: &mut Vec<Segment>) {
    if burst.is_empty() || !rng.chance((tcp.disturbance * burst.len() as f64).min(1.0)) {
        return;
    }
    let victim = rng.index(burst.len());
    if rng.chance(0.1) {
        tcp.late = Some(burst[victim].clone());
        return;
    }
    rng.pick(&KINDS)(tcp, rng, burst, victim);
}

/// The segment comes after one to three that were sent after it.
fn reorder(tcp: &mut Tcp, rng: &mut Rng, burst: &mut Vec<Segment>, victim: usize) {
    let victim = split_if_last(tcp, burst, victim);
    if victim + 1 == burst.len() {
        return;
    }
    let overtaken = rng.between(1, 3).min((burst.len() - victim - 1) as u64) as usize;
    let delayed = burst.remove(victim);
    burst.insert(victim + overtaken, delayed);
    duplicate_acks(tcp, burst, victim, overtaken);
    set_times(tcp, burst, victim, rng.between(5, 300) * MICRO);
    tcp.disturbed.reordered += 1;
}

/// The segment was lost before the capture: its retransmission comes after the rest of the burst.
fn lose(tcp: &mut Tcp, _: &mut Rng, burst: &mut Vec<Segment>, victim: usize) {
    let lost = burst.remove(victim);
    let overtaken = burst.len() - victim;
    let wait = if overtaken == 0 { 200 * MILLI } else { tcp.round_trip() };
    tcp.wait(wait);
    let copy = tcp.again(&lost, lost.payload.clone(), lost.seq);
    burst.push(copy);
    duplicate_acks(tcp, burst, victim, overtaken);
    set_times(tcp, burst, victim, 10 * MICRO);
    tcp.disturbed.retransmitted += 1;
}

fn repeat_whole(tcp: &mut Tcp, _: &mut Rng, burst: &mut Vec<Segment>, victim: usize) {
    let length = burst[victim].payload.len();
    repeat(tcp, burst, victim, 0, length);
}

fn repeat_part(tcp: &mut Tcp, rng: &mut Rng, burst: &mut Vec<Segment>, victim: usize) {
    let length = burst[victim].payload.len();
    let start = rng.index(length);
    let end = start + 1 + rng.index(length - start);
    repeat(tcp, burst, victim, start, end);
}

/// A retransmission is cut elsewhere: it begins inside the segment and goes on into the next ones.
fn overlap(tcp: &mut Tcp, rng: &mut Rng, burst: &mut Vec<Segment>, victim: usize) {
    let start = rng.index(burst[victim].payload.len());
    let mut bytes = burst[victim].payload[start..].to_vec();
    let seq = burst[victim].seq + start as u64;
    for next in &burst[victim + 1..] {
        bytes.extend_from_slice(&next.payload);
    }
    let whole = bytes.len().min(tcp.largest(burst[victim].from));
    bytes.truncate(whole.max(1) - rng.index(whole.max(1)).min(whole / 2));
    resend(tcp, burst, victim, seq, bytes);
}

/// The following segment begins with old bytes and ends with new ones.
fn extend_back(tcp: &mut Tcp, rng: &mut Rng, burst: &mut Vec<Segment>, victim: usize) {
    let victim = split_if_last(tcp, burst, victim);
    let Some([first, second]) = burst.get_mut(victim..victim + 2) else { return };
    let room = tcp.largest(first.from).saturating_sub(second.payload.len());
    let most = room.min(first.payload.len());
    if most == 0 {
        return;
    }
    let taken = 1 + rng.index(most);
    let mut payload = first.payload[first.payload.len() - taken..].to_vec();
    payload.extend_from_slice(&second.payload);
    second.seq -= taken as u64;
    second.payload = payload;
    tcp.disturbed.retransmitted += 1;
}

/// Sends the bytes `start..end` of a segment again after the burst.
fn repeat(tcp: &mut Tcp, burst: &mut Vec<Segment>, victim: usize, start: usize, end: usize) {
    let bytes = burst[victim].payload[start..end].to_vec();
    let seq = burst[victim].seq + start as u64;
    resend(tcp, burst, victim, seq, bytes);
}

fn resend(tcp: &mut Tcp, burst: &mut Vec<Segment>, victim: usize, seq: u64, bytes: Vec<u8>) {
    tcp.wait(tcp.round_trip());
    let copy = tcp.again(&burst[victim].clone(), bytes, seq);
    burst.push(copy);
    tcp.disturbed.retransmitted += 1;
}

/// Makes sure that a segment follows the victim: the last one is sent in two halves. Returns the victim.
fn split_if_last(tcp: &mut Tcp, burst: &mut Vec<Segment>, victim: usize) -> usize {
    let length = burst[victim].payload.len();
    if victim + 1 < burst.len() || length < 2 {
        return victim;
    }
    let rest = burst[victim].payload.split_off(length / 2);
    let seq = burst[victim].end();
    let second = tcp.again(&burst[victim].clone(), rest, seq);
    burst.push(second);
    victim
}

/// Lets the receiver ask for the delayed segment after each of the `overtaken` ones before it.
fn duplicate_acks(tcp: &mut Tcp, burst: &mut Vec<Segment>, first: usize, overtaken: usize) {
    let (receiver, hole) = (burst[first].from.other(), burst[first + overtaken].seq);
    let left = burst[first].seq;
    for index in 0..overtaken {
        let place = first + 2 * index;
        let right = burst[place].end();
        let mut ack = tcp.segment(receiver, ACK, Vec::new());
        ack.at = burst[place].at;
        ack.ack = hole;
        ack.sack = Some((left, right));
        burst.insert(place + 1, ack);
    }
}

/// Gives the segments from `first` on times that go up again in their new order, and moves the clock.
fn set_times(tcp: &mut Tcp, burst: &mut [Segment], first: usize, step: u64) {
    let mut earliest = 0;
    for segment in &mut burst[first..] {
        segment.at = segment.at.max(earliest);
        earliest = segment.at + step;
    }
    tcp.clock = tcp.clock.max(earliest);
}
