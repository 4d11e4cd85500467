//! A connection in TLS that no secret opened: what is seen of it, and what its records suggest.

use serde::{Deserialize, Serialize};

use crate::flow::{Side, Sides, Stamp};
use crate::tls::{Beat, Inferred, InferredClose, Record, Upgrade};

use super::event::{EventKind, Guess};
use super::pings::WaitingPing;
use super::recorder::Timeline;

/// What was seen of TLS that no secret opened.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Sealed {
    /// The application protocols that the client offered.
    pub offered: Vec<String>,
    /// The packets that completed the hellos.
    pub hellos: Sides<Option<Stamp>>,
    /// The packet with which the handshake was complete.
    pub established: Option<Stamp>,
    /// The handshake is not in the capture.
    pub is_midstream: bool,
    /// The packet with which the server answered in something that is no TLS.
    pub not_tls: Option<NotTls>,
    /// Records of application data by side, and the bytes of their protected content.
    pub records: Sides<(u64, u64)>,
    /// Heartbeats that records suggest.
    pub beats: Vec<InferredBeat>,
    /// The 101 that they suggest.
    pub upgrade: Option<Upgrade>,
    /// The Close that they suggest.
    pub close: Option<InferredClose>,
}

/// An answer to the client's hello that is no TLS.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct NotTls {
    /// Its packet.
    pub at: Stamp,
    /// It begins as an HTTP answer does.
    pub is_http: bool,
}

/// A heartbeat that records suggest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InferredBeat {
    /// What was found.
    pub beat: Beat,
    /// The oldest that had no answer.
    pub waiting: Option<WaitingPing>,
}

impl Sealed {
    /// The handshake began and was not completed.
    pub fn handshake_failed(&self) -> bool {
        !self.is_midstream && self.established.is_none()
    }

    /// Takes what the records suggest.
    pub(crate) fn infer(&mut self, inferred: Inferred) {
        let waiting = |beat: &Beat| beat.waiting.map(|(at, end)| WaitingPing::unread(at, end));
        let beats = inferred.beats.into_iter();
        self.beats = beats.map(|beat| InferredBeat { waiting: waiting(&beat), beat }).collect();
        (self.upgrade, self.close) = (inferred.upgrade, inferred.close);
    }

    /// Notes a record.
    pub(crate) const fn record(&mut self, record: &Record) {
        let (records, bytes) = self.records.get_mut(record.side);
        *records += 1;
        *bytes = bytes.saturating_add(record.len as u64);
    }
}

impl Timeline {
    /// A side's hello is complete.
    pub fn tls_hello(&mut self, from: Side, at: Stamp) {
        self.history.push(at, Some(from), EventKind::TlsHello);
    }

    /// The TLS handshake is complete: from here on silences count.
    pub fn tls_established(&mut self, at: Stamp) {
        self.history.push(at, None, EventKind::TlsEstablished);
        if self.opened.is_none() {
            self.open(at);
        }
    }

    /// A record of application data that was not opened.
    pub fn tls_data(&mut self, record: &Record) {
        if self.opened.is_none() {
            self.open(record.at);
        }
        let ending = self.ending;
        self.told_gap(|idle, _| idle.frame(record.side, record.at, ending));
        self.history.sealed(record.at, record.side, record.len.into());
    }

    /// An alert that only its length and place show.
    pub fn tls_inferred_alert(&mut self, from: Side, at: Stamp) {
        self.history.push(at, Some(from), EventKind::TlsInferred(Guess::Alert));
    }

    /// Tells what the records of the whole connection suggest.
    pub(crate) fn tls_inferred(&mut self, sealed: &Sealed) {
        if let Some(upgrade) = &sealed.upgrade {
            self.history.push(upgrade.at, Some(Side::Server), EventKind::TlsInferred(Guess::Upgrade));
        }
        let Some(close) = &sealed.close else { return };
        self.history.push(close.at, Some(close.from), EventKind::TlsInferred(Guess::Close));
        if let Some(echo) = close.echo {
            self.history.push(echo, Some(close.from.other()), EventKind::TlsInferred(Guess::CloseEcho));
        }
    }
}
