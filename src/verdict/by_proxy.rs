//! Close frames that neither end wrote: some proxies send their own when they stop or are reloaded.

use crate::catalogue::Catalogue;
use crate::facts::Facts;
use crate::flow::Side;
use crate::time::Span;
use crate::timeline::Close;
use crate::ws::Violation;

use super::close::{cause, first_close, said};
use super::{Confidence, Party, Verdict};

/// An end that waits for the answer to its Close does not send its FIN so soon.
const AT_ONCE: Span = Span::from_millis(5);

/// A Close masked like the other side's frames was not written by the endpoint.
pub(super) fn invented(facts: &Facts, catalogue: &Catalogue) -> Option<Verdict> {
    let close = first_close(facts)?;
    let wrong = close.masked != (close.from == Side::Client);
    let others_right = facts.connection.timeline.violations.iter().all(|violation| {
        violation.from != close.from || violation.at == close.at || !is_about_masking(violation.kind)
    });
    if !(wrong && others_right) {
        return None;
    }
    let from = close.from;
    let sent_more = facts.connection.timeline.frames.get(from).total() > 1;
    let confidence = if sent_more { Confidence::High } else { Confidence::Medium };
    let fact = if sent_more {
        "its other frames are masked as RFC 6455 wants"
    } else {
        "libraries that mask wrongly are rare, and proxies that send such a Close are known"
    };
    let verdict = Verdict::new(facts, Party::Intermediary, cause(close, catalogue), confidence)
        .summary(format!(
            "Something between client and server closed the connection with {}: the Close came from the {from}'s \
             direction but is masked as only the other side masks, so the {from} did not write it.",
            said(close),
        ))
        .shown_by(close.at, format!("a Close from the {from}'s direction with the wrong masking"))
        .or_else(format!("the {from}'s WebSocket library masks wrongly"), false, fact)
        .advise(
            "Expected when a proxy such as Caddy stops or loads a new configuration: let clients reconnect after a random \
             delay; in Caddy, `stream_close_delay` keeps WebSockets open over a reload.",
        );
    Some(verdict.settled_by("A capture on the other leg of the proxy: where this Close first appears."))
}

/// A proxy that is known for it sends a Close that says that something goes down, and its FIN at once
/// behind it, without waiting for an answer.
pub(super) fn went_down(facts: &Facts, catalogue: &Catalogue) -> Option<Verdict> {
    if let Some(verdict) = added_its_own(facts, catalogue) {
        return Some(verdict);
    }
    let close = first_close(facts)?;
    let header = may_have_closed(facts, close, catalogue)?;
    let fin = facts.connection.timeline.fins.iter().find(|fin| fin.from == close.from)?;
    let waited = fin.at.time - close.at.time;
    let answered =
        facts.connection.timeline.closes.iter().any(|other| {
            other.from != close.from && (other.at.packet < fin.at.packet || fin.acked >= other.end)
        });
    let own = catalogue.names_close_writer(&header) && close.reason().is_none();
    if !own || answered || waited > AT_ONCE {
        return None;
    }
    let verdict = Verdict::new(facts, Party::Intermediary, cause(close, catalogue), Confidence::Medium)
        .summary(format!(
            "The proxy that a header names ({header}) closed the connection with {} and went at once, as it does when it \
             stops or loads a new configuration.",
            said(close)
        ))
        .shown_by(close.at, format!("a Close from the server's address with {}", said(close)))
        .shown_by(fin.at, format!("its FIN, {waited} later: it did not wait for an answer"))
        .or_else(
            "the server behind the proxy sent this Close and ended TCP at once",
            true,
            "the proxy would pass both on, and this leg would look the same",
        )
        .settled_by("A capture behind the proxy: whether this Close comes from the server there. The proxy's log at this time.")
        .advise(
            "Look for a stop or reload of the proxy at this time; let clients reconnect after a random delay. In Caddy, \
             `stream_close_delay` keeps WebSockets open over a reload.",
        );
    Some(verdict)
}

/// A second Close from the same direction that says something else, which one program does not write.
pub(super) fn second_close<'a>(facts: &'a Facts, first: &Close) -> Option<&'a Close> {
    let mut of_side = facts.connection.timeline.closes.iter().filter(|close| close.from == first.from);
    of_side.find(|close| close.end > first.end && close.body != first.body)
}

/// Names another writer as the reading of a second Close.
pub(super) fn another_writer(verdict: Verdict, first: &Close, second: &Close) -> Verdict {
    let from = first.from;
    verdict
        .shown_by(second.at, format!("another Close from the {from}'s direction, with {}", said(second)))
        .or_else(
            format!("a proxy between wrote one of the two Closes from the {from}'s direction"),
            true,
            "one program sends one Close",
        )
        .settled_by(format!("A capture at the {from}'s host: which of the two Closes it sent."))
}

/// A proxy that is known for it added a Close of its own to one that came from behind it: the server there
/// answered the proxy's Close, which no client had sent.
fn added_its_own(facts: &Facts, catalogue: &Catalogue) -> Option<Verdict> {
    let first = first_close(facts)?;
    let second = second_close(facts, first)?;
    let header =
        may_have_closed(facts, second, catalogue).filter(|header| catalogue.names_close_writer(header))?;
    let at_once = second.at.time - first.at.time <= AT_ONCE;
    if !at_once || second.reason().is_some() {
        return None;
    }
    let verdict = Verdict::new(facts, Party::Intermediary, cause(second, catalogue), Confidence::Medium)
        .summary(format!(
            "The proxy that a header names ({header}) closed the connection with {}, as it does when it stops or loads a \
             new configuration; the Close before it ({}) was passed on by it.",
            said(second),
            said(first)
        ))
        .shown_by(first.at, format!("a Close from the server's address with {}", said(first)))
        .shown_by(second.at, format!("another one with {}, although one program sends one Close", said(second)))
        .or_else(
            "the server behind the proxy closed first, and the proxy stopped at the same moment",
            true,
            "the first Close comes from behind it",
        )
        .settled_by("A capture behind the proxy: who closes first there. The proxy's log at this time.")
        .advise(
            "Look for a stop or reload of the proxy at this time; let clients reconnect after a random delay. In Caddy, \
             `stream_close_delay` keeps WebSockets open over a reload.",
        );
    Some(verdict)
}

/// The header that names a proxy which may have sent this Close itself: it says that something goes down.
pub(super) fn may_have_closed(facts: &Facts, close: &Close, catalogue: &Catalogue) -> Option<String> {
    if !goes_down(close) {
        return None;
    }
    let response = facts.connection.timeline.response.as_ref()?;
    let headers = response.via.iter().map(ToString::to_string);
    let mut other = None;
    for header in headers.filter(|header| catalogue.names_proxy(header)) {
        if catalogue.names_close_writer(&header) {
            return Some(header);
        }
        other.get_or_insert(header);
    }
    other
}

/// Whether a proxy may have sent this Close, and the headers that would name it are not in the capture.
pub(super) fn may_be_unnamed(facts: &Facts, close: &Close) -> bool {
    let response = facts.connection.timeline.response.as_ref();
    goes_down(close) && response.is_none_or(|response| !response.complete)
}

/// Whether a server's Close says that something goes down.
fn goes_down(close: &Close) -> bool {
    close.from == Side::Server && close.code().is_some_and(|code| matches!(code.0, 1001 | 1012..=1014))
}

/// Names the proxy as another reading of a server's Close.
pub(super) fn named(verdict: Verdict, header: &str) -> Verdict {
    in_front(verdict, format!("a header of the answer names one: {header}"))
        .settled_by("A capture behind the proxy: whether this Close comes from the server there.")
}

/// The same of a proxy that no header tells of.
pub(super) fn unnamed(verdict: Verdict) -> Verdict {
    in_front(verdict, "the headers of the answer to the upgrade, which may name one, are not in the capture")
        .settled_by(
            "A capture behind the proxy, if there is one: whether this Close comes from the server there.",
        )
}

fn in_front(verdict: Verdict, fact: impl Into<String>) -> Verdict {
    let reading = "a proxy in front of the server sent this Close itself when it stopped or was reloaded";
    verdict.or_else(reading, true, fact)
}

const fn is_about_masking(violation: Violation) -> bool {
    matches!(violation, Violation::UnmaskedClientFrame | Violation::MaskedServerFrame)
}
