//! An input that is still being written: reading it never keeps the program from anything else.

use std::io::{self, ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// Bytes read at once, and pieces that wait: together the 1 MiB that is read ahead at most.
const PIECE: usize = 64 * 1024;
const PIECES: usize = 16;

/// How long to wait for the next bytes before something else is looked after.
const PATIENCE: Duration = Duration::from_millis(20);

/// How long after Ctrl-C the capturing program may still write what it holds.
const GRACE: Duration = Duration::from_secs(1);

/// How often the user asked for the end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt(Arc<AtomicUsize>);

impl Interrupt {
    /// Counts Ctrl-C, and SIGTERM and SIGHUP where there are such, instead of ending the program.
    pub(crate) fn install() -> Result<Self, ctrlc::Error> {
        let interrupt = Self::default();
        let counted = interrupt.clone();
        ctrlc::set_handler(move || {
            counted.0.fetch_add(1, Ordering::Relaxed);
        })?;
        Ok(interrupt)
    }

    /// Whether it was asked for.
    pub(crate) fn is_wanted(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }

    /// Whether it was asked for a second time.
    fn is_urgent(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 1
    }
}

/// What another thread reads, as far as it has come.
pub(crate) struct Live {
    pieces: Receiver<io::Result<Vec<u8>>>,
    piece: Vec<u8>,
    taken: usize,
    interrupt: Interrupt,
    /// When to stop, once the user asked for it.
    stop_at: Option<Instant>,
    /// Whether to say that there is nothing yet, rather than to wait.
    hurries: Arc<AtomicBool>,
    /// It was said that there is nothing yet.
    said: bool,
}

impl Live {
    /// Starts to read; the answer's flag lets it no longer wait for bytes.
    pub(crate) fn start(
        input: impl Read + Send + 'static,
        interrupt: Interrupt,
    ) -> io::Result<(Self, Arc<AtomicBool>)> {
        let (sender, pieces) = sync_channel(PIECES);
        // It ends with the input or the program: nothing can wake it from a read.
        thread::Builder::new().name("input".to_owned()).spawn(move || pump(input, &sender))?;
        let hurries = Arc::new(AtomicBool::new(false));
        let live = Self {
            pieces,
            piece: Vec::new(),
            taken: 0,
            interrupt,
            stop_at: None,
            hurries: Arc::clone(&hurries),
            said: false,
        };
        Ok((live, hurries))
    }

    /// Whether the input is taken to be over because the user asked for it.
    fn is_stopped(&mut self) -> bool {
        if !self.interrupt.is_wanted() {
            return false;
        }
        let stop_at = *self.stop_at.get_or_insert_with(|| Instant::now() + GRACE);
        self.interrupt.is_urgent() || Instant::now() >= stop_at
    }

    /// Waits for the next piece; `false` at the end.
    fn refill(&mut self) -> io::Result<bool> {
        loop {
            if self.is_stopped() {
                return Ok(false);
            }
            // Packets are handed over late: what is due already is not to wait for the next ones.
            let hurries = self.hurries.load(Ordering::Relaxed);
            let patience = if hurries && !self.said { Duration::ZERO } else { PATIENCE };
            match self.pieces.recv_timeout(patience) {
                Ok(piece) => {
                    (self.piece, self.taken, self.said) = (piece?, 0, false);
                    return Ok(true);
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(false),
                Err(RecvTimeoutError::Timeout) if hurries => {
                    self.said = true;
                    return Err(ErrorKind::WouldBlock.into());
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

impl Read for Live {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.piece.len() && !self.refill()? {
            return Ok(0);
        }
        let rest = self.piece.get(self.taken..).unwrap_or_default();
        let got = rest.len().min(into.len());
        into[..got].copy_from_slice(&rest[..got]);
        self.taken += got;
        Ok(got)
    }
}

/// Reads until the end, a failure, or nobody wants it any more.
fn pump(mut input: impl Read, pieces: &SyncSender<io::Result<Vec<u8>>>) {
    loop {
        let mut piece = vec![0; PIECE];
        let read = match input.read(&mut piece) {
            Ok(0) => return,
            Ok(got) => {
                piece.truncate(got);
                Ok(piece)
            }
            Err(cause) if cause.kind() == ErrorKind::Interrupted => continue,
            Err(cause) => Err(cause),
        };
        let failed = read.is_err();
        if pieces.send(read).is_err() || failed {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn it_waits_until_told_to_hurry() {
        let (input, mut end) = io::pipe().unwrap();
        let (mut live, hurries) = Live::start(input, Interrupt::default()).unwrap();
        let mut bytes = [0; 3];
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(PATIENCE * 2);
                end.write_all(b"abcde").unwrap();
            });
            assert_eq!(live.read(&mut bytes).unwrap(), 3);
        });
        assert_eq!(&bytes, b"abc");
        assert_eq!(live.read(&mut bytes).unwrap(), 2);
        hurries.store(true, Ordering::Relaxed);
        assert_eq!(live.read(&mut bytes).unwrap_err().kind(), ErrorKind::WouldBlock);
        drop(end);
        assert_eq!(live.read(&mut bytes).unwrap(), 0);
    }

    #[test]
    fn an_interrupt_ends_it_after_a_while_and_a_second_one_at_once() {
        let (input, _end) = io::pipe().unwrap();
        let interrupt = Interrupt::default();
        let (mut live, _) = Live::start(input, interrupt.clone()).unwrap();
        interrupt.0.store(1, Ordering::Relaxed);
        let start = Instant::now();
        assert_eq!(live.read(&mut [0; 3]).unwrap(), 0);
        assert!(start.elapsed() >= GRACE);
        let (input, _end) = io::pipe().unwrap();
        let (mut live, _) = Live::start(input, interrupt.clone()).unwrap();
        interrupt.0.store(2, Ordering::Relaxed);
        assert_eq!(live.read(&mut [0; 3]).unwrap(), 0);
    }
}
