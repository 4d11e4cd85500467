//! The fields of a block that asks for a WebSocket, or answers (RFC 8441 §4, RFC 9113 §8.3).

use std::borrow::Cow;

use super::hpack::{Field, Read};
use crate::flow::Stamp;
use crate::http::head::Field as Plain;
use crate::http::{Request, Response};

/// A request's fields, as they come.
#[derive(Debug, Default)]
pub(super) struct RequestHead {
    is_websocket: bool,
    request: Request,
}

impl RequestHead {
    pub(super) fn field(&mut self, field: &Field<'_>) {
        let Some(field) = plain(field) else { return };
        if field.name == b":protocol" {
            self.is_websocket = field.value.eq_ignore_ascii_case(b"websocket");
        } else {
            self.request.note_extended_connect(&field);
        }
    }

    /// The request, if it asks for a WebSocket.
    pub(super) fn finish(self, read: Read, at: Stamp) -> Option<Request> {
        if !self.is_websocket {
            return None;
        }
        let mut request = Request { at, complete: read == Read::Whole, ..self.request };
        request.judge_extended_connect();
        Some(request)
    }
}

/// An answer's fields, as they come.
#[derive(Debug, Default)]
pub(super) struct ResponseHead {
    response: Response,
}

impl ResponseHead {
    pub(super) fn field(&mut self, field: &Field<'_>) {
        let Some(field) = plain(field) else { return };
        if field.name == b":status" {
            let status = std::str::from_utf8(&field.value).ok().and_then(|text| text.parse().ok());
            self.response.status = status.unwrap_or_default();
        } else {
            self.response.note_field(&field);
        }
    }

    /// The answer, if it is a final one.
    pub(super) fn finish(self, read: Read, at: Stamp) -> Option<Response> {
        let is_final = self.response.status >= 200;
        is_final.then(|| Response { at, complete: read == Read::Whole, ..self.response })
    }
}

/// A field whose name and value are known, in the form that HTTP/1.1 has.
fn plain<'a>(field: &'a Field<'_>) -> Option<Plain<'a>> {
    let (name, value) = (field.name.as_deref()?, field.value.as_deref()?);
    Some(Plain { name, value: Cow::Borrowed(value) })
}
