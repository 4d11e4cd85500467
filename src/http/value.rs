//! Values of header fields as bounded text.

use std::borrow::Cow;

/// Longest value kept of any header field, in bytes as sent.
const MAX_VALUE: usize = 256;

/// Longest request target kept, in bytes as sent.
const MAX_TARGET: usize = 2048;

/// Most items kept of a list.
pub(super) const MAX_ITEMS: usize = 32;

/// The first bytes of a value as text, with U+FFFD for what is not UTF-8.
pub(super) fn text(value: &[u8]) -> String {
    lossy(value.get(..MAX_VALUE).unwrap_or(value))
}

/// The same, without a copy where it is what nearly every message has there.
pub(super) fn text_or(value: &[u8], usual: &'static str) -> Cow<'static, str> {
    if value == usual.as_bytes() { Cow::Borrowed(usual) } else { Cow::Owned(text(value)) }
}

/// The first bytes of a request target as text, with U+FFFD for what is not UTF-8.
pub(super) fn target(value: &[u8]) -> String {
    lossy(value.get(..MAX_TARGET).unwrap_or(value))
}

/// Bytes as text, with U+FFFD for what is not UTF-8; nearly all are, and are copied as they are.
fn lossy(value: &[u8]) -> String {
    str::from_utf8(value).map_or_else(|_| String::from_utf8_lossy(value).into_owned(), str::to_owned)
}

/// The items of a comma-separated list without quoted strings (RFC 9110 §5.6.1).
pub(super) fn list(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|item| !item.is_empty())
}

/// Whether a list names `token`, in any case.
pub(super) fn names(value: &[u8], token: &str) -> bool {
    list(value).any(|item| item.eq_ignore_ascii_case(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_skip_empty_items_and_ignore_case() {
        assert_eq!(list(b" a , ,b,").collect::<Vec<_>>(), [b"a", b"b"]);
        assert!(names(b"keep-alive, Upgrade", "upgrade"));
        assert!(!names(b"upgrades", "upgrade"));
    }

    #[test]
    fn text_is_bounded_and_lossy() {
        assert_eq!(text(&[b'a'; 1000]).len(), MAX_VALUE);
        assert_eq!(target(&[b'a'; 9000]).len(), MAX_TARGET);
        assert_eq!(text(b"caf\xe9"), "caf\u{fffd}");
    }
}
