//! Watches what of a connection gets into the capture, and notes the packets of the decisive acts.

use super::packet::{FIN, RST};
use super::record::{FirstEnd, Record};
use super::segment::{Segment, Side};

/// A stretch of a stream whose packet matters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum What {
    Request,
    Response,
    /// The Close frame at this index of the record.
    Close(usize),
}

struct Mark {
    start: u64,
    end: u64,
    what: What,
    carried: Option<u64>,
}

/// What of one side's stream the capture has shown.
struct Sight {
    /// All bytes before this offset are settled.
    upto: u64,
    /// Stretches seen beyond the first hole, ascending.
    beyond: Vec<(u64, u64)>,
    marks: Vec<Mark>,
}

/// The record of a connection and the sight of its two streams.
pub(crate) struct Witness {
    pub(crate) record: Record,
    sights: [Sight; 2],
}

impl Witness {
    /// A witness of a connection that has not begun.
    pub(crate) fn new() -> Self {
        let sight = || Sight { upto: 1, beyond: Vec::new(), marks: Vec::new() };
        Self { record: Record::new(), sights: [sight(), sight()] }
    }

    /// Asks for the packets of the bytes `start..end` of a side's stream.
    pub(crate) fn mark(&mut self, from: Side, start: u64, end: u64, what: What) {
        self.sights[from as usize].marks.push(Mark { start, end, what, carried: None });
    }

    /// Notes a segment that is packet `number` of the capture.
    pub(crate) fn see(&mut self, segment: &Segment, number: u64) {
        let record = &mut self.record;
        record.first_packet.get_or_insert(number);
        if segment.ends() && record.first_end.is_none() {
            let by = if segment.has(RST) { "rst" } else { "fin" };
            record.first_end = Some(FirstEnd { from: segment.from, by, packet: number });
        }
        let sight = &mut self.sights[segment.from as usize];
        sight.add(segment.seq, segment.end() + u64::from(segment.has(FIN)));
        sight.settle_marks(number, record);
        if segment.acknowledges() {
            let other = segment.from.other() as usize;
            let hole = self.sights[other].acknowledged(segment.ack);
            record.missing_bytes[other] += hole;
        }
    }

    /// Notes a segment that the capture missed.
    pub(crate) fn miss(&mut self, segment: &Segment) {
        self.record.missing_packets += 1;
        if segment.has(FIN) {
            self.sights[segment.from as usize].add(segment.end(), segment.end() + 1);
        }
    }

    /// Closes the record of a connection whose sides sent up to the offsets `sent`.
    pub(crate) fn finish(&mut self, sent: [u64; 2]) {
        for side in Side::BOTH {
            let hole = self.sights[side as usize].acknowledged(sent[side as usize]);
            self.record.missing_bytes[side as usize] += hole;
        }
        self.record.closes.sort_by_key(|close| close.delivered.or(close.packet).unwrap_or(u64::MAX));
    }
}

impl Sight {
    fn add(&mut self, start: u64, end: u64) {
        if start <= self.upto {
            self.upto = self.upto.max(end);
        } else if start < end {
            self.beyond.push((start, end));
            self.beyond.sort_unstable();
        }
        self.take_up();
    }

    /// Joins what lies beyond as far as no hole is left.
    fn take_up(&mut self) {
        let joined = self.beyond.iter().take_while(|&&(start, end)| {
            let joins = start <= self.upto;
            if joins {
                self.upto = self.upto.max(end);
            }
            joins
        });
        let joined = joined.count();
        self.beyond.drain(..joined);
    }

    /// Gives up holes before `ack`; returns how many bytes were in them.
    fn acknowledged(&mut self, ack: u64) -> u64 {
        let mut missing = 0;
        while self.upto < ack {
            let next = self.beyond.first().map_or(ack, |&(start, _)| start.min(ack));
            let hole = self.upto..next;
            self.marks.retain(|mark| mark.end <= hole.start || mark.start >= hole.end);
            missing += hole.end - hole.start;
            self.upto = next;
            self.take_up();
        }
        missing
    }

    fn covers(&self, start: u64, end: u64) -> bool {
        if end <= self.upto {
            return true;
        }
        let mut reached = self.upto.max(start);
        for &(from, to) in &self.beyond {
            if from <= reached {
                reached = reached.max(to);
            }
        }
        reached >= end
    }

    fn settle_marks(&mut self, number: u64, record: &mut Record) {
        let mut marks = std::mem::take(&mut self.marks);
        marks.retain_mut(|mark| {
            if mark.carried.is_none() && self.covers(mark.start, mark.end) {
                mark.carried = Some(number);
                carried(record, mark.what, number);
            }
            let delivered = mark.carried.is_some() && mark.end <= self.upto;
            if let (true, What::Close(index)) = (delivered, mark.what) {
                record.closes[index].delivered = Some(number);
            }
            !delivered
        });
        self.marks = marks;
    }
}

fn carried(record: &mut Record, what: What, number: u64) {
    match what {
        What::Request => record.request_packet = Some(number),
        What::Response => record.response_packet = Some(number),
        What::Close(index) => record.closes[index].packet = Some(number),
    }
}
