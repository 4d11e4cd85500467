//! Any bytes exchanged on an HTTP/2 connection.

use super::steps::{Step, What, steps};
use crate::flow::Side;
use crate::http::{Http2, StreamEvent, Veil};
use crate::limits::Limits;

/// Plays `data` as the steps of an HTTP/2 connection, whole and in pieces; its first byte is their size.
///
/// # Panics
///
/// When the pieces matter where nothing is missing, when more bytes come out than went in, or when a
/// veil changes how many bytes there are.
pub fn http2(data: &[u8]) {
    let Some((&size, data)) = data.split_first() else { return };
    let steps = steps(data);
    let size = usize::from(size).max(data.len().div_ceil(500)).max(1);
    let whole = play(&steps, usize::MAX);
    // Behind a hole, framing is looked for anew chunk by chunk.
    if steps.iter().all(|step| matches!(step.what, What::Bytes(_))) {
        assert_eq!(whole.told, play(&steps, size).told, "in pieces of {size}");
    }
    for side in [Side::Client, Side::Server] {
        let sent = steps.iter().filter(|step| step.side == side).map(|step| match step.what {
            What::Bytes(bytes) => bytes.len(),
            What::Hole(_) => 0,
        });
        let (sent, passed) = (sent.sum::<usize>(), whole.passed(side));
        assert!(passed <= sent, "{passed} bytes of the {side} come out of {sent}");
    }
    veil(&steps);
}

fn veil(steps: &[Step<'_>]) {
    let mut veil = Veil::new(|name, _| name != Some(b":status"));
    for step in steps {
        if let What::Bytes(bytes) = step.what {
            let mut hidden = bytes.to_vec();
            veil.hide(&mut hidden);
            assert_eq!(hidden.len(), bytes.len());
        }
    }
}

#[derive(Debug, PartialEq)]
enum Told {
    /// Bytes of a stream, with those that follow on it.
    Data(u32, Side, Vec<u8>),
    /// Anything else, as its `Debug` shows it.
    Event(String),
}

#[derive(Default)]
struct Play {
    told: Vec<Told>,
}

impl Play {
    fn passed(&self, side: Side) -> usize {
        let of_side = self.told.iter().filter_map(|told| match told {
            Told::Data(_, sender, bytes) if *sender == side => Some(bytes.len()),
            _ => None,
        });
        of_side.sum()
    }

    fn note(&mut self, event: &StreamEvent<'_>) {
        let StreamEvent::Data { stream, side, bytes, .. } = event else {
            return self.told.push(Told::Event(format!("{event:?}")));
        };
        match self.told.last_mut() {
            Some(Told::Data(last, sender, before)) if (*last, *sender) == (*stream, *side) => {
                before.extend_from_slice(bytes);
            }
            _ => self.told.push(Told::Data(*stream, *side, bytes.to_vec())),
        }
    }
}

fn play(steps: &[Step<'_>], size: usize) -> Play {
    let mut http2 = Http2::new(&Limits::default());
    let mut play = Play::default();
    for step in steps {
        match step.what {
            What::Hole(bytes) => {
                http2.gap(step.side, Some(bytes), step.at, &mut |event| play.note(&event));
            }
            What::Bytes(bytes) => {
                for piece in bytes.chunks(size) {
                    http2.push(step.side, piece, step.at, &mut |event| play.note(&event));
                }
            }
        }
    }
    play
}
