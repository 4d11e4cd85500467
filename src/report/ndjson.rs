//! The report as lines of JSON: one for each connection, then one with all the rest.

use std::io::{self, Write};

use serde::Serialize;

use super::View;
use super::json::{Layout, Printer};
use super::view::{Capture, Connection, Finding, Redaction, Session, Summary, Tool, Word};

/// Writes one line per connection in the order in which they ended, those still open last, and a
/// last line as [`write_rest`] does.
///
/// Each line is a connection as the JSON report has it. Characters that a terminal would act on or
/// hide are written as `\uXXXX`.
pub fn write(view: &View, out: &mut dyn Write) -> io::Result<()> {
    let mut printer = Printer::new(out, Layout::Compact);
    let mut order = view
        .connections
        .outlines()
        .map(|each| (each.ended.is_none(), each.ended, each.id))
        .collect::<Vec<_>>();
    order.sort_unstable();
    for connection in order.into_iter().filter_map(|(_, _, id)| view.connections.with_id(id)) {
        printer.print(&*connection)?;
    }
    printer.print(&Rest::from(view))?;
    printer.finish()
}

/// Writes the line of one connection.
pub fn write_connection(connection: &Connection, out: &mut dyn Write) -> io::Result<()> {
    line(connection, out)
}

/// Writes the last line: an object with every field of the report but `connections`.
pub fn write_rest(view: &View, out: &mut dyn Write) -> io::Result<()> {
    line(&Rest::from(view), out)
}

/// The report without its connections.
#[derive(Serialize)]
struct Rest<'a> {
    schema: &'a Word,
    tool: &'a Tool,
    captures: &'a [Capture],
    summary: &'a Summary,
    findings: &'a [Finding],
    sessions: &'a [Session],
    worst_first: &'a [u32],
    redaction: Option<&'a Redaction>,
}

impl<'a> From<&'a View> for Rest<'a> {
    fn from(view: &'a View) -> Self {
        let View {
            schema,
            tool,
            captures,
            summary,
            findings,
            sessions,
            worst_first,
            redaction,
            connections: _,
        } = view;
        let redaction = redaction.as_ref();
        Self { schema, tool, captures, summary, findings, sessions, worst_first, redaction }
    }
}

fn line(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut printer = Printer::new(out, Layout::Compact);
    printer.print(value)?;
    printer.finish()
}

#[cfg(test)]
mod tests {
    use super::super::{fixture, json};
    use super::*;
    use serde_json::Value;

    fn lines(view: &View) -> Vec<Value> {
        let mut out = Vec::new();
        write(view, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.ends_with('\n'));
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn lines_hold_what_the_json_report_holds() {
        let view = fixture::view([fixture::idle_kill(1), fixture::clean_close(2)]);
        let mut whole = Vec::new();
        json::write(&view, &mut whole).unwrap();
        let mut whole: Value = serde_json::from_slice(&whole).unwrap();
        let mut lines = lines(&view);
        let rest = lines.pop().unwrap();
        lines.sort_by_key(|line| line["id"].as_u64());
        assert_eq!(whole["connections"].take(), Value::Array(lines));
        whole.as_object_mut().unwrap().remove("connections");
        assert_eq!(rest, whole);
    }

    #[test]
    fn open_connections_come_last() {
        let (mut first, mut second) = (fixture::clean_close(1), fixture::clean_close(2));
        first.ended = None;
        second.id = 2;
        let lines = lines(&fixture::view([first, second]));
        let ids: Vec<_> = lines.iter().map(|line| line["id"].as_u64()).collect();
        assert_eq!(ids, [Some(2), Some(1), None]);
    }

    #[test]
    fn hostile_text_is_harmless() {
        let mut out = Vec::new();
        write(&fixture::view([fixture::hostile(1)]), &mut out).unwrap();
        write(&fixture::remarked(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let hidden = |c: &char| *c != '\n' && super::super::escape::is_hidden(*c);
        assert_eq!(text.chars().find(hidden), None);
        assert_eq!(text.lines().count(), 4);
    }
}
