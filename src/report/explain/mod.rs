//! What a Close code, a cause, a timer or a rule means, for a reader at a terminal.

mod near;
mod sheet;

use crate::catalogue::{
    Catalogue, CauseTopic, Grounds, KnownCode, KnownHeartbeat, RuleTopic, Text, Timer, Wording,
};
use crate::catalogue::{causes, rules};
use crate::time::Span;

use sheet::Sheet;

/// Explains a Close code, a cause, a rule's id, or the id of a timer, heartbeat or wording, in lines of at
/// most `width` columns.
///
/// # Errors
///
/// Gives what is called nearly so where nothing is called so.
pub fn explain(catalogue: &Catalogue, asked: &str, width: usize) -> Result<String, Vec<String>> {
    let asked = asked.trim();
    let sheets = match asked.parse::<u16>() {
        Ok(code) => catalogue.codes_of(code).into_iter().map(|row| of_code(code, row)).collect(),
        Err(_) => named(catalogue, asked),
    };
    if sheets.is_empty() {
        return Err(near::names(catalogue, asked));
    }
    let texts: Vec<String> = sheets.iter().map(|sheet| sheet.text(width)).collect();
    Ok(texts.join("\n"))
}

/// All that has this name; case and the two ways to join words do not matter.
fn named(catalogue: &Catalogue, asked: &str) -> Vec<Sheet> {
    let same = |name: &str| near::plain(name) == near::plain(asked);
    let causes = causes().iter().filter(|cause| same(&cause.id)).map(of_cause);
    let rules = rules().iter().filter(|rule| same(&rule.id)).map(of_rule);
    let timers = catalogue.timers().iter().filter(|timer| same(&timer.id)).map(of_timer);
    let heartbeats = catalogue.heartbeats().iter().filter(|beat| same(&beat.id)).map(of_heartbeat);
    let wordings = catalogue.wordings().iter().filter(|wording| same(&wording.id));
    causes
        .chain(rules)
        .chain(timers)
        .chain(heartbeats)
        .chain(wordings.map(|wording| of_wording(catalogue, wording)))
        .collect()
}

fn of_code(code: u16, row: &KnownCode) -> Sheet {
    let title = match (&row.product, row.to) {
        (Some(product), _) => format!("Close code {code} with {product}: {}", row.name),
        (None, Some(to)) => format!("Close codes {} to {to}: {}", row.code, row.name),
        (None, None) => format!("Close code {code}: {}", row.name),
    };
    let retry = row.retry.map(|retry| if retry { "try again" } else { "do not try again" });
    Sheet::new(title)
        .line("Means", &row.meaning)
        .line(
            "On the wire",
            if row.on_wire { "" } else { "never: programs are told this number, nobody sends it" },
        )
        .line("Usually", row.usually.as_deref().unwrap_or_default())
        .line("Change", &row.fix.clone().unwrap_or_else(|| remedy(row).into()))
        .line("Sent by", if row.on_wire { &row.sent_by } else { "" })
        .line("Clients", retry.unwrap_or_default())
        .grounds(row.confidence, &row.sources)
}

/// What to do about a code whose row does not say it.
fn remedy(row: &KnownCode) -> String {
    match (&row.product, row.retry) {
        (_, Some(true)) => "let the client connect again, after a delay that grows each time".to_owned(),
        (Some(product), Some(false)) => {
            format!(
                "mend what {product} complains of before the client connects again: it would be closed again"
            )
        }
        (Some(product), None) => format!("look the code up in the documents of {product}"),
        (None, _) => "look for the program that sends this number: nothing gives it a meaning".to_owned(),
    }
}

fn of_cause(cause: &CauseTopic) -> Sheet {
    Sheet::new(format!("Cause {}", cause.id))
        .line("Means", &cause.meaning)
        .line("Usually", &cause.usually)
        .line("Change", &cause.fix)
        .sources(&cause.sources)
}

fn of_rule(rule: &RuleTopic) -> Sheet {
    let sheet = Sheet::new(format!("Rule {}: {}", rule.id, rule.title))
        .line("Looks at", &rule.shows)
        .line("Concludes", &rule.concludes);
    let cause = causes().iter().find(|cause| Some(&cause.id) == rule.cause.as_ref());
    let sheet = match cause {
        Some(cause) => sheet
            .line("Usual cause", &cause.id)
            .line("Usually", &cause.usually)
            .line("Change", &cause.fix)
            .sources(&cause.sources),
        None => sheet,
    };
    sheet.sources(&rule.sources)
}

fn of_timer(timer: &Timer) -> Sheet {
    let ends: Vec<_> = timer.ends_with.iter().map(|ending| ending.words()).collect();
    let closes = timer.close_code.map(|code| match timer.close_reason.as_deref() {
        Some(reason) if !reason.is_empty() => format!(", code {code}, “{reason}”"),
        _ => format!(", code {code}"),
    });
    let beat = timer
        .value()
        .filter(|_| timer.kind.is_silence())
        .map(|value| format!("every {} s, half of it", seconds(Span::from_nanos(value.as_nanos() / 2))));
    Sheet::new(format!("Timer {}", timer.id))
        .line("Product", &timer.product)
        .line("Setting", &timer.setting)
        .line("Value", &values(timer))
        .line("Bounds", timer.kind.words())
        .line("Starts anew", &format!("with {}", timer.reset_by.words()))
        .line("Ends with", &(ends.join(", or ") + &closes.unwrap_or_default()))
        .line("Note", timer.note.as_deref().unwrap_or_default())
        .line("Change", &timer.fix)
        .line("Heartbeat", &beat.unwrap_or_default())
        .grounds(timer.confidence, &timer.sources)
}

fn values(timer: &Timer) -> String {
    let mut values = timer.values().map(|value| format!("{} s", seconds(value)));
    let usual = match (timer.value(), values.next()) {
        (Some(_), Some(first)) => format!("{first} unless set"),
        (_, first) => {
            let others: Vec<_> = first.into_iter().chain(values).collect();
            return if others.is_empty() {
                "none unless set".to_owned()
            } else {
                format!("none unless set; known are {}", others.join(", "))
            };
        }
    };
    let others: Vec<_> = values.collect();
    let parts = match (timer.ping_every(), timer.pong_within()) {
        (Some(every), Some(within)) => {
            format!("; a ping every {} s, {} s for the answer", seconds(every), seconds(within))
        }
        _ => String::new(),
    };
    let others =
        if others.is_empty() { others.concat() } else { format!("; elsewhere {}", others.join(", ")) };
    usual + &others + &parts
}

fn of_heartbeat(beat: &KnownHeartbeat) -> Sheet {
    let every = beat.every().map(|every| format!("{} s", seconds(every)));
    let within = beat.within().map(|within| format!("{} s for a sign of life", seconds(within)));
    Sheet::new(format!("Heartbeat {}", beat.id))
        .line("Product", &beat.name)
        .line(
            "Frame",
            &format!(
                "{} from {}",
                beat.frame,
                if beat.from == "either" { "either side" } else { &beat.from }
            ),
        )
        .line("Every", &every.unwrap_or_default())
        .line("Waits", &within.unwrap_or_default())
        .line("Note", beat.note.as_deref().unwrap_or_default())
        .grounds(beat.confidence, &beat.sources)
}

fn of_wording(catalogue: &Catalogue, wording: &Wording) -> Sheet {
    let codes: Vec<_> = wording.codes.iter().map(ToString::to_string).collect();
    let timer = wording.timer.as_deref().and_then(|id| catalogue.timer(id));
    Sheet::new(format!("Wording {}", wording.id))
        .line("Words of", &wording.product)
        .line("Reason", if wording.has_words() { wording.pattern.as_str() } else { "none" })
        .line("With codes", &codes.join(", "))
        .line("Means", &wording.meaning)
        .line("Timer", timer.map(|timer| &*timer.id).unwrap_or_default())
        .grounds(wording.confidence, &wording.sources)
}

impl Sheet {
    fn grounds(self, grounds: Grounds, sources: &[Text]) -> Self {
        self.line("Known how", grounds.words()).sources(sources)
    }

    fn sources(self, sources: &[impl AsRef<str>]) -> Self {
        sources.iter().fold(self, |sheet, source| sheet.line("Source", source.as_ref()))
    }
}

/// Seconds without trailing zeros.
fn seconds(span: Span) -> f64 {
    (span.as_secs_f64() * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::view::CAUSES;

    fn told(asked: &str) -> String {
        explain(Catalogue::built_in(), asked, 80).unwrap()
    }

    #[test]
    fn a_code_is_told_with_all_its_meanings() {
        let text = told("1006");
        assert!(text.starts_with("Close code 1006: Abnormal Closure\n"), "{text}");
        assert!(text.contains("nobody sends it") && text.contains("rfc6455"), "{text}");
        let text = told("4009");
        assert!(text.contains("Discord gateway") && text.contains("Close codes 4000 to 4999"), "{text}");
    }

    #[test]
    fn every_cause_and_every_rule_is_told() {
        for cause in CAUSES {
            assert!(told(cause).contains("Means"), "{cause}");
        }
        for rule in crate::verdict::rules() {
            let text = told(rule);
            assert!(text.contains("Concludes") && text.contains("https://"), "{rule}");
        }
    }

    #[test]
    fn a_timer_is_told_with_its_setting_and_the_heartbeat() {
        let text = told("nginx-proxy-read-timeout");
        for part in ["proxy_read_timeout", "60 s", "3600s", "every 30 s", "seen on the wire", "https://"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!told("gcp-cloud-run").contains("Heartbeat"));
        assert_eq!(told("NGINX_proxy_read_timeout"), text);
    }

    #[test]
    fn every_row_can_be_told_in_its_width() {
        let all = Catalogue::built_in();
        let ids = all.timers().iter().map(|row| &row.id).chain(all.wordings().iter().map(|row| &row.id));
        for id in ids.chain(all.heartbeats().iter().map(|row| &row.id)) {
            let text = told(id);
            let unbroken = |line: &str| line.split_whitespace().any(|word| word.len() > 60);
            let fits = |line: &str| line.chars().count() <= 80 || unbroken(line);
            assert!(text.lines().all(fits), "{text}");
        }
    }

    #[test]
    fn what_is_unknown_gives_what_is_near() {
        let near = |asked| explain(Catalogue::built_in(), asked, 80).unwrap_err();
        assert!(near("idle_timout").contains(&"idle_timeout".to_owned()));
        assert!(near("nginx").contains(&"nginx-proxy-read-timeout".to_owned()));
        assert!(near("R99").iter().any(|name| name.starts_with("R9")));
        assert!(near("").is_empty());
        assert!(near(&"x".repeat(10_000)).is_empty());
    }
}
