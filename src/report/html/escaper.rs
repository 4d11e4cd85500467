//! The one door through which text reaches the page: nothing hidden, nothing that is markup.

use std::fmt::{self, Write};

use askama::filters::Escaper;

use super::super::escape::is_hidden;
use super::super::prose;

/// Writes characters that mean something in HTML as entities, in text and in attributes, and those that
/// are hidden as `\u{..}`.
#[derive(Clone, Copy)]
pub(in crate::report::html) struct Visible;

impl Escaper for Visible {
    fn write_escaped_str<W: Write>(&self, mut out: W, text: &str) -> fmt::Result {
        text.chars().try_for_each(|c| self.write_escaped_char(&mut out, c))
    }

    fn write_escaped_char<W: Write>(&self, mut out: W, c: char) -> fmt::Result {
        match c {
            '<' => out.write_str("&lt;"),
            '>' => out.write_str("&gt;"),
            '&' => out.write_str("&amp;"),
            '"' => out.write_str("&quot;"),
            '\'' => out.write_str("&#39;"),
            c if is_hidden(c) => write!(out, "{}", c.escape_unicode()),
            c => out.write_char(c),
        }
    }
}

/// Text in which backquotes mark what is to be typed or read as it is; it is written as markup, escaped
/// already, so that templates take it as safe.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::report::html) struct Coded(pub(in crate::report::html) String);

impl fmt::Display for Coded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (is_code, part) in prose::coded(&self.0) {
            if is_code {
                f.write_str("<code>")?;
            }
            Visible.write_escaped_str(&mut *f, part)?;
            if is_code {
                f.write_str("</code>")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = String::new();
        Visible.write_escaped_str(&mut out, text).unwrap();
        out
    }

    #[test]
    fn nothing_is_markup_and_nothing_is_hidden() {
        assert_eq!(escaped("<a b=\"c\" d='e'>&"), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;");
        assert_eq!(escaped("a\u{202e}b\u{0}\n"), r"a\u{202e}b\u{0}\u{a}");
        assert_eq!(escaped("żółć → 再 ·"), "żółć → 再 ·");
    }

    #[test]
    fn backquotes_mark_code() {
        let coded = |text: &str| Coded(text.to_owned()).to_string();
        assert_eq!(coded("set `a<b` and `c`"), "set <code>a&lt;b</code> and <code>c</code>");
        assert_eq!(coded("one ` <b> alone"), "one ` &lt;b&gt; alone");
        assert_eq!(coded("a``b`"), "ab`");
        assert_eq!(coded(""), "");
    }
}
