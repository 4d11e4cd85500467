//! The lines of a script: when, who, what, and how it differs from the usual.

use std::collections::BTreeMap;

/// Who acts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Side {
    Client,
    Server,
}

impl Side {
    pub(crate) const BOTH: [Self; 2] = [Self::Client, Self::Server];

    pub(crate) fn other(self) -> Self {
        if self == Self::Client { Self::Server } else { Self::Client }
    }
}

/// One line: `TIME WHO VERB ARGUMENTS… OPTIONS… #LABEL`.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) nanos: i64,
    pub(crate) who: Option<Side>,
    pub(crate) verb: String,
    pub(crate) arguments: Vec<String>,
    /// `name=value`, or a name alone after a `!`.
    pub(crate) options: BTreeMap<String, String>,
    pub(crate) label: Option<String>,
}

impl Line {
    /// A line that the script does not hold.
    pub(crate) fn implied(nanos: i64, who: Side, verb: &str) -> Self {
        Self {
            nanos,
            who: Some(who),
            verb: verb.to_owned(),
            arguments: Vec::new(),
            options: BTreeMap::new(),
            label: None,
        }
    }

    pub(crate) fn has(&self, option: &str) -> bool {
        self.options.contains_key(option)
    }

    pub(crate) fn number<T: std::str::FromStr>(&self, option: &str) -> Option<T> {
        let value = self.options.get(option)?;
        Some(value.parse().unwrap_or_else(|_| panic!("{option}={value} is not a number in {self:?}")))
    }

    pub(crate) fn argument(&self, index: usize) -> Option<&str> {
        self.arguments.get(index).map(String::as_str)
    }
}

/// The lines of a script in the order of their times.
pub(crate) fn parse(script: &str) -> Vec<Line> {
    let lines = script.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    let mut lines: Vec<_> = lines.map(line).collect();
    lines.sort_by_key(|line| line.nanos);
    lines
}

fn line(text: &str) -> Line {
    let mut words = words(text).into_iter();
    let mut next = || words.next().unwrap_or_else(|| panic!("too short: {text}"));
    let seconds: f64 = next().parse().unwrap_or_else(|_| panic!("no time: {text}"));
    let who = next();
    let who = match who.as_str() {
        "client" => Some(Side::Client),
        "server" => Some(Side::Server),
        "-" => None,
        _ => panic!("who is {who}? {text}"),
    };
    let nanos = (seconds * 1e9).round() as i64;
    let verb = next();
    let mut line = Line { nanos, who, verb, arguments: Vec::new(), options: BTreeMap::new(), label: None };
    for word in words {
        if let Some(label) = word.strip_prefix('#') {
            line.label = Some(label.to_owned());
        } else if let Some(flag) = word.strip_prefix('!') {
            line.options.insert(flag.to_owned(), String::new());
        } else if let Some((name, value)) = word.split_once('=').filter(|_| !word.contains(' ')) {
            line.options.insert(name.to_owned(), value.to_owned());
        } else {
            line.arguments.push(word);
        }
    }
    line
}

/// Words, of which those in quotes may hold spaces.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in text.split('"').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}
