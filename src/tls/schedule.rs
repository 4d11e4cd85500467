//! The key schedules: the PRF of TLS 1.2 (RFC 5246 §5) and HKDF-Expand-Label (RFC 8446 §7.1).

use super::hash::Hash;
use super::secret::Secret;

/// Fills `out` with the PRF of TLS 1.2 (RFC 5246 §5).
pub(super) fn prf(hash: Hash, secret: &Secret, label: &[u8], seeds: [&[u8]; 2], out: &mut [u8]) {
    let key = secret.bytes();
    let mut a = hash.hmac(key, &[label, seeds[0], seeds[1]]);
    for chunk in out.chunks_mut(hash.len()) {
        let block = hash.hmac(key, &[a.bytes(), label, seeds[0], seeds[1]]);
        chunk.copy_from_slice(&block.bytes()[..chunk.len()]);
        a = hash.hmac(key, &[a.bytes()]);
    }
}

/// Fills `out` with HKDF-Expand-Label of an empty context (RFC 8446 §7.1).
pub(super) fn expand_label(hash: Hash, secret: &Secret, label: &str, out: &mut [u8]) {
    const PREFIX: &[u8] = b"tls13 ";
    let length = (out.len() as u16).to_be_bytes();
    let label_length = [(PREFIX.len() + label.len()) as u8];
    let mut previous = Secret::zeros(0);
    for (number, chunk) in (1..=u8::MAX).zip(out.chunks_mut(hash.len())) {
        let info: [&[u8]; 7] =
            [previous.bytes(), &length, &label_length, PREFIX, label.as_bytes(), &[0], &[number]];
        previous = hash.hmac(secret.bytes(), &info);
        chunk.copy_from_slice(&previous.bytes()[..chunk.len()]);
    }
}

/// The traffic secret that follows a `KeyUpdate` (RFC 8446 §7.2).
pub(super) fn updated(hash: Hash, secret: &Secret) -> Secret {
    let mut next = Secret::zeros(hash.len());
    expand_label(hash, secret, "traffic upd", next.bytes_mut());
    next
}

#[cfg(test)]
mod tests {
    use super::super::testing::hex;
    use super::*;

    /// The published test vector of the PRF with SHA-256.
    #[test]
    fn prf_with_sha256() {
        let secret = Secret::new(&hex("9bbe436ba940f017b17652849a71db35"));
        let seed = hex("a0ba9f936cda311827a6f796ffd5198c");
        let mut out = [0; 100];
        prf(Hash::Sha256, &secret, b"test label", [&seed, &[]], &mut out);
        let expected = "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a\
            6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab\
            4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701\
            87347b66";
        assert_eq!(out[..], hex(expected));
    }

    /// The published test vector of the PRF with SHA-384.
    #[test]
    fn prf_with_sha384() {
        let secret = Secret::new(&hex("b80b733d6ceefcdc71566ea48e5567df"));
        let seed = hex("cd665cf6a8447dd6ff8b27555edb7465");
        let mut out = [0; 148];
        prf(Hash::Sha384, &secret, b"test label", [&seed, &[]], &mut out);
        let expected = "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cd\
            e9ca0faa60be9fe34f82b1233c9146a0e534cb400fed2700884f9dc236f80edd\
            8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d918425\
            9b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee6\
            91c8f3a26854308d5eaa3be85e0990703d73e56f";
        assert_eq!(out[..], hex(expected));
    }

    /// RFC 8448 §3: the client's handshake traffic keys.
    #[test]
    fn handshake_keys_of_rfc_8448() {
        let secret = Secret::new(&hex("b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21"));
        let (mut key, mut iv) = ([0; 16], [0; 12]);
        expand_label(Hash::Sha256, &secret, "key", &mut key);
        expand_label(Hash::Sha256, &secret, "iv", &mut iv);
        assert_eq!(key[..], hex("dbfaa693d1762c5b666af5d950258d01"));
        assert_eq!(iv[..], hex("5bd3c71b836e0b76bb73265f"));
    }
}
