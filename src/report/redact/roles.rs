//! What each address is in the report: client, server, or the proxy between them.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use super::super::view::{Connection, Pseudonym, Redaction, View};
use super::Redactor;
use super::address::scope;

/// The role of each address, under its original value.
pub(super) struct Roles(HashMap<IpAddr, &'static str>);

/// Looks at all connections; an address that both accepts and opens them is a proxy's.
pub(super) fn of(view: &View) -> Roles {
    let mut roles = HashMap::new();
    for connection in &view.connections {
        note(&mut roles, connection.client.ip, "client");
        note(&mut roles, connection.server.ip, "server");
    }
    let by_id: HashMap<u32, &Connection> = view.connections.iter().map(|each| (each.id, each)).collect();
    for pair in view.sessions.iter().flat_map(|session| session.legs.windows(2)) {
        // One flow seen in two captures has the same ends twice; a proxy has other ones behind it.
        if let (Some(front), Some(back)) = (by_id.get(&pair[0]), by_id.get(&pair[1]))
            && front.server != back.server
        {
            roles.insert(front.server.ip, "proxy");
            roles.insert(back.client.ip, "proxy");
        }
    }
    Roles(roles)
}

fn note(roles: &mut HashMap<IpAddr, &'static str>, ip: IpAddr, role: &'static str) {
    let known = roles.entry(ip).or_insert(role);
    if *known != role && !ip.is_loopback() {
        *known = "proxy";
    }
}

impl Roles {
    /// The pseudonyms of these addresses, each once, in their order.
    pub(super) fn legend(&self, originals: &[IpAddr], by: &mut Redactor) -> Redaction {
        let mut seen = HashSet::new();
        let distinct = originals.iter().filter(|ip| seen.insert(**ip));
        let entry = |ip: &IpAddr| Pseudonym {
            ip: by.address(*ip),
            name: by.name(self.0.get(ip).copied().unwrap_or("host"), &ip.to_string()),
            scope: scope(*ip),
        };
        let addresses = distinct.map(entry).collect();
        Redaction { keyed: by.numbers.is_keyed(), addresses }
    }
}
