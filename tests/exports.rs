//! The formats for other programs: CSV and `OpenMetrics`, and the commands that read no capture.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use common::encode::Encoding;
use common::sample::Sample;
use common::session::{Session, Side, close, frame};

fn whoclosed() -> Command {
    Command::new(env!("CARGO_BIN_EXE_whoclosed"))
}

fn text(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The table as rows of cells by column name.
fn rows(table: &str) -> Vec<Value> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let head = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        head.iter().zip(record.iter()).map(|(name, cell)| (name.to_owned(), Value::from(cell))).collect()
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

#[test]
fn the_table_says_what_the_report_says() {
    for sample in Sample::all() {
        let report: Value = serde_json::from_slice(&sample.run(&["--format", "json"]).stdout).unwrap();
        let table = String::from_utf8(sample.run(&["--format", "csv"]).stdout).unwrap();
        let rows = rows(&table);
        let connections = report["connections"].as_array().unwrap();
        assert_eq!(rows.len(), connections.len(), "{}", sample.name);
        assert_eq!(table.matches("\r\n").count(), rows.len() + 1, "{}", sample.name);
        for (row, connection) in rows.iter().zip(connections) {
            let verdict = &connection["verdict"];
            for (cell, value) in [
                ("client_ip", &connection["client"]["ip"]),
                ("mechanism", &verdict["observed"]["mechanism"]),
                ("party", &verdict["party"]),
                ("cause", &verdict["cause"]),
                ("summary", &verdict["summary"]),
            ] {
                assert_eq!(&row[cell], value, "{} {cell}", sample.name);
            }
            let code = &connection["close_frames"][0]["code"];
            assert_eq!(row["close_code"], code.as_u64().map_or_else(String::new, |code| code.to_string()));
        }
    }
}

/// An independent reading of the format's grammar (version 1.0, "ABNF"), as far as it is used.
fn check_openmetrics(text: &str) -> Result<(), String> {
    let body = text.strip_suffix("# EOF\n").ok_or("no end mark")?;
    let (mut family, mut kind) = (String::new(), String::new());
    let (mut families, mut samples) = (BTreeSet::new(), BTreeSet::new());
    let mut last_bucket = (f64::NEG_INFINITY, 0.0);
    for line in body.lines() {
        if let Some(rest) = line.strip_prefix("# ") {
            let mut words = rest.splitn(3, ' ');
            let (what, name, value) = (words.next().unwrap(), words.next().unwrap_or(""), words.next());
            match what {
                "TYPE" => {
                    (family, kind) = (name.to_owned(), value.unwrap_or("").to_owned());
                    if !matches!(kind.as_str(), "gauge" | "histogram") || !families.insert(name.to_owned()) {
                        return Err(format!("type: {line}"));
                    }
                }
                "HELP" | "UNIT" if name == family => (),
                _ => return Err(format!("comment: {line}")),
            }
            continue;
        }
        let (name, labels, value) = sample_of(line).ok_or_else(|| format!("no sample: {line}"))?;
        let suffix =
            name.strip_prefix(family.as_str()).ok_or_else(|| format!("outside its family: {line}"))?;
        let fits =
            if kind == "gauge" { suffix.is_empty() } else { ["_bucket", "_count", "_sum"].contains(&suffix) };
        if !fits || !samples.insert(line.rsplit_once(' ').unwrap().0.to_owned()) {
            return Err(format!("misplaced or twice: {line}"));
        }
        if suffix == "_bucket" {
            let bound: f64 = labels[0].1.parse().map_err(|_| line.to_owned())?;
            if labels[0].0 != "le" || bound <= last_bucket.0 || value < last_bucket.1 {
                return Err(format!("bucket out of order: {line}"));
            }
            last_bucket = (bound, value);
        } else if suffix == "_count" && (last_bucket.0.is_finite() || last_bucket.1 != value) {
            return Err(format!("the last bucket is not +Inf with all: {line}"));
        }
    }
    Ok(())
}

type Labels = Vec<(String, String)>;

/// A line's name, labels and value.
fn sample_of(line: &str) -> Option<(String, Labels, f64)> {
    let end = line.find(['{', ' '])?;
    let (name, mut rest) = line.split_at(end);
    let mut labels = Labels::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        loop {
            let (label, quoted) = rest.split_once("=\"")?;
            let (mut value, mut chars) = (String::new(), quoted.char_indices());
            let after = loop {
                match chars.next()? {
                    (at, '"') => break at + 1,
                    (_, '\\') => match chars.next()?.1 {
                        'n' => value.push('\n'),
                        c @ ('"' | '\\') => value.push(c),
                        _ => return None,
                    },
                    (_, c) => value.push(c),
                }
            };
            labels.push((label.to_owned(), value));
            rest = &quoted[after..];
            if let Some(behind) = rest.strip_prefix('}') {
                rest = behind;
                break;
            }
            rest = rest.strip_prefix(',')?;
        }
    }
    Some((name.to_owned(), labels, rest.strip_prefix(' ')?.parse().ok()?))
}

#[test]
fn the_metrics_are_valid() {
    let has_parser = Command::new("python3").args(["-c", "import prometheus_client"]).output();
    let has_parser = has_parser.is_ok_and(|output| output.status.success());
    for sample in Sample::all() {
        let metrics = String::from_utf8(sample.run(&["--format", "openmetrics"]).stdout).unwrap();
        check_openmetrics(&metrics).unwrap_or_else(|error| panic!("{}: {error}", sample.name));
        if has_parser {
            parse_with_python(&metrics);
        }
    }
    for broken in
        ["a 1\n# EOF\n", "# TYPE a gauge\na{b=\"c} 1\n# EOF\n", "# TYPE a gauge\na 1\na 1\n# EOF\n", ""]
    {
        assert!(check_openmetrics(broken).is_err(), "{broken}");
    }
}

/// The parser that Prometheus' own client library has.
fn parse_with_python(metrics: &str) {
    let script = "import sys; from prometheus_client.openmetrics.parser import text_string_to_metric_families as o; \
        from prometheus_client.parser import text_string_to_metric_families as t; s = sys.stdin.read(); \
        assert len(list(o(s))) > 8 and len(list(t(s))) > 8";
    let mut python = Command::new("python3").args(["-c", script]).stdin(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut python.stdin.take().unwrap(), metrics.as_bytes()).unwrap();
    assert!(python.wait().unwrap().success());
}

#[test]
fn commands_and_files_of_their_names_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let capture = fs::read(Sample::named("close-1000-by-client").path()).unwrap();
    for name in ["schema", "man", "capture-help"] {
        fs::write(folder.path().join(name), &capture).unwrap();
        let read = text(whoclosed().current_dir(&folder).arg(format!("./{name}")).output().unwrap());
        assert!(read.contains("1 WebSocket connection") || read.contains("closed the connection"), "{read}");
    }
    let read = text(whoclosed().current_dir(&folder).args(["--format", "csv", "schema"]).output().unwrap());
    assert!(read.starts_with("\"id\""), "{read}");
    let schema = text(whoclosed().current_dir(&folder).arg("schema").output().unwrap());
    assert!(schema.starts_with('{') && schema.contains("\"$schema\""));
    assert_eq!(whoclosed().output().unwrap().status.code(), Some(2));
}

#[test]
fn the_next_capture_is_told() {
    let all = text(whoclosed().arg("capture-help").output().unwrap());
    for wanted in
        ["proxy.pcap", "kubectl", "-W 50", "-s 256", "SSLKEYLOGFILE", "nginx", "Envoy", "Java", "Node"]
    {
        assert!(all.contains(wanted), "{wanted}");
    }
    let proxy = text(whoclosed().args(["capture-help", "proxy"]).output().unwrap());
    assert!(all.contains(&proxy) && !proxy.contains("kubectl"));
    assert_eq!(whoclosed().args(["capture-help", "moon"]).output().unwrap().status.code(), Some(2));
}

#[test]
fn what_would_settle_it_points_to_the_command_for_it() {
    let mut pointed = 0;
    for sample in Sample::all() {
        let report: Value = serde_json::from_slice(&sample.run(&["--format", "json"]).stdout).unwrap();
        for connection in report["connections"].as_array().unwrap() {
            let Some(text) = connection["verdict"]["would_settle"].as_str() else { continue };
            if let Some((_, rest)) = text.split_once("`whoclosed ") {
                let command: Vec<&str> = rest.split('`').next().unwrap().split(' ').collect();
                self::text(whoclosed().args(command).output().unwrap());
                pointed += 1;
            } else {
                assert!(!text.contains("apture"), "{}: {text}", sample.name);
            }
        }
    }
    assert!(pointed > 10);
}

/// What someone may put into a header or a reason to get at its reader.
const HOSTILE: [&str; 6] = [
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "\u{1b}[31mred\u{7}",
    "\u{202e}gnp.exe",
    "a,\"b\"\r\nc;d|e`f`",
    "@SUM(1+1)*",
];

#[test]
fn hostile_text_stays_text() {
    let folder = tempfile::tempdir().unwrap();
    let long = "x".repeat(10_000);
    for hostile in HOSTILE.into_iter().chain([long.as_str()]) {
        let in_header = hostile.replace(['\r', '\n'], "");
        let headers = format!(
            "X-Served-By: {in_header}\r\nServer: {in_header}\r\nSec-WebSocket-Protocol: {in_header}\r\n"
        );
        let mut session =
            Session::upgraded(&format!("/{}", in_header.replace(' ', "+")), &headers, &|whole| vec![whole]);
        let reason: String = hostile.chars().take(100).collect();
        session.say(Side::Server, &frame(Side::Server, 0x88, &close(4000, &reason)));
        session.fin(Side::Server);
        let capture = folder.path().join("a.pcap");
        fs::write(&capture, Encoding::USUAL.file(&session.into_packets())).unwrap();
        let report =
            |format: &str| text(whoclosed().args(["--format", format]).arg(&capture).output().unwrap());

        let json: Value = serde_json::from_str(&report("json")).unwrap();
        assert_eq!(json["connections"][0]["close_frames"][0]["reason"], reason);
        let rows = rows(&report("csv"));
        assert_eq!(rows.len(), 1);
        for (name, cell) in rows[0].as_object().unwrap() {
            let cell = cell.as_str().unwrap();
            assert!(!cell.trim_start().starts_with(['=', '@', '+']) && cell.len() < 10_000, "{name}: {cell}");
        }
        check_openmetrics(&report("openmetrics")).unwrap();
        for format in ["json", "csv", "openmetrics"] {
            let shown = report(format);
            let hidden =
                shown.chars().find(|&c| c.is_control() && !matches!(c, '\n' | '\r') || c == '\u{202e}');
            assert_eq!(hidden, None, "{format}");
        }
    }
}
