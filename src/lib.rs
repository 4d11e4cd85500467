//! Reads packet captures and tells, for each WebSocket in them, who closed it and why.
//!
//! A capture is read once, from left to right. Each room of the crate does one step and knows nothing
//! of those after it:
//!
//! ```text
//! capture ─▶ decode ─▶ tcp ─▶ tls ─▶ http ─▶ ws ─▶ timeline ─▶ facts ─▶ verdict ─▶ report
//! packets    segments  stream plain  upgrade frames events     what      who, why  text, JSON
//! ```
//!
//! Input and output happen at the two ends only. In between, state machines are fed bytes and the
//! times of packets; nothing reads a clock. What the packets show ([`facts`]) and what is inferred from
//! it ([`verdict`]) are kept apart, and every fact names its packet.
//!
//! The program `whoclosed` is a thin shell around this:
//!
//! ```
//! use std::path::Path;
//! use whoclosed::{Analyzer, Capture, Contents, Options, Report};
//!
//! let options = Options::default();
//! let path = Path::new("samples/close-1000-by-client/capture.pcap");
//! let mut capture = Capture::open_path(path, 0, &options.limits)?;
//! let mut analyzer = Analyzer::new(options);
//! while let Some(packet) = capture.next()? {
//!     analyzer.push(&packet);
//! }
//! let report = Report::new(analyzer.finish(), vec![capture.into_summary()], Contents::default());
//!
//! assert_eq!(report.connections[0].verdict.party, "client");
//! # Ok::<(), whoclosed::CaptureError>(())
//! ```

pub mod analyze;
pub mod capture;
pub mod catalogue;
pub mod decode;
pub mod facts;
pub mod flow;
#[doc(hidden)]
pub mod fuzzing;
pub mod heartbeat;
pub mod http;
pub mod limits;
mod prefetch;
pub mod report;
pub mod sessions;
pub mod store;
pub mod tcp;
pub mod time;
pub mod timeline;
pub mod tls;
pub mod verdict;
pub mod ws;

pub use analyze::{Analysis, Analyzer, Options};
pub use capture::{Capture, CaptureError};
pub use limits::Limits;
pub use report::{Contents, View as Report};
