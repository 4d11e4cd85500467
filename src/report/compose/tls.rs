//! The TLS layer of the view.

use crate::flow::{Side, Sides};
use crate::timeline::{Sealed, Tls, TlsAlert};
use crate::tls::{InferredClose, KeySource, Why};
use crate::verdict::Confidence;

use super::super::view;

pub(super) fn view(tls: &Tls) -> view::Tls {
    let agreed = &tls.negotiated;
    let sealed = tls.sealed.as_deref();
    view::Tls {
        version: agreed.version.map(|version| version.to_string()),
        cipher: agreed.cipher.map(|cipher| cipher.to_string()),
        sni: agreed.sni.clone(),
        alpn: agreed.alpn.clone(),
        decrypted: agreed.keys_from.is_some(),
        keys_from: agreed.keys_from.map(KeySource::name),
        alerts: tls.alerts.iter().map(alert).collect(),
        found_at_record: Some(agreed.found_at).filter(|found| *found != Sides::default()),
        not_decrypted: not_decrypted(tls),
        alpn_offered: sealed.map(|sealed| sealed.offered.clone()).unwrap_or_default(),
        client_hello: sealed.and_then(|sealed| sealed.hellos.client).map(Into::into),
        server_hello: sealed.and_then(|sealed| sealed.hellos.server).map(Into::into),
        established: sealed.and_then(|sealed| sealed.established).map(Into::into),
        inferred: sealed.map(|sealed| inferred(sealed, &tls.alerts)).unwrap_or_default(),
    }
}

/// Why it was not read; where no secrets were given, none is known.
fn not_decrypted(tls: &Tls) -> Option<view::NotDecrypted> {
    let is_sealed = tls.sealed.is_some() && tls.negotiated.keys_from.is_none();
    let why = tls.not_decrypted.or_else(|| is_sealed.then_some(Why::NoKeys))?;
    Some(view::NotDecrypted { reason: why.name(), text: why.text() })
}

fn alert(alert: &TlsAlert) -> view::TlsAlert {
    view::TlsAlert {
        from: alert.from.name(),
        level: alert.alert.and_then(|alert| alert.level.name()),
        description: alert.alert.map(|alert| alert.description.to_string()),
        inferred: alert.inferred,
        packet: alert.at.packet.into(),
        time: alert.at.time.into(),
    }
}

/// What the records of a connection suggest, in the order of the capture.
fn inferred(sealed: &Sealed, alerts: &[TlsAlert]) -> Vec<view::TlsInferred> {
    let upgrade = sealed.upgrade.iter().map(|upgrade| view::TlsInferred {
        kind: "upgrade",
        from: Side::Server.name(),
        packet: upgrade.at.packet.into(),
        time: upgrade.at.time.into(),
        confidence: Confidence::Low.name(),
        why: upgrade.why.clone(),
    });
    let closes = sealed.close.iter().flat_map(|close| {
        let echo = close.echo.map(|at| ("close_echo", close.from.other(), at));
        let both = [Some(("close", close.from, close.at)), echo].into_iter().flatten();
        both.map(|(kind, from, at)| view::TlsInferred {
            kind,
            from: from.name(),
            packet: at.packet.into(),
            time: at.time.into(),
            confidence: confidence(close).name(),
            why: close.why.clone(),
        })
    });
    let hidden = alerts.iter().filter(|alert| alert.alert.is_none());
    let goodbyes = hidden.map(|alert| view::TlsInferred {
        kind: "alert",
        from: alert.from.name(),
        packet: alert.at.packet.into(),
        time: alert.at.time.into(),
        confidence: Confidence::Medium.name(),
        why: if alert.inferred {
            "its record has the length of an alert, and nothing but the end of its side comes behind it"
                .to_owned()
        } else {
            "an encrypted alert; at the end of its side it is a close_notify".to_owned()
        },
    });
    let mut all: Vec<_> = upgrade.chain(closes).chain(goodbyes).collect();
    all.sort_by_key(|each| each.packet);
    all
}

/// How sure an inferred Close is.
const fn confidence(close: &InferredClose) -> Confidence {
    if close.is_plain && close.echo.is_some() { Confidence::Medium } else { Confidence::Low }
}
