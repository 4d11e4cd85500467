//! What a complete head means for the messages that follow.

use std::mem;

use super::{Client, Exchange, Kind, RequestBody, Server, Waiting};
use crate::flow::Side;
use crate::http::event::{Event, GiveUp};
use crate::http::head::{Head, HeadBuffer, RequestLine, status};
use crate::http::request;
use crate::http::response;
use crate::http::survey::Survey;

/// Requests that may wait for their answers; no client pipelines as many.
const MAX_WAITING: usize = 1024;

impl Exchange {
    /// Takes note of a request.
    pub(super) fn request(
        &mut self,
        head: &Head<'_>,
        sink: &mut impl FnMut(Event<'_>),
    ) -> Result<(), GiveUp> {
        let line = RequestLine::parse(&head.bytes).ok_or(GiveUp::NotHttp)?;
        let survey = head.survey?;
        let kind = match line.method {
            b"CONNECT" => Kind::Connect,
            _ if survey.is_attempt() => {
                let (request, accept) = request::parse(head, &line);
                sink(Event::Request(request));
                Kind::Upgrade(accept)
            }
            method => Kind::Plain { head_only: method == b"HEAD" },
        };
        self.plain_requests += u64::from(matches!(kind, Kind::Plain { .. }));
        let then_hold = !matches!(kind, Kind::Plain { .. });
        self.client = match survey.request_body() {
            Some(body) => Client::Body(RequestBody { body, then_hold, optional: survey.expects_continue }),
            None => Client::after_request(then_hold),
        };
        self.wait(Waiting { kind, hole: None })
    }

    pub(super) fn wait(&mut self, waiting: Waiting) -> Result<(), GiveUp> {
        if self.waiting.len() >= MAX_WAITING {
            return Err(GiveUp::TooManyRequests);
        }
        self.saw_request = true;
        self.waiting.push_back(waiting);
        Ok(())
    }

    /// Tells of a request whose 101 came before it; its WebSocket follows. Other requests may be late, too.
    pub(super) fn late_request(&mut self, head: &Head<'_>, sink: &mut impl FnMut(Event<'_>)) {
        self.client = Client::Passing;
        let (Ok(survey), Some(line)) = (head.survey, RequestLine::parse(&head.bytes)) else {
            return;
        };
        if survey.is_attempt() {
            sink(Event::Request(request::parse(head, &line).0));
        } else if survey.request_body().is_none() {
            self.client = Client::LateHead(HeadBuffer::new(Side::Client), None);
        }
    }

    /// Takes note of an answer.
    pub(super) fn answer(&mut self, head: &Head<'_>, sink: &mut impl FnMut(Event<'_>)) -> Result<(), GiveUp> {
        let status = status(&head.bytes).ok_or(GiveUp::NotHttp)?;
        let survey = head.survey?;
        self.server = Server::expecting_head();
        match status {
            101 => return self.switched(head, &survey, sink),
            // An interim answer: the final one is still to come (RFC 9110 §15.2).
            100..=199 => return Ok(()),
            _ => {}
        }
        // An upgrade that waits behind a hole is not surely what this answers.
        let answered = if self.is_patchy { None } else { self.waiting.pop_front() };
        let kind = answered.map(|waiting| waiting.kind);
        let granted = matches!(status, 200..=299);
        let head_only = matches!(kind, Some(Kind::Plain { head_only: true }));
        let bodiless = head_only || matches!(status, 204 | 304);
        if let Some(body) = survey.response_body().filter(|_| !bodiless) {
            self.server = Server::Body(body);
        }
        match kind {
            Some(Kind::Connect) if granted => {
                sink(Event::Tunnel { at: head.at });
                self.pass(None, sink);
            }
            Some(Kind::Upgrade(accept)) => {
                sink(Event::Refused(response::parse(head, status, accept.as_ref())));
                self.release(sink);
            }
            Some(Kind::Connect | Kind::Unseen) => self.release(sink),
            Some(Kind::Plain { .. }) => self.skip_optional_body(),
            None => {
                self.unasked += u32::from(self.saw_request);
                self.skip_optional_body();
            }
        }
        Ok(())
    }

    /// Takes note of a 101: WebSocket from here on, unless it switches to something else.
    pub(super) fn switched(
        &mut self,
        head: &Head<'_>,
        survey: &Survey,
        sink: &mut impl FnMut(Event<'_>),
    ) -> Result<(), GiveUp> {
        let waiting = self.waiting.pop_front();
        let late = waiting.is_none();
        let hole = waiting.as_ref().and_then(|waiting| waiting.hole);
        let is_unseen = waiting.as_ref().is_some_and(|waiting| matches!(waiting.kind, Kind::Unseen));
        let unclear = !head.complete && !survey.has_upgrade;
        let accept = match waiting.map(|waiting| waiting.kind) {
            Some(Kind::Upgrade(accept)) if survey.upgrade_websocket || !survey.has_upgrade => accept,
            None | Some(Kind::Unseen) if survey.upgrade_websocket || unclear => None,
            Some(Kind::Plain { .. }) if survey.upgrade_websocket => None,
            Some(Kind::Plain { .. } | Kind::Unseen) if survey.upgrade_h2c => {
                // HTTP/2 begins as on a connection of its own.
                sink(Event::Tunnel { at: head.at });
                self.pass(hole, sink);
                return Ok(());
            }
            _ => return Err(GiveUp::OtherProtocol),
        };
        sink(Event::Upgraded(response::parse(head, 101, accept.as_ref())));
        match mem::replace(&mut self.client, Client::Passing) {
            Client::Head(head) if late => {
                self.client = Client::LateHead(head, None);
                self.server = Server::Passing;
            }
            Client::Holding if is_unseen => {
                // What was held may be requests that came behind the hole.
                self.client = Client::LateHead(HeadBuffer::new(Side::Client), hole);
                self.server = Server::Passing;
                self.replay_held(sink);
            }
            client => {
                self.client = client;
                self.pass(hole, sink);
            }
        }
        Ok(())
    }
}
