//! What a connection comes to: whether it goes on after a segment, and its records at the end.

use crate::flow::Side;
use crate::timeline::{Kind, Timeline};

use super::{Layer, Reading};
use crate::analyze::framing::{Place, tell};
use crate::analyze::tracked::{Context, Next};

impl Reading {
    /// Whether a segment of a connection that goes on, or `has_ended`, asks for nothing behind what it brought.
    #[inline(always)]
    pub(in crate::analyze) fn is_settled(&mut self, has_ended: bool) -> bool {
        if self.is_settled && !has_ended {
            return true;
        }
        let settled = self.settles(has_ended);
        self.is_settled = settled && self.opaque.is_none();
        settled
    }

    /// The same, as the record says it.
    fn settles(&self, has_ended: bool) -> bool {
        let settled = match (&self.layer, &self.timeline, &self.opaque) {
            (Layer::WebSocket(_), Some(timeline), None) => timeline.is_settled() && self.early_fin.is_none(),
            (Layer::Detecting { .. } | Layer::Http(_) | Layer::Midstream(_), None, None) => !has_ended,
            (_, None, Some(opaque)) => opaque.is_settled() && !has_ended,
            _ => false,
        };
        settled && !self.swapped
    }

    /// What is to be done with the connection, of which nothing more can come if it `is_over`.
    pub(in crate::analyze) fn next(&mut self, is_over: bool, context: &Context) -> Next {
        if let Some(next) = self.next_opaque(is_over, context) {
            return next;
        }
        match self.layer {
            _ if self.timeline.is_some() => Next::GoOn,
            Layer::Http2(ref http2) if !http2.is_empty() => Next::GoOn,
            Layer::Other { is_tls } => Next::Reduce { is_tls },
            _ if is_over => Next::Reduce { is_tls: self.is_tls() },
            _ => Next::GoOn,
        }
    }

    /// The streams have ended.
    pub(in crate::analyze) fn finish(&mut self, context: &Context) {
        self.note_segments();
        self.finish_opaque();
        self.finish_tls(context);
        if let Layer::Http2(http2) = &mut self.layer {
            http2.finish();
        }
        let (Layer::WebSocket(readers) | Layer::Late(_, readers), Some(timeline)) =
            (&mut self.layer, &mut self.timeline)
        else {
            return;
        };
        for side in [Side::Client, Side::Server] {
            let place = Place { end: 0, acked: 0 };
            readers.get_mut(side).finish(&mut |event| tell(timeline, side, event, place));
        }
    }

    /// The records to report, if there are any.
    pub(in crate::analyze) fn into_records(mut self, context: &Context) -> Vec<(Kind, Box<Timeline>)> {
        if !self.is_wanted(context) {
            return Vec::new();
        }
        let tls = self.tls_facts();
        let mut records = match (self.timeline, self.layer) {
            (Some(timeline), _) => {
                // Without the answer, frames are what shows that the upgrade was granted.
                let unproven = self.kind == Kind::WebSocket && timeline.opened.is_none();
                vec![(if unproven { Kind::RefusedUpgrade } else { self.kind }, timeline)]
            }
            (None, Layer::Http2(http2)) => http2.into_records(),
            _ => Vec::new(),
        };
        records.iter_mut().for_each(|(_, timeline)| timeline.tls.clone_from(&tls));
        records
    }
}
