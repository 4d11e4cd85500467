//! Sentences: known values and addresses in them are replaced, whatever stands around them.

use std::net::IpAddr;

use super::address;
use super::numbers::Numbers;

/// Words of the report itself; that a host is called `server` is no secret where every line says it.
const OWN_WORDS: [&str; 24] = [
    "client",
    "server",
    "proxy",
    "nobody",
    "none",
    "unknown",
    "close",
    "ping",
    "pong",
    "message",
    "frame",
    "packet",
    "connection",
    "the",
    "a",
    "and",
    "is",
    "it",
    "of",
    "to",
    "in",
    "with",
    "by",
    "or",
];

/// Values from the wire, each with what stands for it, the longest first.
#[derive(Default)]
pub(super) struct Dictionary(Vec<(String, String)>);

impl Dictionary {
    pub(super) fn new(mut values: Vec<(String, String)>) -> Self {
        values.retain(|(original, pseudonym)| original != pseudonym && is_telling(original));
        values.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
        values.dedup();
        Self(values)
    }

    /// The text with all known values and all addresses replaced.
    pub(super) fn rewrite(&self, text: &str, numbers: &mut Numbers) -> String {
        let mut new = String::with_capacity(text.len());
        let mut rest = text;
        let mut before = None;
        while let Some(c) = rest.chars().next() {
            let at_start = !before.is_some_and(char::is_alphanumeric);
            let found = if at_start { self.find(rest).or_else(|| find_address(rest, numbers)) } else { None };
            let length = match found {
                Some((length, pseudonym)) => {
                    new.push_str(&pseudonym);
                    length
                }
                None => {
                    new.push(c);
                    c.len_utf8()
                }
            };
            before = rest[..length].chars().next_back();
            rest = &rest[length..];
        }
        new
    }

    /// A known value at the start of `text`: its length there and what stands for it.
    fn find(&self, text: &str) -> Option<(usize, String)> {
        self.0.iter().find_map(|(original, pseudonym)| {
            let length = shown_length(original, text)?;
            Some((length, pseudonym.clone()))
        })
    }
}

/// How many bytes of `text` show `original`, whole or cut with an ellipsis.
fn shown_length(original: &str, text: &str) -> Option<usize> {
    let same = |(a, b): &(char, char)| a.eq_ignore_ascii_case(b);
    let shared: usize =
        original.chars().zip(text.chars()).take_while(same).map(|(_, shown)| shown.len_utf8()).sum();
    let rest = &text[shared..];
    let whole = shared == original.len()
        && !(ends_in_word(original) && rest.chars().next().is_some_and(char::is_alphanumeric));
    let cut = shared > 0 && (rest.starts_with('…') || rest.starts_with("..."));
    (whole || cut).then_some(shared)
}

fn ends_in_word(text: &str) -> bool {
    text.chars().next_back().is_some_and(char::is_alphanumeric)
}

/// False for what tells nothing: punctuation, and the report's own words.
fn is_telling(original: &str) -> bool {
    original.chars().any(char::is_alphanumeric)
        && !OWN_WORDS.iter().any(|word| original.eq_ignore_ascii_case(word))
}

/// An address at the start of `text`: its length there and what stands for it.
fn find_address(text: &str, numbers: &mut Numbers) -> Option<(usize, String)> {
    let may_belong = |b: &u8| b.is_ascii_hexdigit() || matches!(b, b':' | b'.');
    let run = text.bytes().take_while(may_belong).count();
    let run = text[..run].trim_end_matches(['.', ':']);
    let first_part = run.split(':').next().unwrap_or_default();
    [run, text[..run.len()].trim_end_matches('.'), first_part].into_iter().find_map(|part| {
        let ip: IpAddr = part.parse().ok()?;
        let goes_on = text[part.len()..].starts_with(char::is_alphanumeric);
        (!goes_on).then(|| (part.len(), address::pseudonym(ip, numbers).to_string()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(values: &[(&str, &str)], text: &str) -> String {
        let values = values.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect();
        Dictionary::new(values).rewrite(text, &mut Numbers::new(None))
    }

    #[test]
    fn addresses_are_found_wherever_they_stand() {
        for (text, wanted) in [
            ("from 192.168.7.9.", "from 10.0.1.1."),
            ("192.168.7.9:8080, then [fd77::2]:443", "10.0.1.1:8080, then [fd00:0:1:1::1]:443"),
            ("(192.168.7.9)–192.168.7.8", "(10.0.1.1)–10.0.1.2"),
            (
                "at 01:32:14.806727 nginx/1.22.1 after 2.003 s",
                "at 01:32:14.806727 nginx/1.22.1 after 2.003 s",
            ),
            ("::ffff:192.168.7.9 fe80::7%eth0", "::ffff:10.0.1.1 fe80::1%eth0"),
            ("dead beef: cafe", "dead beef: cafe"),
            ("=192.168.7.9=", "=10.0.1.1="),
        ] {
            assert_eq!(rewritten(&[], text), wanted);
        }
    }

    #[test]
    fn known_values_are_replaced_once_and_the_longest_first() {
        let values =
            [("shop.example", "host-1"), ("shop.example:8080", "10.1.1.1:8080"), ("bye", "reason-1")];
        assert_eq!(
            rewritten(&values, "GET shop.example:8080, Shop.example “bye” goodbye byes"),
            "GET 10.1.1.1:8080, host-1 “reason-1” goodbye byes"
        );
    }

    #[test]
    fn a_value_that_was_cut_is_known_too() {
        let values = [("the secret of the house", "reason-1")];
        assert_eq!(rewritten(&values, "“the secret of…”, the server"), "“reason-1…”, the server");
        assert_eq!(rewritten(&values, "the secret..."), "reason-1...");
    }

    #[test]
    fn words_of_the_report_stay() {
        assert_eq!(
            rewritten(&[("server", "host-1"), ("/", "/path-1")], "the server / it"),
            "the server / it"
        );
    }
}
