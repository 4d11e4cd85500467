//! The page as text.

use super::super::escape::is_hidden;
use super::super::{fixture, view::View};
use super::*;

fn html(view: &View) -> String {
    let mut out = Vec::new();
    write(view, &HtmlOptions::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// What stands between two texts.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let start = text.find(from).unwrap();
    &text[start..start + text[start..].find(to).unwrap() + to.len()]
}

/// The text without empty lines.
fn dense(text: &str) -> String {
    text.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn one_connection() {
    let html = html(&fixture::view([fixture::idle_kill(1)]));
    insta::assert_snapshot!(dense(between(&html, "<main", "</main>")));
}

#[test]
fn several_connections() {
    let html = html(&fixture::twelve());
    insta::assert_snapshot!(dense(between(&html, "<main", "<h2 id=\"details\">")));
}

#[test]
fn the_policy_allows_just_what_is_there() {
    let html = html(&fixture::twelve());
    let policy = between(&html, "default-src", "\"");
    assert!(policy.starts_with("default-src &#39;none&#39;;"), "{policy}");
    for wide in ["unsafe", "*", "http", "nonce"] {
        assert!(!policy.contains(wide), "{policy}");
    }
    // One style sheet and one script; no attribute that would need more.
    assert_eq!((html.matches("<style").count(), html.matches("<script").count()), (1, 1));
    for forbidden in [" style=", " onclick=", " onload=", "javascript:", "http://", "https://", "src="] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
    assert!(!policy::STYLE.contains("</") && !policy::SCRIPT.contains("</script"));
}

#[test]
fn nothing_from_the_wire_becomes_markup() {
    let harmless = html(&fixture::view([fixture::clean_close(1)]));
    let tags = |html: &str| html.matches('<').count();
    for text in ["<b>bold</b>", "\"><img src=x>", "' onfocus='x", "</script></style></title>", "]]><!--"] {
        let mut connection = fixture::clean_close(1);
        connection.close_frames[0].reason = Some(text.to_owned());
        connection.verdict.summary = text.to_owned();
        connection.verdict.advice = vec![text.to_owned()];
        connection.signature = text.to_owned();
        let handshake = connection.handshake.as_mut().unwrap();
        (handshake.path, handshake.host) = (Some(text.to_owned()), Some(text.to_owned()));
        for event in &mut connection.timeline {
            event.detail = text.into();
        }
        let mut view = fixture::view([connection]);
        view.captures[0].path = text.to_owned();
        let hostile = html(&view);
        assert_eq!(tags(&hostile), tags(&harmless) + 8, "{text}: the advice adds a list with an item");
        assert!(!hostile.contains(text), "{text}");
    }
}

#[test]
fn nothing_is_hidden() {
    let html = html(&fixture::view([fixture::hostile(1), fixture::hostile(2)]));
    let body = &html[html.find("<main").unwrap()..html.find("<script").unwrap()];
    let hidden = body.chars().find(|&c| c != '\n' && is_hidden(c));
    assert_eq!(hidden, None);
}

#[test]
fn a_report_of_very_many_connections_stays_small() {
    let view = fixture::view((1..=20_000).map(|id| {
        let mut connection = if id % 3 == 0 { fixture::clean_close(id) } else { fixture::idle_kill(id) };
        if id > 20 {
            connection.timeline.clear();
        }
        connection
    }));
    let html = html(&view);
    assert!(html.len() < 5_000_000, "{}", html.len());
    let rows = html.matches("<tr><td>").count();
    assert!(rows > 15_000, "{rows}");
    assert!(html.contains("Details of 19,990 less serious connections are not in this file: --connection"));
    // What matters comes first.
    let place = |text: &str| html.find(text).unwrap();
    assert!(place("20,000 WebSocket connections") < place("id=\"lifetimes\""));
    assert!(place("id=\"lifetimes\"") < place("id=\"connections\""));
}

#[test]
fn nothing_found() {
    let html = html(&fixture::view([]));
    assert!(html.contains("No WebSocket connection was found."));
    assert!(!html.contains("<h2 id=\"connections\">"));
}
