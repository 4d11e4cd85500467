//! What `--fail-on` looks for.

use std::str::FromStr;

use whoclosed::report::view::{CAUSES, CloseFrame, PARTIES, Word};

/// One entry of the list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Trigger {
    /// A party or a cause.
    Word(Word),
    /// A close code, sent by either side.
    Code(u16),
}

impl FromStr for Trigger {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Ok(code) = text.parse() {
            return Ok(Self::Code(code));
        }
        let known = PARTIES.iter().chain(&CAUSES).find(|word| **word == text);
        known.map(|&word| Self::Word(word)).ok_or_else(unknown)
    }
}

fn unknown() -> String {
    format!(
        "known are\n  parties: {}\n  causes: {}\n  close codes: numbers such as 1011",
        PARTIES.join(", "),
        CAUSES.join(", ")
    )
}

impl Trigger {
    /// True where a connection with this verdict and these Closes is one to exit with 3 for.
    pub(crate) fn matches(self, party: Word, cause: Word, closes: &[CloseFrame]) -> bool {
        match self {
            Self::Word(word) => word == party || word == cause,
            Self::Code(code) => closes.iter().any(|close| close.code == Some(code)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use whoclosed::report::view::{PacketRef, Time};

    #[test]
    fn words_and_codes_are_told_apart() {
        assert_eq!("idle_timeout".parse(), Ok(Trigger::Word("idle_timeout")));
        assert_eq!("network".parse(), Ok(Trigger::Word("network")));
        assert_eq!(" 1011".parse(), Ok(Trigger::Code(1011)));
    }

    #[test]
    fn party_cause_and_code_match() {
        let close = CloseFrame {
            from: "server",
            code: Some(1011),
            name: None,
            reason: None,
            packet: PacketRef::default(),
            time: Time::default(),
        };
        let matches = |text: &str| {
            text.parse::<Trigger>().unwrap().matches("server", "restart", std::slice::from_ref(&close))
        };
        assert!(matches("server") && matches("restart") && matches("1011"));
        assert!(!matches("client") && !matches("normal") && !matches("1000"));
    }

    #[test]
    fn an_unknown_word_is_answered_with_the_known_ones() {
        for wrong in ["idle-timeout", "", "70000", "-1"] {
            let error = wrong.parse::<Trigger>().unwrap_err();
            assert!(error.contains("intermediary") && error.contains("slow_reader"), "{error}");
        }
    }
}
