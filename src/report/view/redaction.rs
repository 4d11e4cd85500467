//! What was replaced in a report that is to be shared.

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::Serialize;

use super::Word;

/// How a report was made fit to be shared.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Redaction {
    /// The pseudonyms come from a key and are the same in each report made with it.
    pub keyed: bool,
    /// The addresses of the report's connections, each of which stands for another one.
    pub addresses: Vec<Pseudonym>,
}

/// An address that stands for another.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Pseudonym {
    /// The address in the report.
    pub ip: IpAddr,
    /// Its role and a number, such as `client-1` or `proxy-1`.
    pub name: String,
    /// What the original is: `private`, `public`, `loopback` or `link_local`.
    pub scope: Word,
}
