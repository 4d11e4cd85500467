//! What a pcapng file says beside its packets: its interfaces, comments, and names of addresses.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::limits::Limits;

use super::packet::LinkType;

/// Bytes that a named address takes beside its name.
const NAME_COST: usize = 96;

/// What ends a text that was cut.
const CUT: char = '…';

/// What a capture file says beside its packets, under bounds; all of it may be hostile text.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Remarks {
    /// Its interfaces, in the order in which it describes them.
    pub interfaces: Vec<InterfaceSummary>,
    /// Interfaces that are not listed.
    pub interfaces_omitted: u64,
    /// Its comments, in their order.
    pub comments: Vec<Comment>,
    /// Comments that are not listed.
    pub comments_omitted: u64,
    names: HashMap<IpAddr, String>,
    most_listed: usize,
    longest_text: usize,
    /// Bytes of names that may still be kept.
    room_for_names: usize,
}

/// An interface as the file describes it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InterfaceSummary {
    /// Its number in its section, Wireshark's `frame.interface_id`.
    pub id: u32,
    /// Its name, such as `eth0`.
    pub name: Option<String>,
    /// What its user calls it.
    pub description: Option<String>,
    /// The capture filter: what does not match it is not in the file.
    pub filter: Option<String>,
    /// Its link-layer type.
    pub link: LinkType,
    /// Most bytes captured of one packet; 0 is no limit.
    pub snaplen: u32,
    /// Packets lost on it, where the file says.
    pub dropped: Option<u64>,
}

/// What somebody wrote into a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Comment {
    /// What it is about.
    pub about: About,
    /// The text.
    pub text: String,
}

/// What a comment is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum About {
    /// The capture.
    Capture,
    /// The interface with this number.
    Interface(u32),
    /// The packet with this number.
    Packet(u64),
}

impl Remarks {
    /// Nothing was said yet.
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            interfaces: Vec::new(),
            interfaces_omitted: 0,
            comments: Vec::new(),
            comments_omitted: 0,
            names: HashMap::new(),
            most_listed: limits.capture_listed,
            longest_text: limits.capture_text,
            room_for_names: limits.capture_names,
        }
    }

    /// The name that the file gives to an address.
    pub fn name_of(&self, ip: IpAddr) -> Option<&str> {
        self.names.get(&ip).map(String::as_str)
    }

    /// Interfaces described so far, those that are not listed included.
    pub(super) fn described(&self) -> usize {
        self.interfaces.len().saturating_add(usize::try_from(self.interfaces_omitted).unwrap_or(usize::MAX))
    }

    /// Lists an interface.
    pub(super) fn interface(&mut self, interface: InterfaceSummary) {
        if self.interfaces.len() < self.most_listed {
            self.interfaces.push(interface);
        } else {
            self.interfaces_omitted = self.interfaces_omitted.saturating_add(1);
        }
    }

    /// Notes what was lost on the interface `id` of the section that is listed from `start` on.
    pub(super) fn lost_on(&mut self, start: usize, id: u32, packets: u64) {
        let section = self.interfaces.get_mut(start..).unwrap_or_default();
        if let Some(interface) = section.iter_mut().find(|interface| interface.id == id) {
            interface.dropped = Some(packets);
        }
    }

    /// Keeps a comment; `false` where there is none or no room for it.
    pub(super) fn comment(&mut self, about: About, text: &[u8]) -> bool {
        let Some(text) = self.text(text) else { return false };
        let has_room = self.comments.len() < self.most_listed;
        if has_room {
            self.comments.push(Comment { about, text });
        } else {
            self.comments_omitted = self.comments_omitted.saturating_add(1);
        }
        has_room
    }

    /// The comments on a packet.
    pub fn on_packet(&self, number: u64) -> impl Iterator<Item = &str> {
        let comments = self.comments.iter().filter(move |each| each.about == About::Packet(number));
        comments.map(|each| each.text.as_str())
    }

    /// Keeps the name of an address, the first one that it is given; `false` where there is no room.
    pub(super) fn name(&mut self, ip: IpAddr, name: &[u8]) -> bool {
        let Some(name) = self.text(name).filter(|_| !self.names.contains_key(&ip)) else { return true };
        let Some(room) = self.room_for_names.checked_sub(NAME_COST + name.len()) else { return false };
        self.room_for_names = room;
        self.names.insert(ip, name);
        true
    }

    /// Bytes as text that is not too long; `None` where there is none.
    pub(super) fn text(&self, bytes: &[u8]) -> Option<String> {
        let (kept, is_cut) = match bytes.get(..self.longest_text) {
            Some(kept) if kept.len() < bytes.len() => (kept, true),
            _ => (bytes, false),
        };
        let mut text = String::from_utf8_lossy(kept).trim_end_matches(['\0', '\u{fffd}']).trim().to_owned();
        if is_cut && !text.is_empty() {
            text.push(CUT);
        }
        Some(text).filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remarks() -> Remarks {
        let limits = Limits { capture_listed: 2, capture_text: 8, capture_names: 250, ..Limits::default() };
        Remarks::new(&limits)
    }

    #[test]
    fn comments_are_bounded_in_number_and_length() {
        let mut remarks = remarks();
        for text in [&b"it hung \xe2\x86\x92 here"[..], b" \0", b"x\n", b"more"] {
            remarks.comment(About::Packet(7), text);
        }
        let texts: Vec<_> = remarks.comments.iter().map(|comment| comment.text.as_str()).collect();
        assert_eq!((texts, remarks.comments_omitted), (vec!["it hung…", "x"], 1));
    }

    #[test]
    fn an_address_keeps_its_first_name_and_names_are_bounded() {
        let mut remarks = remarks();
        let ip = |last: u8| IpAddr::from([10, 0, 0, last]);
        assert!(remarks.name(ip(1), b"db") && remarks.name(ip(1), b"other") && remarks.name(ip(2), b""));
        assert!(remarks.name(ip(3), b"api") && !remarks.name(ip(4), b"web"));
        let names = [1, 2, 3, 4].map(|last| remarks.name_of(ip(last)).map(str::to_owned));
        assert_eq!(names, [Some("db".to_owned()), None, Some("api".to_owned()), None]);
    }
}
