//! The report as a tracker's reader sees it.

use std::collections::BTreeSet;

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};

use super::super::fixture;
use super::*;

fn report(view: &View, options: &MarkdownOptions) -> String {
    let mut out = Vec::new();
    write(view, options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn github(view: &View) -> String {
    report(view, &MarkdownOptions::default())
}

fn jira(view: &View) -> String {
    report(view, &MarkdownOptions { flavor: Flavor::Jira, max_size: 30_000, ..MarkdownOptions::default() })
}

#[test]
fn idle_kill() {
    insta::assert_snapshot!(
        "github",
        github(&fixture::view([fixture::idle_kill(1)])).replace(env!("CARGO_PKG_VERSION"), "VERSION")
    );
    insta::assert_snapshot!(
        "jira",
        jira(&fixture::view([fixture::idle_kill(1)])).replace(env!("CARGO_PKG_VERSION"), "VERSION")
    );
}

#[test]
fn the_answer_and_what_to_change_come_first() {
    let text = github(&fixture::view([fixture::idle_kill(1)]));
    let first: Vec<&str> = text.lines().filter(|line| !line.is_empty()).take(2).collect();
    assert!(first[0].starts_with("**Something between client and server closed the connection"), "{text}");
    assert!(first[1].starts_with("**What to change:"), "{text}");
    let many = github(&fixture::twelve());
    assert!(many.starts_with("**12 WebSocket connections: "), "{many}");
    assert!(many.contains("**The most serious, connection 3:** The WebSocket never opened"), "{many}");
}

/// What may be in a report, as a parser of GitHub Flavored Markdown reads it.
fn check_github(text: &str) -> Result<(), String> {
    let (mut seen, mut html) = (String::new(), Vec::new());
    let mut columns = None;
    let mut cells = 0;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::Table(alignments)) => columns = Some(alignments.len()),
            Event::Start(Tag::TableRow | Tag::TableHead) => cells = 0,
            Event::Start(Tag::TableCell) => {
                cells += 1;
                seen.push('\n');
            }
            Event::End(pulldown_cmark::TagEnd::TableRow) if Some(cells) != columns => {
                return Err(format!("a row of {cells} cells in a table of {columns:?}"));
            }
            Event::Start(
                tag @ (Tag::Link { .. }
                | Tag::Image { .. }
                | Tag::BlockQuote(_)
                | Tag::Strikethrough
                | Tag::Emphasis),
            ) => return Err(format!("{tag:?}")),
            Event::Start(Tag::CodeBlock(_)) | Event::Code(_) => seen.push('\0'),
            Event::Start(Tag::Paragraph | Tag::Heading { .. } | Tag::Item) => seen.push('\n'),
            Event::Html(tag) | Event::InlineHtml(tag) => html.push(tag.trim().to_owned()),
            Event::Text(text) => seen.push_str(&text),
            Event::Rule | Event::FootnoteReference(_) => return Err(format!("{event:?}")),
            _ => (),
        }
    }
    check_html(&html)?;
    let seen: Vec<char> = seen.chars().collect();
    match escape::breaks(&seen).iter().position(|active| *active) {
        Some(at) => {
            Err(format!("active: {:?}", seen[at.saturating_sub(9)..].iter().take(20).collect::<String>()))
        }
        None => Ok(()),
    }
}

/// Only the tags that fold a timeline, in pairs, and the one around a dollar sign.
fn check_html(tags: &[String]) -> Result<(), String> {
    let mut open = Vec::new();
    for tag in tags {
        match (tag.as_str(), open.last()) {
            ("<details>", None) => open.push("details"),
            ("</details>", Some(&"details")) | ("</span>", Some(&"span")) => drop(open.pop()),
            ("<span>", _) => open.push("span"),
            (summary, Some(&"details")) if summary.starts_with("<summary>Timeline: ") => {
                if !summary.ends_with("</summary>") || summary.matches('<').count() != 2 {
                    return Err(summary.to_owned());
                }
            }
            (other, _) => return Err(format!("{other} in {open:?}")),
        }
    }
    if open.is_empty() { Ok(()) } else { Err(format!("never closed: {open:?}")) }
}

/// What may be in a report in Jira's markup, by what Jira takes for markup.
fn check_jira(text: &str) -> Result<(), String> {
    let mut parts = text.split("{noformat}");
    let mut columns = 0;
    while let (Some(outside), inside) = (parts.next(), parts.next()) {
        for line in outside.lines() {
            check_jira_line(line, &mut columns)?;
        }
        if inside.is_none() != parts.clone().next().is_none() && inside.is_none() {
            return Err("a block that never ends".to_owned());
        }
    }
    if text.matches("{noformat}").count() % 2 == 1 || text.matches("{panel}").count() % 2 == 1 {
        return Err("a block that never ends".to_owned());
    }
    Ok(())
}

fn check_jira_line(line: &str, columns: &mut usize) -> Result<(), String> {
    // What is escaped is out of the way, then what the report itself may have.
    let mut bare = String::new();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\\' {
            chars.next();
            bare.push('.');
        } else {
            bare.push(c);
        }
    }
    if bare.starts_with("||") {
        *columns = bare.matches("||").count() - 1;
    } else if bare.starts_with('|') {
        let cells = bare.matches('|').count() - 1;
        if cells != *columns {
            return Err(format!("{cells} cells instead of {columns}: {line}"));
        }
    }
    let bare = bare.replace("{{", "").replace("}}", "").replace("{panel}", "").replace('|', " ");
    let bare = bare.strip_prefix("# ").unwrap_or(&bare);
    let bare = bare.replace("&#", "&");
    let found = bare.chars().find(|c| "{}[]!^~?+#".contains(*c));
    let link = ["://", "mailto:", "www.", "----"].iter().find(|word| bare.contains(**word));
    match (found, link) {
        (None, None) => Ok(()),
        found => Err(format!("{found:?}: {line}")),
    }
}

/// Things to get a reader, his tracker or his colleagues with.
const HOSTILE: [&str; 26] = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "</summary></details><details open>",
    "| a | b |\n|---|---|\n| c",
    "a\\|b\\\\|c",
    "`code` ``` ~~~ ````",
    "[click](javascript:alert(1)) ![x](https://evil.example/a.png) [x][y]",
    "https://evil.example/?a=1 www.evil.example ftp://x mailto:a@b.example",
    "@admin @org/team ann@evil.example",
    "fixes #1, GH-2, org/repo#3, !4 &5 $6 %7 ~8 ~\"bug\" ABC-9",
    "**bold** _em_ __strong__ ~~gone~~ *x* _proxy_read_timeout_",
    "# heading",
    "> quote",
    "- item",
    "1. one",
    "***",
    "---",
    "===",
    "/close",
    "/assign @me",
    "<!-- comment --> <?php ?> <![CDATA[x]]> &lt;b&gt; &#64;",
    "{code}x{code} {noformat}{panel:title=x}{color:red}{html} {{x}} {quote}",
    "[~admin] [x|https://evil.example] !image.png! !https://x/y.png|width=1! h1. x bq. y",
    ":) :-( (y) (/) (!) -x- +y+ ^z^ ~s~ ??c?? -- --- ---- \\\\",
    "$`a`$ $$x$$ $a$ :tada: :+1: deadbeefcafe 1234567",
    "\u{1b}[31m\u{202e}gnp.exe\u{200b}\r\n\t\u{2028}",
    "[^1] [^1]: note [[_TOC_]] [contact:a@b.c] *iteration:1 ^alert#1",
];

/// A report in which every text is `text`.
fn filled(text: &str) -> View {
    let mut connection = fixture::hostile(1);
    let put = |place: &mut String| text.clone_into(place);
    connection.signature = text.to_owned();
    connection.vantage.why.iter_mut().for_each(put);
    connection.timeline.iter_mut().for_each(|event| event.detail = text.into());
    for close in &mut connection.close_frames {
        (close.name, close.reason) = (Some(text.to_owned()), Some(text.to_owned()));
    }
    if let Some(shake) = &mut connection.handshake {
        for place in [
            &mut shake.method,
            &mut shake.host,
            &mut shake.path,
            &mut shake.server_header,
            &mut shake.subprotocol,
        ] {
            *place = Some(text.to_owned());
        }
        shake.via = vec![text.to_owned(); 3];
        shake.extensions = vec![text.to_owned()];
    }
    let verdict = &mut connection.verdict;
    put(&mut verdict.summary);
    verdict.would_settle = Some(text.to_owned());
    verdict.advice = vec![text.to_owned(), format!("{text}.")];
    verdict.evidence.iter_mut().for_each(|each| put(&mut each.fact));
    verdict.alternatives.iter_mut().for_each(|each| (put(&mut each.reading), put(&mut each.fact)).1);
    for each in &mut verdict.candidates {
        [&mut each.product, &mut each.setting, &mut each.fix].into_iter().for_each(put);
    }
    let mut other = connection.clone();
    other.id = 2;
    let mut view = fixture::troubled();
    view.connections.extend([connection, other]);
    view.connections.iter_mut().zip(1..).for_each(|(each, id)| each.id = id);
    view.worst_first = (1..=view.connections.len() as u32).rev().collect();
    view.captures.iter_mut().for_each(|capture| put(&mut capture.path));
    view.captures[1].warnings = vec![text.to_owned()];
    view.findings.iter_mut().for_each(|finding| put(&mut finding.text));
    view.sessions.iter_mut().for_each(|session| put(&mut session.verdict.summary));
    view.summary.limits_hit = vec![text.to_owned()];
    view
}

fn check(view: &View, options: &MarkdownOptions) -> Result<String, String> {
    let text = report(view, options);
    let check = match options.flavor {
        Flavor::Github => check_github(&text),
        Flavor::Jira => check_jira(&text),
    };
    check.map_err(|error| format!("{error}\n{text}"))?;
    let most = options.max_size.max(LEAST_SIZE);
    if text.len() > most { Err(format!("{} bytes instead of {most}", text.len())) } else { Ok(text) }
}

#[test]
fn nothing_hostile_becomes_active() {
    for flavor in [Flavor::Github, Flavor::Jira] {
        for hostile in HOSTILE {
            for text in [hostile.to_owned(), hostile.repeat(300)] {
                let options = MarkdownOptions { flavor, max_size: 1_000_000, ..MarkdownOptions::default() };
                let text =
                    check(&filled(&text), &options).unwrap_or_else(|error| panic!("{hostile:?}: {error}"));
                assert!(
                    !text.chars().any(|c| c != '\n' && crate::report::escape::is_hidden(c)),
                    "{hostile:?}"
                );
            }
        }
    }
}

#[test]
fn the_checks_find_what_is_active() {
    for active in [
        "[a](b)",
        "<b>",
        "@ann",
        "#12",
        "http://a.example",
        "> x",
        "*x*",
        "</details>",
        "| a |\n|---|\n| b | c |",
    ] {
        let is_odd_row = active.starts_with('|');
        assert!(is_odd_row || check_github(active).is_err(), "{active}");
    }
    for active in ["{code}", "[~a]", "!a!", "|| a ||\n| b | c |", "x {panel}", "http://a.example"] {
        assert!(check_jira(active).is_err(), "{active}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Any text, any number of connections and any size: the report fits and is whole.
    #[test]
    fn a_report_fits_and_is_whole(
        text in "([a-z|`*_<>&#@!\\\\{}\\[\\]()$:~^ \u{202e}\u{1b}ż再-]|https?://|\\{code\\}){0,60}",
        max_size in 2_000_usize..40_000,
        copies in 0_usize..12,
        is_jira: bool,
    ) {
        let mut view = filled(&text);
        let last = view.connections[view.connections.len() - 1].clone();
        for id in 5..5 + copies as u32 {
            view.connections.push(Connection { id, ..last.clone() });
            view.worst_first.push(id);
        }
        let flavor = if is_jira { Flavor::Jira } else { Flavor::Github };
        let options = MarkdownOptions { flavor, max_size, limit: 8, ..MarkdownOptions::default() };
        let result = check(&view, &options);
        prop_assert!(result.is_ok(), "{}", result.unwrap_err());
    }
}

#[test]
fn a_lone_backquote_that_meets_another_one_is_inert() {
    for flavor in [Flavor::Github, Flavor::Jira] {
        for text in ["`http://$", "`$", "`http://", "a`b"] {
            let options = MarkdownOptions { flavor, max_size: 5083, limit: 8, ..MarkdownOptions::default() };
            let checked = check(&filled(text), &options);
            assert!(checked.is_ok(), "{text}: {}", checked.unwrap_err());
        }
    }
}

#[test]
fn the_worst_stay_and_the_rest_is_counted() {
    let makers = [fixture::clean_close, fixture::clean_close, fixture::idle_kill];
    let view = fixture::view((1..=300).map(|id| makers[id as usize % 3](id)));
    let options = MarkdownOptions { max_size: 20_000, limit: 50, ..MarkdownOptions::default() };
    let text = report(&view, &options);
    assert!(text.len() <= 20_000 && text.len() > 15_000, "{}", text.len());
    let shown: BTreeSet<u32> = text
        .lines()
        .filter_map(|line| line.strip_prefix("### Connection ")?.split(':').next()?.parse().ok())
        .collect();
    assert!(shown.len() > 2 && shown.iter().all(|id| id % 3 == 2), "{shown:?}");
    let note = text.lines().find(|line| line.starts_with("Left out")).unwrap();
    assert!(note.contains(&format!("the details of {} of 300 connections", 300 - shown.len())), "{note}");
    let rows = text.lines().filter(|line| line.starts_with("| ") && line.contains("` → `")).count();
    assert!(note.contains(&format!("{} of 300 connections in the table", 300 - rows)), "{rows}: {note}");
}

#[test]
fn a_small_report_is_cut_nowhere() {
    for text in [github(&fixture::twelve()), jira(&fixture::view([fixture::idle_kill(1)]))] {
        let cut = text.lines().find(|line| line.starts_with("Left out"));
        assert!(cut.is_none_or(|cut| cut.contains("details of 2 of 12 connections")), "{cut:?}");
    }
}
