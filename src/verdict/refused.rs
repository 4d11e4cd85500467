//! The upgrade was not granted.

use crate::catalogue::Catalogue;
use crate::facts::{Facts, Mechanism};
use crate::timeline::Connection;

use super::{Cause, Confidence, Party, Verdict, unanswered};

pub(super) fn upgrade(facts: &Facts, catalogue: &Catalogue) -> Option<Verdict> {
    if facts.mechanism != Mechanism::RefusedUpgrade {
        return None;
    }
    let connection = &facts.connection;
    let Some(response) = &connection.timeline.response else {
        return Some(unanswered::upgrade(facts));
    };
    let status = response.status;
    let (party, confidence, hint) = match asked_rightly_behind_proxy(connection, status, catalogue) {
        true => (
            Party::Intermediary,
            Confidence::Medium,
            ": the client asked correctly, but the proxy did not pass the question on",
        ),
        false => reading(status),
    };
    let mut verdict = Verdict::new(facts, party, Cause::Refused, confidence)
        .summary(format!(
            "The WebSocket was never opened: the upgrade was answered with HTTP status {status}{hint}."
        ))
        .shown_by(response.at, format!("HTTP status {status} in answer to the upgrade request"));
    let missing = connection.timeline.request.iter().flat_map(|request| request.missing.iter());
    for requirement in missing {
        verdict = verdict.advise(format!(
            "The request lacks {}; a proxy in front that does not pass it on is the usual reason.",
            requirement.name()
        ));
    }
    let proper = connection.timeline.request.as_ref().is_some_and(|request| request.missing.is_empty());
    if status == 400 && proper {
        verdict = verdict.or_else(
            "the port is one for TLS, and the request was sent in plain text",
            true,
            "servers such as nginx answer that with 400, too, and the request lacks nothing",
        );
    }
    if let Some(advice) = advice(status) {
        verdict = verdict.advise(advice);
    }
    Some(verdict.settled_by(
        "The log of the server that answered, and a capture behind the proxy where there is one.",
    ))
}

/// A proper request, turned down as if it were none, by something that a header names as a proxy.
fn asked_rightly_behind_proxy(connection: &Connection, status: u16, catalogue: &Catalogue) -> bool {
    let timeline = &connection.timeline;
    let proper =
        timeline.request.as_ref().is_some_and(|request| request.complete && request.missing.is_empty());
    let via = timeline.response.iter().flat_map(|response| &response.via);
    let proxied = via.map(ToString::to_string).any(|header| catalogue.names_proxy(&header));
    proper && proxied && matches!(status, 200 | 400 | 426)
}

fn reading(status: u16) -> (Party, Confidence, &'static str) {
    let proxy = Party::Intermediary;
    match status {
        200..=299 => (Party::Server, Confidence::Low, ": the request was treated as an ordinary one"),
        300..=399 => (
            Party::Server,
            Confidence::Medium,
            ": it was redirected, and WebSocket clients do not follow that",
        ),
        400 | 426 => (Party::Server, Confidence::Medium, ": the server did not see a proper upgrade request"),
        401 | 403 => (Party::Server, Confidence::Medium, ": access was denied"),
        404 => (Party::Server, Confidence::Medium, ": there is nothing at this path"),
        429 => (Party::Server, Confidence::Medium, ": too many requests"),
        502 => (proxy, Confidence::Medium, ": the proxy could not reach the server behind it"),
        503 => (proxy, Confidence::Medium, ": the proxy had no server to pass it to, or it was overloaded"),
        504 => (proxy, Confidence::Medium, ": the server behind the proxy did not answer in time"),
        _ => (Party::Server, Confidence::Low, ""),
    }
}

fn advice(status: u16) -> Option<&'static str> {
    Some(match status {
        200 | 400 | 426 => {
            "Let the proxy pass the upgrade on; in nginx: proxy_http_version 1.1; proxy_set_header Upgrade \
             $http_upgrade; proxy_set_header Connection \"upgrade\";"
        }
        301 | 302 | 307 | 308 => "Let the client use the address that the Location header names.",
        401 | 403 => "Check the credentials, the Origin and the access rules.",
        404 => "Check the path, and the route to it in the proxy.",
        502 => "Check that the server behind the proxy runs and listens where the proxy looks for it.",
        503 => "Check the health of the servers behind the proxy.",
        504 => "Find out why the server behind the proxy did not answer the upgrade.",
        _ => return None,
    })
}
