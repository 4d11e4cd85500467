//! What the tests of the whole program share.

#![allow(dead_code, reason = "each test uses its part")]

pub(crate) mod compress;
pub(crate) mod encode;
pub(crate) mod expect;
pub(crate) mod formats;
pub(crate) mod memory;
pub(crate) mod page;
pub(crate) mod remarked;
pub(crate) mod repeated;
pub(crate) mod report;
pub(crate) mod sample;
pub(crate) mod secrets;
pub(crate) mod session;
pub(crate) mod wrap;
