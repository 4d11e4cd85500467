//! `Sec-WebSocket-Extensions` (RFC 6455 §9.1).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::value::{MAX_ITEMS, text};

/// Most parameters kept of one extension.
const MAX_PARAMS: usize = 8;

/// An extension offered or accepted, with its parameters.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Extension {
    /// The extension's token.
    pub name: String,
    /// Its parameters in order; quotes are removed from the values.
    pub params: Vec<(String, Option<String>)>,
}

impl Extension {
    /// Whether this is permessage-deflate, which sets RSV1 on compressed messages (RFC 7692).
    pub fn is_permessage_deflate(&self) -> bool {
        self.name.eq_ignore_ascii_case("permessage-deflate")
    }

    /// Adds the extensions of one header field to `list`, up to a bound.
    pub(super) fn parse_into(list: &mut Vec<Self>, value: &[u8]) {
        let room = MAX_ITEMS.saturating_sub(list.len());
        list.extend(split_unquoted(value, b',').filter_map(Self::parse).take(room));
    }

    fn parse(item: &[u8]) -> Option<Self> {
        let mut parts = split_unquoted(item, b';').map(<[u8]>::trim_ascii);
        let name = parts.next().filter(|name| !name.is_empty())?;
        let params = parts.filter(|part| !part.is_empty()).take(MAX_PARAMS).map(param).collect();
        Some(Self { name: text(name), params })
    }
}

impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.params.iter().try_for_each(|(name, value)| match value {
            Some(value) => write!(f, "; {name}={value}"),
            None => write!(f, "; {name}"),
        })
    }
}

fn param(part: &[u8]) -> (String, Option<String>) {
    let mut sides = part.splitn(2, |byte| *byte == b'=').map(<[u8]>::trim_ascii);
    let name = sides.next().unwrap_or_default();
    (text(name), sides.next().map(unquote))
}

/// The content of a quoted string, or the value as it is.
fn unquote(value: &[u8]) -> String {
    let Some(inner) = value.strip_prefix(b"\"") else { return text(value) };
    let inner = inner.strip_suffix(b"\"").unwrap_or(inner);
    let mut escaped = false;
    let content = inner.iter().copied().filter(|byte| {
        escaped = *byte == b'\\' && !escaped;
        !escaped
    });
    text(&content.collect::<Vec<_>>())
}

/// Splits at `separator` outside of quoted strings (RFC 9110 §5.6.4).
fn split_unquoted(value: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let (mut quoted, mut escaped) = (false, false);
    value.split(move |byte| {
        let literal = escaped;
        escaped = quoted && *byte == b'\\' && !literal;
        quoted ^= *byte == b'"' && !literal;
        !quoted && *byte == separator
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(values: &[&str]) -> Vec<String> {
        let mut list = Vec::new();
        values.iter().for_each(|value| Extension::parse_into(&mut list, value.as_bytes()));
        list.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn several_extensions_in_several_fields() {
        let seen = parse(&["permessage-deflate; client_max_window_bits, x-a", "x-b;c=1"]);
        assert_eq!(seen, ["permessage-deflate; client_max_window_bits", "x-a", "x-b; c=1"]);
    }

    #[test]
    fn quoted_values_hide_separators() {
        assert_eq!(parse(&[r#"x; a="1,2;\"3"; b, y"#]), [r#"x; a=1,2;"3; b"#, "y"]);
    }

    #[test]
    fn empty_items_are_skipped() {
        assert_eq!(parse(&[", ;,x ; ;a"]), ["x; a"]);
    }

    #[test]
    fn permessage_deflate_in_any_case() {
        let mut list = Vec::new();
        Extension::parse_into(&mut list, b"PerMessage-Deflate, permessage-bzip2");
        let deflate: Vec<bool> = list.iter().map(Extension::is_permessage_deflate).collect();
        assert_eq!(deflate, [true, false]);
    }

    #[test]
    fn lists_are_bounded() {
        assert_eq!(parse(&["a,".repeat(1000).as_str()]).len(), MAX_ITEMS);
    }
}
