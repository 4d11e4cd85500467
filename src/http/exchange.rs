//! Follows requests and answers until a WebSocket opens.

mod gap;
mod message;

use std::collections::VecDeque;
use std::mem;

use super::body::Body;
use super::event::{Event, GiveUp};
use super::head::{Collected, HeadBuffer};
use super::held::{Held, HeldPiece};
use super::key::Accept;
use crate::flow::{Side, Stamp};
use crate::limits::Limits;

/// Both directions of a connection that speaks HTTP/1.1.
///
/// Bytes are to be pushed in the order of the capture, so that an answer comes after its request.
#[derive(Debug)]
pub struct Exchange {
    bounds: Bounds,
    client: Client,
    server: Server,
    waiting: VecDeque<Waiting>,
    held: Held,
    plain_requests: u64,
    saw_request: bool,
    /// Answers to requests that were not seen: the holes that hide those are told of later.
    unasked: u32,
    /// Answers may be due before that to the upgrade which is waited for: only a 101 is surely its answer.
    is_patchy: bool,
    /// The upgrade that waited for its answer when the exchange was given up.
    asked: Option<Waiting>,
    given_up: bool,
}

/// How many bytes it may hold.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    head: usize,
    early_data: usize,
}

/// What the client's next bytes are.
#[derive(Debug)]
enum Client {
    Head(HeadBuffer),
    Body(RequestBody),
    /// Unknown until the answer comes; they are held.
    Holding,
    /// The head of a request whose 101 came before it, and the hole before that head.
    LateHead(HeadBuffer, Option<(u64, Stamp)>),
    Passing,
}

/// What the server's next bytes are.
#[derive(Debug)]
enum Server {
    Head(HeadBuffer),
    Body(Body),
    Passing,
}

#[derive(Debug)]
struct RequestBody {
    body: Body,
    /// What follows is to be held.
    then_hold: bool,
    /// Nothing of it was seen and the client waits for leave to send it.
    optional: bool,
}

/// A request whose answer has not come.
#[derive(Debug)]
struct Waiting {
    kind: Kind,
    /// The hole that hides a part of it.
    hole: Option<(u64, Stamp)>,
}

#[derive(Debug)]
enum Kind {
    Plain {
        head_only: bool,
    },
    Connect,
    /// With what its answer must fit, if its key was seen.
    Upgrade(Option<Accept>),
    /// A hole hides what it asked for.
    Unseen,
}

impl Exchange {
    /// An exchange before its first byte.
    pub fn new(limits: &Limits) -> Self {
        Self::with(Bounds { head: limits.http_head, early_data: limits.early_data })
    }

    fn with(bounds: Bounds) -> Self {
        Self {
            bounds,
            client: Client::expecting_head(),
            server: Server::expecting_head(),
            waiting: VecDeque::new(),
            held: Held::default(),
            plain_requests: 0,
            saw_request: false,
            unasked: 0,
            is_patchy: false,
            asked: None,
            given_up: false,
        }
    }

    /// An answer that begins the server's bytes from now on may be to an earlier request than the one that
    /// waits for it first.
    pub const fn doubt_answers(&mut self) {
        self.is_patchy = true;
    }

    /// The exchange to go on with from any answer that is found behind the place where this one was given up,
    /// where an upgrade was asked for before it; the client's bytes from there on are to be pushed at once.
    pub fn resumed(&mut self) -> Option<Box<Self>> {
        let asked = self.asked.take()?;
        let mut resumed = Self { is_patchy: true, client: Client::Holding, ..Self::with(self.bounds) };
        resumed.wait(Waiting { hole: None, ..asked }).ok()?;
        Some(Box::new(resumed))
    }

    /// Requests seen that did not ask for a WebSocket.
    pub const fn plain_requests(&self) -> u64 {
        self.plain_requests
    }

    /// Whether both sides' bytes are passed on as they are: no head is to come.
    pub const fn is_passing(&self) -> bool {
        matches!((&self.client, &self.server), (Client::Passing, Server::Passing))
    }

    /// Whether bytes of the client are kept that may be given later.
    pub fn is_keeping(&self) -> bool {
        let is_begun = match &self.client {
            Client::Head(head) | Client::LateHead(head, _) => !head.is_empty(),
            Client::Body(_) | Client::Holding | Client::Passing => false,
        };
        is_begun || !self.held.is_empty()
    }

    /// Passes over bytes of `side` if they are no more than the middle of an answer's body.
    pub const fn pass_body(&mut self, side: Side, bytes: &[u8]) -> bool {
        match (side, &mut self.server) {
            (Side::Server, Server::Body(body)) => body.pass(bytes),
            _ => false,
        }
    }

    /// Reads the next bytes of `side`, which packet `at` carried.
    pub fn push(&mut self, side: Side, bytes: &[u8], at: Stamp, sink: &mut impl FnMut(Event<'_>)) {
        match side {
            Side::Client => self.client_bytes(bytes, at, sink),
            Side::Server => self.server_bytes(bytes, at, sink),
        }
    }

    /// Goes over a hole of `bytes` bytes sent by `side`, which packet `at` revealed.
    pub fn gap(&mut self, side: Side, bytes: u64, at: Stamp, sink: &mut impl FnMut(Event<'_>)) {
        if self.given_up || bytes == 0 {
            return;
        }
        match side {
            Side::Client => self.client_gap(bytes, at, sink),
            Side::Server => self.server_gap(bytes, at, sink),
        }
    }

    fn client_bytes(&mut self, mut bytes: &[u8], at: Stamp, sink: &mut impl FnMut(Event<'_>)) {
        while !bytes.is_empty() && !self.given_up {
            let rest = match &mut self.client {
                Client::Passing => {
                    sink(Event::Data { side: Side::Client, bytes, at });
                    return;
                }
                Client::Holding => {
                    self.held.push(bytes, at, self.bounds.early_data);
                    return;
                }
                Client::Body(request) => {
                    request.optional = false;
                    let then_hold = request.then_hold;
                    request
                        .body
                        .take(bytes)
                        .map(|rest| rest.inspect(|_| self.client = Client::after_request(then_hold)))
                }
                Client::Head(head) => match head.push(bytes, at, self.bounds.head) {
                    Collected::More => Ok(None),
                    Collected::Complete(head, rest) => self.request(&head, sink).map(|()| Some(rest)),
                    Collected::Failed(why, _) => Err(why),
                },
                Client::LateHead(head, _) => match head.push(bytes, at, self.bounds.head) {
                    Collected::More => Ok(None),
                    Collected::Complete(head, rest) => {
                        self.late_request(&head, sink);
                        Ok(Some(rest))
                    }
                    Collected::Failed(_, rest) => {
                        self.pass(None, sink);
                        Ok(Some(rest))
                    }
                },
            };
            bytes = match rest {
                Ok(Some(rest)) => rest,
                Ok(None) => return,
                Err(why) => return self.give_up(why, Side::Client, at, sink),
            };
        }
    }

    fn server_bytes(&mut self, mut bytes: &[u8], at: Stamp, sink: &mut impl FnMut(Event<'_>)) {
        while !bytes.is_empty() && !self.given_up {
            let rest = match &mut self.server {
                Server::Passing => {
                    sink(Event::Data { side: Side::Server, bytes, at });
                    return;
                }
                Server::Body(body) => {
                    body.take(bytes).map(|rest| rest.inspect(|_| self.server = Server::expecting_head()))
                }
                Server::Head(head) => match head.push(bytes, at, self.bounds.head) {
                    Collected::More => Ok(None),
                    Collected::Complete(head, rest) => self.answer(&head, sink).map(|()| Some(rest)),
                    Collected::Failed(why, _) => Err(why),
                },
            };
            bytes = match rest {
                Ok(Some(rest)) => rest,
                Ok(None) => return,
                Err(why) => return self.give_up(why, Side::Server, at, sink),
            };
        }
    }

    /// Hands over what the client sent beyond the last message, after `hole`; passes on from here.
    fn pass(&mut self, hole: Option<(u64, Stamp)>, sink: &mut impl FnMut(Event<'_>)) {
        let side = Side::Client;
        if let Some((bytes, at)) = hole {
            sink(Event::Hole { side, bytes, at });
        }
        let seen = match mem::replace(&mut self.client, Client::Passing) {
            Client::Head(head) => Some((head, None)),
            Client::LateHead(head, hole) => Some((head, hole)),
            _ => None,
        };
        if let Some((head, hole)) = seen {
            hole.into_iter().for_each(|(bytes, at)| sink(Event::Hole { side, bytes, at }));
            head.pieces().for_each(|(bytes, at)| sink(Event::Data { side, bytes, at }));
        }
        self.pass_held(sink);
        self.server = Server::Passing;
    }

    /// Hands over what was held.
    fn pass_held(&mut self, sink: &mut impl FnMut(Event<'_>)) {
        let side = Side::Client;
        for (piece, at) in mem::take(&mut self.held).pieces() {
            match piece {
                HeldPiece::Bytes(bytes) => sink(Event::Data { side, bytes, at }),
                HeldPiece::Hole(bytes) => sink(Event::Hole { side, bytes, at }),
            }
        }
    }

    /// Reads what was held as further requests.
    fn release(&mut self, sink: &mut impl FnMut(Event<'_>)) {
        match &mut self.client {
            Client::Holding => self.client = Client::expecting_head(),
            Client::Body(request) => request.then_hold = false,
            _ => {}
        }
        self.skip_optional_body();
        self.replay_held(sink);
    }

    /// Takes what was held as if it came now.
    fn replay_held(&mut self, sink: &mut impl FnMut(Event<'_>)) {
        for (piece, at) in mem::take(&mut self.held).pieces() {
            match piece {
                HeldPiece::Bytes(bytes) => self.client_bytes(bytes, at, sink),
                HeldPiece::Hole(bytes) => self.gap(Side::Client, bytes, at, sink),
            }
        }
    }

    /// After a final answer, a body that waits for leave does not come (RFC 9110 §10.1.1).
    fn skip_optional_body(&mut self) {
        if self.waiting.is_empty()
            && let Client::Body(RequestBody { optional: true, then_hold, .. }) = self.client
        {
            self.client = Client::after_request(then_hold);
        }
    }

    fn give_up(&mut self, why: GiveUp, side: Side, at: Stamp, sink: &mut impl FnMut(Event<'_>)) {
        sink(Event::GivenUp { why, side, at });
        self.pass_held(sink);
        let asked = self.waiting.drain(..).rev().find(|waiting| matches!(waiting.kind, Kind::Upgrade(_)));
        let plain_requests = self.plain_requests;
        *self = Self { given_up: true, asked, plain_requests, ..Self::with(self.bounds) };
    }
}

impl Client {
    const fn expecting_head() -> Self {
        Self::Head(HeadBuffer::new(Side::Client))
    }

    const fn after_request(hold: bool) -> Self {
        if hold { Self::Holding } else { Self::expecting_head() }
    }
}

impl Server {
    const fn expecting_head() -> Self {
        Self::Head(HeadBuffer::new(Side::Server))
    }
}

#[cfg(test)]
mod tests;
