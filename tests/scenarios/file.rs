//! The files of scenarios.

use std::fs;
use std::path::Path;

use serde::Deserialize;

/// One file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    scenario: Vec<Scenario>,
}

/// Something that happens on one connection or several, and what must be said of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    /// Holds with client and server exchanged as well.
    #[serde(default)]
    pub(crate) mirror: bool,
    /// What happens, where it is on one connection.
    script: Option<String>,
    verdict: Option<Expected>,
    #[serde(default)]
    path: PathFacts,
    #[serde(default)]
    client: HostFacts,
    #[serde(default)]
    server: HostFacts,
    /// TLS around it: `keyed` where the analysis has its secrets, `sealed` where it has not.
    tls: Option<String>,
    #[serde(default)]
    connection: Vec<Connection>,
    /// What must be found over all connections.
    #[serde(default)]
    pub(crate) finding: Vec<Finding>,
    /// No other kind of finding may be told than those of `finding`.
    #[serde(default)]
    pub(crate) no_other_finding: bool,
    /// What must be said of sessions, by their order.
    #[serde(default)]
    pub(crate) session: Vec<Expected>,
}

/// One connection.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Connection {
    pub(crate) script: String,
    pub(crate) verdict: Option<Expected>,
    #[serde(default)]
    pub(crate) path: PathFacts,
    #[serde(default)]
    pub(crate) client: HostFacts,
    #[serde(default)]
    pub(crate) server: HostFacts,
    /// How many such connections there are, each from another port.
    #[serde(default = "one")]
    pub(crate) times: u16,
    /// By how much each starts after the one before.
    #[serde(default)]
    pub(crate) every: f64,
    /// 16 characters from which the key of the upgrade is made; connections with the same are legs of
    /// one session.
    pub(crate) key: Option<String>,
    /// TLS around it: `keyed` where the analysis has its secrets, `sealed` where it has not.
    pub(crate) tls: Option<String>,
    /// The capture that it is in.
    #[serde(default)]
    pub(crate) file: u32,
}

fn one() -> u16 {
    1
}

/// The path, and where on it the capture was taken.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PathFacts {
    pub(crate) rtt_ms: f64,
    pub(crate) at: String,
    /// The capture knows which way each packet crossed its host.
    pub(crate) directions: bool,
}

impl Default for PathFacts {
    fn default() -> Self {
        Self { rtt_ms: 20.0, at: "client".to_owned(), directions: false }
    }
}

/// A host, as its packets look where the capture was taken.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct HostFacts {
    pub(crate) ip: Option<String>,
    pub(crate) port: Option<u16>,
    pub(crate) ttl: Option<u8>,
    /// How it numbers its packets: `counter`, `zero` or `random`.
    pub(crate) ids: String,
    pub(crate) timestamps: bool,
    /// Further lines of its HTTP head.
    pub(crate) headers: Vec<String>,
    /// None of its packets is captured.
    pub(crate) unseen: bool,
}

impl Default for HostFacts {
    fn default() -> Self {
        Self {
            ip: None,
            port: None,
            ttl: None,
            ids: "counter".to_owned(),
            timestamps: true,
            headers: Vec::new(),
            unseen: false,
        }
    }
}

/// What a verdict must say; texts are parts of what it says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    pub(crate) mechanism: Option<String>,
    pub(crate) closer: Option<String>,
    pub(crate) party: String,
    pub(crate) cause: String,
    pub(crate) confidence: Option<String>,
    pub(crate) at_most: Option<String>,
    pub(crate) at_least: Option<String>,
    #[serde(default)]
    pub(crate) summary: Vec<String>,
    /// Labels of packets that must be among the evidence.
    #[serde(default)]
    pub(crate) evidence: Vec<String>,
    /// Parts of the facts of its evidence.
    #[serde(default)]
    pub(crate) facts: Vec<String>,
    #[serde(default)]
    pub(crate) alternatives: Vec<String>,
    pub(crate) would_settle: Option<Settle>,
    #[serde(default)]
    pub(crate) advice: Vec<String>,
    #[serde(default)]
    pub(crate) never_advised: Vec<String>,
    #[serde(default)]
    pub(crate) candidates: Vec<String>,
    /// `class/role/origin` of each RST.
    pub(crate) resets: Option<Vec<String>>,
    pub(crate) vantage: Option<String>,
}

/// What would settle it.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Settle {
    /// A part of what is said.
    Says(String),
    /// Whether anything is said.
    Is(bool),
}

/// What must be found over all connections.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Finding {
    pub(crate) kind: String,
    pub(crate) connections: usize,
    #[serde(default)]
    pub(crate) text: Vec<String>,
    pub(crate) seconds: Option<f64>,
}

impl Scenario {
    /// Its connections.
    pub(crate) fn connections(&self) -> Vec<Connection> {
        let single = self.script.iter().map(|script| Connection {
            script: script.clone(),
            verdict: self.verdict.clone(),
            path: self.path.clone(),
            client: self.client.clone(),
            server: self.server.clone(),
            times: 1,
            every: 0.0,
            key: None,
            tls: self.tls.clone(),
            file: 0,
        });
        single.chain(self.connection.iter().cloned()).collect()
    }

    /// The same with every word of the scenario changed, and client and server exchanged.
    pub(crate) fn changed(&self, word: &dyn Fn(&str) -> String) -> Self {
        let mut changed = self.clone();
        changed.name = format!("{} (mirrored)", self.name);
        changed.script = self.script.as_deref().map(word);
        if let Some(verdict) = &mut changed.verdict {
            verdict.change(word);
        }
        changed.path.at = word(&self.path.at);
        std::mem::swap(&mut changed.client, &mut changed.server);
        changed
    }
}

impl Expected {
    fn change(&mut self, word: &dyn Fn(&str) -> String) {
        let lists = [
            &mut self.summary,
            &mut self.facts,
            &mut self.alternatives,
            &mut self.advice,
            &mut self.never_advised,
        ];
        lists.into_iter().flatten().for_each(|text| *text = word(text));
        self.party = word(&self.party);
        for text in [&mut self.closer, &mut self.vantage].into_iter().flatten() {
            *text = word(text);
        }
        if let Some(Settle::Says(text)) = &mut self.would_settle {
            *text = word(text);
        }
    }
}

/// The scenarios of every file in this folder.
pub(crate) fn read_all() -> Vec<Scenario> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    files.sort();
    files.iter().flat_map(|path| read(path)).collect()
}

fn read(path: &Path) -> Vec<Scenario> {
    let text = fs::read_to_string(path).unwrap();
    let file: File = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    file.scenario
}
