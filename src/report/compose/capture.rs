//! The capture files of the view.

use crate::analyze::Analysis;
use crate::capture::{self, About, CaptureSummary, InterfaceSummary};
use crate::flow::PacketRef;

use super::super::view::{Capture, Comment, Interface};

/// A snap length below this cuts packets of an ordinary network.
const WHOLE: u32 = 1500;

pub(super) fn views(captures: &[CaptureSummary], analysis: &Analysis) -> Vec<Capture> {
    captures.iter().zip(0..).map(|(summary, file)| view(summary, file, analysis)).collect()
}

fn view(summary: &CaptureSummary, file: u32, analysis: &Analysis) -> Capture {
    let cut = cut(summary, file, analysis);
    let mut warnings = summary.warnings.clone();
    if summary.warnings_omitted > 0 {
        warnings.push(format!("{} further warnings are not shown", summary.warnings_omitted));
    }
    warnings.extend(cut);
    warnings.extend(too_deep(file, analysis));
    Capture {
        path: summary.path.clone(),
        format: summary.format.name(),
        compression: summary.compression.name(),
        link_types: summary.link_types.iter().map(ToString::to_string).collect(),
        packets: summary.packets,
        bytes: summary.bytes,
        first: summary.first.map(Into::into),
        last: summary.last.map(Into::into),
        snaplen: summary.snaplen,
        dropped: summary.dropped,
        repeated: summary.repeated,
        interfaces: summary.remarks.interfaces.iter().map(interface).collect(),
        interfaces_omitted: summary.remarks.interfaces_omitted,
        comments: summary.remarks.comments.iter().map(|each| comment(each, file)).collect(),
        comments_omitted: summary.remarks.comments_omitted,
        complete: summary.complete,
        warnings,
    }
}

fn interface(summary: &InterfaceSummary) -> Interface {
    Interface {
        id: summary.id,
        name: summary.name.clone(),
        description: summary.description.clone(),
        filter: summary.filter.clone(),
        link_type: summary.link.to_string(),
        snaplen: Some(summary.snaplen).filter(|&snaplen| snaplen > 0),
        dropped: summary.dropped,
    }
}

fn comment(comment: &capture::Comment, file: u32) -> Comment {
    let (about, interface, packet) = match comment.about {
        About::Capture => ("capture", None, None),
        About::Interface(id) => ("interface", Some(id), None),
        About::Packet(number) => ("packet", None, Some(PacketRef::new(file, number).into())),
    };
    Comment { about, interface, packet, text: comment.text.clone() }
}

/// What to say of packets with more tags and tunnels in one another than are followed.
fn too_deep(file: u32, analysis: &Analysis) -> Option<String> {
    let found = analysis.too_deep.iter().find(|found| found.first.file() == file)?;
    let packet = found.first.packet();
    Some(match found.packets - 1 {
        0 => format!(
            "packet {packet} has more tags and tunnels in one another than are followed: it is not read"
        ),
        more => format!(
            "packet {packet} and {more} more have more tags and tunnels in one another than are followed: \
             they are not read"
        ),
    })
}

/// What to say of a snap length that cost bytes of a WebSocket.
fn cut(summary: &CaptureSummary, file: u32, analysis: &Analysis) -> Option<String> {
    let snaplen = summary.snaplen.filter(|&snaplen| snaplen < WHOLE)?;
    analysis.connections.are_cut(file).then(|| {
        format!("packets are cut at {snaplen} bytes (snap length); capture with -s 0 to see everything")
    })
}
