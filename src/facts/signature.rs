//! A connection in one line, after Zeek's history: upper case client, lower case server.

use std::fmt::Write;

use crate::flow::Side;
use crate::timeline::{Connection, Event, EventKind, Guess, Kind};

/// Room for most of them.
const LENGTH: usize = 128;

/// `S` SYN, `H` upgrade or its answer, `D` data message, `P` ping, `O` pong, `C` Close, `F` FIN,
/// `R` RST, `G` hole, on HTTP/2 `E` `END_STREAM` and `Z` `RST_STREAM`, of TLS that was not opened `T` a hello, `A`
/// an alert and `D` a record; repeats folded as `D×120`, gaps as `·60.0s·`, left-out events as `…`.
pub(super) fn of(connection: &Connection, events: &[Event]) -> String {
    let history = &connection.timeline.history;
    let is_sealed = connection.kind == Kind::OpaqueTls;
    let mut line = Line { text: String::with_capacity(LENGTH), is_sealed, ..Line::default() };
    for (index, event) in events.iter().enumerate() {
        if history.omitted() > 0 && index == history.kept_before_omission() {
            line.word("…");
        }
        line.event(event);
    }
    line.finish()
}

#[derive(Default)]
struct Line {
    text: String,
    run: Option<(char, u64)>,
    is_sealed: bool,
}

impl Line {
    fn event(&mut self, event: &Event) {
        if let EventKind::Idle { span } = event.kind {
            return self.word(&format!("·{:.1}s·", span.as_secs_f64()));
        }
        let Some((letter, count)) = letter(event, self.is_sealed) else { return };
        match &mut self.run {
            Some((known, times)) if *known == letter => *times += count,
            _ => {
                self.end_run();
                self.run = Some((letter, count));
            }
        }
    }

    fn word(&mut self, word: &str) {
        self.end_run();
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(word);
        self.text.push(' ');
    }

    fn end_run(&mut self) {
        let Some((letter, count)) = self.run.take() else { return };
        self.text.push(letter);
        if count > 1 {
            // Writing to a String cannot fail.
            let _ = write!(self.text, "×{count}");
        }
    }

    fn finish(mut self) -> String {
        self.end_run();
        self.text.truncate(self.text.trim_end().len());
        self.text
    }
}

fn letter(event: &Event, is_sealed: bool) -> Option<(char, u64)> {
    let (letter, count) = match &event.kind {
        EventKind::Syn => ('S', 1),
        EventKind::UpgradeRequest | EventKind::UpgradeResponse { .. } => ('H', 1),
        EventKind::Messages(run) if run.count > 0 => ('D', run.count.into()),
        EventKind::Heartbeat { .. } => ('D', 1),
        EventKind::TlsData(run) => ('D', run.count.into()),
        EventKind::TlsHello => ('T', 1),
        EventKind::TlsInferred(Guess::Alert) => ('A', 1),
        EventKind::TlsAlert(_) if is_sealed => ('A', 1),
        EventKind::Ping { .. } => ('P', 1),
        EventKind::Pong { .. } => ('O', 1),
        EventKind::Close { .. } => ('C', 1),
        EventKind::Fin => ('F', 1),
        EventKind::Reset => ('R', 1),
        EventKind::Gap { .. } => ('G', 1),
        EventKind::StreamEnd => ('E', 1),
        EventKind::StreamReset { .. } => ('Z', 1),
        _ => return None,
    };
    let letter = if event.from == Some(Side::Server) { letter.to_ascii_lowercase() } else { letter };
    Some((letter, count))
}
