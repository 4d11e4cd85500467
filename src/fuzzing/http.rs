//! Any bytes exchanged on a connection that speaks HTTP/1.1.

use super::steps::{Step, What, steps};
use crate::flow::{Side, Stamp};
use crate::http::{Event, Exchange};
use crate::limits::Limits;

/// Together with [`MOST_STEPS`] below the pieces that an exchange holds before an answer comes.
const MOST_PIECES: usize = 500;

const MOST_STEPS: usize = 400;

/// Plays `data` as the steps of an exchange, whole and in pieces; its first byte is their size.
///
/// # Panics
///
/// When the pieces matter, or when more bytes come out than went in.
pub fn http_upgrade(data: &[u8]) {
    let Some((&size, data)) = data.split_first() else { return };
    let mut steps = steps(data);
    steps.truncate(MOST_STEPS);
    let size = usize::from(size).max(data.len().div_ceil(MOST_PIECES)).max(1);
    let whole = play(&steps, usize::MAX);
    assert_eq!(whole, play(&steps, size), "in pieces of {size}");
    for side in [Side::Client, Side::Server] {
        check(&steps, &whole, side);
    }
}

/// Asserts that what is passed on of `side` was sent by it.
fn check(steps: &[Step<'_>], told: &[Told], side: Side) {
    let sent = steps.iter().filter(|step| step.side == side);
    let sent: Vec<u8> =
        sent.flat_map(|step| if let What::Bytes(bytes) = step.what { bytes } else { &[] }).copied().collect();
    let passed = told.iter().filter_map(|told| match told {
        Told::Data(sender, bytes, _) if *sender == side => Some(bytes.as_slice()),
        _ => None,
    });
    let passed = passed.collect::<Vec<_>>().concat();
    assert!(passed.len() <= sent.len());
    let holes = told.iter().any(|told| matches!(told, Told::Hole(sender) if *sender == side));
    if told.contains(&Told::GivenUp) {
        // What was held is handed over, and what follows is not.
        assert!(holes || is_part(&passed, &sent), "the {side}'s bytes are passed on as they were sent");
    } else {
        assert!(holes || sent.ends_with(&passed), "the {side}'s bytes are passed on to the end");
    }
}

fn is_part(part: &[u8], whole: &[u8]) -> bool {
    part.is_empty() || whole.windows(part.len()).any(|window| window == part)
}

#[derive(Debug, PartialEq)]
enum Told {
    /// Bytes passed on, and the packet of the last of them.
    Data(Side, Vec<u8>, Stamp),
    Hole(Side),
    /// The exchange is not followed any further; its event comes behind.
    GivenUp,
    /// Anything else, as its `Debug` shows it.
    Event(String),
}

fn play(steps: &[Step<'_>], size: usize) -> Vec<Told> {
    let mut exchange = Exchange::new(&Limits::default());
    let mut told = Vec::new();
    for step in steps {
        match step.what {
            What::Hole(bytes) => {
                exchange.gap(step.side, bytes, step.at, &mut |event| note(&mut told, &event));
            }
            What::Bytes(bytes) => {
                for piece in bytes.chunks(size) {
                    exchange.push(step.side, piece, step.at, &mut |event| note(&mut told, &event));
                }
            }
        }
    }
    told.push(Told::Event(format!("{} plain requests", exchange.plain_requests())));
    told
}

/// Adds an event; bytes that follow bytes of the same packet are joined to them.
fn note(told: &mut Vec<Told>, event: &Event<'_>) {
    match (event, told.last_mut()) {
        (Event::Data { side, bytes, at }, Some(Told::Data(last, before, packet)))
            if (side, at) == (&*last, &*packet) =>
        {
            before.extend_from_slice(bytes);
        }
        (Event::Data { side, bytes, at }, _) => told.push(Told::Data(*side, bytes.to_vec(), *at)),
        (Event::Hole { side, .. }, _) => {
            told.push(Told::Hole(*side));
            told.push(Told::Event(format!("{event:?}")));
        }
        (Event::GivenUp { .. }, _) => {
            told.push(Told::GivenUp);
            told.push(Told::Event(format!("{event:?}")));
        }
        _ => told.push(Told::Event(format!("{event:?}"))),
    }
}
