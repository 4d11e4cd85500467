//! Where to look in Wireshark, as names and display filters.

use super::super::view::Connection;
use super::names::Names;

/// Each filter with what it shows.
pub(in crate::report) fn filters(connection: &Connection, names: Names) -> Vec<(String, &str)> {
    let wireshark = &connection.wireshark;
    let mut filters = vec![("Whole connection".to_owned(), wireshark.filter.as_str())];
    for packets in &wireshark.packets {
        filters.push((format!("Key packets{}", names.file(packets.file)), &packets.filter));
    }
    filters
}
