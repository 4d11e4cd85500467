//! Products that stand in front of a server, as the headers that they add name them.

/// Lower-case parts of such headers.
const PROXIES: [&str; 12] = [
    "server: nginx",
    "server: openresty",
    "server: apache",
    "server: caddy",
    "server: cloudflare",
    "server: awselb",
    "envoy",
    "varnish",
    "via:",
    "traefik",
    "cf-ray",
    "x-amz-cf-",
];

/// Whether a header, as `Name: value`, names such a product.
pub(super) fn names_proxy(header: &str) -> bool {
    let header = header.to_lowercase();
    PROXIES.iter().any(|proxy| header.contains(proxy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_known_by_their_headers() {
        assert!(names_proxy("Server: nginx/1.22.1") && names_proxy("Via: 1.1 vegur"));
        assert!(!names_proxy("Server: Python/3.11 websockets/17.4"));
    }
}
