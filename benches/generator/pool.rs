//! Texts and noise to cut payloads from, made once, so that payloads cost little.

use super::rng::Rng;

const NOISE: usize = 1 << 20;
const LETTERS: usize = 1 << 16;
const WORDS: [&str; 24] = [
    "order", "price", "update", "status", "user", "room", "ready", "alpha", "delta", "north", "cursor",
    "typing", "item", "level", "total", "stream", "point", "market", "score", "match", "sensor", "value",
    "shift", "queue",
];

/// Random bytes and English-looking text.
pub(crate) struct Pool {
    noise: Vec<u8>,
    text: String,
}

impl Pool {
    /// Fills the pool.
    pub(crate) fn new(rng: &mut Rng) -> Self {
        let noise = (0..NOISE / 8).flat_map(|_| rng.next().to_le_bytes()).collect();
        let mut text = String::with_capacity(LETTERS + 16);
        while text.len() < LETTERS {
            text.push_str(rng.pick(&WORDS));
            text.push(' ');
        }
        Self { noise, text }
    }

    /// `length` random bytes (at most a megabyte).
    pub(crate) fn noise(&self, rng: &mut Rng, length: usize) -> &[u8] {
        let start = rng.index(self.noise.len() - length + 1);
        &self.noise[start..start + length]
    }

    /// `length` characters of text (at most 64 KiB).
    pub(crate) fn words(&self, rng: &mut Rng, length: usize) -> &str {
        let start = rng.index(LETTERS - length + 1);
        &self.text[start..start + length]
    }

    /// A JSON message of about `length` bytes.
    pub(crate) fn json(&self, rng: &mut Rng, length: usize) -> String {
        let id = rng.below(1_000_000);
        let kind = rng.pick(&WORDS);
        let body = self.words(rng, length.saturating_sub(36));
        format!(r#"{{"id":{id},"type":"{kind}","body":"{body}"}}"#)
    }
}
