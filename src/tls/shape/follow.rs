//! From one record to the next: the handshake, alerts, and records that may be alerts.

use super::records::Head;
use super::sizes::Sizes;
use super::{HANDSHAKE_RECORDS, HELLO, Record, Shape, ShapeEvent};
use crate::flow::{Side, Stamp};
use crate::tls::alert::Alert;
use crate::tls::handshake::{HandshakeType, Messages};
use crate::tls::hello::{ClientHello, ServerHello};
use crate::tls::record::ContentType;
use crate::tls::suite::Version;

impl Shape {
    /// The content of a record with handshake messages.
    pub(super) fn handshake(
        &mut self,
        side: Side,
        content: &[u8],
        at: Stamp,
        sink: &mut impl FnMut(ShapeEvent),
    ) {
        let direction = self.sides.get_mut(side);
        if direction.hello {
            return;
        }
        let Some(messages) = &mut direction.messages else { return };
        direction.held += content.len();
        if direction.held > HELLO {
            direction.messages = None;
            return;
        }
        messages.push(content);
        while let Some(messages) = &mut self.sides.get_mut(side).messages {
            match messages.next() {
                Ok(Some((kind, body))) => self.message(side, kind, &body, at, sink),
                Ok(None) => return,
                Err(_) => self.sides.get_mut(side).messages = None,
            }
        }
    }

    fn message(
        &mut self,
        side: Side,
        kind: HandshakeType,
        body: &[u8],
        at: Stamp,
        sink: &mut impl FnMut(ShapeEvent),
    ) {
        match (kind, side) {
            (HandshakeType::CLIENT_HELLO, Side::Client) => {
                let Some(hello) = ClientHello::read(body) else { return };
                (self.negotiated.sni, self.offered) = (hello.sni, hello.alpn);
            }
            (HandshakeType::SERVER_HELLO, Side::Server) => {
                let Some(hello) = ServerHello::read(body) else { return };
                if hello.is_retry() {
                    // Another hello of the client follows.
                    self.sides.client.hello = false;
                    self.sides.client.messages = Some(Messages::default());
                    return;
                }
                (self.negotiated.version, self.negotiated.cipher) = (Some(hello.version), Some(hello.cipher));
                self.negotiated.alpn = hello.alpn;
                self.sizes = Sizes::of(hello.version, hello.cipher);
            }
            _ => return,
        }
        let direction = self.sides.get_mut(side);
        direction.hello = true;
        direction.messages = None;
        sink(ShapeEvent::Hello { side, at });
    }

    /// A whole record.
    pub(super) fn record(
        &mut self,
        side: Side,
        head: Head,
        at: Stamp,
        end: i64,
        sink: &mut impl FnMut(ShapeEvent),
    ) {
        self.records = self.records.saturating_add(1);
        let is_tls13 = self.is_tls13();
        let direction = self.sides.get_mut(side);
        match head.kind {
            ContentType::CHANGE_CIPHER_SPEC => direction.cipher_changed = true,
            ContentType::HANDSHAKE if direction.cipher_changed && !is_tls13 => {
                direction.finished = true;
                if self.sides.client.finished && self.sides.server.finished {
                    self.establish(at, sink);
                }
            }
            ContentType::ALERT => {
                let plain =
                    if direction.cipher_changed || self.established { None } else { head.short_content() };
                let alert = plain.and_then(|content| Alert::read(&content));
                self.settle(sink);
                if alert.is_none_or(Alert::ends) && !self.ended {
                    self.note_end(side, at);
                    self.said_goodbye = Some(side);
                }
                sink(ShapeEvent::Alert { side, alert, at, inferred: false });
            }
            ContentType::APPLICATION_DATA => {
                self.protected(&Record { side, len: head.len, at, end }, sink);
            }
            _ => {}
        }
    }

    /// A record whose type says application data, which in TLS 1.3 all of them do.
    fn protected(&mut self, record: &Record, sink: &mut impl FnMut(ShapeEvent)) {
        if !self.established && self.is_tls13() {
            return self.in_handshake(record, sink);
        }
        if self.negotiated.version.is_none() && !self.midstream {
            // Early data: nothing tells its end.
            return;
        }
        self.establish(record.at, sink);
        // A client's frame is longer; with TLS 1.2, alerts have a type of their own.
        if self.is_tls13() && self.sizes.is_alert(record.len) {
            return self.doubtful(*record, sink);
        }
        self.settle(sink);
        self.data(record, sink);
    }

    /// A record of the handshake of TLS 1.3; the client's Finished is known by its length.
    fn in_handshake(&mut self, record: &Record, sink: &mut impl FnMut(ShapeEvent)) {
        if self.sizes.is_alert(record.len) {
            self.note_end(record.side, record.at);
            return sink(ShapeEvent::Alert { side: record.side, alert: None, at: record.at, inferred: true });
        }
        if record.side == Side::Client {
            self.handshake_records += 1;
            if self.sizes.is_finished(record.len) || self.handshake_records >= HANDSHAKE_RECORDS {
                self.establish(record.at, sink);
            }
        }
    }

    /// A record that has the length of an alert.
    fn doubtful(&mut self, record: Record, sink: &mut impl FnMut(ShapeEvent)) {
        if let Some(before) = self.sides.get_mut(record.side).doubtful.take() {
            // What is followed by another was none.
            let other = self.sides.get_mut(record.side.other()).doubtful.take();
            let other = other.filter(|other| other.at.packet < before.at.packet);
            other.into_iter().chain([before]).for_each(|record| self.data(&record, sink));
        }
        self.sides.get_mut(record.side).doubtful = Some(record);
    }

    /// The doubtful records were data after all.
    pub(super) fn settle(&mut self, sink: &mut impl FnMut(ShapeEvent)) {
        if self.sides.client.doubtful.is_none() && self.sides.server.doubtful.is_none() {
            return;
        }
        let mut doubtful = [self.sides.client.doubtful.take(), self.sides.server.doubtful.take()];
        doubtful.sort_by_key(|record| record.map(|record| record.at.packet));
        doubtful.iter().flatten().for_each(|record| self.data(record, sink));
    }

    fn data(&mut self, record: &Record, sink: &mut impl FnMut(ShapeEvent)) {
        // An alert that could not be read and was followed by more was no goodbye.
        if self.said_goodbye.take_if(|side| *side == record.side).is_some() {
            (self.ended, self.close) = (false, None);
        }
        if !self.ended {
            self.beats.record(record, self.sizes, self.rtt);
            self.likely.record(record, self.sizes);
            self.last.record(*record);
        }
        sink(ShapeEvent::Data(*record));
    }

    pub(super) fn note_end(&mut self, side: Side, at: Stamp) {
        if !std::mem::replace(&mut self.ended, true) {
            let close = self.last.close(self.sizes, &self.beats, self.rtt, side, at);
            self.close = close.map(Box::new);
        }
    }

    fn establish(&mut self, at: Stamp, sink: &mut impl FnMut(ShapeEvent)) {
        if !std::mem::replace(&mut self.established, true) {
            sink(ShapeEvent::Established { at });
        }
    }

    fn is_tls13(&self) -> bool {
        self.negotiated.version == Some(Version::TLS13)
    }
}
