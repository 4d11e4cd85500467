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
        let (sent, passed) = (sent.sum::<usize>(), *whole.passed(side));
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

#[derive(Default)]
struct Play {
    told: Vec<String>,
    /// The stream and side of the newest bytes, which further ones are joined to.
    newest: Option<(u32, Side)>,
    client: usize,
    server: usize,
}

impl Play {
    const fn passed(&self, side: Side) -> &usize {
        match side {
            Side::Client => &self.client,
            Side::Server => &self.server,
        }
    }

    fn note(&mut self, event: &StreamEvent<'_>) {
        let StreamEvent::Data { stream, side, bytes, .. } = event else {
            self.newest = None;
            return self.told.push(format!("{event:?}"));
        };
        match side {
            Side::Client => self.client += bytes.len(),
            Side::Server => self.server += bytes.len(),
        }
        match (self.newest == Some((*stream, *side)), self.told.last_mut()) {
            (true, Some(last)) => *last += &format!("{bytes:?}").replace(['[', ']'], ", "),
            _ => {
                let bytes = format!("{bytes:?}").replace(['[', ']'], ", ");
                self.told.push(format!("{side} on {stream}: {bytes}"));
            }
        }
        self.newest = Some((*stream, *side));
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
