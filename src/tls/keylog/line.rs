//! One line of a key log.

use super::super::secret::{MAX_SECRET, Secret};
use super::{Label, Random};

/// What a line holds.
pub(super) enum Line {
    /// Nothing of use: a comment, an empty line, or a label that opens no records.
    Nothing,
    /// A secret.
    Secret { label: Label, random: Random, secret: Secret },
}

impl Line {
    /// Reads a line without its line feed.
    pub(super) fn read(line: &[u8]) -> Result<Self, &'static str> {
        let line = line.trim_ascii();
        if line.is_empty() || line[0] == b'#' {
            return Ok(Self::Nothing);
        }
        let mut fields = line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty());
        let label = fields.next().unwrap_or_default();
        let (random, secret) = (fields.next(), fields.next());
        let is_label = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
        if !label.iter().all(is_label) {
            return Err("it does not begin with a label");
        }
        let (Some(random), Some(secret)) = (random, secret) else {
            return if random.is_some() && label == b"RSA" {
                Ok(Self::Nothing)
            } else {
                Err("it is cut short")
            };
        };
        let Some(label) = used(label) else { return Ok(Self::Nothing) };
        if fields.next().is_some() {
            return Err("it has more than three fields");
        }
        Ok(Self::Secret { label, random: client_random(random)?, secret: hex_secret(label, secret)? })
    }
}

/// The labels that open records; others are no mistake.
fn used(label: &[u8]) -> Option<Label> {
    Some(match label {
        b"CLIENT_RANDOM" => Label::Master,
        b"CLIENT_EARLY_TRAFFIC_SECRET" => Label::ClientEarly,
        b"CLIENT_HANDSHAKE_TRAFFIC_SECRET" => Label::ClientHandshake,
        b"SERVER_HANDSHAKE_TRAFFIC_SECRET" => Label::ServerHandshake,
        b"CLIENT_TRAFFIC_SECRET_0" => Label::ClientTraffic,
        b"SERVER_TRAFFIC_SECRET_0" => Label::ServerTraffic,
        _ => return None,
    })
}

fn client_random(hex: &[u8]) -> Result<Random, &'static str> {
    let mut random = [0; 32];
    if hex.len() != 2 * random.len() {
        return Err("its client random has not 64 hexadecimal digits");
    }
    unhex(hex, &mut random)?;
    Ok(random)
}

fn hex_secret(label: Label, hex: &[u8]) -> Result<Secret, &'static str> {
    match (label, hex.len()) {
        (Label::Master, 96) => {}
        (Label::Master, _) => return Err("its master secret has not 96 hexadecimal digits"),
        (_, 64 | 96) => {}
        _ => return Err("its secret has neither 64 nor 96 hexadecimal digits"),
    }
    let mut secret = Secret::zeros((hex.len() / 2).min(MAX_SECRET));
    unhex(hex, secret.bytes_mut())?;
    Ok(secret)
}

fn unhex(hex: &[u8], out: &mut [u8]) -> Result<(), &'static str> {
    for (pair, byte) in hex.chunks_exact(2).zip(out) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Ok(())
}

const fn digit(hex: u8) -> Result<u8, &'static str> {
    match hex {
        b'0'..=b'9' => Ok(hex - b'0'),
        b'a'..=b'f' => Ok(hex - b'a' + 10),
        b'A'..=b'F' => Ok(hex - b'A' + 10),
        _ => Err("it has a character that is no hexadecimal digit"),
    }
}
