//! pcapng files with session secrets in them, taken apart and put together again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A block of a pcapng file in little-endian order: its type and all its bytes.
pub(crate) type Block = (u32, Vec<u8>);

/// Types of blocks.
pub(crate) const ENHANCED_PACKET: u32 = 6;
pub(crate) const DECRYPTION_SECRETS: u32 = 10;

pub(crate) fn sample(name: &str) -> Vec<Block> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let bytes = fs::read(root.join(name).join("capture.pcapng")).unwrap();
    let mut rest = &bytes[..];
    let mut blocks = Vec::new();
    while let Some((head, _)) = rest.split_first_chunk::<8>() {
        let number = |at: usize| u32::from_le_bytes(head[at..at + 4].try_into().unwrap());
        let (block, behind) = rest.split_at(number(4) as usize);
        blocks.push((number(0), block.to_vec()));
        rest = behind;
    }
    blocks
}

/// The blocks without secrets, and the text of the secrets.
pub(crate) fn parted(blocks: Vec<Block>) -> (Vec<Block>, String) {
    let (secrets, others): (Vec<_>, Vec<_>) =
        blocks.into_iter().partition(|(kind, _)| *kind == DECRYPTION_SECRETS);
    let text = |block: &[u8]| {
        let len = u32::from_le_bytes(block[12..16].try_into().unwrap()) as usize;
        String::from_utf8(block[16..16 + len].to_vec()).unwrap()
    };
    (others, secrets.iter().map(|(_, block)| text(block)).collect())
}

/// A folder with a capture and a key log.
pub(crate) struct Bench {
    pub(crate) folder: tempfile::TempDir,
}

impl Bench {
    pub(crate) fn new(blocks: &[Block], keys: &str) -> Self {
        let bench = Self { folder: tempfile::tempdir().unwrap() };
        let bytes: Vec<u8> = blocks.iter().flat_map(|(_, block)| block.clone()).collect();
        fs::write(bench.path("capture.pcapng"), bytes).unwrap();
        fs::write(bench.path("keys.log"), keys).unwrap();
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whoclosed"));
        command.current_dir(self.folder.path()).args(["--format", "json"]).args(arguments);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub(crate) fn report(&self, arguments: &[&str]) -> Value {
        report(&self.run(arguments))
    }
}

pub(crate) fn report(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The cases whose capture holds its secrets.
pub(crate) fn all() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let folders = fs::read_dir(root).unwrap().map(|entry| entry.unwrap());
    let has_capture = folders.filter(|folder| folder.path().join("capture.pcapng").exists());
    let names = has_capture.map(|folder| folder.file_name().into_string().unwrap());
    let found: Vec<_> = names.filter(|name| !parted(sample(name)).1.is_empty()).collect();
    assert!(found.len() > 25);
    found
}

/// The line with another secret.
pub(crate) fn spoiled(line: &str) -> String {
    let Some((start, secret)) = line.rsplit_once(' ') else { return line.to_owned() };
    let other = |digit: char| if digit == '0' { '1' } else { '0' };
    format!("{start} {}", secret.chars().map(other).collect::<String>())
}

/// The place of a packet's block.
pub(crate) fn packet(blocks: &[Block], number: u64) -> usize {
    let mut packets = (0..).zip(blocks).filter(|(_, (kind, _))| *kind == ENHANCED_PACKET);
    packets.nth(number as usize - 1).unwrap().0
}

/// The blocks without the packets up to and including that with this number.
pub(crate) fn behind(blocks: &[Block], number: u64) -> Vec<Block> {
    let last = packet(blocks, number);
    let kept = (0..).zip(blocks).filter(|(at, (kind, _))| *at > last || *kind != ENHANCED_PACKET);
    kept.map(|(_, block)| block.clone()).collect()
}
