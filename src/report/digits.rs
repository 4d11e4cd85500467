//! Numbers and addresses as digits, without a formatter: reports are full of them.

use std::fmt::Write;
use std::net::IpAddr;

/// The digits of a number below 1,000,000,000.
#[inline]
pub(super) fn nine(number: u32) -> [u8; 9] {
    let mut digits = itoa::Buffer::new();
    // One more digit in front keeps the zeros.
    let text = digits.format(1_000_000_000 + u64::from(number));
    text.as_bytes().last_chunk().copied().unwrap_or([b'0'; 9])
}

/// Adds an address to a text.
pub(super) fn push_ip(text: &mut String, ip: IpAddr) {
    match ip {
        IpAddr::V4(ip) => {
            for (index, octet) in ip.octets().into_iter().enumerate() {
                text.push_str(if index > 0 { "." } else { "" });
                push_number(text, octet);
            }
        }
        IpAddr::V6(ip) => {
            // Writing to a String cannot fail.
            let _ = write!(text, "{ip}");
        }
    }
}

/// Adds a number to a text.
pub(super) fn push_number(text: &mut String, number: impl itoa::Integer) {
    text.push_str(itoa::Buffer::new().format(number));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_written_as_usual() {
        for ip in ["0.0.0.0", "10.20.3.255", "255.255.255.255", "::1", "2001:db8:1::3c4", "::ffff:1.2.3.4"] {
            let mut text = "at ".to_owned();
            push_ip(&mut text, ip.parse().unwrap());
            assert_eq!(text, format!("at {ip}"));
        }
    }

    #[test]
    fn zeros_stand_in_front() {
        for number in [0, 1, 9, 10, 123_456, 100_000_000, 999_999_999] {
            assert_eq!(nine(number).to_vec(), format!("{number:09}").into_bytes());
        }
    }
}
