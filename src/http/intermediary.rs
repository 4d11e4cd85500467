//! Header fields that name an intermediary: proxy, load balancer, CDN.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::cookie;
use super::head::Field;
use super::value::{MAX_ITEMS, text};

/// A header field that an intermediary or the server product adds.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct ViaHeader {
    /// The field's name as sent.
    pub name: String,
    /// Its value; `None` where the value would show addresses or secrets.
    pub value: Option<String>,
}

impl fmt::Display for ViaHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{}: {value}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// Names of fields that name a product or an intermediary.
const NAMES: [&str; 20] = [
    "server",
    "via",
    "x-powered-by",
    "cdn-loop",
    "cf-ray",
    "cf-cache-status",
    "cf-worker",
    "x-served-by",
    "x-cache",
    "x-cache-hits",
    "x-timer",
    "x-varnish",
    "x-vercel-id",
    "x-vercel-cache",
    "x-cloud-trace-context",
    "x-azure-ref",
    "x-azure-fdid",
    "x-arr-log-id",
    "x-nf-request-id",
    "x-proxy-id",
];

/// Beginnings of such names.
const PREFIXES: [&str; 9] = [
    "x-amzn-",
    "x-amz-cf-",
    "x-envoy-",
    "fly-",
    "x-fastly-",
    "x-akamai-",
    "x-kong-",
    "x-appgw-",
    "x-heroku-",
];

/// Fields whose presence tells of an intermediary and whose value is nobody's business.
const ADDRESSES: [&str; 14] = [
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-original-forwarded-for",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "x-azure-clientip",
    "x-azure-socketip",
];

/// Parts of names whose values may hold addresses or credentials.
const PRIVATE_PARTS: [&str; 8] = ["client", "address", "oidc", "jwt", "token", "cert", "auth", "metadata"];

/// Adds `field` to `list` if it names an intermediary, up to a bound.
#[inline]
pub(super) fn collect(list: &mut Vec<ViaHeader>, field: &Field<'_>) {
    if may_be_known(field.name) && list.len() < MAX_ITEMS {
        collect_known(list, field);
    }
}

fn collect_known(list: &mut Vec<ViaHeader>, field: &Field<'_>) {
    let is_one_of = |names: &[&str]| names.iter().any(|name| field.is(name));
    let add = |list: &mut Vec<_>, is_private: bool| {
        let value = (!is_private).then(|| text(&field.value));
        list.push(ViaHeader { name: text(field.name), value });
    };
    if is_one_of(&ADDRESSES) {
        add(list, true);
    } else if is_one_of(&NAMES) {
        add(list, false);
    } else if PREFIXES.iter().any(|prefix| begins_with(field.name, prefix)) {
        let lower = text(field.name).to_ascii_lowercase();
        add(list, PRIVATE_PARTS.iter().any(|part| lower.contains(part)));
    } else if field.is("cookie") || field.is("set-cookie") {
        cookies(list, &text(field.name), cookie::known(&field.value, field.is("set-cookie")));
    }
}

/// Fields that may hold cookies of intermediaries.
const COOKIES: [&str; 2] = ["cookie", "set-cookie"];

/// For each first letter of a known name, the lengths that such a name has, as bits.
const LENGTHS: [u64; 256] = {
    let lengths = add_lengths([0; 256], &NAMES, false);
    let lengths = add_lengths(lengths, &ADDRESSES, false);
    let lengths = add_lengths(lengths, &COOKIES, false);
    add_lengths(lengths, &PREFIXES, true)
};

/// The last bit: it stands for all lengths from there on.
const LONG: usize = 63;

const fn add_lengths(mut lengths: [u64; 256], names: &[&str], may_go_on: bool) -> [u64; 256] {
    let mut index = 0;
    while index < names.len() {
        let name = names[index].as_bytes();
        let bit = 1 << name.len();
        // All bits from that of the prefix on.
        lengths[name[0] as usize] |= if may_go_on { !(bit - 1) } else { bit };
        index += 1;
    }
    lengths
}

/// Whether a name has the first letter and the length of a known one; most have not.
fn may_be_known(name: &[u8]) -> bool {
    let lengths = name.first().map_or(0, |first| LENGTHS[usize::from(first.to_ascii_lowercase())]);
    lengths >> name.len().min(LONG) & 1 == 1
}

/// Whether a name begins with `prefix`, in any case.
fn begins_with(name: &[u8], prefix: &str) -> bool {
    name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}

/// Adds the names of cookies that intermediaries set, each once.
fn cookies(list: &mut Vec<ViaHeader>, name: &str, known: impl Iterator<Item = &'static str>) {
    for cookie in known {
        let header = ViaHeader { name: name.to_owned(), value: Some(cookie.to_owned()) };
        if list.len() < MAX_ITEMS && !list.contains(&header) {
            list.push(header);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::head::fields;
    use super::*;

    fn via(lines: &str) -> Vec<(String, Option<String>)> {
        let head = format!("GET / HTTP/1.1\r\n{lines}\r\n");
        let mut list = Vec::new();
        fields(head.as_bytes()).for_each(|field| collect(&mut list, &field));
        list.into_iter().map(|header| (header.name, header.value)).collect()
    }

    #[test]
    fn products_keep_their_values() {
        let seen = via("VIA: 1.1 vegur\r\nAccept: x\r\ncf-ray: 8a-FRA\r\nX-Amz-Cf-Id: abc\r\n");
        let names: Vec<&str> = seen.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["VIA", "cf-ray", "X-Amz-Cf-Id"]);
        assert_eq!(seen[1].1.as_deref(), Some("8a-FRA"));
    }

    #[test]
    fn addresses_and_secrets_keep_their_names_only() {
        let seen = via("X-Forwarded-For: 10.0.0.1\r\nFly-Client-IP: 10.0.0.2\r\nx-amzn-oidc-data: ey\r\n");
        assert_eq!(seen.len(), 3);
        assert!(seen.iter().all(|(_, value)| value.is_none()));
    }

    #[test]
    fn every_known_name_is_looked_at() {
        let longer = |prefix: &str| format!("{prefix}{}", "x".repeat(100));
        let known = [&NAMES[..], &ADDRESSES, &COOKIES, &PREFIXES].concat();
        let prefixed = PREFIXES.iter().flat_map(|prefix| [format!("{prefix}y"), longer(prefix)]);
        for name in known.iter().map(|name| (*name).to_owned()).chain(prefixed) {
            assert!(may_be_known(name.as_bytes()) && may_be_known(name.to_uppercase().as_bytes()), "{name}");
        }
        for other in ["", "Host", "Connection", "Upgrade", "Sec-WebSocket-Key", &longer("s")] {
            assert!(!may_be_known(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn no_value_of_a_known_name_is_private() {
        assert!(NAMES.iter().all(|name| !PRIVATE_PARTS.iter().any(|part| name.contains(part))));
    }

    #[test]
    fn credentials_are_never_listed() {
        assert_eq!(via("Cookie: a=b\r\nAuthorization: Bearer c\r\nProxy-Authorization: d\r\n"), []);
    }

    #[test]
    fn cookies_of_intermediaries_keep_their_names_only() {
        let seen =
            via("Cookie: sid=42; AWSALB=secret; AWSALB=other\r\nSet-Cookie: __cflb=secret; Path=/\r\n");
        let name = |header: &str, cookie: &str| (header.to_owned(), Some(cookie.to_owned()));
        assert_eq!(seen, [name("Cookie", "AWSALB"), name("Set-Cookie", "__cflb")]);
    }

    #[test]
    fn cookies_of_intermediaries_are_bounded() {
        let many: String = (0..100).map(|n| format!("Set-Cookie{}: GCLB=1\r\n", " ".repeat(n % 2))).collect();
        assert!(via(&many).len() <= MAX_ITEMS);
    }
}
