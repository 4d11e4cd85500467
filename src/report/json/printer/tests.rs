use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn in_layout(value: &impl Serialize, layout: Layout) -> String {
    let mut out = Vec::new();
    let mut printer = Printer::new(&mut out, layout);
    printer.print(value).unwrap();
    printer.finish().unwrap();
    String::from_utf8(out).unwrap()
}

fn print(value: &impl Serialize) -> String {
    in_layout(value, Layout::Indented)
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let array = prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from);
        let object = prop::collection::btree_map(any::<String>(), inner, 0..4);
        prop_oneof![array, object.prop_map(|map| Value::Object(map.into_iter().collect()))]
    })
}

proptest! {
    #[test]
    fn what_is_printed_is_read_as_the_same(value in value()) {
        let text = print(&value);
        prop_assert_eq!(&serde_json::from_str::<Value>(&text).unwrap(), &value);
        prop_assert!(!text.contains(|letter| letter != '\n' && is_hidden(letter)));
    }

    #[test]
    fn plain_values_have_the_usual_layout(
        value in prop::collection::vec(prop::collection::btree_map("[ -~]{0,4}", "[ -~\n\t\r]{0,9}", 0..3), 0..3)
    ) {
        prop_assert_eq!(print(&value), serde_json::to_string_pretty(&value).unwrap() + "\n");
        let compact = in_layout(&value, Layout::Compact);
        prop_assert_eq!(compact, serde_json::to_string(&value).unwrap() + "\n");
    }
}

proptest! {
    #[test]
    fn moments_stand_as_they_are_said(start in any::<i64>(), steps in prop::collection::vec(0..3_000_000_000_i64, 0..6)) {
        let times: Vec<_> = steps.into_iter().map(|step| Time { unix_ns: start.wrapping_add(step) }).collect();
        let times = [times.as_slice(), &[Time { unix_ns: 0 }, Time { unix_ns: -1 }]];
        prop_assert_eq!(print(&times), serde_json::to_string_pretty(&times).unwrap() + "\n");
        prop_assert_eq!(in_layout(&times, Layout::Compact), serde_json::to_string(&times).unwrap() + "\n");
    }

    #[test]
    fn integers_of_every_length(signed in any::<i64>(), unsigned in any::<u64>(), shift in 0..64_u32, small in any::<i8>()) {
        let value = (signed >> shift, unsigned >> shift, small);
        prop_assert_eq!(print(&value), serde_json::to_string_pretty(&value).unwrap() + "\n");
    }

    #[test]
    fn a_long_key_is_a_key(text in "[ -~]{0,9}") {
        #[derive(serde::Serialize)]
        struct Long {
            a_key_that_is_longer_than_any_other_key_of_the_report: String,
            short: u8,
        }
        let value = Long { a_key_that_is_longer_than_any_other_key_of_the_report: text, short: 7 };
        prop_assert_eq!(print(&value), serde_json::to_string_pretty(&value).unwrap() + "\n");
        prop_assert_eq!(in_layout(&value, Layout::Compact), serde_json::to_string(&value).unwrap() + "\n");
    }
}

#[test]
fn numbers_are_keys_in_quotes() {
    assert_eq!(print(&BTreeMap::from([(1000, 3)])), "{\n  \"1000\": 3\n}\n");
    assert_eq!(print(&json!({ "a": [] })), "{\n  \"a\": []\n}\n");
    assert_eq!(print(&f64::NAN), "null\n");
}

#[test]
fn an_output_that_fails_is_told() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut full = Full;
    let mut printer = Printer::new(&mut full, Layout::Indented);
    let failed = printer.print(&vec!["x".repeat(BUFFER); 3]);
    assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::StorageFull);
    let mut printer = Printer::new(&mut full, Layout::Compact);
    printer.print(&1).unwrap();
    assert_eq!(printer.finish().unwrap_err().kind(), io::ErrorKind::StorageFull);
}
