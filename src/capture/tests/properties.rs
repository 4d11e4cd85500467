//! What must hold for any bytes.

use proptest::prelude::*;

use crate::capture::testing::*;
use crate::limits::Limits;

/// A change at one place of a good file.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let file = prop_oneof![Just(small_pcap(5)), Just(mixed_pcapng())];
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    (file, changes, any::<prop::sample::Index>()).prop_map(|(mut file, changes, cut)| {
        for (place, value) in changes {
            let place = place.index(file.len());
            file[place] = value;
        }
        let kept = file.len() / 2 + cut.index(file.len() / 2 + 1);
        file.truncate(kept);
        file
    })
}

proptest! {
    #[test]
    fn any_bytes_end(start in 0..6_usize, bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let mut file = match start {
            0 => Vec::new(),
            1 => pcap_header(Little, 0xa1b2_c3d4, 0, 1),
            2 => pcap_header(Big, 0xa1b2_cd34, 0, 1),
            3 => section(Little),
            4 => [section(Big), interface(Big, 1, 0, &[])].concat(),
            _ => b"\x0a\x0d\x0d\x0a".to_vec(),
        };
        file.extend(bytes);
        if let Ok(capture) = open(&file) {
            let (seen, summary) = read_all(capture);
            prop_assert!(seen.len() as u64 <= summary.packets);
            prop_assert!(summary.packets <= file.len() as u64);
        }
    }

    #[test]
    fn damaged_files_read_the_same_in_any_pieces(
        file in damaged(),
        sizes in prop::collection::vec(1..70_usize, 1..5),
    ) {
        let limits = Limits { capture_buffer: 64, capture_block: 4096, ..Limits::default() };
        let whole = open_with(Box::new(std::io::Cursor::new(file.clone())), &limits).map(read_all);
        let pieces = open_with(Box::new(Pieces::new(&file, &sizes)), &limits).map(read_all);
        match (whole, pieces) {
            (Ok((seen, summary)), Ok((again, same))) => {
                prop_assert_eq!(seen, again);
                prop_assert_eq!(summary.warnings, same.warnings);
                prop_assert_eq!(summary.complete, same.complete);
            }
            (Err(error), Err(same)) => prop_assert_eq!(error.to_string(), same.to_string()),
            _ => prop_assert!(false, "opened in one way only"),
        }
    }
}
