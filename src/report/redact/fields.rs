//! What stands for each kind of value.

use std::net::IpAddr;

use super::Redactor;
use super::products;

/// Pseudonyms of one kind with a key.
const HASHED: u64 = 1 << 24;

/// Pseudonyms of one kind without a key, counted up.
const COUNTED: u64 = 1 << 40;

/// Methods of HTTP.
const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

/// Application protocols of TLS.
const ALPN: [&str; 4] = ["http/1.1", "h2", "h3", "http/1.0"];

/// Kinds of network interfaces, as operating systems number them.
const INTERFACES: [&str; 9] = ["any", "lo", "eth", "en", "ens", "eno", "wlan", "bond", "docker"];

/// Endings of capture files, which tell their format.
const ENDINGS: [&str; 12] =
    ["pcap", "pcapng", "cap", "ntar", "dmp", "gz", "zst", "lz4", "xz", "bz2", "tgz", "zip"];

impl Redactor {
    /// The address that stands for `ip`, here and in each file made with this redactor.
    pub fn address(&mut self, ip: IpAddr) -> IpAddr {
        super::address::pseudonym(ip, &mut self.numbers)
    }

    /// `kind-1`, `kind-2` …, or with a key `kind-3fa2c1`.
    pub(super) fn name(&mut self, kind: &str, original: &str) -> String {
        if self.numbers.is_keyed() {
            format!("{kind}-{:06x}", self.numbers.number(kind.as_bytes(), original.as_bytes(), HASHED))
        } else {
            format!("{kind}-{}", 1 + self.numbers.number(kind.as_bytes(), original.as_bytes(), COUNTED))
        }
    }

    /// A host with or without its port; the port stays.
    pub(super) fn host(&mut self, host: &str) -> String {
        let (name, port) = split_port(host);
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        let name = match bare.parse() {
            Ok(ip) => match self.address(ip) {
                IpAddr::V6(ip) => format!("[{ip}]"),
                IpAddr::V4(ip) => ip.to_string(),
            },
            Err(_) => self.name("host", &name.to_ascii_lowercase()),
        };
        format!("{name}{port}")
    }

    pub(super) fn path(&mut self, path: &str) -> String {
        if path == "/" { path.to_owned() } else { format!("/{}", self.name("path", path)) }
    }

    pub(super) fn reason(&mut self, reason: &str) -> String {
        if products::is_usual_reason(reason) { reason.to_owned() } else { self.name("reason", reason) }
    }

    pub(super) fn subprotocol(&mut self, name: &str) -> String {
        if products::is_subprotocol(name) { name.to_owned() } else { self.name("subprotocol", name) }
    }

    /// Products that everybody has stay, as they name the timers that come with them.
    pub(super) fn product(&mut self, value: &str) -> String {
        products::known_parts(value).unwrap_or_else(|| self.name("product", value))
    }

    /// A header as `Name: value`.
    pub(super) fn header(&mut self, header: &str) -> String {
        let Some((name, value)) = header.split_once(':') else { return header.to_owned() };
        let value = value.trim();
        if name.eq_ignore_ascii_case("server") || name.eq_ignore_ascii_case("x-powered-by") {
            return format!("{name}: {}", self.product(value));
        }
        format!("{name}: {}", self.name("value", value))
    }

    pub(super) fn extension(&mut self, extension: &str) -> String {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'=' | b';' | b' ');
        if extension.starts_with("permessage-deflate")
            && extension.len() < 160
            && extension.bytes().all(plain)
        {
            return extension.to_owned();
        }
        self.name("extension", extension)
    }

    /// The names that an operating system gives stay; others may name a customer's tunnel.
    pub(super) fn interface(&mut self, name: &str) -> String {
        let kind = name.trim_end_matches(|c: char| c.is_ascii_digit());
        if INTERFACES.contains(&kind) { name.to_owned() } else { self.name("interface", name) }
    }

    pub(super) fn method(&mut self, method: &str) -> String {
        if METHODS.contains(&method) { method.to_owned() } else { self.name("method", method) }
    }

    pub(super) fn alpn(&mut self, alpn: &str) -> String {
        if ALPN.contains(&alpn) { alpn.to_owned() } else { self.name("alpn", alpn) }
    }

    /// The name of a capture file; what its ending tells stays.
    pub(super) fn file(&mut self, path: &str) -> String {
        if path == "-" {
            return path.to_owned();
        }
        let known = |part: &&str| ENDINGS.iter().any(|ending| ending.eq_ignore_ascii_case(part));
        let mut endings: Vec<&str> = path.rsplit('.').take(2).take_while(known).collect();
        endings.push("");
        endings.reverse();
        format!("{}{}", self.name("capture", path), endings.join("."))
    }
}

/// A host and its port with the colon before it.
fn split_port(host: &str) -> (&str, &str) {
    let port = host.rfind(':').filter(|&at| {
        let (name, port) = (&host[..at], &host[at + 1..]);
        port.len() <= 5
            && !port.is_empty()
            && port.bytes().all(|b| b.is_ascii_digit())
            && (!name.contains(':') || name.ends_with(']'))
    });
    port.map_or((host, ""), |at| host.split_at(at))
}

/// The last part of a path of a file.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::super::Redactor;

    #[test]
    fn structure_stays_and_names_go() {
        let mut by = Redactor::default();
        assert_eq!(by.host("Shop.example:8443"), "host-1:8443");
        assert_eq!(by.host("shop.example"), "host-1");
        assert_eq!(by.host("192.168.1.7:80"), "10.0.1.1:80");
        assert_eq!(by.host("[fd77::2]:8080"), "[fd00:0:1:1::1]:8080");
        assert_eq!(by.host("fd77::2"), "[fd00:0:1:1::1]");
        assert_eq!(by.path("/"), "/");
        assert_eq!(by.path("/users/7/inbox"), "/path-1");
        assert_eq!(by.header("Server: nginx/1.22.1 (shop-7)"), "Server: nginx/1.22.1");
        assert_eq!(by.header("Server: shop-gateway"), "Server: product-1");
        assert_eq!(by.header("Via: 1.1 proxy.shop.example"), "Via: value-1");
        assert_eq!(by.header("X-Forwarded-For"), "X-Forwarded-For");
        assert_eq!(
            by.extension("permessage-deflate; client_max_window_bits=15"),
            "permessage-deflate; client_max_window_bits=15"
        );
        assert_eq!(by.extension("x-token; eyJ"), "extension-1");
        assert_eq!(by.reason("keepalive ping timeout"), "keepalive ping timeout");
        assert_eq!(by.reason("user 7 is banned"), "reason-1");
        assert_eq!(by.file("/home/ann/shop.pcap.gz"), "capture-1.pcap.gz");
        assert_eq!(by.file("shop"), "capture-2");
        assert_eq!(by.file("-"), "-");
        assert_eq!((by.interface("eth0"), by.interface("any")), ("eth0".to_owned(), "any".to_owned()));
        assert_eq!(by.interface("wg-shop0"), "interface-1");
    }
}
