use super::super::suite::CipherSuite;
use super::super::testing::hex;
use super::*;

/// RFC 8448 §3: the first application data of the client.
#[test]
fn application_data_of_rfc_8448() {
    let secret = Secret::new(&hex("9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5"));
    let suite = CipherSuite(0x1301).suite().unwrap();
    let opener = Opener::tls13(&suite, &secret).unwrap();
    let bytes =
        hex("1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd54a9a20\
        441e2b62974e1f5a6292a2977014bd1e3deae63aeebb21694915e4");
    let record = Record::whole(&bytes).unwrap();
    let mut content = Vec::new();
    assert_eq!(opener.open(0, &record, &mut content), Some(ContentType::APPLICATION_DATA));
    assert_eq!(content, (0..50).collect::<Vec<u8>>());
    assert_eq!(opener.overhead(), Some(bytes.len() as u64 - 50));
    assert_eq!(opener.open(1, &record, &mut content), None);
}

#[test]
fn a_secret_of_another_hash_gives_no_keys() {
    let suite = CipherSuite(0x1302).suite().unwrap();
    assert!(Opener::tls13(&suite, &Secret::zeros(32)).is_none());
}

#[test]
fn records_too_short_for_their_protection_do_not_open() {
    let master = Secret::new(&[7; 48]);
    for number in [0x2f, 0x9c, 0xc028, 0xc0a1, 0xcca8] {
        let suite = CipherSuite(number).suite().unwrap();
        for encrypt_then_mac in [false, true] {
            let agreed = Agreed { suite, client_random: [1; 32], server_random: [2; 32], encrypt_then_mac };
            let opener = Opener::tls12(&agreed, &master, Side::Client).unwrap();
            for len in 0..100 {
                let bytes = [&[23, 3, 3, 0, len][..], &vec![0; usize::from(len)]].concat();
                let record = Record::whole(&bytes).unwrap();
                assert_eq!(opener.open(0, &record, &mut Vec::new()), None);
            }
        }
    }
}

/// RFC 7905 §2: the number, padded on the left to the length of the IV, over the IV. The records were sealed
/// step by step as the RFC tells, with OpenSSL's cipher and HMAC.
#[test]
fn chacha20_records_of_tls12_as_another_implementation_seals_them() {
    let suite = CipherSuite(0xcca8).suite().unwrap();
    let (client_random, server_random, encrypt_then_mac) = ([1; 32], [2; 32], false);
    let agreed = Agreed { suite, client_random, server_random, encrypt_then_mac };
    let sealed: [(Side, u64, &[u8], &str); 2] = [
        (Side::Client, 0, b"hello", "17030300152e999d609bc43df7ae2033f0bf6b80781826556091"),
        (
            Side::Server,
            0x0102_0304_0506_0708,
            b"a message",
            "1703030019ddaf70f6881dc4d7c3a2cb82350712643db0244da59bd0d27f",
        ),
    ];
    for (side, number, text, bytes) in sealed {
        let opener = Opener::tls12(&agreed, &Secret::new(&[7; 48]), side).unwrap();
        let (bytes, mut content) = (hex(bytes), Vec::new());
        let record = Record::whole(&bytes).unwrap();
        assert_eq!(opener.open(number, &record, &mut content), Some(ContentType::APPLICATION_DATA));
        assert_eq!(content, text);
        for other in [number + 1, number ^ 1 << 56, number.swap_bytes() + 1] {
            assert_eq!(opener.open(other, &record, &mut content), None);
        }
    }
}
