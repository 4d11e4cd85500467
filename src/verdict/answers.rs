//! What became of a Close: answered, crossed by another, unanswered, or of one direction only.

use crate::facts::Facts;
use crate::timeline::Close;

use super::Verdict;
use super::close::said;

/// The other side answered it; `reason` is the rest of the sentence that tells why it was sent.
pub(super) fn answered(verdict: Verdict, close: &Close, answer: &Close, reason: &str) -> Verdict {
    verdict
        .summary(format!(
            "The {} closed the connection{} with {}{reason}.",
            close.from,
            // A reason tells that it was on purpose, and why.
            if reason.is_empty() { " on purpose" } else { "" },
            said(close)
        ))
        .shown_by(
            answer.at,
            format!("the {} answers it after {}", answer.from, answer.at.time - close.at.time),
        )
}

pub(super) fn crossing(verdict: Verdict, close: &Close, answer: &Close) -> Verdict {
    verdict
        .summary(format!(
            "Both sides closed the connection at the same time, neither knowing of the other's Close: the {} with {}, \
             the {} with {}.",
            close.from,
            said(close),
            answer.from,
            said(answer)
        ))
        .shown_by(
            answer.at,
            format!("the {} sends its own Close, before it had received the other", answer.from),
        )
        .or_else(
            format!("the {} was the first to decide", answer.from),
            true,
            "the order in which two Closes pass this point is not the order in which they were sent",
        )
        .settled_by("The logs of both sides: which one decided first, and whether something made both of them close.")
}

pub(super) fn without_other_side(verdict: Verdict, close: &Close, unseen: &str, reason: &str) -> Verdict {
    let other = close.from.other();
    verdict
        .summary(format!(
            "The {} closed with {}{reason}; {unseen} the {other} sent is not in the capture, so whether this Close began \
             the end or answered one is not known.",
            close.from,
            said(close)
        ))
        .or_else(
            format!("the {other} had sent a Close before, and this one answers it"),
            true,
            format!("{unseen} the {other} sent was not captured"),
        )
        .settled_by("A capture that holds both directions.")
}

pub(super) fn unanswered(facts: &Facts, verdict: Verdict, close: &Close, reason: &str) -> Verdict {
    let other = close.from.other();
    let ended = facts.connection.timeline.first_end().is_some();
    let answer = if ended { "never answered the Close" } else { "had not answered when the capture ended" };
    let verdict = verdict.summary(format!(
        "The {} closed the connection with {}{reason}; the {other} {answer}.",
        close.from,
        said(close)
    ));
    let verdict = match close.acked_at {
        Some(at) => {
            verdict.shown_by(at, format!("the {other}'s host received it; its application did not answer"))
        }
        None => verdict.shown_by(close.at, format!("the {other}'s host did not even acknowledge it")),
    };
    let fin = facts.connection.timeline.fins.iter().find(|fin| fin.from == close.from);
    match fin {
        Some(fin) => verdict.shown_by(
            fin.at,
            format!("the {} ends TCP {} after its Close", fin.from, fin.at.time - close.at.time),
        ),
        None => verdict,
    }
}
