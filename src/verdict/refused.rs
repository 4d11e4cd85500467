//! The upgrade was not granted.

use crate::catalogue::Catalogue;
use crate::facts::{Facts, Mechanism};
use crate::http::{Request, Requirement};
use crate::timeline::{Connection, Kind};

use super::{Cause, Confidence, Party, Verdict, unanswered};

pub(super) fn upgrade(facts: &Facts, catalogue: &Catalogue) -> Option<Verdict> {
    if facts.mechanism == Mechanism::NotCaptured && facts.connection.kind == Kind::RefusedUpgrade {
        return Some(unanswered::unseen(facts));
    }
    if facts.mechanism != Mechanism::RefusedUpgrade {
        return unanswered::too_late(facts);
    }
    let connection = &facts.connection;
    let Some(response) = &connection.timeline.response else {
        return Some(unanswered::upgrade(facts));
    };
    let status = response.status;
    let reading = reading(connection, status, catalogue);
    let mut verdict = Verdict::new(facts, reading.party, reading.cause, reading.confidence)
        .summary(format!(
            "The WebSocket was never opened: the upgrade was answered with HTTP status {status}{}.",
            reading.hint
        ))
        .shown_by(response.at, format!("HTTP status {status} in answer to the upgrade request"));
    if let Some(request) = connection.timeline.request.as_ref().filter(|request| !request.missing.is_empty())
    {
        verdict =
            verdict.shown_by(request.at, format!("the upgrade request, which lacks {}", lacks(request)));
    }
    for (other, speaks_for, fact) in reading.others {
        verdict = verdict.or_else(other, speaks_for, fact);
    }
    let advice = reading.advice.or_else(|| advice(status).map(str::to_owned));
    Some(verdict.advise_all(advice).settled_by(
        "The log of the server that answered, and a capture behind the proxy where there is one.",
    ))
}

/// What an answer says of who refused, and why.
struct Reading {
    party: Party,
    cause: Cause,
    confidence: Confidence,
    /// The rest of the summary's sentence.
    hint: String,
    /// Other readings, whether the fact speaks for them, and the fact.
    others: Vec<(&'static str, bool, &'static str)>,
    /// What to change, where the status alone does not say it.
    advice: Option<String>,
}

fn reading(connection: &Connection, status: u16, catalogue: &Catalogue) -> Reading {
    let request = connection.timeline.request.as_ref();
    // Statuses that tell of a request that was not taken for one that asks for a WebSocket.
    let not_understood = matches!(status, 200..=299 | 400 | 404 | 405 | 426 | 501);
    let by_request = request.filter(|request| not_understood && request.complete);
    by_request
        .and_then(|request| of_request(request, status))
        .or_else(|| by_request.and_then(|_| of_proper_request(connection, status, catalogue)))
        .unwrap_or_else(|| of_status(status))
}

/// A request that is not as RFC 6455 wants it: by its client, or by a proxy that passed it on without the
/// fields that hold for one hop only (RFC 9110 §7.6.1).
fn of_request(request: &Request, status: u16) -> Option<Reading> {
    let lacks = |requirement| request.missing.contains(&requirement);
    let only_hop = request.missing.iter().all(|requirement| {
        matches!(requirement, Requirement::Upgrade | Requirement::Connection | Requirement::Http11)
    });
    if request.missing.is_empty() {
        None
    } else if lacks(Requirement::Version) && matches!(status, 400 | 426) {
        Some(of_version(request))
    } else if only_hop {
        Some(stripped(request))
    } else {
        Some(Reading {
            party: Party::Client,
            cause: Cause::Refused,
            confidence: Confidence::Medium,
            hint: format!(
                ": the client's request lacks {}, so it asks for no WebSocket",
                self::lacks(request)
            ),
            others: vec![(
                "a proxy on the client's side changed the request",
                false,
                "proxies take away what holds for one hop only, and more than that is missing",
            )],
            advice: Some(format!(
                "Let the client send {}, or use a WebSocket library.",
                self::lacks(request)
            )),
        })
    }
}

/// The client speaks another version of the protocol than the one that is in use.
fn of_version(request: &Request) -> Reading {
    let asked = match &request.version {
        Some(version) => format!("asks for version {version} of the protocol, and servers speak 13"),
        None => "does not say which version of the protocol it speaks".to_owned(),
    };
    Reading {
        party: Party::Client,
        cause: Cause::Refused,
        confidence: Confidence::Medium,
        hint: format!(": the client's request {asked}"),
        others: vec![(
            "the server refused it for another reason",
            false,
            "this alone is a reason, and the usual answer to it is 400 or 426",
        )],
        advice: Some(
            "Let the client send Sec-WebSocket-Version: 13 (RFC 6455); older drafts are out of use."
                .to_owned(),
        ),
    }
}

/// Something on the way took the fields away that ask for the upgrade.
fn stripped(request: &Request) -> Reading {
    Reading {
        party: Party::Intermediary,
        cause: Cause::Refused,
        confidence: Confidence::Medium,
        hint: format!(
            ": the request reached the server without {}, which a proxy in front of it had not passed on",
            lacks(request)
        ),
        others: vec![(
            "the client itself left that out",
            false,
            "the request has the key and the version of a WebSocket client, and only what a proxy takes away is missing",
        )],
        advice: Some(pass_on().to_owned()),
    }
}

/// A proper request that was turned down as if it were none: something behind did not get it as it was.
fn of_proper_request(connection: &Connection, status: u16, catalogue: &Catalogue) -> Option<Reading> {
    let via = connection.timeline.response.iter().flat_map(|response| &response.via);
    let proxied = via.map(ToString::to_string).any(|header| catalogue.names_proxy(&header));
    let tells = status == 426 || (proxied && matches!(status, 200 | 400));
    let hint = ": the client asked correctly, but a proxy did not pass the question on as it was";
    let tls_port = (
        "the port is one for TLS, and the request was sent in plain text",
        true,
        "servers such as nginx answer that with 400, too, and the request lacks nothing",
    );
    let port = connection.tcp.endpoints.server.port;
    match status {
        400 if port == HTTPS => Some(to_tls_port(port)),
        _ if tells => Some(Reading {
            party: Party::Intermediary,
            cause: Cause::Refused,
            confidence: Confidence::Medium,
            hint: hint.to_owned(),
            others: match status {
                400 => vec![tls_port],
                426 => vec![(
                    "the server wants another upgrade, such as to TLS",
                    false,
                    "426 says that an upgrade is required, and the request asks for one to WebSocket",
                )],
                _ => Vec::new(),
            },
            advice: Some(pass_on().to_owned()),
        }),
        400 => Some(Reading { others: vec![tls_port], ..of_status(status) }),
        _ => None,
    }
}

/// The port of HTTPS, where nobody listens for plain text.
pub(super) const HTTPS: u16 = 443;

/// The request came in plain text to the port of HTTPS and was turned down at once.
fn to_tls_port(port: u16) -> Reading {
    Reading {
        party: Party::Client,
        cause: Cause::TlsFailure,
        confidence: Confidence::Medium,
        hint: format!(": the client had sent its request in plain text to port {port}, which is for TLS"),
        others: vec![(
            "the server did not like the request for another reason",
            false,
            "the request lacks nothing, and servers answer plain text on a port for TLS with 400",
        )],
        advice: Some("Let the client use wss:// for this port.".to_owned()),
    }
}

fn of_status(status: u16) -> Reading {
    let (server, proxy) = (Party::Server, Party::Intermediary);
    let (party, confidence, hint) = match status {
        200..=299 => (server, Confidence::Low, ": the request was treated as an ordinary one"),
        300..=399 => {
            (server, Confidence::Medium, ": it was redirected, and WebSocket clients do not follow that")
        }
        400 | 426 => (server, Confidence::Medium, ": the server did not see a proper upgrade request"),
        401 | 403 => (server, Confidence::Medium, ": access was denied"),
        404 => (server, Confidence::Medium, ": there is nothing at this path"),
        429 => (server, Confidence::Medium, ": too many requests"),
        502 => (
            proxy,
            Confidence::Medium,
            ": the proxy could not reach the server behind it, or got no proper answer",
        ),
        503 => (proxy, Confidence::Medium, ": the proxy had no server to pass it to, or it was overloaded"),
        504 => (proxy, Confidence::Medium, ": the server behind the proxy did not answer in time"),
        _ => (server, Confidence::Low, ""),
    };
    let others = match status {
        503 => vec![(
            "the server itself answers so while it is overloaded or starts",
            true,
            "servers use this status, too",
        )],
        401 | 403 | 429 => {
            vec![(
                "a proxy or firewall for web applications in front answers so",
                true,
                "they use this status, too",
            )]
        }
        404 => {
            vec![("a proxy in front has no route for this path", true, "it answers with this status, too")]
        }
        _ => Vec::new(),
    };
    Reading { party, cause: Cause::Refused, confidence, hint: hint.to_owned(), others, advice: None }
}

/// What the request lacks, in its own words.
fn lacks(request: &Request) -> String {
    let names: Vec<_> = request.missing.iter().map(|requirement| requirement.name()).collect();
    names.join(", ")
}

const fn pass_on() -> &'static str {
    "Let the proxy pass the upgrade on; in nginx: proxy_http_version 1.1; proxy_set_header Upgrade \
     $http_upgrade; proxy_set_header Connection \"upgrade\";"
}

fn advice(status: u16) -> Option<&'static str> {
    Some(match status {
        200 | 400 | 426 => pass_on(),
        301 | 302 | 307 | 308 => "Let the client use the address that the Location header names.",
        401 | 403 => "Check the credentials, the Origin and the access rules.",
        404 => "Check the path, and the route to it in the proxy.",
        429 => {
            "Let clients wait before they try again, longer each time; raise the limit where it is too low."
        }
        502 => "Check that the server behind the proxy runs and listens where the proxy looks for it.",
        503 => "Check the health of the servers behind the proxy.",
        504 => "Find out why the server behind the proxy did not answer the upgrade.",
        _ => return None,
    })
}
