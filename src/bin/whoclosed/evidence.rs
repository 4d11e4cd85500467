//! Writes the packets that prove the verdicts, and looks whether they do.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use anyhow::{Context, Error, Result, anyhow, bail};
use whoclosed::analyze::Analyzer;
use whoclosed::capture::{Capture, LinkType, Packet};
use whoclosed::decode::{Decoder, Segment};
use whoclosed::flow::FlowKey;
use whoclosed::limits::Limits;
use whoclosed::report::evidence::{Amount, Heads, Pcapng, Plan, Written, rebuild, with_payload};
use whoclosed::report::redact::Redactor;
use whoclosed::report::view::Connection;
use whoclosed::report::{Contents, View};
use whoclosed::tls::KeySource;
use zeroize::Zeroizing;

use crate::args::Args;
use crate::keys::Keys;
use crate::output::{Existing, Staged, unwritten};
use crate::sharing::{Evidence, Kept, Snaplen};

/// Files written at once: each takes a file handle and a buffer.
const MOST_FILES: usize = 128;

/// Bytes collected before they go to a file.
const BUFFER: usize = 32 * 1024;

/// What evidence is made of.
pub(crate) struct Source<'a> {
    /// The file or folder to write.
    pub(crate) place: &'a Path,
    /// The captures as they were given.
    pub(crate) inputs: &'a [PathBuf],
    pub(crate) plan: &'a Plan,
    /// The report that is to be proved.
    pub(crate) view: &'a View,
}

/// Evidence to be written.
pub(crate) struct Proof<'a> {
    args: &'a Args,
    options: &'a Evidence,
    source: &'a Source<'a>,
    redactor: Option<Redactor>,
    /// Lines of key logs by the client random that they are for.
    secrets: HashMap<String, Vec<Zeroizing<String>>>,
    places: Vec<PathBuf>,
    /// The file of each group of the plan.
    file_of: Vec<usize>,
    doubts: Vec<Error>,
    heads: Heads,
}

impl<'a> Proof<'a> {
    /// Finds the places to write to; fails where something is there already.
    pub(crate) fn new(args: &'a Args, source: &'a Source<'a>, redactor: Option<Redactor>) -> Result<Self> {
        let options = &args.sharing.evidence;
        let groups = source.plan.groups();
        let is_file = source.place.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("pcapng"));
        let mut doubts = Vec::new();
        let (places, file_of) = if is_file {
            (vec![source.place.to_owned()], vec![0; groups.len()])
        } else {
            fs::create_dir_all(source.place)
                .with_context(|| format!("{}: cannot be made a folder", source.place.display()))?;
            if groups.len() > MOST_FILES {
                doubts.push(anyhow!(
                    "evidence is written for the first {MOST_FILES} of {}; --connection N chooses one",
                    groups.len()
                ));
            }
            let name = |ids: &[u32]| {
                let ids: Vec<String> = ids.iter().map(u32::to_string).collect();
                source.place.join(format!("connection-{}.pcapng", ids.join("-")))
            };
            let places = groups.iter().take(MOST_FILES).map(|group| name(&group.connections)).collect();
            (places, (0..groups.len()).collect())
        };
        let proof = Self {
            args,
            options,
            source,
            redactor,
            secrets: HashMap::new(),
            places,
            file_of,
            doubts,
            heads: Heads::default(),
        };
        proof.check()?;
        Ok(proof)
    }

    fn check(&self) -> Result<()> {
        for place in &self.places {
            let same = |input: &PathBuf| fs::canonicalize(input).ok() == fs::canonicalize(place).ok();
            if place.exists() && self.source.inputs.iter().any(same) {
                bail!("{}: is a capture to read; the evidence would overwrite it", place.display());
            }
            if fs::symlink_metadata(place).is_ok() && !self.args.force {
                bail!("{}: exists already; --force overwrites it", place.display());
            }
        }
        Ok(())
    }

    /// Writes all files, each with as many packets as it takes to prove what it is to prove; gives what
    /// is to be said of them.
    pub(crate) fn write(mut self) -> Result<Vec<Error>> {
        if self.options.evidence_keys {
            self.read_key_logs();
        }
        let amounts: &[Amount] = match self.options.evidence {
            _ if !self.keeps_payload() && self.options.evidence == Kept::Minimal => &[Amount::Least],
            Kept::Minimal => &[Amount::Least, Amount::Named, Amount::Whole],
            Kept::Full => &[Amount::Whole],
        };
        let mut left: Vec<usize> = (0..self.places.len()).collect();
        for (&amount, is_last) in amounts.iter().zip((1..=amounts.len()).map(|at| at == amounts.len())) {
            let staged = self.pass(&left, amount)?;
            left.clear();
            for (file, staged) in staged {
                let proved = !self.keeps_payload() || self.proves(file, staged.beside());
                if !proved && !is_last {
                    left.push(file);
                    continue;
                }
                if !proved {
                    let place = self.places[file].display();
                    self.doubts.push(anyhow!(
                        "{place}: read alone, these packets do not lead to the same verdict; other connections \
                         or session secrets are part of it"
                    ));
                }
                staged.finish().with_context(|| unwritten(&self.places[file]))?;
            }
            if left.is_empty() {
                break;
            }
        }
        Ok(self.doubts)
    }

    fn keeps_payload(&self) -> bool {
        self.redactor.is_none() && self.options.evidence_snaplen == Snaplen::Packet
    }

    /// Reads the captures and writes `files` beside their places.
    fn pass(&mut self, files: &[usize], amount: Amount) -> Result<BTreeMap<usize, Staged>> {
        let mut staged = BTreeMap::new();
        let mut open = BTreeMap::new();
        for &file in files {
            let place = &self.places[file];
            let begin = || -> std::io::Result<_> {
                let begun = Staged::new(place.clone(), Existing::forced(self.args.force))?;
                let out = BufWriter::with_capacity(BUFFER, begun.handle()?);
                let writer = Pcapng::new(out, &self.about(file))?;
                Ok((begun, writer))
            };
            let (begun, writer) = begin().with_context(|| unwritten(place))?;
            staged.insert(file, begun);
            open.insert(file, writer);
        }
        self.heads = Heads::default();
        let limits = Limits::default();
        for (index, path) in self.source.inputs.iter().enumerate() {
            let mut decoder = Decoder::new(&limits);
            let Ok(mut capture) = Capture::open_path(path, index as u32, &limits) else { continue };
            loop {
                if self.options.evidence_keys && capture.has_secrets() {
                    capture.take_secrets().iter().for_each(|secrets| self.keep_secrets(secrets.key_log()));
                }
                let Some(packet) = capture.next()? else { break };
                self.packet(&packet, &mut decoder, amount, &mut open)?;
            }
        }
        for (file, writer) in open {
            writer
                .into_inner()
                .into_inner()
                .map_err(std::io::IntoInnerError::into_error)
                .with_context(|| unwritten(&self.places[file]))?;
        }
        Ok(staged)
    }

    fn packet(
        &mut self,
        packet: &Packet<'_>,
        decoder: &mut Decoder,
        amount: Amount,
        open: &mut BTreeMap<usize, Pcapng<BufWriter<File>>>,
    ) -> Result<()> {
        let Ok(segment) = decoder.decode(packet) else { return Ok(()) };
        let key = FlowKey::new(segment.source, segment.destination);
        let Some(group) = self.source.plan.group_of(key, packet.at.file(), packet.time) else {
            return Ok(());
        };
        let Some(&file) = self.file_of.get(group) else { return Ok(()) };
        // Each segment is looked at, as a header may begin in one that is not kept.
        let hidden = self.heads.hide(&segment);
        let Some(comment) = self.source.plan.comment(packet.at, amount) else { return Ok(()) };
        let Some(writer) = open.get_mut(&file) else { return Ok(()) };
        let (mut link, mut data, mut wire_len) = (packet.link, packet.data, packet.wire_len);
        let rebuilt;
        let headers = self.options.evidence_snaplen == Snaplen::Headers;
        let cut = payload_start(packet, &segment);
        let masked;
        if self.redactor.is_some() || cut.is_none() {
            let mut address = |ip| self.redactor.as_mut().map_or(ip, |redactor| redactor.address(ip));
            let (source, destination) = (address(segment.source.ip), address(segment.destination.ip));
            let payload = hidden.as_deref().unwrap_or(segment.payload);
            rebuilt = rebuild(
                &Segment { payload, ..segment },
                source,
                destination,
                self.redactor.is_none() && !headers,
            );
            (link, data, wire_len) = (LinkType::RAW, &rebuilt.0, rebuilt.1);
        } else if headers {
            data = &data[..cut.unwrap_or(data.len())];
        } else if let Some((payload, start)) = hidden.as_deref().zip(cut) {
            masked = with_payload(data, start, 20 + segment.options.len(), payload);
            data = &masked;
        }
        let result = match secret_of(&segment).and_then(|random| self.secrets.get(&random)) {
            Some(lines) => writer.secrets(joined(lines).as_bytes()),
            None => Ok(()),
        };
        let direction = segment.direction;
        let written = Written { link, time: packet.time, data, wire_len, direction, comment: &comment };
        result.and_then(|()| writer.packet(&written)).with_context(|| unwritten(&self.places[file]))
    }

    /// What is said of a whole file.
    fn about(&self, file: usize) -> String {
        let groups = self.source.plan.groups().iter().zip(&self.file_of).filter(|(_, of)| **of == file);
        let say = |ids: &[u32], summary: &str| {
            let ids: Vec<String> = ids.iter().map(u32::to_string).collect();
            let text = format!("Connection {}: {summary}", ids.join(" and "));
            whoclosed::report::escape::escape(&text, 1000)
        };
        let lines: Vec<String> = groups.map(|(group, _)| say(&group.connections, &group.summary)).collect();
        lines.join("\n")
    }

    /// True where the packets at `path` alone lead to the verdicts of the report.
    fn proves(&self, file: usize, path: &Path) -> bool {
        let groups = self.source.plan.groups().iter().zip(&self.file_of);
        let ids: Vec<u32> =
            groups.filter(|(_, of)| **of == file).flat_map(|(group, _)| group.connections.clone()).collect();
        let wanted = self.source.view.connections.iter().filter(|each| ids.contains(&each.id));
        let wanted: Vec<_> = wanted.map(essence).collect();
        let Ok(found) = self.reread(path) else { return false };
        let found: Vec<_> = found.connections.iter().map(essence).collect();
        wanted.iter().all(|each| found.contains(each))
            && (self.args.connection.is_some() || wanted.len() == found.len())
    }

    fn reread(&self, path: &Path) -> Result<View> {
        let options = self.args.analysis();
        let mut analyzer = Analyzer::new(options);
        *analyzer.keys_mut() = Keys::read(self.args, &options.limits).log;
        let mut capture = Capture::open_path(path, 0, &options.limits)?;
        loop {
            for secrets in capture.take_secrets() {
                analyzer.keys_mut().read(secrets.key_log(), KeySource::Dsb);
            }
            match capture.next()? {
                Some(packet) => analyzer.push(&packet),
                None => break,
            }
        }
        Ok(View::new(analyzer.finish(), vec![capture.into_summary()], Contents::default()))
    }

    fn read_key_logs(&mut self) {
        for path in &self.args.keylog {
            if let Ok(text) = fs::read(path).map(Zeroizing::new) {
                self.keep_secrets(&text);
            }
        }
    }

    /// Notes each line of a key log under its client random.
    fn keep_secrets(&mut self, key_log: &[u8]) {
        for line in String::from_utf8_lossy(key_log).lines() {
            if let Some(random) = line.split(' ').nth(1).filter(|random| random.len() == 64) {
                // Each line in a text of its own: one that grows would leave copies.
                let lines = self.secrets.entry(random.to_ascii_lowercase()).or_default();
                lines.push(Zeroizing::new(format!("{line}\n")));
            }
        }
    }
}

/// What evidence has to lead to: whose connection, and its verdict.
fn essence(each: &Connection) -> (String, [&'static str; 4]) {
    let (client, server) = (&each.client, &each.server);
    let verdict = &each.verdict;
    (
        format!("{} {} {} {}", client.ip, client.port, server.ip, server.port),
        [verdict.observed.closer, verdict.observed.mechanism, verdict.party, verdict.cause],
    )
}

/// Where in the packet's bytes the payload begins; `None` where it was put together from fragments.
fn payload_start(packet: &Packet<'_>, segment: &Segment<'_>) -> Option<usize> {
    if segment.payload.is_empty() {
        return Some(packet.data.len());
    }
    let start = (segment.payload.as_ptr() as usize).checked_sub(packet.data.as_ptr() as usize)?;
    (start + segment.payload.len() <= packet.data.len()).then_some(start)
}

/// The client random of a TLS `ClientHello` (RFC 8446 §4.1.2), in hexadecimal digits.
fn secret_of(segment: &Segment<'_>) -> Option<String> {
    let hello = segment.payload.first_chunk::<43>()?;
    let is_hello = hello[0] == 22 && hello[1] == 3 && hello[5] == 1;
    is_hello.then(|| hello[11..].iter().map(|byte| format!("{byte:02x}")).collect())
}

/// All lines in one text, which is wiped when dropped.
fn joined(lines: &[Zeroizing<String>]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(lines.iter().map(|line| line.len()).sum()));
    lines.iter().for_each(|line| text.push_str(line));
    text
}
