//! Whole packets in, segments out.

mod headers;
mod links;
mod properties;
mod tunnels;
