//! Makes a report fit to be shared: pseudonyms for all that tells whose network it shows.
//!
//! The view itself is changed, so that every format shows the same. Addresses are found wherever they
//! stand. Hosts, paths, reasons and the like are known from the fields that hold them, and are replaced
//! there and in the sentences that repeat them.

mod address;
mod fields;
mod key;
mod numbers;
mod products;
mod roles;
mod text;
mod walk;

use std::collections::BTreeSet;

use super::view::{Connection, View};
use numbers::Numbers;
use text::Dictionary;
use walk::Walk;

pub use key::RedactionKey;
pub(super) use products::may_be_secret;

/// Replaces names and addresses, the same ones by the same pseudonyms as long as it lives.
#[derive(Default)]
pub struct Redactor {
    numbers: Numbers,
    /// Values that sentences may hold.
    known: Dictionary,
}

impl Redactor {
    /// A redactor whose pseudonyms follow from `key`, or are counted up where there is none.
    pub fn new(key: Option<RedactionKey>) -> Self {
        Self { numbers: Numbers::new(key), ..Self::default() }
    }

    /// Replaces everywhere in a report, and lists in it which addresses are pseudonyms.
    pub fn view(&mut self, view: &mut View) {
        let roles = roles::of(view);
        let addresses = view.connections.iter().flat_map(|each| [each.client.ip, each.server.ip]);
        let originals: Vec<_> = addresses.collect();
        let mut values = self.files(view);
        for connection in &view.connections {
            values.extend(walk::values(connection, self));
        }
        for connection in &mut view.connections {
            self.connection(connection);
        }
        let distinct: BTreeSet<_> = values.into_iter().collect();
        self.known = Dictionary::new(distinct.into_iter().collect());
        view.walk(self);
        self.known = Dictionary::default();
        view.redaction = Some(roles.legend(&originals, self));
    }

    /// Replaces everywhere in one connection.
    pub fn connection(&mut self, connection: &mut Connection) {
        self.known = Dictionary::new(walk::values(connection, self));
        connection.walk(self);
        self.known = Dictionary::default();
    }

    fn sentence(&mut self, text: &str) -> String {
        self.known.rewrite(text, &mut self.numbers)
    }

    /// The text with its addresses replaced and nothing else.
    fn addresses(&mut self, text: &str) -> String {
        Dictionary::default().rewrite(text, &mut self.numbers)
    }

    /// The names of the captures, whole and without their folders.
    fn files(&mut self, view: &View) -> Vec<(String, String)> {
        let paths = view.captures.iter().map(|capture| capture.path.as_str());
        let pair = |path: &str| {
            let name = self.file(path);
            [(path.to_owned(), name.clone()), (fields::file_name(path).to_owned(), name)]
        };
        paths.flat_map(pair).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::super::view::CloseFrame;
    use super::*;

    #[test]
    fn what_stands_in_fields_is_replaced_in_sentences_too() {
        let mut connection = fixture::clean_close(1);
        let server = connection.server.ip.to_string();
        connection.close_frames.truncate(1);
        connection.close_frames[0] =
            CloseFrame { reason: Some("ask Ann (7)".to_owned()), ..connection.close_frames[0].clone() };
        connection.verdict.summary = format!("{server} closed with “ask Ann (7)” after /private/x.");
        connection.handshake.as_mut().unwrap().path = Some("/private/x".to_owned());
        let mut view = fixture::view([connection]);
        view.captures[0].path = "/home/ann/case-7.pcap".to_owned();
        view.captures[0].warnings = vec!["case-7.pcap: cut short".to_owned()];
        Redactor::default().view(&mut view);
        let connection = &view.connections[0];
        assert_eq!(connection.verdict.summary, "240.0.1.1 closed with “reason-1” after /path-1.");
        assert_eq!(connection.server.ip.to_string(), "240.0.1.1");
        assert_eq!(view.captures[0].path, "capture-1.pcap");
        assert_eq!(view.captures[0].warnings, ["capture-1.pcap: cut short"]);
        let legend = view.redaction.unwrap().addresses;
        let names: Vec<_> = legend.iter().map(|each| (each.name.as_str(), each.scope)).collect();
        assert_eq!(names, [("client-1", "private"), ("server-1", "public")]);
    }

    #[test]
    fn one_report_or_one_connection_at_a_time_come_to_the_same() {
        let connections = || [fixture::idle_kill(1), fixture::clean_close(2), fixture::hostile(3)];
        let mut view = fixture::view(connections());
        let key = || RedactionKey::new(b"0123456789abcdef");
        Redactor::new(key()).view(&mut view);
        let mut redactor = Redactor::new(key());
        for (mut connection, whole) in connections().into_iter().zip(&view.connections) {
            redactor.connection(&mut connection);
            assert_eq!(format!("{connection:?}"), format!("{whole:?}"));
        }
    }
}
