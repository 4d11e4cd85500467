//! Handshake messages, and the keys that they lead to.

use super::Session;
use crate::flow::{Side, Stamp};
use crate::tls::cipher::Agreed;
use crate::tls::epoch::{Epoch, Stage};
use crate::tls::event::{Event, Why};
use crate::tls::handshake::{HandshakeType, TooLong};
use crate::tls::hello::{ClientHello, EncryptedExtensions, ServerHello};
use crate::tls::keylog::{KeyLog, Random};
use crate::tls::suite::{Suite, Version};

impl Session {
    /// Takes the content of a handshake record.
    pub(super) fn handshake(
        &mut self,
        side: Side,
        content: &[u8],
        at: Stamp,
        keys: &KeyLog,
        sink: &mut impl FnMut(Event<'_>),
    ) {
        self.sides.get_mut(side).messages.push(content);
        while !self.over {
            let taken = match self.sides.get_mut(side).messages.next() {
                Ok(Some((kind, body))) => self.message(side, kind, &body, keys, sink),
                Ok(None) => return,
                Err(TooLong) => Err(Why::HandshakeTooLong),
            };
            if let Err(why) = taken {
                self.stop(why, at, sink);
            }
        }
    }

    fn message(
        &mut self,
        side: Side,
        kind: HandshakeType,
        body: &[u8],
        keys: &KeyLog,
        sink: &mut impl FnMut(Event<'_>),
    ) -> Result<(), Why> {
        match (kind, side) {
            (HandshakeType::CLIENT_HELLO, Side::Client) => return self.client_hello(body, keys),
            (HandshakeType::SERVER_HELLO, Side::Server) => return self.server_hello(body, keys, sink),
            (HandshakeType::ENCRYPTED_EXTENSIONS, Side::Server) => self.extensions(body, sink),
            (HandshakeType::END_OF_EARLY_DATA, Side::Client) => self.leave(side, Stage::Early),
            (HandshakeType::FINISHED, _) if self.is_tls13() => self.leave(side, Stage::Handshake),
            (HandshakeType::KEY_UPDATE, _) if self.is_tls13() => self.update(side),
            _ => {}
        }
        Ok(())
    }

    /// A `ClientHello`: the first, one after a `HelloRetryRequest`, or one that renegotiates.
    fn client_hello(&mut self, body: &[u8], keys: &KeyLog) -> Result<(), Why> {
        let hello = ClientHello::read(body).ok_or(Why::BadHandshake)?;
        if !keys.knows(&hello.random) {
            return Err(Why::NoKeys);
        }
        let is_first = self.client_random.is_none();
        self.client_random = Some(hello.random);
        self.negotiated.sni = hello.sni.or_else(|| self.negotiated.sni.take());
        if is_first {
            self.sides.client.current = Epoch::early(keys, &hello.random);
        }
        Ok(())
    }

    fn server_hello(
        &mut self,
        body: &[u8],
        keys: &KeyLog,
        sink: &mut impl FnMut(Event<'_>),
    ) -> Result<(), Why> {
        let hello = ServerHello::read(body).ok_or(Why::BadHandshake)?;
        if hello.is_retry() {
            // The server takes no early data then (RFC 8446 §4.2.10).
            self.sides.client.current = None;
            self.early.held.clear();
            return Ok(());
        }
        (self.negotiated.version, self.negotiated.cipher) = (Some(hello.version), Some(hello.cipher));
        self.negotiated.alpn = hello.alpn.clone().or_else(|| self.negotiated.alpn.take());
        sink(Event::Negotiated(&self.negotiated));
        if hello.compressed {
            return Err(Why::Compressed);
        }
        let suite = match (hello.version, hello.cipher.suite()) {
            (Version::TLS12 | Version::TLS13, Some(suite)) => suite,
            (Version::TLS12 | Version::TLS13, None) => return Err(Why::UnknownSuite),
            _ => return Err(Why::UnknownVersion),
        };
        match self.client_random {
            _ if self.sides.get(Side::Server).has_opened() && self.is_tls13() => Ok(()),
            None => {
                self.miss_handshake().hello = Some(hello);
                Ok(())
            }
            Some(random) if hello.version == Version::TLS12 => self.agree12(&hello, suite, random, keys),
            Some(random) => self.agree13(suite, &random, keys),
        }
    }

    /// The keys of TLS 1.2 wait for each side's `ChangeCipherSpec`.
    fn agree12(
        &mut self,
        hello: &ServerHello,
        suite: Suite,
        random: Random,
        keys: &KeyLog,
    ) -> Result<(), Why> {
        let agreed = Agreed {
            suite,
            client_random: random,
            server_random: hello.random,
            encrypt_then_mac: hello.encrypt_then_mac,
        };
        for side in [Side::Client, Side::Server] {
            let epoch = Epoch::tls12(keys, &agreed, side);
            if epoch.is_empty() {
                return Err(Why::NoKeys);
            }
            let direction = self.sides.get_mut(side);
            direction.next.clear();
            direction.next.push_back(epoch);
        }
        Ok(())
    }

    /// In TLS 1.3 the server's records are protected at once, the client's after its early data.
    fn agree13(&mut self, suite: Suite, random: &Random, keys: &KeyLog) -> Result<(), Why> {
        let mut found = false;
        for side in [Side::Client, Side::Server] {
            let epochs = [Stage::Handshake, Stage::Application]
                .map(|stage| Epoch::tls13(keys, random, suite, side, stage));
            found |= !epochs[1].is_empty();
            let direction = self.sides.get_mut(side);
            direction.next = epochs.into();
            if direction.stage() != Some(Stage::Early) {
                direction.promote();
            }
        }
        if found { Ok(()) } else { Err(Why::NoKeys) }
    }

    fn extensions(&mut self, body: &[u8], sink: &mut impl FnMut(Event<'_>)) {
        let Some(extensions) = EncryptedExtensions::read(body).filter(|_| self.is_tls13()) else { return };
        self.negotiated.alpn = extensions.alpn;
        sink(Event::Negotiated(&self.negotiated));
        if extensions.early_data {
            self.accept_early(sink);
        }
    }

    /// A stage ends with this message.
    fn leave(&mut self, side: Side, stage: Stage) {
        let direction = self.sides.get_mut(side);
        if direction.stage() == Some(stage) {
            direction.promote();
        }
    }

    /// A `KeyUpdate` changes the keys of its sender (RFC 8446 §4.6.3).
    fn update(&mut self, side: Side) {
        let direction = self.sides.get_mut(side);
        if direction.stage() == Some(Stage::Application) {
            direction.current = direction.current.as_ref().and_then(Epoch::updated);
            direction.messages.renew();
        }
    }
}
