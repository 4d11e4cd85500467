//! Makes text from the wire safe to show: nothing hidden, nothing that moves the cursor or turns the text.

use std::fmt::Write;

/// Marks of text that runs on in one line and is longer than its bound.
const ELLIPSIS: char = '…';

/// Combining marks that one letter may carry before further ones are spelled out.
const MARKS_PER_LETTER: usize = 3;

/// Characters that count as printable in Unicode but show nothing.
const BLANKS: [(char, char); 9] = [
    ('\u{34f}', '\u{34f}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{e0100}', '\u{e01ef}'),
];

/// True for a character that a reader would not see, or that would disturb what he sees: control,
/// bidirectional, zero-width, separators, tags, private use and unassigned.
pub fn is_hidden(c: char) -> bool {
    let is_blank = || BLANKS.iter().any(|&(first, last)| (first..=last).contains(&c));
    !is_plain(c) && (!is_printable(c) || is_blank())
}

/// A character of those that most texts are made of, which takes no look at the tables: it is seen and
/// stands for itself.
const fn is_plain(c: char) -> bool {
    matches!(
        c,
        ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{ff}' | '\u{2010}'..='\u{2027}' | '\u{2190}'..='\u{21ff}'
            | 'ぁ'..='ゖ' | 'ァ'..='ヺ' | '一'..='鿿' | '가'..='힣'
    )
}

/// The text with every hidden character written as `\u{..}`, cut with an ellipsis after `limit`
/// characters.
pub fn escape(text: &str, limit: usize) -> String {
    if text.len() <= limit && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len().min(limit));
    let (mut length, mut marks) = (0, MARKS_PER_LETTER);
    for c in text.chars() {
        marks = if !is_plain(c) && is_mark(c) { marks + 1 } else { 0 };
        let spelled = is_hidden(c) || marks > MARKS_PER_LETTER;
        length += if spelled { spelled_length(c) } else { 1 };
        if length > limit {
            shown.push(ELLIPSIS);
            break;
        }
        if spelled {
            let _ = write!(shown, "{}", c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

fn spelled_length(c: char) -> usize {
    c.escape_unicode().len()
}

/// Printable by the standard library's Unicode tables, combining marks included.
fn is_printable(c: char) -> bool {
    let mut buffer = [b'a'; 5];
    let length = c.encode_utf8(&mut buffer[1..]).len();
    let text = std::str::from_utf8(&buffer[..=length]).unwrap_or_default();
    text.escape_debug().nth(1) == Some(c)
}

/// A character that joins the one before it.
fn is_mark(c: char) -> bool {
    is_printable(c) && c.escape_debug().len() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_in_any_script_stays() {
        for text in ["going away", r#"{"a":'b\c'}"#, "żółć", "再接続してください", "नमस्ते", "🙂", "e\u{301}"]
        {
            assert_eq!(escape(text, 100), text);
        }
    }

    #[test]
    fn everything_hidden_is_spelled_out() {
        let hidden = "\0\t\n\r\u{1b}\u{7f}\u{80}\u{9b}\u{a0}\u{ad}\u{34f}\u{61c}\u{115f}\u{180e}\u{200b}\u{200c}\u{200d}\
            \u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}\u{2060}\u{2061}\u{2066}\u{2069}\u{206f}\u{3164}\u{e000}\
            \u{fe0f}\u{feff}\u{fff9}\u{ffff}\u{e0001}\u{e0041}\u{e0100}\u{10ffff}\u{378}";
        for c in hidden.chars() {
            assert!(is_hidden(c), "{}", c.escape_unicode());
        }
        assert_eq!(escape("a\u{1b}[31mb\u{202e}", 100), r"a\u{1b}[31mb\u{202e}");
    }

    #[test]
    fn the_short_way_says_what_the_tables_say() {
        for c in ('\u{7f}'..='\u{d7ff}').filter(|&c| !is_hidden(c)) {
            assert!(is_printable(c), "{}", c.escape_unicode());
            assert!(!is_plain(c) || !is_mark(c), "{}", c.escape_unicode());
        }
        let blanks = BLANKS.iter().flat_map(|&(first, last)| first..=last);
        assert!(blanks.into_iter().all(is_hidden));
    }

    #[test]
    fn what_is_too_long_is_cut() {
        assert_eq!(escape("abcdef", 6), "abcdef");
        assert_eq!(escape("abcdefg", 6), "abcdef…");
        assert_eq!(escape("ab\u{202e}", 6), "ab…");
        assert_eq!(escape(&"\u{1b}".repeat(1_000_000), 30).chars().count(), 31);
    }

    #[test]
    fn marks_do_not_pile_up_or_hang_in_the_air() {
        assert_eq!(escape("e\u{301}\u{301}\u{301}\u{301}", 99), "e\u{301}\u{301}\u{301}\\u{301}");
        assert_eq!(escape("\u{301}", 99), "\\u{301}");
    }
}
