//! Values that everybody has, and that tell nothing about whose they are.

/// Names of server software, in lower case.
const PRODUCTS: [&str; 62] = [
    "actix",
    "aiohttp",
    "akamaighost",
    "amazons3",
    "apache",
    "apache-coyote",
    "awselb",
    "bun",
    "caddy",
    "cloudflare",
    "cloudfront",
    "cowboy",
    "cpython",
    "daphne",
    "deno",
    "envoy",
    "esf",
    "express",
    "fly",
    "gevent",
    "google frontend",
    "gunicorn",
    "gws",
    "h2o",
    "haproxy",
    "heroku",
    "hypercorn",
    "istio-envoy",
    "jetty",
    "kestrel",
    "kong",
    "lighttpd",
    "litespeed",
    "microsoft-httpapi",
    "microsoft-iis",
    "microsoft-azure-application-gateway",
    "netty",
    "nginx",
    "node",
    "node.js",
    "openresty",
    "openssl",
    "php",
    "phusion",
    "pingora",
    "puma",
    "python",
    "sanic",
    "squid",
    "tengine",
    "tornadoserver",
    "traefik",
    "twisted",
    "undertow",
    "uvicorn",
    "varnish",
    "vercel",
    "websocketpp",
    "websockets",
    "werkzeug",
    "wsgiserver",
    "yaws",
];

/// Reasons that libraries give by themselves, in lower case.
const REASONS: [&str; 23] = [
    "abnormal closure",
    "client disconnected",
    "connection closed",
    "connection timeout",
    "endpoint unavailable",
    "going away",
    "heartbeat timeout",
    "idle timeout",
    "internal error",
    "internal server error",
    "invalid frame header",
    "keepalive ping timeout",
    "message too big",
    "no pong received",
    "normal closure",
    "ping timeout",
    "policy violation",
    "pong timeout",
    "protocol error",
    "server restart",
    "server shutdown",
    "server shutting down",
    "service restart",
];

/// Subprotocols that libraries and products use, in lower case.
const SUBPROTOCOLS: [&str; 20] = [
    "actioncable-unsupported",
    "actioncable-v1-json",
    "amqp",
    "graphql-transport-ws",
    "graphql-ws",
    "json",
    "messagepack",
    "mqtt",
    "mqttv3.1",
    "ocpp1.6",
    "ocpp2.0",
    "ocpp2.0.1",
    "sip",
    "soap",
    "v10.stomp",
    "v11.stomp",
    "v12.stomp",
    "wamp",
    "wamp.2.json",
    "xmpp",
];

/// The parts of a product header that name known software with its version; `None` where there are none.
pub(super) fn known_parts(value: &str) -> Option<String> {
    let known = |part: &&str| {
        let (name, version) = part.split_once('/').unwrap_or((part, ""));
        let name = name.to_ascii_lowercase();
        let plain = |b: u8| b.is_ascii_digit() || b == b'.';
        PRODUCTS.contains(&name.as_str()) && version.len() <= 16 && version.bytes().all(plain)
    };
    let parts: Vec<&str> = value.split_ascii_whitespace().filter(known).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// True for a value that may be a credential: applications pass tokens as subprotocols, as browsers let
/// them set no other header.
pub(in super::super) fn may_be_secret(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let speaks = ["bearer", "token", "authorization", "secret", "apikey", "api_key", "password"];
    value.len() > 40 || value.starts_with("eyJ") || speaks.iter().any(|word| lower.contains(word))
}

pub(super) fn is_usual_reason(reason: &str) -> bool {
    REASONS.contains(&reason.to_ascii_lowercase().as_str())
}

pub(super) fn is_subprotocol(name: &str) -> bool {
    SUBPROTOCOLS.contains(&name.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_software_is_told() {
        assert_eq!(
            known_parts("Python/3.11 websockets/17.4").as_deref(),
            Some("Python/3.11 websockets/17.4")
        );
        assert_eq!(known_parts("nginx/1.22.1 on shop-7").as_deref(), Some("nginx/1.22.1"));
        assert_eq!(known_parts("nginx/shop-7"), None);
        assert_eq!(known_parts("ShopServer/1.0"), None);
    }
}
