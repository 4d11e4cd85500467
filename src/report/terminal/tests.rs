//! The report as a reader sees it.

use super::super::escape::is_hidden;
use super::super::{fixture, view::View};
use super::*;

fn text(view: &View, options: TerminalOptions) -> String {
    let mut out = Vec::new();
    write(view, &options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn at(width: u16) -> TerminalOptions {
    TerminalOptions { width, ..TerminalOptions::default() }
}

#[test]
fn clean_close() {
    insta::assert_snapshot!(text(&fixture::view([fixture::clean_close(1)]), at(80)));
}

#[test]
fn idle_kill_at_80() {
    insta::assert_snapshot!(text(&fixture::view([fixture::idle_kill(1)]), at(80)));
}

#[test]
fn idle_kill_at_140() {
    insta::assert_snapshot!(text(&fixture::view([fixture::idle_kill(1)]), at(140)));
}

#[test]
fn refused_upgrade() {
    insta::assert_snapshot!(text(&fixture::view([fixture::refused(1)]), at(80)));
}

#[test]
fn still_open_relative() {
    let options = TerminalOptions { time: TimeStyle::Relative, ..at(80) };
    insta::assert_snapshot!(text(&fixture::view([fixture::still_open(1)]), options));
}

#[test]
fn twelve_at_80() {
    insta::assert_snapshot!(text(&fixture::twelve(), TerminalOptions { limit: 1, ..at(80) }));
}

#[test]
fn twelve_at_140() {
    insta::assert_snapshot!(text(&fixture::twelve(), TerminalOptions { limit: 0, ..at(140) }));
}

#[test]
fn one_of_twelve() {
    let options = TerminalOptions { connection: Some(4), ..at(80) };
    insta::assert_snapshot!(text(&fixture::twelve(), options));
}

#[test]
fn hostile() {
    insta::assert_snapshot!(text(&fixture::view([fixture::hostile(1)]), at(80)));
}

#[test]
fn remarks_of_a_capture() {
    insta::assert_snapshot!(text(&fixture::remarked(), at(80)));
}

#[test]
fn nothing_found() {
    let mut view = fixture::view([]);
    view.captures[0].complete = false;
    view.summary.other_tcp_flows = 3;
    view.summary.opaque_tls = 1;
    view.summary.skipped_packets = [("not_tcp".to_owned(), 12), ("ip_fragment".to_owned(), 1)].into();
    view.summary.limits_hit = vec!["65,536 connections tracked at once".to_owned()];
    insta::assert_snapshot!(text(&view, at(80)));
}

#[test]
fn two_captures_and_all_that_can_go_wrong() {
    let view = fixture::troubled();
    let options = TerminalOptions { connection: Some(2), ..at(80) };
    insta::assert_snapshot!(text(&view, options));
}

#[test]
fn a_connection_that_is_not_there() {
    let options = TerminalOptions { connection: Some(13), ..at(80) };
    let text = text(&fixture::twelve(), options);
    assert!(text.starts_with("There is no connection 13: they are numbered 1 to 12.\n"), "{text}");
}

#[test]
fn long_lists_say_what_is_missing() {
    let view = fixture::view((1..=300).map(fixture::clean_close));
    let text = text(&view, TerminalOptions { limit: 0, ..at(80) });
    let end = "100 more connections are not in the table: --limit 300 lists them.\n\
        Details of 300 connections are not shown: --connection 1 shows one, --limit 300\n\
        shows all.\n";
    assert!(text.ends_with(end), "{}", &text[text.len() - 300..]);
}

fn everything() -> Vec<View> {
    let single = [
        fixture::clean_close,
        fixture::idle_kill,
        fixture::refused,
        fixture::still_open,
        fixture::hostile,
        fixture::far_east,
    ];
    let singles = single.into_iter().map(|make| fixture::view([make(1)]));
    singles.chain([fixture::twelve(), fixture::troubled(), fixture::remarked(), View::default()]).collect()
}

#[test]
fn no_line_is_wider_than_asked_for() {
    for view in everything() {
        for width in (60..=200).step_by(5) {
            for line in text(&view, at(width)).lines() {
                assert!(columns(line) <= usize::from(width), "{width}: {line}");
            }
        }
    }
}

/// Columns that a terminal gives a line; wide scripts take two each.
fn columns(line: &str) -> usize {
    line.chars()
        .map(|c| {
            if ('\u{1100}'..'\u{ff00}').contains(&c) && !"←→⇒─╌…“”".contains(c) {
                2
            } else {
                1
            }
        })
        .sum()
}

#[test]
fn nothing_from_the_wire_reaches_the_terminal_raw() {
    for view in everything() {
        for color in [false, true] {
            let text = text(&view, TerminalOptions { color, ..at(80) });
            let plain = anstream::adapter::strip_str(&text).to_string();
            assert_eq!(plain.chars().find(|&c| c != '\n' && is_hidden(c)), None, "{plain}");
            assert_eq!(text.contains('\u{1b}'), color);
        }
    }
}

#[test]
fn colour_changes_no_text() {
    for view in everything() {
        let colored = text(&view, TerminalOptions { color: true, ..at(80) });
        let lines = |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
        let stripped = anstream::adapter::strip_str(&colored).to_string();
        assert_eq!(lines(&stripped), lines(&text(&view, at(80))));
    }
}
