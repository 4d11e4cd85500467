//! Backquotes in advice mark what is to be typed or read as it is.

/// The parts of a text, each with whether it stands between backquotes; one without a partner is a letter.
pub(in crate::report) fn coded(text: &str) -> Vec<(bool, &str)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, (code, after))) =
        rest.split_once('`').and_then(|(before, behind)| Some((before, behind.split_once('`')?)))
    {
        parts.extend([(false, before), (true, code)]);
        rest = after;
    }
    parts.push((false, rest));
    parts.retain(|(_, part)| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_of_backquotes_mark_code() {
        let expected = [(false, "set "), (true, "a<b"), (false, " and "), (true, "c")];
        assert_eq!(coded("set `a<b` and `c`"), expected);
        assert_eq!(coded("one ` alone"), [(false, "one ` alone")]);
        assert_eq!(coded("a``b`"), [(false, "a"), (false, "b`")]);
        assert_eq!(coded(""), []);
    }
}
