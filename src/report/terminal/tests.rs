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
