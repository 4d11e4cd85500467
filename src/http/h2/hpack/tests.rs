use super::*;

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text.bytes().filter(|byte| *byte != b' ').collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn read(decoder: &mut Decoder, block: &[u8]) -> (Vec<String>, Read) {
    let mut fields = Vec::new();
    let shown = |text: &Option<Cow<'_, [u8]>>| {
        text.as_ref().map_or_else(|| "?".to_owned(), |text| String::from_utf8_lossy(text).into_owned())
    };
    let read = decoder
        .block(block, &mut |field| fields.push(format!("{}={}", shown(&field.name), shown(&field.value))));
    (fields, read)
}

/// RFC 7541 Appendix C.4: three requests, Huffman-coded, on one table.
#[test]
fn requests_of_the_rfc() {
    let mut decoder = Decoder::new(65_536);
    let common = [":method=GET", ":scheme=http", ":path=/", ":authority=www.example.com"];
    let first = read(&mut decoder, &unhex("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff"));
    assert_eq!(first.0, common);
    let second = read(&mut decoder, &unhex("8286 84be 5886 a8eb 1064 9cbf"));
    assert_eq!(second.0, [&common[..], &["cache-control=no-cache"]].concat());
    let third = read(&mut decoder, &unhex("8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf"));
    let wanted = [":method=GET", ":scheme=https", ":path=/index.html", common[3], "custom-key=custom-value"];
    assert_eq!(third, (wanted.map(ToOwned::to_owned).to_vec(), Read::Whole));
}

/// RFC 7541 Appendix C.5: answers on a table of 256 bytes, which lets old fields go.
#[test]
fn answers_of_the_rfc() {
    let mut decoder = Decoder::new(256);
    let first = "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a \
                 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d";
    let (fields, _) = read(&mut decoder, &unhex(first));
    assert_eq!(fields[0], ":status=302");
    let (fields, all) = read(&mut decoder, &unhex("4803 3330 37c1 c0bf"));
    let wanted = [
        ":status=307",
        "cache-control=private",
        "date=Mon, 21 Oct 2013 20:13:21 GMT",
        "location=https://www.example.com",
    ];
    assert_eq!((fields, all), (wanted.map(ToOwned::to_owned).to_vec(), Read::Whole));
    // The status 302 had to go for 307.
    assert_eq!(read(&mut decoder, &[0xc2]), (vec!["?=?".to_owned()], Read::InPart));
}

#[test]
fn what_was_missed_is_unknown_and_the_rest_is_read() {
    let mut decoder = Decoder::new(4096);
    let block = unhex("8286 84be 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf");
    let (fields, all) = read(&mut decoder, &block);
    assert_eq!(fields[3..], ["?=?", "custom-key=custom-value"]);
    assert_eq!(all, Read::InPart);
    assert_eq!(read(&mut decoder, &[0xbe]).0, ["custom-key=custom-value"]);
    decoder.forget();
    assert_eq!(read(&mut decoder, &[0xbe]).1, Read::InPart);
}

#[test]
fn a_block_that_breaks_off_gives_what_came_before() {
    let mut decoder = Decoder::new(4096);
    assert_eq!(read(&mut decoder, &[0x82, 0x40, 0x7f]), (vec![":method=GET".to_owned()], Read::InPart));
    assert_eq!(read(&mut decoder, &[0x80]), (vec!["?=?".to_owned()], Read::InPart));
}

#[test]
fn small_blocks_do_not_unfold_without_bound() {
    let mut decoder = Decoder::new(4096);
    let long = [&[0x40, 1, b'a', 0x7f, 0xa1, 0x1e][..], &[b'x'; 4000]].concat();
    assert_eq!(read(&mut decoder, &long).1, Read::Whole);
    let (fields, all) = read(&mut decoder, &[0xbe; 1000]);
    assert_eq!((fields.len(), all), (4, Read::InPart));
}

proptest::proptest! {
    /// Any bytes are read to their end without a panic, and the table keeps its bound.
    #[test]
    fn any_blocks_are_read(blocks in proptest::collection::vec(proptest::collection::vec(0_u8.., 0..200), 0..20)) {
        let mut decoder = Decoder::new(512);
        for block in &blocks {
            let mut taken = 0;
            decoder.block(block, &mut |field| {
                taken += field.name.as_ref().map_or(0, |name| name.len());
                taken += field.value.as_ref().map_or(0, |value| value.len());
            });
            proptest::prop_assert!(taken <= 4 * 512);
        }
    }
}
