//! The HTTP upgrade to WebSocket: requests of several kinds of client, answers of several kinds of server.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

use super::frame::Opcode;
use super::line::{Burst, Line};
use super::record::Kind;
use super::segment::Side;
use super::witness::What;

const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const PATHS: [&str; 6] = ["/", "/ws", "/chat", "/socket?token=abc123", "/api/v1/stream", "/feed/updates"];
const SERVERS: [&str; 4] = ["nginx/1.24.0", "Python/3.11 websockets/12.0", "Cowboy", ""];
const AGENTS: [&str; 3] = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Python/3.11 websockets/12.0",
];
const REFUSALS: [(&str, &str); 5] = [
    ("400 Bad Request", "Missing or invalid Sec-WebSocket-Version"),
    ("401 Unauthorized", "token expired"),
    ("403 Forbidden", "origin not allowed"),
    ("502 Bad Gateway", "<html><body><h1>502 Bad Gateway</h1></body></html>"),
    ("503 Service Unavailable", "no server is available"),
];

/// Plans an upgrade that succeeds.
pub(crate) fn accept(line: &mut Line<'_>) {
    line.witness.record.kind = Some(Kind::WebSocket);
    let key = key(line);
    ask(line, &key);
    line.reach(Side::Server);
    if line.rng.chance(0.5) {
        line.tcp.ack(Side::Server);
        line.tcp.wait(300_000);
    }
    let mut burst = Burst::new(Side::Server);
    burst.bytes = switching(line, &key).into_bytes();
    burst.cut();
    line.mark(&burst, 0, What::Response);
    if line.rng.chance(0.1) {
        greet(line, burst);
    } else {
        line.send(burst);
    }
    line.reach_and_ack(Side::Client);
}

/// Sends the first message in the segment of the 101.
fn greet(line: &mut Line<'_>, mut burst: Burst) {
    let text = line.pool.json(line.rng, 60);
    line.frame(&mut burst, Opcode::Text, true, text.as_bytes());
    line.send_bytes(Side::Server, &burst.bytes);
}

/// Plans an upgrade that the server refuses, and the end of the connection.
pub(crate) fn refuse(line: &mut Line<'_>) {
    line.witness.record.kind = Some(Kind::RefusedUpgrade);
    line.witness.record.ends("refused_upgrade", Side::Server);
    let key = key(line);
    ask(line, &key);
    line.reach(Side::Server);
    let (status, body) = line.rng.pick(&REFUSALS);
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nServer: nginx/1.24.0\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    let mut burst = Burst::new(Side::Server);
    burst.bytes.extend_from_slice(head.as_bytes());
    line.mark(&burst, 0, What::Response);
    burst.bytes.extend_from_slice(body.as_bytes());
    line.send(burst);
    line.tcp.fin(line.rng, Side::Server);
    line.reach_and_ack(Side::Client);
    line.tcp.fin(line.rng, Side::Client);
    line.reach_and_ack(Side::Server);
}

fn key(line: &mut Line<'_>) -> String {
    STANDARD.encode(line.rng.bytes::<16>())
}

/// Sends the request, at times after a plain one on the same connection.
fn ask(line: &mut Line<'_>, key: &str) {
    if line.rng.chance(0.03) {
        plain_exchange(line);
    }
    let head = request(line, key);
    let mut burst = Burst::new(Side::Client);
    burst.bytes = head.into_bytes();
    line.mark(&burst, 0, What::Request);
    line.send(burst);
}

fn plain_exchange(line: &mut Line<'_>) {
    line.send_bytes(Side::Client, b"GET /health HTTP/1.1\r\nHost: ws.example.com\r\n\r\n");
    line.reach(Side::Server);
    line.send_bytes(
        Side::Server,
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok",
    );
    line.reach_and_ack(Side::Client);
}

fn request(line: &mut Line<'_>, key: &str) -> String {
    let port = line.tcp.host(Side::Server).port;
    let (path, agent) = (line.rng.pick(&PATHS), line.rng.pick(&AGENTS));
    let mut head = format!("GET {path} HTTP/1.1\r\nHost: ws.example.com:{port}\r\n");
    if line.rng.chance(0.2) {
        write!(head, "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n")
            .expect("a String takes all text");
        write!(head, "sec-websocket-key: {key}\r\n\r\n").expect("a String takes all text");
        return head;
    }
    write!(head, "User-Agent: {agent}\r\nOrigin: http://app.example.com\r\n")
        .expect("a String takes all text");
    head.push_str("Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
    if line.rng.chance(0.3) {
        head.push_str("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n");
    }
    if line.rng.chance(0.4) {
        let cookie = line.pool.noise(line.rng, 96);
        write!(head, "Cookie: session={}\r\n", STANDARD.encode(cookie)).expect("a String takes all text");
    }
    write!(head, "Sec-WebSocket-Key: {key}\r\n\r\n").expect("a String takes all text");
    head
}

fn switching(line: &mut Line<'_>, key: &str) -> String {
    let accept = STANDARD.encode(Sha1::digest(format!("{key}{GUID}")));
    let mut head = String::from("HTTP/1.1 101 Switching Protocols\r\n");
    let server = line.rng.pick(&SERVERS);
    if !server.is_empty() {
        write!(head, "Server: {server}\r\nDate: Thu, 09 Oct 2025 08:53:20 GMT\r\n")
            .expect("a String takes all text");
    }
    write!(head, "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n")
        .expect("a String takes all text");
    head
}
