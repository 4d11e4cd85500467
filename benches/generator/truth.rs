//! Writes the truth file: one line for every connection as it ends, then the totals.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};

use super::connection::Connection;
use super::loss;
use super::record::{self, Frames, Kind, Record};
use super::segment::Side;

/// Sums over all connections.
#[derive(Default)]
pub(crate) struct Totals {
    pub(crate) tcp_connections: u64,
    pub(crate) websockets: u64,
    pub(crate) refused_upgrades: u64,
    pub(crate) missing_packets: u64,
    pub(crate) disturbed: loss::Counts,
    pub(crate) frames: [Frames; 2],
    close_codes: BTreeMap<String, u64>,
    first_ends: BTreeMap<String, u64>,
    mechanisms: BTreeMap<String, u64>,
}

/// The truth file being written.
pub(crate) struct TruthWriter<W: Write> {
    out: BufWriter<W>,
    listed: u64,
    pub(crate) totals: Totals,
}

impl<W: Write> TruthWriter<W> {
    /// Starts the file with what decides the capture.
    pub(crate) fn new(out: W, profile: &str, seed: u64, open: usize) -> io::Result<Self> {
        let mut out = BufWriter::new(out);
        write!(
            out,
            "{{\"profile\":\"{profile}\",\"seed\":{seed},\"open_connections\":{open},\n\"connections\":["
        )?;
        Ok(Self { out, listed: 0, totals: Totals::default() })
    }

    /// Adds a connection that has ended, or that the capture ends in.
    pub(crate) fn add(&mut self, connection: &mut Connection) -> io::Result<()> {
        connection.finish();
        let (tcp, record) = (&connection.tcp, &connection.witness.record);
        self.totals.add(record, tcp.disturbed);
        if record.kind.is_none() {
            return Ok(());
        }
        let separator = if self.listed == 0 { "\n" } else { ",\n" };
        self.listed += 1;
        let line = record.json(tcp.host(Side::Client), tcp.host(Side::Server));
        write!(self.out, "{separator}{line}")
    }

    /// Ends the file.
    pub(crate) fn finish(&mut self, packets: u64, bytes: u64) -> io::Result<()> {
        let totals = &self.totals;
        writeln!(self.out, "\n],\n\"totals\":{{\"packets\":{packets},\"bytes\":{bytes},")?;
        writeln!(self.out, "{},", totals.counts())?;
        writeln!(self.out, "\"frames\":{},", record::frames_json(&totals.frames))?;
        writeln!(self.out, "\"close_codes\":{},", map(&totals.close_codes))?;
        writeln!(self.out, "\"first_ends\":{},", map(&totals.first_ends))?;
        writeln!(self.out, "\"mechanisms\":{}}}}}", map(&totals.mechanisms))?;
        self.out.flush()
    }
}

impl Totals {
    fn add(&mut self, record: &Record, disturbed: loss::Counts) {
        self.tcp_connections += 1;
        self.missing_packets += record.missing_packets;
        self.disturbed.reordered += disturbed.reordered;
        self.disturbed.retransmitted += disturbed.retransmitted;
        match record.kind {
            None => {}
            Some(Kind::RefusedUpgrade) => self.refused_upgrades += 1,
            Some(Kind::WebSocket) => self.add_websocket(record),
        }
    }

    fn add_websocket(&mut self, record: &Record) {
        self.websockets += 1;
        for (total, frames) in self.frames.iter_mut().zip(&record.frames) {
            total.messages += frames.messages;
            total.bytes += frames.bytes;
            for (total, count) in total.by_opcode.iter_mut().zip(frames.by_opcode) {
                *total += count;
            }
        }
        for close in &record.closes {
            let code = close.code.map_or_else(|| "none".to_owned(), |code| code.to_string());
            *self.close_codes.entry(code).or_default() += 1;
        }
        let end = record.first_end.map(|end| format!("{} {}", end.from.name(), end.by));
        *self.first_ends.entry(end.unwrap_or_else(|| "none".to_owned())).or_default() += 1;
        *self.mechanisms.entry(record.mechanism.to_owned()).or_default() += 1;
    }

    fn counts(&self) -> String {
        format!(
            r#""tcp_connections":{},"websockets":{},"refused_upgrades":{},"reordered":{},"retransmitted":{},"missing_packets":{}"#,
            self.tcp_connections,
            self.websockets,
            self.refused_upgrades,
            self.disturbed.reordered,
            self.disturbed.retransmitted,
            self.missing_packets
        )
    }
}

fn map(counts: &BTreeMap<String, u64>) -> String {
    let entries: Vec<_> = counts.iter().map(|(name, count)| format!("\"{name}\":{count}")).collect();
    format!("{{{}}}", entries.join(","))
}
