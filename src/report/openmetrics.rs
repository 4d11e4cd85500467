//! Counts for a monitoring system: `OpenMetrics` 1.0 text, which Prometheus' text format reads too.
//!
//! All are gauges and one histogram, as they tell of the captures at hand and not of the time since a
//! start. Suited to the textfile collector of Prometheus' node exporter.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::View;
use super::escape::escape;
use super::view::{CAUSES, PARTIES, Silences};

/// Characters of one label's value.
const LONGEST: usize = 200;

/// Writes all metrics and the end mark.
pub fn write(view: &View, out: &mut dyn Write) -> io::Result<()> {
    let summary = &view.summary;
    family(out, "connections", "Connections that carried, or tried to carry, a WebSocket.")?;
    sample(out, "connections", &[], summary.connections)?;
    family(out, "connections_by_party", "Connections by the party that ended them.")?;
    for party in PARTIES {
        let number = summary.by_party.get(party).copied().unwrap_or_default();
        sample(out, "connections_by_party", &[("party", party)], number)?;
    }
    family(out, "connections_by_cause", "Connections by cause.")?;
    for cause in CAUSES {
        let number = summary.by_cause.get(cause).copied().unwrap_or_default();
        sample(out, "connections_by_cause", &[("cause", cause)], number)?;
    }
    verdicts(view, out)?;
    family(out, "close_frames", "Close frames by code.")?;
    for (code, number) in &summary.close_codes {
        sample(out, "close_frames", &[("code", &code.to_string())], *number)?;
    }
    for (name, help, number) in [
        ("refused_upgrades", "Upgrade requests that were not granted.", summary.refused_upgrades),
        ("opaque_tls_connections", "TLS connections that could not be read.", summary.opaque_tls),
        ("other_tcp_flows", "TCP connections that carried no WebSocket.", summary.other_tcp_flows),
    ] {
        family(out, name, help)?;
        sample(out, name, &[], number)?;
    }
    family(out, "skipped_packets", "Packets that were not read further, by reason.")?;
    for (reason, number) in &summary.skipped_packets {
        sample(out, "skipped_packets", &[("reason", reason)], *number)?;
    }
    silences(&summary.silence_before_end, out)?;
    captures(view, out)?;
    out.write_all(b"# EOF\n")
}

fn verdicts(view: &View, out: &mut dyn Write) -> io::Result<()> {
    let mut verdicts = BTreeMap::<_, u64>::new();
    for each in view.connections.outlines() {
        *verdicts.entry((each.party, each.cause, each.confidence)).or_default() += 1;
    }
    family(out, "verdicts", "Connections by party, cause and confidence together.")?;
    for ((party, cause, confidence), number) in verdicts {
        let labels = [("party", party), ("cause", cause), ("confidence", confidence)];
        sample(out, "verdicts", &labels, number)?;
    }
    Ok(())
}

fn silences(silences: &Silences, out: &mut dyn Write) -> io::Result<()> {
    let name = "whoclosed_silence_before_end_seconds";
    writeln!(out, "# TYPE {name} histogram\n# UNIT {name} seconds")?;
    writeln!(out, "# HELP {name} How long ended connections had been silent.")?;
    for bucket in &silences.buckets {
        writeln!(out, "{name}_bucket{{le=\"{:?}\"}} {}", bucket.at_most_s.as_f64(), bucket.count)?;
    }
    writeln!(out, "{name}_bucket{{le=\"+Inf\"}} {}", silences.count)?;
    writeln!(out, "{name}_count {}\n{name}_sum {:?}", silences.count, silences.sum_s.as_f64())
}

fn captures(view: &View, out: &mut dyn Write) -> io::Result<()> {
    // Two inputs may have one path; their place in the list makes each sample unique.
    let labels = |file: usize| [("file", file.to_string()), ("path", view.captures[file].path.clone())];
    family(out, "capture_packets", "Packets read from each capture.")?;
    for (file, capture) in view.captures.iter().enumerate() {
        let labels = labels(file);
        sample(
            out,
            "capture_packets",
            &labels.each_ref().map(|(name, value)| (*name, value.as_str())),
            capture.packets,
        )?;
    }
    family(out, "capture_complete", "1 where a capture could be read to its end.")?;
    for (file, capture) in view.captures.iter().enumerate() {
        let labels = labels(file);
        let labels = labels.each_ref().map(|(name, value)| (*name, value.as_str()));
        sample(out, "capture_complete", &labels, capture.complete.into())?;
    }
    Ok(())
}

fn family(out: &mut dyn Write, name: &str, help: &str) -> io::Result<()> {
    writeln!(out, "# TYPE whoclosed_{name} gauge\n# HELP whoclosed_{name} {help}")
}

fn sample(out: &mut dyn Write, name: &str, labels: &[(&str, &str)], value: u64) -> io::Result<()> {
    let labels: Vec<String> =
        labels.iter().map(|(name, text)| format!("{name}=\"{}\"", label(text))).collect();
    let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
    writeln!(out, "whoclosed_{name}{labels} {value}")
}

/// A label's value: nothing hidden, and nothing that ends it early.
fn label(text: &str) -> String {
    escape(text, LONGEST).replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn text(view: &View) -> String {
        let mut out = Vec::new();
        write(view, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_line_is_of_a_kind_that_the_format_knows() {
        let mut view = fixture::view([fixture::idle_kill(1), fixture::clean_close(2), fixture::hostile(3)]);
        view.captures[0].path = "a\\b\"} 7\n# EOF\n\u{202e}.pcap".to_owned();
        let text = text(&view);
        assert!(text.ends_with("\n# EOF\n"));
        assert_eq!(text.matches("\n# EOF\n").count(), 1);
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(name.starts_with("whoclosed_") && value.parse::<f64>().is_ok(), "{line}");
        }
        assert!(text.contains("path=\"a\\\\b\\\"} 7\\\\u{a}# EOF\\\\u{a}\\\\u{202e}.pcap\""), "{text}");
        assert!(text.contains("whoclosed_connections_by_cause{cause=\"idle_timeout\"} 2\n"), "{text}");
    }
}
