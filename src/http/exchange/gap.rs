//! What a hole in a message leaves to be known.

use super::{Client, Exchange, Kind, Server, Waiting};
use crate::flow::{Side, Stamp};
use crate::http::event::{Event, GiveUp};
use crate::http::head::{Head, RequestLine, status};
use crate::http::request;
use crate::http::response;
use crate::http::survey::Survey;

impl Exchange {
    pub(super) fn client_gap(&mut self, bytes: u64, at: Stamp, sink: &mut impl FnMut(Event<'_>)) {
        let cut = match &mut self.client {
            Client::Holding => return self.held.hole(bytes, at),
            Client::Passing => return sink(Event::Hole { side: Side::Client, bytes, at }),
            Client::LateHead(head, hole) if head.is_empty() => {
                // Requests may follow before the one that the 101 answers.
                let before = hole.map_or(0, |(bytes, _)| bytes);
                *hole = Some((before.saturating_add(bytes), at));
                return;
            }
            Client::LateHead(head, hole) => {
                // The head ends in the hole; what was seen of it is no part of the WebSocket.
                let (seen, before) = (head.cut(), hole.take());
                self.client = Client::Passing;
                seen.and_then(|head| Self::cut_request(&head, sink));
                let missing = before.map_or(0, |(bytes, _)| bytes).saturating_add(bytes);
                return sink(Event::Hole { side: Side::Client, bytes: missing, at });
            }
            Client::Body(request) => {
                request.optional = false;
                if request.body.skip_hole(bytes) {
                    return;
                }
                None
            }
            Client::Head(head) => head.cut(),
        };
        if cut.is_none() && self.unasked > 0 {
            // What it hides was answered already.
            self.unasked -= 1;
            self.client = Client::expecting_head();
            return;
        }
        // What is hidden may ask for a WebSocket: the answer will tell.
        let kind = cut.and_then(|head| Self::cut_request(&head, sink)).unwrap_or(Kind::Unseen);
        self.client = Client::Holding;
        if let Err(why) = self.wait(Waiting { kind, hole: Some((bytes, at)) }) {
            self.give_up(why, Side::Client, at, sink);
        }
    }

    /// Tells of a request that asks for a WebSocket in the part of its head that was seen.
    fn cut_request(head: &Head<'_>, sink: &mut impl FnMut(Event<'_>)) -> Option<Kind> {
        head.survey.ok().filter(Survey::is_attempt)?;
        let (request, accept) = request::parse(head, &RequestLine::parse(&head.bytes)?);
        sink(Event::Request(request));
        Some(Kind::Upgrade(accept))
    }

    pub(super) fn server_gap(&mut self, bytes: u64, at: Stamp, sink: &mut impl FnMut(Event<'_>)) {
        let side = Side::Server;
        let mut is_ambiguous = false;
        let cut = match &mut self.server {
            Server::Body(body) => {
                if body.skip_hole(bytes) {
                    return;
                }
                is_ambiguous = !body.has_length();
                None
            }
            Server::Passing => return sink(Event::Hole { side, bytes, at }),
            Server::Head(head) => head.cut(),
        };
        match cut.as_ref().and_then(|head| self.cut_answer(head, sink)) {
            Some(Ok(())) => return sink(Event::Hole { side, bytes, at }),
            Some(Err(why)) => {
                // It was answered.
                self.waiting.pop_front();
                return self.give_up(why, side, at, sink);
            }
            None => {}
        }
        // Where another answer is due before it, or the end of a body is not known, it may come behind the hole.
        let is_sure = !is_ambiguous && !self.is_patchy;
        let is_due = is_sure && self.waiting.front().is_some_and(Waiting::may_be_upgrade);
        match is_due.then(|| self.waiting.pop_front()).flatten() {
            Some(waiting) => {
                sink(Event::AnswerMissing { at });
                self.pass(waiting.hole, sink);
                sink(Event::Hole { side, bytes, at });
            }
            None => self.give_up(GiveUp::Hole, side, at, sink),
        }
    }

    /// Takes an answer by its status alone: a 101, or the refusal of an upgrade.
    fn cut_answer(
        &mut self,
        head: &Head<'_>,
        sink: &mut impl FnMut(Event<'_>),
    ) -> Option<Result<(), GiveUp>> {
        let status = status(&head.bytes)?;
        if status == 101 {
            return Some(head.survey.and_then(|survey| self.switched(head, &survey, sink)));
        }
        let Some(Waiting { kind: Kind::Upgrade(accept), .. }) = self.waiting.front() else { return None };
        if status < 200 {
            return None;
        }
        sink(Event::Refused(response::parse(head, status, accept.as_ref())));
        Some(Err(GiveUp::Hole))
    }
}

impl Waiting {
    const fn may_be_upgrade(&self) -> bool {
        matches!(self.kind, Kind::Upgrade(_) | Kind::Unseen)
    }
}
