//! What a browser may do with the page: nothing but what stands in it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

/// The page's style sheet.
pub(super) const STYLE: &str = include_str!("templates/style.css");

/// The page's script; without it the page can be read as well.
pub(super) const SCRIPT: &str = concat!(
    include_str!("templates/table.js"),
    include_str!("templates/pictures.js"),
    include_str!("templates/links.js")
);

/// The Content-Security-Policy: this style sheet and this script, by their hashes, and nothing else.
pub(super) fn policy() -> String {
    let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}
