//! The table of connections as comma-separated values (RFC 4180), one line per connection.

use std::io::{self, Write};

use csv::{QuoteStyle, Terminator, WriterBuilder};

use super::View;
use super::escape::escape;
use super::view::{Connection, Endpoint, Heartbeat, Sides};

/// Characters of one cell; spreadsheets take 32,767.
const LONGEST: usize = 2000;

/// The columns; new ones come at the end.
const HEADER: [&str; 37] = [
    "id",
    "kind",
    "client_ip",
    "client_port",
    "server_ip",
    "server_port",
    "host",
    "path",
    "subprotocol",
    "status",
    "opened_utc",
    "ended_utc",
    "duration_s",
    "messages_client",
    "messages_server",
    "pings_sent",
    "pings_answered",
    "longest_idle_s",
    "idle_before_end_s",
    "close_handshake",
    "close_from",
    "close_code",
    "close_reason",
    "closer",
    "mechanism",
    "resets",
    "party",
    "cause",
    "confidence",
    "candidate",
    "vantage",
    "signature",
    "capture",
    "first_packet",
    "summary",
    "client_name",
    "server_name",
];

/// Writes the table with a line of column names first; lines end with CR LF.
///
/// Text that a spreadsheet would take for a formula gets an apostrophe in front, and characters that
/// are hidden are written as `\u{..}`.
pub fn write(view: &View, out: &mut dyn Write) -> io::Result<()> {
    let mut table = WriterBuilder::new()
        .quote_style(QuoteStyle::NonNumeric)
        .terminator(Terminator::CRLF)
        .from_writer(out);
    table.write_record(HEADER)?;
    for connection in view.connections.each() {
        table.write_record(row(view, &connection))?;
    }
    table.flush()
}

fn row(view: &View, each: &Connection) -> [String; 37] {
    let handshake = each.handshake.as_ref();
    let of_handshake = |value: Option<&String>| value.map_or_else(String::new, |value| cell(value));
    let close = each.close_frames.first();
    let pings = |count: fn(&Heartbeat) -> u64| -> String {
        let mut both = Sides::<u64>::default();
        for beat in each.heartbeats.iter().filter(|beat| beat.kind == "ping_pong") {
            *(if beat.from == "client" { &mut both.client } else { &mut both.server }) = count(beat);
        }
        (both.client + both.server).to_string()
    };
    let first = each.timeline.iter().find_map(|event| event.packet);
    let capture = first.and_then(|packet| view.captures.get(packet.file as usize));
    let verdict = &each.verdict;
    [
        each.id.to_string(),
        each.kind.to_owned(),
        each.client.ip.to_string(),
        each.client.port.to_string(),
        each.server.ip.to_string(),
        each.server.port.to_string(),
        of_handshake(handshake.and_then(|handshake| handshake.host.as_ref())),
        of_handshake(handshake.and_then(|handshake| handshake.path.as_ref())),
        of_handshake(handshake.and_then(|handshake| handshake.subprotocol.as_ref())),
        shown(handshake.and_then(|handshake| handshake.status)),
        each.opened.to_string(),
        shown(each.ended),
        each.duration_s.as_f64().to_string(),
        each.frames.client.messages.to_string(),
        each.frames.server.messages.to_string(),
        pings(|beat| beat.sent),
        pings(|beat| beat.answered),
        each.idle.longest_s.as_f64().to_string(),
        each.idle.before_end_s.as_f64().to_string(),
        each.close_handshake.to_owned(),
        shown(close.map(|close| close.from)),
        shown(close.and_then(|close| close.code)),
        close.and_then(|close| close.reason.as_ref()).map_or_else(String::new, |reason| cell(reason)),
        verdict.observed.closer.to_owned(),
        verdict.observed.mechanism.to_owned(),
        each.tcp_end.resets_total.to_string(),
        verdict.party.to_owned(),
        verdict.cause.to_owned(),
        verdict.confidence.to_owned(),
        verdict.candidates.first().map_or_else(String::new, |candidate| cell(&candidate.id)),
        each.vantage.at.to_owned(),
        cell(&each.signature),
        capture.map_or_else(String::new, |capture| cell(&capture.path)),
        shown(first.map(|packet| packet.packet)),
        cell(&verdict.summary),
        name(&each.client),
        name(&each.server),
    ]
}

/// The name that the capture gives to an address.
fn name(end: &Endpoint) -> String {
    end.name.as_deref().map_or_else(String::new, cell)
}

fn shown(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// Text for one cell: nothing hidden, nothing that is calculated.
fn cell(text: &str) -> String {
    let text = escape(text, LONGEST);
    let formula = |c: char| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '|' | '%');
    if text.trim_start().starts_with(formula) { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn table(view: &View) -> Vec<Vec<String>> {
        let mut text = Vec::new();
        write(view, &mut text).unwrap();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_slice());
        reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn every_connection_is_a_line_of_the_same_width() {
        let table =
            table(&fixture::view([fixture::idle_kill(1), fixture::clean_close(2), fixture::hostile(3)]));
        assert_eq!(table.len(), 4);
        assert!(table.iter().all(|line| line.len() == HEADER.len()));
        let column = |name: &str| HEADER.iter().position(|each| *each == name).unwrap();
        assert_eq!(table[0][column("cause")], "cause");
        assert_eq!(table[1][column("cause")], "idle_timeout");
        assert_eq!(table[2][column("close_code")], "1001");
    }

    #[test]
    fn nothing_is_calculated_and_nothing_hidden() {
        let mut connection = fixture::clean_close(1);
        for formula in
            ["=1+1", "@SUM(A1)", "-2+3", "+cmd|' /C calc'!A0", " =1", "\t=1", "＝1", "a\r\nb,\"c\"\u{202e}"]
        {
            connection.close_frames[0].reason = Some(formula.to_owned());
            let table = table(&fixture::view([connection.clone()]));
            let reason = &table[1][HEADER.iter().position(|each| *each == "close_reason").unwrap()];
            assert!(!reason.trim_start().starts_with(['=', '@', '-', '+', '＝']), "{reason}");
            assert!(!reason.chars().any(super::super::escape::is_hidden), "{reason}");
            assert_eq!(table.len(), 2);
        }
    }
}
