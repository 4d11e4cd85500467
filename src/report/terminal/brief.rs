//! A connection in a few lines, told as soon as it has ended.

use std::io::{self, Write};

use super::super::prose::{self, Clock, Names, address, words};
use super::super::units::duration;
use super::super::view::Connection;
use super::TerminalOptions;
use super::connection;
use super::page::Page;
use super::style::Tone;

/// Writes one connection: who, when, the verdict in a sentence and the packets that show it.
///
/// `captures` is how many there are: with several, packets are named with their file.
pub fn write_one(
    each: &Connection,
    captures: usize,
    options: &TerminalOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let clock = Clock::new(options.time);
    let mut page = Page::new(out, options.width, options.color, Names::new(captures));
    let verdict = &each.verdict;
    page.text(0, Tone::Strong, &title(each, &clock))?;
    page.text(2, words::mood(verdict).into(), &verdict.summary)?;
    page.text(2, Tone::Inferred, &format!("Verdict: {}", words::verdict(verdict)))?;
    connection::evidence(&mut page, each, &clock)?;
    page.blank()
}

/// `12:00:01 UTC  Connection 3: 10.0.0.1:4000 → 10.0.0.2:80, ended after 61.0 s`.
fn title(connection: &Connection, clock: &Clock) -> String {
    let (client, server) = (address(&connection.client), address(&connection.server));
    let mut text = format!("Connection {}: {client} → {server}", connection.id);
    if let Some(ended) = connection.ended {
        let moment = clock.second(ended, prose::start(connection));
        let day = clock.day(ended).map_or_else(String::new, |day| day + " ");
        let zone = if day.is_empty() { String::new() } else { format!(" {}", clock.zone(ended)) };
        text = format!("{day}{moment}{zone}  {text}, ended after {}", duration(connection.duration_s));
    }
    text
}
