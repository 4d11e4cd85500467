//! What a capture file says beside its packets: where it was taken, and what somebody wrote into it.

use super::super::escape::escape as short;
use super::super::units::count;
use super::super::view::{Capture, Comment, Connection, Endpoint, Interface};
use super::names::Names;

/// Interfaces and comments that are shown; the JSON report has more.
const LISTED: usize = 5;

/// Characters shown of a name.
const NAME: usize = 100;

/// Where a capture was taken, and its comments.
pub(in crate::report) fn remarks(capture: &Capture, names: Names) -> Vec<String> {
    let mut remarks = Vec::new();
    let mut interfaces: Vec<String> = capture.interfaces.iter().filter_map(interface).collect();
    // A section for each part of a file that was put together tells the same again.
    interfaces.dedup();
    if !interfaces.is_empty() {
        let more = interfaces.len().saturating_sub(LISTED) as u64 + capture.interfaces_omitted;
        interfaces.truncate(LISTED);
        if more > 0 {
            interfaces.push(format!("and {more} more"));
        }
        remarks.push(format!("Captured on {}", interfaces.join(", ")));
    }
    remarks.extend(capture.comments.iter().take(LISTED).map(|each| comment(each, capture, names)));
    let more = capture.comments.len().saturating_sub(LISTED) as u64 + capture.comments_omitted;
    if more > 0 {
        remarks.push(format!("{} not shown", count(more, "more comment")));
    }
    remarks
}

/// `client web1.lan, server api.lan`: the names of the addresses, where the capture has them.
pub(super) fn names_of(connection: &Connection) -> String {
    let name = |side: &str, end: &Endpoint| Some(format!("{side} {}", short(end.name.as_ref()?, NAME)));
    let names = [name("client", &connection.client), name("server", &connection.server)];
    names.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// `eth0 "uplink", filter "tcp port 80"`; nothing where the file says neither.
fn interface(interface: &Interface) -> Option<String> {
    let quoted = |text: &String| format!("\u{201c}{}\u{201d}", short(text, NAME));
    let mut words: Vec<String> = interface.name.iter().map(|name| short(name, NAME)).collect();
    words.extend(interface.description.iter().map(quoted));
    words.extend(interface.filter.iter().map(|filter| format!("with the filter {}", quoted(filter))));
    Some(words.join(" ")).filter(|words| !words.is_empty())
}

fn comment(comment: &Comment, capture: &Capture, names: Names) -> String {
    let named = |id: u32| capture.interfaces.iter().find(|each| each.id == id)?.name.as_deref();
    let about = match (comment.packet, comment.interface) {
        (Some(packet), _) => format!(" on {}", names.packet(packet)),
        (None, Some(id)) => {
            let name = named(id).map_or_else(|| format!("interface {id}"), |name| short(name, NAME));
            format!(" on {name}")
        }
        (None, None) => String::new(),
    };
    format!("Comment{about}: {}", comment.text)
}
