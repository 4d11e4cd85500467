//! The bytes that the ends say: HTTP heads and WebSocket frames.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha1::{Digest, Sha1};

use crate::script::{Line, Side};

/// The key of an upgrade, made from 16 characters.
pub(crate) fn key(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(16, b'.');
    BASE64_STANDARD.encode(bytes)
}

/// The request that asks for a WebSocket, without the lines whose names begin as `without` says.
pub(crate) fn request(key: &str, headers: &[String], without: &str) -> Vec<u8> {
    let lines = [
        "Host: chat.example".to_owned(),
        "Upgrade: websocket".to_owned(),
        "Connection: Upgrade".to_owned(),
        format!("Sec-WebSocket-Key: {key}"),
        "Sec-WebSocket-Version: 13".to_owned(),
    ];
    let left_out: Vec<_> = without.split(',').filter(|name| !name.is_empty()).collect();
    let kept = lines.into_iter().filter(|line| !left_out.iter().any(|name| line.starts_with(name)));
    head("GET /chat HTTP/1.1", kept.chain(headers.iter().cloned()))
}

/// The answer to it.
pub(crate) fn answer(status: u16, key: &str, headers: &[String]) -> Vec<u8> {
    let accept = || {
        let digest = Sha1::digest(format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
        format!("Sec-WebSocket-Accept: {}", BASE64_STANDARD.encode(digest))
    };
    let lines = match status {
        101 => vec!["Upgrade: websocket".to_owned(), "Connection: Upgrade".to_owned(), accept()],
        _ => vec!["Content-Length: 0".to_owned()],
    };
    head(&format!("HTTP/1.1 {status} As Said"), lines.into_iter().chain(headers.iter().cloned()))
}

fn head(first: &str, lines: impl Iterator<Item = String>) -> Vec<u8> {
    let lines: String = lines.map(|line| format!("{line}\r\n")).collect();
    format!("{first}\r\n{lines}\r\n").into_bytes()
}

/// The frame that a line asks for.
pub(crate) fn frame(side: Side, line: &Line) -> Vec<u8> {
    let text = |index| line.argument(index).unwrap_or_default().as_bytes().to_vec();
    let filler = || vec![b'x'; line.argument(0).map_or(20, |bytes| bytes.parse().unwrap())];
    let (first, payload) = match line.verb.as_str() {
        "text" => (0x81, filler()),
        "binary" => (0x82, filler()),
        "say" => (0x81, text(0)),
        "ping" => (0x89, text(0)),
        "pong" => (0x8a, text(0)),
        "close" => (0x88, close_body(line)),
        verb => panic!("what is {verb}? {line:?}"),
    };
    let masked = match line.options.get("masked").map(String::as_str) {
        Some(word) => word == "yes",
        None => side == Side::Client,
    };
    let key = line.options.get("mask").map_or(0x37fa_213d, |key| u32::from_str_radix(key, 16).unwrap());
    masked_frame(first, &payload, masked.then(|| key.to_be_bytes()))
}

fn close_body(line: &Line) -> Vec<u8> {
    let Some(code) = line.argument(0) else { return Vec::new() };
    let code: u16 = code.parse().unwrap();
    [&code.to_be_bytes(), line.argument(1).unwrap_or_default().as_bytes()].concat()
}

fn masked_frame(first: u8, payload: &[u8], key: Option<[u8; 4]>) -> Vec<u8> {
    let bit = if key.is_some() { 0x80 } else { 0 };
    let mut bytes = vec![first];
    if payload.len() < 126 {
        bytes.push(bit | payload.len() as u8);
    } else {
        bytes.push(bit | 126);
        bytes.extend((payload.len() as u16).to_be_bytes());
    }
    if let Some(key) = key {
        bytes.extend(key);
        bytes.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
    } else {
        bytes.extend(payload);
    }
    bytes
}
