//! Every capture in `samples/`: the report against an independent reading by tshark.

mod common;

use std::fmt::Debug;
use std::path::Path;
use std::process::Command;
use std::thread;

use common::expect::{CloseFrame, End};
use common::report::{Connection, Frames, Sides, Violation};
use common::sample::Sample;

/// Why it sees no frame of a capture with a snap length.
const CUT: &str = "it does not follow a stream past a packet that the snap length cut";

/// Cases whose frames tshark does not see, and why: their frames are held against
/// `expect.toml` only.
const FRAMES_UNSEEN: [(&str, &str); 4] = [
    ("cut-128", CUT),
    ("cut-96", CUT),
    ("midstream-start", "without the upgrade in the capture it sees no WebSocket"),
    ("snaplen-128", CUT),
];

/// Cases with segments that never come: tshark must not wait for them, or it sees nothing more.
const LOSSY: [&str; 1] = ["capture-lossy"];

#[test]
fn the_report_agrees_with_tshark() {
    if Command::new("tshark").arg("--version").output().is_err() {
        println!("skipped: tshark is not installed");
        return;
    }
    let wrong: Vec<String> = in_parallel(&Sample::all(), disagreements);
    assert!(wrong.is_empty(), "{} disagreements with tshark:\n{}", wrong.len(), wrong.concat());
}

#[test]
fn every_case_with_an_exception_is_there() {
    for name in FRAMES_UNSEEN.iter().map(|(name, _)| *name).chain(LOSSY) {
        Sample::named(name);
    }
}

fn disagreements(sample: &Sample) -> Vec<String> {
    let (_, report) = sample.report();
    let waits = !LOSSY.contains(&sample.name.as_str());
    let mut streams = streams(read(&sample.path(), waits));
    let mut found = Vec::new();
    for connection in &report.connections {
        let about = format!("{} connection {}", sample.name, connection.id);
        match streams.iter().position(|stream| stream.is(connection)) {
            // Several may share the TCP stream; tshark shows no WebSocket on them.
            Some(at) if connection.http2_stream.is_some() => {
                let theirs = streams[at].reading(connection).of_tcp();
                found.extend(differences(&about, &theirs, &Reading::of_report(connection).of_tcp()));
            }
            Some(at) => {
                let theirs = streams.remove(at).reading(connection);
                found.extend(differences(&about, &theirs, &expected(sample, connection)));
            }
            None => found.push(format!("  {about}: tshark has no such TCP stream\n")),
        }
    }
    for upgrade in streams.iter().filter_map(Stream::upgrade) {
        let name = &sample.name;
        found.push(format!("  {name}: the upgrade in packet {} is not in the report\n", upgrade.number));
    }
    found
}

/// tshark takes a quarter of a second to start, and there are many samples.
fn in_parallel(samples: &[Sample], work: fn(&Sample) -> Vec<String>) -> Vec<String> {
    let share = samples.len().div_ceil(thread::available_parallelism().map_or(1, Into::into));
    thread::scope(|scope| {
        let workers =
            samples.chunks(share).map(|part| scope.spawn(move || part.iter().flat_map(work).collect()));
        let workers: Vec<thread::ScopedJoinHandle<'_, Vec<String>>> = workers.collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}

/// What tshark should show: what the report says, where tshark can see it.
fn expected(sample: &Sample, connection: &Connection) -> Reading {
    let ours = Reading::of_report(connection);
    match FRAMES_UNSEEN.iter().find(|(name, _)| *name == sample.name) {
        Some((name, why)) => {
            println!("{name}: frames are not compared: {why}");
            ours.without_frames()
        }
        None => ours,
    }
}

fn differences(about: &str, theirs: &Reading, ours: &Reading) -> Vec<String> {
    fn difference<T: Debug + PartialEq>(what: &str, theirs: &T, ours: &T) -> Option<String> {
        (theirs != ours).then(|| format!("{what}: tshark has {theirs:?}, the report {ours:?}"))
    }
    let found = [
        difference("status", &theirs.status, &ours.status),
        difference("client's frames", &theirs.frames.client, &ours.frames.client),
        difference("server's frames", &theirs.frames.server, &ours.frames.server),
        difference("Closes", &theirs.closes, &ours.closes),
        difference("packets with wrong masking", &theirs.wrongly_masked, &ours.wrongly_masked),
        difference("first FIN or RST", &theirs.first_end, &ours.first_end),
        difference("number of RSTs", &theirs.resets, &ours.resets),
    ];
    found.into_iter().flatten().map(|difference| format!("  {about}, {difference}\n")).collect()
}

/// What both tell about a connection.
struct Reading {
    status: Option<u16>,
    frames: Sides<Frames>,
    closes: Vec<CloseFrame>,
    /// Packets with a frame of the client without a mask, or of the server with one.
    wrongly_masked: Vec<u64>,
    first_end: Option<End>,
    resets: u64,
}

impl Reading {
    fn without_frames(self) -> Self {
        let (frames, closes, wrongly_masked) = Default::default();
        Self { frames, closes, wrongly_masked, ..self }
    }

    fn of_tcp(self) -> Self {
        Self { status: None, ..self.without_frames() }
    }

    fn of_report(connection: &Connection) -> Self {
        let masking = ["unmasked_client_frame", "masked_server_frame"];
        let wrongly_masked =
            connection.violations.iter().filter(|each| masking.contains(&each.kind.as_str()));
        Self {
            status: connection.status(),
            frames: connection.frames,
            closes: connection.close_frames().into_iter().map(without_reason).collect(),
            wrongly_masked: wrongly_masked.map(Violation::packet).collect(),
            first_end: connection.first_end(),
            resets: connection.resets(),
        }
    }
}

/// tshark's text of a reason is not always what was sent; `expect.toml` holds the reasons.
fn without_reason(close: CloseFrame) -> CloseFrame {
    CloseFrame { reason: None, ..close }
}

/// The packets of one TCP stream, in order.
struct Stream {
    packets: Vec<Packet>,
}

fn streams(packets: Vec<Packet>) -> Vec<Stream> {
    let mut streams: Vec<Stream> = Vec::new();
    for packet in packets {
        match streams.iter_mut().rev().find(|stream| stream.has(&packet)) {
            Some(stream) => stream.packets.push(packet),
            None => streams.push(Stream { packets: vec![packet] }),
        }
    }
    streams
}

/// Relative sequence numbers above this lie before their stream's beginning.
const HALF: u64 = 1 << 31;

impl Stream {
    /// True for the packet's own stream. A reset from before its beginning, which tshark gives to the
    /// stream that has the ports now, is by the one that had them earlier.
    fn has(&self, packet: &Packet) -> bool {
        let first = &self.packets[0];
        match packet.rst && packet.sequence > HALF {
            true => first.stream < packet.stream && self.packets.iter().any(|each| each.from == packet.from),
            false => first.stream == packet.stream,
        }
    }

    /// True where the stream has the connection's ends.
    fn is(&self, connection: &Connection) -> bool {
        let ends = [connection.client.to_string(), connection.server.to_string()];
        let from = &self.packets[0].from;
        let to = self.packets.iter().map(|packet| &packet.from).find(|end| *end != from);
        ends.contains(from) && to.is_none_or(|to| ends.contains(to))
    }

    fn upgrade(&self) -> Option<&Packet> {
        self.packets.iter().find(|packet| packet.asks_upgrade)
    }

    /// What tshark tells about the connection.
    fn reading(&self, connection: &Connection) -> Reading {
        let client =
            self.upgrade().map_or_else(|| connection.client.to_string(), |packet| packet.from.clone());
        let side = |packet: &Packet| if packet.from == client { "client" } else { "server" };
        let asked = self.upgrade().map_or(0, |packet| packet.number);
        // What is said in plain text to a TLS hello answers no upgrade.
        let mut answers = self.packets.iter().filter(|_| connection.kind != "opaque_tls");
        let answer = answers.find(|packet| packet.number > asked && packet.status.is_some());
        let answered = answer.map_or(0, |packet| packet.number);

        let (mut frames, mut closes, mut wrongly_masked) =
            (Sides::<Frames>::default(), Vec::new(), Vec::new());
        for packet in &self.packets {
            let mut codes = packet.close_codes.iter();
            for (opcode, masked) in packet.opcodes.iter().zip(&packet.masks) {
                count(frames.of(side(packet)), *opcode);
                if *masked != (side(packet) == "client") {
                    wrongly_masked.push(packet.number);
                }
                if *opcode == 8 {
                    let (from, code) = (side(packet).to_owned(), codes.next().copied());
                    closes.push(CloseFrame { from, code, reason: None, packet: packet.number });
                }
            }
        }
        let end = self.packets.iter().find(|packet| packet.number > answered && (packet.fin || packet.rst));
        let first_end = end.map(|packet| End {
            from: side(packet).to_owned(),
            by: if packet.rst { "rst" } else { "fin" }.to_owned(),
            packet: packet.number,
        });
        let resets = self.packets.iter().filter(|packet| packet.rst).count() as u64;
        let status = answer.and_then(|packet| packet.status);
        Reading { status, frames, closes, wrongly_masked, first_end, resets }
    }
}

fn count(frames: &mut Frames, opcode: u8) {
    let counter = match opcode {
        0 => &mut frames.continuation,
        1 => &mut frames.text,
        2 => &mut frames.binary,
        8 => &mut frames.close,
        9 => &mut frames.ping,
        10 => &mut frames.pong,
        _ => &mut frames.other,
    };
    *counter += 1;
}

/// One TCP packet as tshark dissects it; the frames are those that it completes.
struct Packet {
    number: u64,
    stream: u64,
    /// Address and port.
    from: String,
    /// Relative to the stream's first, as tshark counts.
    sequence: u64,
    fin: bool,
    rst: bool,
    asks_upgrade: bool,
    status: Option<u16>,
    opcodes: Vec<u8>,
    masks: Vec<bool>,
    close_codes: Vec<u16>,
}

const FIELDS: [&str; 14] = [
    "frame.number",
    "tcp.stream",
    "ip.src",
    "ipv6.src",
    "tcp.srcport",
    "tcp.seq",
    "tcp.flags.fin",
    "tcp.flags.reset",
    "http.request.method",
    "http.upgrade",
    "http.response.code",
    "websocket.opcode",
    "websocket.mask",
    "websocket.payload.close.status_code",
];

/// All TCP packets of a capture, by one run of tshark that waits for missing segments or does not.
fn read(capture: &Path, waits: bool) -> Vec<Packet> {
    let mut tshark = Command::new("tshark");
    tshark.arg("-r").arg(capture).args(["-n", "-Y", "tcp && !icmp", "-T", "fields", "-E", "aggregator=,"]);
    tshark.args(["-o", &format!("tcp.reassemble_out_of_order:{waits}"), "-d", "tcp.port==8080,http"]);
    tshark.args(FIELDS.iter().flat_map(|field| ["-e", field]));
    let output = tshark.output().unwrap();
    let lines = String::from_utf8_lossy(&output.stdout).lines().map(packet).collect::<Vec<_>>();
    assert!(!lines.is_empty(), "{}: {}", capture.display(), String::from_utf8_lossy(&output.stderr));
    lines
}

fn packet(line: &str) -> Packet {
    let values: [&str; FIELDS.len()] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
    let [
        number,
        stream,
        ipv4,
        ipv6,
        port,
        sequence,
        fin,
        rst,
        method,
        upgrade,
        status,
        opcodes,
        masks,
        codes,
    ] = values;
    let from = if ipv6.is_empty() { format!("{ipv4}:{port}") } else { format!("[{ipv6}]:{port}") };
    Packet {
        number: number.parse().unwrap(),
        stream: stream.parse().unwrap(),
        from,
        sequence: sequence.parse().unwrap(),
        fin: is_set(fin),
        rst: is_set(rst),
        asks_upgrade: !method.is_empty() && upgrade.eq_ignore_ascii_case("websocket"),
        status: status.parse().ok(),
        opcodes: list(opcodes, |value| value.parse().unwrap()),
        masks: list(masks, is_set),
        close_codes: list(codes, |value| value.parse().unwrap()),
    }
}

/// Newer versions write flags as words.
fn is_set(flag: &str) -> bool {
    matches!(flag, "1" | "True")
}

fn list<T>(values: &str, read: impl Fn(&str) -> T) -> Vec<T> {
    values.split(',').filter(|value| !value.is_empty()).map(read).collect()
}
