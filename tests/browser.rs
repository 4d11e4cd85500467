//! The HTML report in a real browser. Without Chromium these tests say so and pass; `.ci/run` installs it
//! and lets them fail.

#[path = "browser/axe.rs"]
mod axe;
#[path = "browser/chrome.rs"]
mod chrome;
mod common;
#[path = "browser/many.rs"]
mod many;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrome::Chrome;
use common::encode::Encoding;
use common::sample::Sample;
use common::session::{Session, Side, close, frame};
use tempfile::TempDir;

/// One browser at a time: several would only wait for one another.
static TURN: Mutex<()> = Mutex::new(());

/// A folder of reports and the browser that opens them.
struct Reading {
    chrome: Chrome,
    folder: TempDir,
    _turn: MutexGuard<'static, ()>,
}

impl Reading {
    fn start() -> Option<Self> {
        // A test that failed in its turn does not spoil that of the next.
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let chrome = Chrome::start()?;
        Some(Self { chrome, folder: tempfile::tempdir().unwrap(), _turn: turn })
    }

    /// Writes the report on `captures`.
    fn write(&self, arguments: &[&str], captures: &[PathBuf]) -> PathBuf {
        let path = self.folder.path().join("report.html");
        let mut command = Command::new(env!("CARGO_BIN_EXE_whoclosed"));
        command
            .args(["--format", "html", "--quiet", "--force", "--output"])
            .arg(&path)
            .args(arguments)
            .args(captures);
        let output = command.output().unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
        path
    }

    /// Opens the report on `captures`.
    fn open(&mut self, arguments: &[&str], captures: &[PathBuf]) {
        let path = self.write(arguments, captures);
        self.chrome.open(&path);
    }

    /// Opens the report on a sample.
    fn sample(&mut self, name: &str) {
        self.open(&[], &[Sample::named(name).path()]);
    }

    /// Opens the report on all samples together.
    fn all_samples(&mut self) {
        let captures: Vec<PathBuf> = Sample::all().iter().map(Sample::path).collect();
        self.open(&[], &captures);
    }

    /// Opens the report on `count` connections to `url`.
    fn many(&mut self, count: usize, url: &str) {
        let capture = self.folder.path().join("many.pcap");
        many::write(&capture, count, url);
        self.open(&[], &[capture]);
    }

    /// How many elements the page has.
    fn elements(&mut self) -> u64 {
        self.chrome.eval("document.querySelectorAll('*').length").as_u64().unwrap()
    }

    /// How often the browser laid the page out while it did `what`.
    fn layouts(&mut self, what: &str) -> u64 {
        let before = self.chrome.layouts();
        self.chrome.eval(what);
        self.chrome.eval("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))");
        self.chrome.layouts() - before
    }

    /// Asks for the rows beyond the first 200.
    fn show_all_rows(&mut self) {
        assert_eq!(self.rows().len(), 200);
        self.chrome.eval("document.getElementById('all').click()");
    }

    /// Numbers of the rows that are shown, from above to below.
    fn rows(&mut self) -> Vec<u64> {
        let rows = self.chrome.eval(
            "[...document.querySelectorAll('#table tbody tr')].filter((row) => row.checkVisibility())\
             .map((row) => Number(row.cells[0].textContent))",
        );
        rows.as_array().unwrap().iter().map(|row| row.as_u64().unwrap()).collect()
    }
}

#[test]
fn the_browser_tells_what_a_page_must_not_do() {
    let Some(mut reading) = Reading::start() else { return };
    let page = reading.folder.path().join("bad.html");
    for bad in [
        "<script>throw new Error('x')</script>",
        "<script>console.error('x')</script>",
        "<img src=http://127.0.0.1:9/x.png>",
        "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'\"><script>1</script>",
    ] {
        fs::write(&page, format!("<!doctype html><title>x</title>{bad}<p>x")).unwrap();
        reading.chrome.open(&page);
        assert!(!reading.chrome.complaints().is_empty(), "{bad}");
    }
    let Some(axe) = axe::script() else { return };
    fs::write(&page, "<!doctype html><html lang=en><title>x</title><main><h1>x</h1><img src=data:,></main>")
        .unwrap();
    reading.chrome.open(&page);
    assert_eq!(axe::violations(&mut reading.chrome, &axe).len(), 1);
}

#[test]
fn every_sample_opens_without_an_error_or_a_request() {
    let Some(mut reading) = Reading::start() else { return };
    for sample in Sample::all() {
        reading.open(&[], &[sample.path()]);
        assert_eq!(reading.chrome.complaints(), Vec::<String>::new(), "{}", sample.name);
        let answer = reading.chrome.text("document.querySelector('h1').textContent");
        assert!(answer.len() > 20, "{}: {answer}", sample.name);
        let count = |reading: &mut Reading, what: &str| {
            reading.chrome.eval(&format!("document.querySelectorAll('{what}').length")).as_u64().unwrap()
        };
        let connections = count(&mut reading, ".connection");
        let pictures = count(&mut reading, ".picture svg[role=img] desc");
        // A capture of other traffic alone has no connection to draw.
        assert_eq!(pictures > 0, connections > 0, "{}", sample.name);
    }
}

#[test]
fn nobody_is_kept_from_reading_it() {
    let Some(mut reading) = Reading::start() else { return };
    let Some(axe) = axe::script() else { return };
    let check = |reading: &mut Reading, what: &str| {
        for (scheme, width) in [("light", 1280), ("dark", 1280), ("light", 360)] {
            reading.chrome.look("screen", scheme, width);
            let violations = axe::violations(&mut reading.chrome, &axe);
            assert_eq!(violations, Vec::<String>::new(), "{what}, {scheme}, {width}");
        }
    };
    for name in
        ["nginx-idle-at-proxy", "close-1011-ping-timeout", "rst-forged-at-client", "refused-401-by-server"]
    {
        reading.sample(name);
        check(&mut reading, name);
    }
    reading.all_samples();
    reading.chrome.eval("document.querySelectorAll('details').forEach((each) => { each.open = true; })");
    check(&mut reading, "all samples");
}

#[test]
fn it_fits_on_a_narrow_screen() {
    let Some(mut reading) = Reading::start() else { return };
    reading.chrome.look("screen", "light", 360);
    for name in ["nginx-idle-at-proxy", "close-1011-ping-timeout", "rst-forged-at-client"] {
        reading.sample(name);
        let width = reading.chrome.eval("document.documentElement.scrollWidth");
        assert!(width.as_u64().unwrap() <= 360, "{name}: {width}");
    }
    reading.all_samples();
    let width = reading.chrome.eval("document.documentElement.scrollWidth");
    assert!(width.as_u64().unwrap() <= 360, "all samples: {width}");
}

#[test]
fn the_table_is_filtered() {
    let Some(mut reading) = Reading::start() else { return };
    reading.all_samples();
    reading.show_all_rows();
    let all = reading.rows().len();
    assert!(all > 200, "{all}");
    reading.chrome.eval(
        "document.getElementById('party').value = 'client';\
         document.getElementById('party').dispatchEvent(new Event('input'))",
    );
    let clients = reading.rows().len();
    assert!(0 < clients && clients < all, "{clients} of {all}");
    let others = reading.chrome.eval(
        "[...document.querySelectorAll('#table tbody tr')].filter((row) => row.checkVisibility()\
         && !row.cells[1].textContent.startsWith('client')).length",
    );
    assert_eq!(others, 0);
    let said = reading.chrome.text("document.getElementById('found').value");
    assert_eq!(said, format!("{clients} of {all} fit"));

    reading.chrome.eval(
        "document.getElementById('party').value = '';\
         document.getElementById('find').value = '1011';\
         document.getElementById('find').dispatchEvent(new Event('input'))",
    );
    let found = reading.rows().len();
    assert!(0 < found && found < all, "{found} of {all}");
    reading.chrome.eval(
        "document.getElementById('find').value = '';\
         document.getElementById('find').dispatchEvent(new Event('input'))",
    );
    assert_eq!(reading.rows().len(), all);
}

#[test]
fn the_table_is_sorted() {
    let Some(mut reading) = Reading::start() else { return };
    reading.all_samples();
    reading.show_all_rows();
    let click = "document.querySelector('#table th button').click()";
    let worst_first = reading.rows();
    let mut ascending = worst_first.clone();
    ascending.sort_unstable();
    reading.chrome.eval(click);
    assert_eq!(reading.rows(), ascending);
    assert_eq!(reading.chrome.text("document.querySelector('#table th').ariaSort"), "ascending");
    reading.chrome.eval(click);
    ascending.reverse();
    assert_eq!(reading.rows(), ascending);
    reading.chrome.eval(click);
    assert_eq!(reading.rows(), worst_first, "the third click brings the worst back");
    // Durations are sorted by length, not by letters.
    reading.chrome.eval("document.querySelectorAll('#table th button')[7].click()");
    let lasted = reading
        .chrome
        .eval("[...document.querySelectorAll('#table tbody tr')].map((row) => row.cells[7].textContent)");
    let lasted: Vec<&str> = lasted.as_array().unwrap().iter().map(|each| each.as_str().unwrap()).collect();
    let short = lasted.iter().rposition(|text| text.ends_with(" ms")).unwrap();
    let long = lasted.iter().position(|text| text.contains("min")).unwrap_or(lasted.len());
    assert!(short < long && lasted[short + 1..].iter().any(|text| text.ends_with(" s")), "{lasted:?}");
}

const SET: &str = "window.set = (id, value) => { const box = document.getElementById(id); box.value = value; \
    box.dispatchEvent(new Event('input')); };";

#[test]
fn very_many_rows_are_turned_in_pages() {
    let Some(mut reading) = Reading::start() else { return };
    reading.many(300, "/chat");
    let of_few = reading.elements();
    reading.many(3_000, "/chat");
    // What stands in the document does not grow with the connections: that is what makes it quick.
    let of_many = reading.elements();
    assert!(of_many < of_few + 500, "{of_many} elements of 3,000 rows, {of_few} of 300");
    let place = "document.querySelector('.pager span').textContent";
    let mut seen = reading.rows();
    assert_eq!(reading.chrome.text(place), "Rows 1 to 200 of 3,000");
    for _ in 1..15 {
        let turn = "document.querySelectorAll('.pager button')[1].click()";
        assert!(reading.layouts(turn) <= 2);
        seen.extend(reading.rows());
    }
    assert_eq!(reading.chrome.text(place), "Rows 2,801 to 3,000 of 3,000");
    seen.sort_unstable();
    assert!(seen.into_iter().eq(1..=3_000), "each row is on one page");

    for (what, rows, found) in [
        // 10.2.x.1 and 10.10.2.1.
        ("set('find', '10.2.')", 200, "257 of 3000 fit"),
        ("set('find', '10.2.7.1:')", 1, "1 of 3000 fit"),
        ("set('find', '')", 200, ""),
        ("set('cause', 'normal')", 200, "1500 of 3000 fit"),
        ("document.querySelectorAll('#table th button')[0].click()", 200, "1500 of 3000 fit"),
        ("set('find', 'nothing has this')", 0, "0 of 3000 fit"),
    ] {
        let layouts = reading.layouts(&format!("{SET} {what}"));
        assert!(layouts <= 2, "{what}: {layouts} layouts");
        assert_eq!(reading.rows().len(), rows, "{what}");
        assert_eq!(reading.chrome.text("document.getElementById('found').value"), found, "{what}");
    }
    assert_eq!(reading.chrome.text(place), "Rows 0 to 0 of 0");
    assert_eq!(reading.chrome.complaints(), Vec::<String>::new());
}

#[test]
fn text_of_rows_on_later_pages_stays_text() {
    let Some(mut reading) = Reading::start() else { return };
    for (url, shown) in [
        ("/<svg/onload=hit=1>", "/<svg/onload=hit=1>"),
        ("/</noscript><b>&lt;", "/</noscript><b>&lt;"),
        ("/<!--<script>'\"", "/<!--<script>'\""),
    ] {
        reading.many(300, url);
        reading.chrome.eval("document.querySelectorAll('.pager button')[1].click()");
        assert_eq!(reading.rows().len(), 100, "{url}");
        let paths = "[...new Set([...document.querySelectorAll('#table tbody tr')].map((row) => row.cells[5].textContent))].join()";
        assert_eq!(reading.chrome.text(paths), shown);
        assert_eq!(reading.chrome.eval("document.querySelectorAll('#table tbody :not(tr, td)').length"), 0);
        // It is found as it is read.
        let text = serde_json::to_string(shown).unwrap();
        reading.chrome.eval(&format!("{SET} set('find', {text})"));
        assert_eq!(reading.rows().len(), 200, "{url}");
        assert_eq!(reading.chrome.eval("typeof window.hit"), "undefined", "{url}");
        assert_eq!(reading.chrome.complaints(), Vec::<String>::new(), "{url}");
    }
}

#[test]
fn it_can_be_read_without_its_script() {
    let Some(mut reading) = Reading::start() else { return };
    reading.chrome.scripts(false);
    reading.sample("close-1011-ping-timeout");
    let text = reading.chrome.text("document.body.innerText");
    for wanted in [
        "because the client did not answer its pings",
        "What to change",
        "Find out why the client's application did not answer pings",
        "#20",
        "What is inferred",
        "missed heartbeat",
        "Timeline",
        "keepalive ping timeout",
    ] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
    reading.all_samples();
    assert_eq!(reading.rows().len(), 200);
    reading.chrome.eval("document.querySelector('#rest details').open = true");
    let rest = reading.chrome.eval(
        "[...document.querySelectorAll('#rest tbody tr')].filter((row) => row.checkVisibility()\
         && row.cells.length === 10).length",
    );
    assert!(rest.as_u64().unwrap() > 10, "{rest}");
    assert_eq!(reading.chrome.eval("document.querySelectorAll('th button, .pager').length"), 0);
    assert_eq!(reading.chrome.eval("document.getElementById('filter').checkVisibility()"), false);
}

#[test]
fn the_keyboard_reads_the_pictures() {
    let Some(mut reading) = Reading::start() else { return };
    reading.sample("close-1011-ping-timeout");
    reading.chrome.eval("document.querySelector('.picture .scroll').focus()");
    reading.chrome.press("End");
    let last = reading.chrome.text("document.querySelector('.readout').textContent");
    assert!(last.contains("#22") && last.contains("FIN"), "{last}");
    reading.chrome.press("Home");
    let first = reading.chrome.text("document.querySelector('.readout').textContent");
    assert!(first.contains('#') && first != last, "{first}");
    // A picture can be made larger, and its box scrolls then.
    reading.chrome.eval("document.querySelector('.zoom button:last-child').click()");
    assert_eq!(
        reading.chrome.eval("(() => { const box = document.querySelector('.picture .scroll'); return box.scrollWidth > box.clientWidth; })()"),
        true
    );
    assert_eq!(reading.chrome.complaints(), Vec::<String>::new());
}

#[test]
fn on_paper_nothing_is_folded() {
    let Some(mut reading) = Reading::start() else { return };
    reading.all_samples();
    let hidden = "[...document.querySelectorAll('details.connection .facts')].filter((each) => !each.checkVisibility({ contentVisibilityAuto: true })).length";
    assert!(reading.chrome.eval(hidden).as_u64().unwrap() > 3);
    reading.chrome.look("print", "light", 1000);
    assert_eq!(reading.chrome.eval(hidden), 0);
    assert_eq!(reading.chrome.eval("document.getElementById('filter').checkVisibility()"), false);
}

/// What someone may put into a header or a reason to get at its reader.
const HOSTILE: [&str; 9] = [
    "<script>window.hit=1</script>",
    "\"><img src=x onerror=window.hit=1>",
    "' onmouseover='window.hit=1' x='",
    "</title></style></script><svg onload=window.hit=1>",
    "]]><!--<b>",
    "--><iframe srcdoc='<script>parent.hit=1</script>'>",
    "&lt;b&gt;&#60;b&#62;{{7*7}}${7*7}",
    "\u{202e}gnp.exe\u{2066}\u{200b}",
    "\u{1b}[31mred\u{7}",
];

/// How many elements of each kind the page has.
const ELEMENTS: &str = "(() => { const count = {}; for (const each of document.querySelectorAll('*')) \
    count[each.tagName] = (count[each.tagName] ?? 0) + 1; return JSON.stringify(Object.entries(count).sort()); })()";

#[test]
fn hostile_text_stays_text() {
    let Some(mut reading) = Reading::start() else { return };
    let name = reading.folder.path().join("'\"><img src=x onerror=window.hit=1>&.pcap");
    let capture = |name: &Path, text: &str| {
        let in_header = text.replace(['\r', '\n'], "");
        let headers = format!(
            "X-Served-By: {in_header}\r\nServer: {in_header}\r\nSec-WebSocket-Protocol: {in_header}\r\n"
        );
        let path = format!("/{}", in_header.replace(' ', "+"));
        let mut session = Session::upgraded(&path, &headers, &|whole| vec![whole]);
        session.say(Side::Server, &frame(Side::Server, 0x81, b"payload-secret"));
        let reason: String = text.chars().take(100).collect();
        session.say(Side::Server, &frame(Side::Server, 0x88, &close(4000, &reason)));
        session.fin(Side::Server);
        fs::write(name, Encoding::USUAL.file(&session.into_packets())).unwrap();
    };
    capture(&name, "harmless");
    reading.open(&[], std::slice::from_ref(&name));
    let harmless = reading.chrome.text(ELEMENTS);
    let long = "<x>".repeat(3_334);
    for text in HOSTILE.into_iter().chain([long.as_str()]) {
        capture(&name, text);
        reading.open(&[], std::slice::from_ref(&name));
        assert_eq!(reading.chrome.complaints(), Vec::<String>::new(), "{text}");
        assert_eq!(reading.chrome.eval("typeof window.hit"), "undefined", "{text}");
        assert_eq!(reading.chrome.text(ELEMENTS), harmless, "{text}");
        let shown = reading.chrome.text("document.documentElement.outerHTML");
        let hidden = shown.chars().find(|&c| {
            c.is_control() && c != '\n'
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        });
        assert_eq!(hidden, None, "{text}");
        assert!(!shown.contains("payload-secret") && shown.len() < 200_000, "{text}");
    }
}
