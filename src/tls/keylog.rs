//! Key logs in the NSS format (`SSLKEYLOGFILE`): `LABEL client_random secret`, one per line.

mod line;

use std::collections::VecDeque;
use std::fmt;

use serde::{Deserialize, Serialize};

use hashbrown::HashMap;

use super::search::RecordSearch;
use super::secret::Secret;
use crate::limits::Limits;
use line::Line;

/// Bad lines of one text that are listed; further ones are counted.
const LISTED: usize = 8;

/// The client random of a session, which names it in a key log.
pub(super) type Random = [u8; 32];

/// What a secret is for; the labels of the NSS format that open records.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Label {
    /// The master secret of TLS 1.2.
    Master,
    /// The client's early traffic secret (RFC 8446 §7.1).
    ClientEarly,
    /// The client's handshake traffic secret.
    ClientHandshake,
    /// The server's handshake traffic secret.
    ServerHandshake,
    /// The client's first application traffic secret.
    ClientTraffic,
    /// The server's first application traffic secret.
    ServerTraffic,
}

/// Where secrets came from.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub enum KeySource {
    /// A key log file.
    KeyLog,
    /// A Decryption Secrets Block of a pcapng file.
    Dsb,
}

impl KeySource {
    /// The report's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::KeyLog => "keylog",
            Self::Dsb => "dsb",
        }
    }
}

/// A line of a key log that cannot be used; it never quotes the line.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct BadLine {
    /// Its 1-based number.
    pub line: u64,
    /// What is wrong with it.
    pub why: &'static str,
}

/// What reading a key log came to.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Reading {
    /// Secrets that were new.
    pub added: u64,
    /// The first lines that cannot be used.
    pub bad: Vec<BadLine>,
    /// All lines that cannot be used.
    pub bad_total: u64,
    /// The bound on secrets was reached, so that the oldest were let go.
    pub full: bool,
}

/// A secret with its use and origin.
#[derive(Clone)]
pub(super) struct Logged {
    pub(super) label: Label,
    pub(super) secret: Secret,
    pub(super) source: KeySource,
}

/// The session secrets that are known.
///
/// Several secrets under one label and random are all kept, since loggers write wrong ones too:
/// the newest is tried first, and a record's authentication decides.
#[derive(Clone)]
pub struct KeyLog {
    sessions: HashMap<Random, Vec<Logged>, foldhash::fast::RandomState>,
    /// Sessions from the oldest to the newest.
    order: VecDeque<Random>,
    secrets: usize,
    has_traffic: bool,
    most: usize,
    most_per_session: usize,
    search: RecordSearch,
}

impl KeyLog {
    /// A key log without secrets.
    pub fn new(limits: &Limits) -> Self {
        Self {
            sessions: HashMap::default(),
            order: VecDeque::new(),
            secrets: 0,
            has_traffic: false,
            most: limits.tls_secrets,
            most_per_session: limits.tls_secrets_per_session,
            search: RecordSearch::new(limits),
        }
    }

    /// Searches record numbers like this from now on.
    pub fn search_by(&mut self, search: RecordSearch) {
        self.search = search;
    }

    /// How record numbers are searched.
    pub const fn search(&self) -> &RecordSearch {
        &self.search
    }

    /// Takes the secrets of a key log's text; what cannot be used is skipped and told by its line.
    pub fn read(&mut self, text: &[u8], source: KeySource) -> Reading {
        let mut reading = Reading::default();
        for (number, line) in (1..).zip(text.split(|byte| *byte == b'\n')) {
            match Line::read(line) {
                Ok(Line::Nothing) => {}
                Ok(Line::Secret { label, random, secret }) => {
                    self.add(random, Logged { label, secret, source }, &mut reading);
                }
                Err(why) => {
                    reading.bad_total += 1;
                    if reading.bad.len() < LISTED {
                        reading.bad.push(BadLine { line: number, why });
                    }
                }
            }
        }
        reading
    }

    /// Whether there is no secret.
    pub const fn is_empty(&self) -> bool {
        self.secrets == 0
    }

    /// The sessions that secrets are known of.
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }

    /// Whether there was ever a secret of TLS 1.3 that opens application data.
    pub(super) const fn has_traffic(&self) -> bool {
        self.has_traffic
    }

    /// Whether anything is known of the session with this client random.
    pub(super) fn knows(&self, random: &Random) -> bool {
        self.sessions.contains_key(random)
    }

    /// The session with this index, from the newest to the oldest.
    pub(super) fn session(&self, index: usize) -> Option<&Random> {
        self.order.get(self.order.len().checked_sub(index + 1)?)
    }

    /// The secrets of a session under a label, the newest first.
    pub(super) fn secrets(&self, random: &Random, label: Label) -> impl Iterator<Item = &Logged> {
        let logged = self.sessions.get(random).map(Vec::as_slice).unwrap_or_default();
        logged.iter().rev().filter(move |logged| logged.label == label)
    }

    fn add(&mut self, random: Random, logged: Logged, reading: &mut Reading) {
        let known = self.sessions.entry(random).or_insert_with(|| {
            self.order.push_back(random);
            Vec::new()
        });
        if known.iter().any(|other| other.label == logged.label && other.secret == logged.secret) {
            return;
        }
        if known.len() >= self.most_per_session {
            known.remove(0);
            self.secrets -= 1;
            reading.full = true;
        }
        self.has_traffic |= matches!(logged.label, Label::ClientTraffic | Label::ServerTraffic);
        known.push(logged);
        self.secrets += 1;
        reading.added += 1;
        while self.secrets > self.most
            && let Some(oldest) = self.order.pop_front()
        {
            reading.full = true;
            self.secrets -= self.sessions.remove(&oldest).map_or(0, |secrets| secrets.len());
        }
    }
}

impl fmt::Debug for KeyLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyLog").field("secrets", &self.secrets).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANDOM: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    fn log() -> KeyLog {
        KeyLog::new(&Limits::default())
    }

    fn master(byte: &str) -> String {
        format!("CLIENT_RANDOM {RANDOM} {}\n", byte.repeat(48))
    }

    #[test]
    fn all_distinct_secrets_are_kept_newest_first() {
        let mut keys = log();
        let text = master("aa") + &master("bb") + &master("aa");
        assert_eq!(keys.read(text.as_bytes(), KeySource::KeyLog).added, 2);
        let random = std::array::from_fn(|at| at as u8);
        assert!(keys.knows(&random));
        let found: Vec<u8> =
            keys.secrets(&random, Label::Master).map(|logged| logged.secret.bytes()[0]).collect();
        assert_eq!(found, [0xbb, 0xaa]);
        assert_eq!(keys.secrets(&random, Label::ClientTraffic).count(), 0);
    }

    #[test]
    fn bad_lines_are_told_by_number_and_skipped() {
        let text = format!(
            "# a comment\r\n\r\nCLIENT_RANDOM 00 11\n{}EXPORTER_SECRET {RANDOM} 00\nRSA 0011223344556677 00\nnonsense\n",
            master("cc").replace('\n', "\r\n")
        );
        let mut keys = log();
        let reading = keys.read(text.as_bytes(), KeySource::Dsb);
        assert_eq!((reading.added, reading.bad_total), (1, 2));
        let lines: Vec<u64> = reading.bad.iter().map(|bad| bad.line).collect();
        assert_eq!(lines, [3, 7]);
    }

    #[test]
    fn the_oldest_sessions_go_where_there_are_too_many() {
        let limits = Limits { tls_secrets: 2, ..Limits::default() };
        let mut keys = KeyLog::new(&limits);
        for number in 0..5_u8 {
            let random = format!("{number:02x}").repeat(32);
            let text = format!("CLIENT_RANDOM {random} {}", "11".repeat(48));
            keys.read(text.as_bytes(), KeySource::KeyLog);
        }
        assert_eq!(keys.sessions(), 2);
        assert!(keys.knows(&[4; 32]) && keys.knows(&[3; 32]) && !keys.knows(&[0; 32]));
    }

    #[test]
    fn secrets_do_not_show() {
        let mut keys = log();
        keys.read(master("ab").as_bytes(), KeySource::KeyLog);
        let shown = format!("{keys:?}");
        assert!(!shown.contains("ab") && !shown.contains("171"), "{shown}");
    }
}
