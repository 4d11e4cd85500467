//! The JSON report.

mod number;
mod plain;
mod printer;
mod text;

use std::io::{self, Write};

use super::View;
pub(super) use printer::{Layout, Printer};

/// Writes the report as one JSON document, indented by two spaces, with a newline at its end.
///
/// Characters that a terminal would act on or hide are written as `\uXXXX`, so the file can be
/// shown as it is; a JSON reader gets the same text.
pub fn write(view: &View, out: &mut dyn Write) -> io::Result<()> {
    let mut printer = Printer::new(out, Layout::Indented);
    printer.print(view)?;
    printer.finish()
}

#[cfg(test)]
mod tests {
    use super::super::escape::is_hidden;
    use super::super::fixture;
    use super::*;

    fn json(view: &View) -> String {
        let mut out = Vec::new();
        write(view, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_empty_report_has_every_field() {
        insta::assert_snapshot!(json(&View::default()).replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    }

    #[test]
    fn a_connection_has_every_field() {
        let view = fixture::view([fixture::idle_kill(1)]);
        insta::assert_snapshot!(json(&view).replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    }

    #[test]
    fn hostile_text_is_harmless_and_comes_back_whole() {
        let hostile = fixture::hostile(1);
        let path = hostile.handshake.as_ref().unwrap().path.clone().unwrap();
        let text = json(&fixture::view([hostile]));
        assert_eq!(text.chars().find(|&c| c != '\n' && is_hidden(c)), None);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["connections"][0]["handshake"]["path"], path);
    }

    #[test]
    fn durations_have_no_exponent() {
        let mut connection = fixture::clean_close(1);
        connection.duration_s.0 = 1;
        connection.idle.longest_s.0 = -60_000_000_000;
        let text = json(&fixture::view([connection]));
        assert!(text.contains("\"duration_s\": 0.000000001,"), "{text}");
        assert!(text.contains("\"longest_s\": -60.0,"), "{text}");
    }
}
