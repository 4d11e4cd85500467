//! Captures in memory, read by the library and not by the program.

use std::io::Cursor;

use serde_json::Value;
use whoclosed::analyze::{Analyzer, Options};
use whoclosed::capture::{Capture, CaptureError};
use whoclosed::limits::Limits;
use whoclosed::report::{Contents, View, json};

pub(crate) fn open(file: &[u8]) -> Result<Capture, CaptureError> {
    Capture::open(Box::new(Cursor::new(file.to_vec())), "t.pcap".to_owned(), 0, &Limits::default())
}

/// The JSON report on a capture that was opened.
pub(crate) fn report_on(mut capture: Capture) -> Result<Value, CaptureError> {
    let mut analyzer = Analyzer::new(Options::default());
    while let Some(packet) = capture.next()? {
        analyzer.push(&packet);
    }
    analyzer.end_capture();
    analyzer.note_lost(&[capture.summary().dropped.unwrap_or_default()]);
    let view = View::new(analyzer.finish(), vec![capture.into_summary()], Contents::default());
    let mut text = Vec::new();
    json::write(&view, &mut text).unwrap();
    Ok(serde_json::from_slice(&text).unwrap())
}

/// The JSON report on a file that can be opened.
#[track_caller]
pub(crate) fn report(file: &[u8]) -> Value {
    report_on(open(file).unwrap()).unwrap()
}
