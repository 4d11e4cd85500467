//! How to take the capture that settles what another could not.

use std::io::{self, Write};

use clap::ValueEnum;

/// Where or how a capture is taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Situation {
    /// On the client's host
    Client,
    /// On the server's host
    Server,
    /// On a proxy, both of its legs at once
    Proxy,
    /// At both ends at the same time
    Both,
    /// In a Kubernetes pod
    Kubernetes,
    /// For days, in a ring of files
    Ring,
    /// Only the start of each packet, where disks are small or payload must not be stored
    Snaplen,
    /// TLS: the session secrets that open it
    Keys,
}

impl Situation {
    const fn text(self) -> &'static str {
        match self {
            Self::Client => CLIENT,
            Self::Server => SERVER,
            Self::Proxy => PROXY,
            Self::Both => BOTH,
            Self::Kubernetes => KUBERNETES,
            Self::Ring => RING,
            Self::Snaplen => SNAPLEN,
            Self::Keys => KEYS,
        }
    }
}

const CLIENT: &str = "\
On the client's host (client)
  tcpdump -i any -s 0 -w client.pcap 'tcp port 443 and host SERVER'

  Shows what the client did and what reached it. It cannot show whether the server or something before
  it spoke: for that, capture there at the same time (both). On Windows: pktmon start --capture, then
  pktmon etl2pcap; on macOS the same tcpdump with -i en0.
";

const SERVER: &str = "\
On the server's host (server)
  tcpdump -i any -s 0 -w server.pcap 'tcp port 8080'

  Shows what the server did. A client's address here may be a proxy's. An RST that the client saw and
  that is not in this capture was forged on the way.
";

const PROXY: &str = "\
On a proxy, both of its legs (proxy)
  tcpdump -i any -s 0 -w proxy.pcap 'tcp port 443 or tcp port 8080'

  The best place: one file holds the leg to the client (443) and the leg to the server (8080). whoclosed
  joins them and tells whether the proxy ended the session or passed an end on. Name every port that the
  proxy listens on and connects to. If legs are on two hosts, capture on both and give both files.
";

const BOTH: &str = "\
At both ends at the same time (both)
  client$ tcpdump -i any -s 0 -w client.pcap 'tcp port 443 and host SERVER'
  server$ tcpdump -i any -s 0 -w server.pcap 'tcp port 8080'
  whoclosed client.pcap server.pcap

  Tells what was lost or forged between them: a packet that left one end and never reached the other, an
  RST that its sender never sent. Let NTP set both clocks before.
";

const KUBERNETES: &str = "\
In a Kubernetes pod (kubernetes)
  kubectl debug -it POD --image=nicolaka/netshoot --target=CONTAINER --profile=netadmin -- \\
    tcpdump -i any -s 0 -U -w - 'tcp port 8080' > pod.pcap

  Needs no tcpdump in the image and no restart. Read it while it runs:
    kubectl debug ... tcpdump -i any -s 0 -U -w - 'tcp port 8080' | whoclosed -
  With a sidecar (Istio, Linkerd), the application's leg is on lo and the other one on eth0: -i any holds
  both, the ports are those of the application and of the proxy (Envoy: 15001, 15006). For an ingress,
  capture in the ingress controller's pod (proxy).
";

const RING: &str = "\
For days, in a ring of files (ring)
  tcpdump -i any -s 0 -C 100 -W 50 -Z root -w ring.pcap 'tcp port 443'

  Keeps the last 50 files of 100 MB and overwrites the oldest. Stop it soon after the drop; give all
  files at once, in any order: whoclosed reads them as one.
    whoclosed ring.pcap*
  By time instead: -G 3600 -w 'ring-%Y%m%d-%H%M%S.pcap' makes one file per hour (no limit on their number).
";

const SNAPLEN: &str = "\
Only the start of each packet (snaplen)
  tcpdump -i any -s 256 -w short.pcap 'tcp port 443'

  256 bytes hold all headers, the whole of small frames (ping, pong, Close with its reason) and most of
  the upgrade; 2,048 hold the upgrade with large cookies too. What -s 128 and less cuts off: Close reasons
  and the upgrade's headers. TLS that is to be opened with session secrets needs whole packets: -s 0.
";

const KEYS: &str = "\
TLS: the session secrets that open it (keys)
  Take a capture from the start of the connection (-s 0), let one end write its secrets, then:
    whoclosed --keylog keys.log incident.pcap
  A secret opens only the sessions it was written for; the file opens them for anybody: keep it as safe.

  Chrome, Edge, Firefox  SSLKEYLOGFILE=$PWD/keys.log chromium (close all windows of it before)
  curl                   SSLKEYLOGFILE=$PWD/keys.log curl ...
  Node.js                node --tls-keylog=keys.log app.js
                         (or NODE_OPTIONS=--tls-keylog=keys.log)
  Python                 SSLKEYLOGFILE=$PWD/keys.log python app.py (3.8 and later, default contexts)
  Java                   java -javaagent:extract-tls-secrets.jar=keys.log -jar app.jar
                         (an agent that others made: neykov/extract-tls-secrets)
  Go                     set KeyLogWriter in the program's tls.Config
  nginx                  ssl_key_log keys.log; (1.27.2 and later, commercial); else preload a library:
                         LD_PRELOAD=./libsslkeylog.so SSLKEYLOGFILE=/tmp/keys.log \\
                         nginx -g 'env SSLKEYLOGFILE;' (else its workers do not see the variable)
  Envoy                  common_tls_context: key_log: { path: /tmp/keys.log }
  HAProxy                tune.ssl.keylog on, and log %[ssl_fc_client_random,hex] with
                         %[ssl_fc_server_traffic_secret_0] and its like

  Or capture where TLS is already off: between the proxy and the server behind it (proxy).
";

/// Writes the help for one situation, or for all.
pub(crate) fn write(situation: Option<Situation>, out: &mut dyn Write) -> io::Result<()> {
    let all = Situation::value_variants();
    let wanted = all.iter().filter(|each| situation.is_none_or(|wanted| wanted == **each));
    for (index, each) in wanted.enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        out.write_all(each.text().as_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_situation_has_its_text_and_its_name_in_it() {
        for situation in Situation::value_variants() {
            let name = situation.to_possible_value().unwrap();
            let text = situation.text();
            assert!(text.lines().next().unwrap().ends_with(&format!("({})", name.get_name())), "{text}");
            assert!(text.lines().all(|line| line.chars().count() <= 110), "{text}");
        }
    }
}
