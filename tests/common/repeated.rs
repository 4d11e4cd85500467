//! Captures of very many connections, made of one.

/// The connections of a sample on Ethernet again and again, each time from other ports and ten seconds later.
pub(crate) fn repeated(file: &[u8], times: u16) -> Vec<u8> {
    let (header, records) = file.split_at(24);
    let mut bytes = header.to_vec();
    for time in 0..times {
        let mut rest = records;
        while let Some(len) = rest.get(8..12) {
            let len = u32::from_le_bytes(len.try_into().unwrap()) as usize;
            let (record, behind) = rest.split_at(16 + len);
            let mut record = record.to_vec();
            let seconds = u32::from_le_bytes(record[..4].try_into().unwrap()) + 10 * u32::from(time);
            record[..4].copy_from_slice(&seconds.to_le_bytes());
            // Ethernet and IPv4 without options: the ports come at 34; the server's is 80.
            for port in [16 + 34, 16 + 36] {
                if u16::from_be_bytes([record[port], record[port + 1]]) > 20_000 {
                    record[port..port + 2].copy_from_slice(&(20_001 + time).to_be_bytes());
                }
            }
            bytes.extend(record);
            rest = behind;
        }
    }
    bytes
}
