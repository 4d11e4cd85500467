"""What kernels send: closes, aborts, answers for lost connections, and giving up."""

from cases import Case, Truth, scenario
from scenarios.closes import BY_CLIENT, BY_SERVER
from scenarios.common import JS_CLIENT, JS_SERVER, RAW_CLIENT, RAW_SERVER, SERVER, SERVER6, URL, wait
from scenarios.ends import FIN_BY_SERVER, RST_BY_CLIENT, RST_BY_SERVER

ABRUPT = ["process_exit", "unknown"]
FIN_BY_CLIENT = Truth("fin_without_close", "client", ["client"])
SILENCE = Truth("silence", "none", ["network"]).judged(
    "network", "unknown", cause=["path_lost", "unknown"])
WIRE = ["--delay", "0.01"]
NO_FIREWALL = "A forged reset or a firewall: the reset is what the host's own kernel sends."


def lost_state(closer, *parties, forged=False, **rest):
    """A host answers that it knows no such connection. Which box lost it stays open."""
    truth = Truth("rst_without_close", closer, list(parties), forged=forged)
    return truth.judged(*parties, "unknown", cause="lost_state", **rest)


@scenario(Case(
    "ipv6-close-unread-at-server", at="server",
    truth=[RST_BY_SERVER.judged("server", cause=ABRUPT, cites=["first_end"])],
    must="The server ended it with a reset of its own (RST+ACK); the client's text was left unread.",
    must_not=NO_FIREWALL))
def ipv6_close_unread(lab):
    """Over IPv6, the server program hangs (SIGSTOP) while a text arrives, and is then killed.
    Its kernel ends the connection with a RST, because data was unread."""
    server = lab.server(JS_SERVER, "--echo")
    client = lab.client(JS_CLIENT, f"ws://[{SERVER6}]:8080/live", "text hello", "message",
                        "sleep 1", "text are you there", "closed")
    wait(1)
    server.freeze()
    wait(1.5)
    server.kill()
    client.wait()


@scenario(Case(
    "abort-by-admin-at-client",
    truth=[RST_BY_SERVER.judged("server", cause=ABRUPT + ["application"], cites=["first_end"])],
    must="The server's host ended it with a reset of its own (RST+ACK), with nothing left unanswered.",
    must_not=NO_FIREWALL))
def abort_by_admin(lab):
    """An administrator of the server's host kills the connection in the kernel (`ss -K`),
    while both programs are quiet and well."""
    lab.server(JS_SERVER, "--echo")
    client = lab.client(JS_CLIENT, URL, "text hello", "message", "closed")
    wait(1.5)
    lab.command("server", "ss", "-K", "state", "established", "sport", "=", "8080")
    client.wait()


@scenario(Case(
    "abort-at-zero-window-at-client",
    truth=[RST_BY_SERVER.judged("server", cause=["slow_reader"], cites=["first_end"])],
    must="The server ended it with a reset of its own, while the client's window was zero: the "
         "client had stopped reading.",
    must_not=NO_FIREWALL))
def abort_at_zero_window(lab):
    """The client's program stops reading until its window is closed. Two seconds later the
    server's application aborts the connection with data still unsent."""
    lab.server(JS_SERVER, "flood 30 1000", "sleep 2", "reset")
    lab.client(RAW_CLIENT, SERVER, "8080", "--receive-buffer", "4096", "sleep 60")
    wait(3.5)


@scenario(Case(
    "node-crash-after-message-at-client",
    truth=[FIN_BY_SERVER.judged("server", "intermediary", "unknown", cause=ABRUPT, cites=["first_end"])],
    must="The server ended it with a FIN and without a Close frame, at once after the client's message.",
    must_not="An orderly shutdown, or an idle timeout."))
def node_crash(lab):
    """A bug: the server's program throws an error on the client's second message and dies. Its
    kernel ends the connection with a FIN."""
    lab.server(JS_SERVER, "text welcome", "message", "message", "throw")
    lab.run_client(JS_CLIENT, URL, "text hello", "sleep 1", "text the one that kills", "closed")


LATE = dict(
    must="The server ended it with a FIN and without a Close frame; the reset only answers data that "
         "the client sent after that.",
    must_not="That the reset ended it, or that anything forged it.")


@scenario(Case("fin-then-late-data-at-server", at="server",
               truth=[FIN_BY_SERVER.judged("server", cause=ABRUPT, cites=["first_fin"])], **LATE),
          wire=WIRE)
def late_data(lab):
    """The server closes its socket without a Close frame. The client's program has not noticed
    and sends another text, which the server's kernel answers with a RST."""
    lab.server(RAW_SERVER, "text welcome", "read 1", "fin")
    lab.run_client(RAW_CLIENT, SERVER, "8080", "text hello", "read 0.5", "sleep 1", "text late", "sleep 0.5")


@scenario(Case("orphan-expired-at-client",
               truth=[FIN_BY_SERVER.judged("server", "intermediary", "unknown", cause=ABRUPT,
                                           cites=["first_fin"])], **LATE),
          wire=WIRE)
def orphan_expired(lab):
    """The server closes its socket without a Close frame, and its kernel keeps the half-closed
    rest for two seconds only (`tcp_fin_timeout`). Two seconds after that the client sends a
    text, and the kernel, which knows nothing any more, answers with a RST."""
    lab.command("server", "sysctl", "-qw", "net.ipv4.tcp_fin_timeout=2")
    lab.server(RAW_SERVER, "text welcome", "read 1", "fin")
    lab.run_client(RAW_CLIENT, SERVER, "8080", "text hello", "read 0.5", "sleep 4.5", "text late", "sleep 0.5")


@scenario(Case("fin-forgotten-at-client",
               truth=[FIN_BY_SERVER.judged("server", "intermediary", "unknown", cause=ABRUPT,
                                           cites=["first_fin"])],
               must="The server ended it with a FIN and without a Close frame; the reset answers the "
                    "client's acknowledgement of that FIN.",
               must_not="That the reset ended it, or that anything forged it."),
          wire=WIRE)
def fin_forgotten(lab):
    """The server closes its socket so that its kernel forgets it right after the FIN
    (TCP_LINGER2 of -1): the client's acknowledgement is answered with a RST."""
    lab.server(RAW_SERVER, "text welcome", "read 1", "fin-no-wait")
    lab.run_client(RAW_CLIENT, SERVER, "8080", "text hello", "read 3")


@scenario(Case(
    "rst-after-peer-fin-at-server", at="server",
    truth=[FIN_BY_CLIENT.judged("client", cause=ABRUPT, cites=["first_fin"])],
    must="The client ended it with a FIN and without a Close frame. The server's reset came later: "
         "it closed with the client's last text unread.",
    must_not="That the server ended it."))
def rst_after_peer_fin(lab):
    """The client sends a text and closes its socket. The server's program is busy; a second
    later it closes its own without having read the text, so its kernel sends a RST."""
    lab.server(RAW_SERVER, "text welcome", "read 0.5", "sleep 1.5", "fin")
    lab.run_client(RAW_CLIENT, SERVER, "8080", "text hello", "read 1", "text bye", "shut", "sleep 2")


@scenario(
    Case("state-lost-at-server", at="server",
         truth=[lost_state("server", "server", "network", cites=["first_reset"])],
         must="This host itself answered the client's text with a bare reset: it no longer knew the "
              "connection, which had been quiet for two seconds.",
         must_not="A forged reset, or that the server's program closed just then."),
    wire=WIRE)
def state_lost_at_server(lab):
    """The server's kernel forgets the connection, as when a host restarts. Two seconds later
    the client sends its next text, and the server's kernel answers with a RST."""
    lab.server(JS_SERVER, "--echo")
    client = lab.client(JS_CLIENT, URL, "text hello", "message", "sleep 3",
                        "text are you there", "closed")
    wait(1.5)
    lab.forget_connections()
    client.wait(10)


@scenario(
    Case("ipv6-state-lost-at-client",
         truth=[lost_state("server", "server", "network", cites=["first_reset"])],
         must="The server's host answered the client's text with a bare reset, under another flow "
              "label than its connection had: it no longer knew the connection.",
         must_not="A forged reset: a kernel that has no socket chooses a new flow label."))
def ipv6_state_lost(lab):
    """The same as a lost state at the server, over IPv6 and seen at the client."""
    lab.server(JS_SERVER, "--echo")
    client = lab.client(JS_CLIENT, f"ws://[{SERVER6}]:8080/live", "text hello", "message", "sleep 3",
                        "text are you there", "closed")
    wait(1)
    lab.forget_connections()
    client.wait(10)


@scenario(
    Case("state-lost-keepalive-at-client",
         truth=[lost_state("server", "server", "network", cites=["first_reset"])],
         must="The server's host answered a TCP keep-alive probe with a bare reset: it no longer knew "
              "the connection.",
         must_not="That the client gave up: its probe was answered."),
    wire=WIRE)
def state_lost_keepalive(lab):
    """The client's kernel probes an idle connection each second. The server's kernel forgets
    the connection, and answers the next probe with a RST."""
    lab.server(JS_SERVER, "--echo")
    lab.client(RAW_CLIENT, SERVER, "8080", "--keepalive", "text hello", "read 30")
    wait(3)
    lab.forget_connections()
    wait(2)


@scenario(
    Case("state-lost-before-close-at-client",
         truth=[Truth("close_unanswered", "client", ["client"], "client_only").judged(
             "client", cause=["normal"], cites=["first_close"])],
         must="The client closed with 1000. The server's host answered that Close with a reset: it had "
              "lost the connection before.",
         must_not="That the server ended it, or a forged reset."),
    wire=WIRE)
def state_lost_close(lab):
    """The server's kernel forgets the idle connection. Two seconds later the client closes with
    1000, and its Close frame is answered with a RST."""
    lab.server(JS_SERVER, "--echo")
    client = lab.client(JS_CLIENT, URL, "text hello", "message", "sleep 3", "close 1000 bye", "closed")
    wait(1.5)
    lab.forget_connections()
    client.wait(10)


@scenario(
    Case("gave-up-in-silence-at-server", at="server",
         truth=[Truth("rst_without_close", "server", ["network"]).judged(
             "network", "unknown", cause=["path_lost", "lost_state", "unknown"])],
         must="The server's data went unacknowledged and was sent again in growing steps until its "
              "kernel gave up, without a word on the wire. The reset much later only answers a "
              "client that had noticed nothing.",
         must_not="That the server's program ended it."),
    Case("gave-up-in-silence-at-client",
         truth=[lost_state("server", "network", "server", cites=["first_reset"])],
         must="The server's ticks stopped; seconds later its host answered the client's text with a "
              "bare reset: it no longer knew the connection.",
         must_not="A forged reset, or that the server's program closed just then."))
def gave_up(lab):
    """The router drops everything while the server sends ticks. The server's kernel sends its
    data again for a while (`tcp_retries2=3`), then forgets the connection in silence. When the
    path is whole again the client sends a text, which is answered with a RST."""
    lab.command("server", "sysctl", "-qw", "net.ipv4.tcp_retries2=3")
    lab.server(JS_SERVER, "--echo", "text-every 0.4 10")
    client = lab.client(JS_CLIENT, URL, "text hello", "sleep 14", "text are you there", "closed")
    wait(2)
    lab.drop_everything()
    wait(10)
    lab.let_everything_pass()
    client.wait(10)


@scenario(
    Case("icmp-prohibited-recovers-at-server", at="server",
         truth=[BY_SERVER.judged("server", cause=["normal"], cites=["first_close"])],
         must="The server closed with 1000. A router had refused its packets for a second (ICMP "
              "administratively prohibited); TCP repaired that.",
         must_not="That the router ended it."))
def icmp_prohibited(lab):
    """For a second a router refuses the server's packets with ICMP `administratively
    prohibited`. The server's kernel sends them again until they pass; then the server closes."""
    lab.server(JS_SERVER, "text-every 0.3 10", "sleep 1", "close 1000 all ticks sent")
    client = lab.client(JS_CLIENT, URL, "text hello", "closed")
    wait(1.2)
    lab.drop_everything(rule="iifname eth2 ip protocol tcp reject with icmp admin-prohibited")
    wait(1)
    lab.let_everything_pass()
    client.wait(20)


@scenario(
    Case("host-down-at-client", truth=[SILENCE],
         must="The client's texts went unacknowledged until the capture ends, and the router says "
              "that the server's host cannot be reached (ICMP): the host or its link is gone.",
         must_not="That the client or the server closed."))
def host_down(lab):
    """The server's host vanishes from its network, as at a power loss: it answers nothing, not
    even address resolution. The client goes on sending a text each half second."""
    lab.server(JS_SERVER, "--echo")
    lab.client(JS_CLIENT, URL, "text-every 0.5 40")
    wait(2.2)
    lab.command("server", "ip", "link", "set", "eth0", "arp", "off")
    lab.command("server", "nft", "add table netdev lab")
    lab.command("server", "nft", "add chain netdev lab in { type filter hook ingress device eth0 "
                "priority 0; policy drop; }")
    lab.command("middle", "ip", "neigh", "del", SERVER, "dev", "eth2")
    wait(8)


@scenario(
    Case("pod-deleted-at-client",
         truth=[FIN_BY_SERVER.judged("server", "intermediary", "unknown", cause=ABRUPT + ["restart"],
                                     cites=["first_fin"])],
         must="The server ended it with a FIN and without a Close frame; afterwards its address was "
              "gone from the network (ICMP unreachable).",
         must_not="A network failure: the FIN came before the address was gone."))
def pod_deleted(lab):
    """The server's process is killed and its network is taken away at once, as when a pod is
    deleted. The FIN still leaves; the client's program does not notice and sends more texts,
    which no one answers."""
    server = lab.server(RAW_SERVER, "text welcome", "read 60")
    lab.client(RAW_CLIENT, SERVER, "8080", "text hello", "read 1", "sleep 1.2", "text late", "sleep 60")
    wait(1.7)
    server.kill()
    wait(0.05)
    lab.command("server", "ip", "link", "set", "eth0", "down")
    wait(5)


@scenario(
    Case("one-way-dead-at-client", truth=[SILENCE],
         must="The client's texts are never acknowledged and are sent again, while the server's ticks "
              "still arrive: only the direction to the server is dead.",
         must_not="That the client or the server closed."),
    Case("one-way-dead-at-server", at="server", truth=[SILENCE],
         must="The client's packets stop coming, its acknowledgements too; the server's ticks are "
              "sent again until the capture ends.",
         must_not="That the client or the server closed."))
def one_way_dead(lab):
    """Client and server both send a text each half second. After two seconds the router drops
    what comes from the client, and only that."""
    lab.server(JS_SERVER, "text-every 0.5 40")
    lab.client(JS_CLIENT, URL, "text-every 0.5 40")
    wait(2.3)
    lab.drop_everything(rule="iifname eth1 ip protocol tcp drop")
    wait(6)


@scenario(
    Case("ttl-of-application-at-server", at="server",
         truth=[FIN_BY_CLIENT.judged("client", cause=ABRUPT, cites=["first_fin"])],
         must="The client ended it with a FIN and without a Close frame. Its resets only answer later "
              "data; their TTL is the kernel's default, not the one its program had set.",
         must_not="A forged reset: the TTL alone convicts nobody."),
    wire=WIRE)
def ttl_of_application(lab):
    """The client's program sends with a TTL of 200 (IP_TTL) and closes its socket while the
    server's ticks go on. The client's kernel answers them with RSTs of its default TTL."""
    lab.server(JS_SERVER, "text-every 0.2 8")
    lab.run_client(RAW_CLIENT, SERVER, "8080", "--hops", "200", "text hello", "read 0.7", "shut", "fin")
    wait(1.5)


@scenario(
    Case("ttl-of-application-state-lost-at-server", at="server",
         truth=[lost_state("client", "client", "network", at_most="medium", cites=["first_reset"])],
         must="The client's address answered the server's tick with a bare reset: the connection was "
              "lost there. The TTL differs from the client's other packets, which may be another box "
              "or only a program that had set its own TTL.",
         must_not="A forged reset: the TTL alone convicts nobody."),
    wire=WIRE)
def ttl_state_lost(lab):
    """The client's program sends with a TTL of 200. Its kernel forgets the connection, and
    answers the server's next tick with a RST of its default TTL."""
    lab.server(JS_SERVER, "sleep 2.5", "text are you there", "sleep 60")
    lab.client(RAW_CLIENT, SERVER, "8080", "--hops", "200", "text hello", "read 60")
    wait(1)
    lab.forget_connections("client")
    wait(2.5)


@scenario(
    Case("route-changed-then-abort-at-client",
         truth=[RST_BY_SERVER.judged("server", cause=ABRUPT + ["application"], cites=["first_end"])],
         must="The server ended it with a reset of its own (RST+ACK with its timestamps and its next IP "
              "id). It has another TTL than the packets before, as after a change of route.",
         must_not="A forged reset: the TTL alone convicts nobody."),
    wire=WIRE)
def route_changed(lab):
    """The route from the server becomes nine hops longer while the connection is idle. Then the
    server's application aborts the connection: its RST is the first packet by the new route."""
    lab.server(JS_SERVER, "--echo", "sleep 2", "reset")
    client = lab.client(JS_CLIENT, URL, "text hello", "message", "closed")
    wait(1.2)
    lab.nft("add table ip route",
            "add chain ip route post { type filter hook postrouting priority 0; }",
            "add rule ip route post oifname eth1 ip ttl set 54")
    client.wait()


@scenario(
    Case("zero-ip-ids-at-client",
         truth=[lost_state("server", "server", "network", cites=["first_reset"])],
         must="The server's host answered the client's text with a bare reset: it no longer knew the "
              "connection. All packets of that host have the IP id 0, so the id says nothing.",
         must_not="A forged reset."),
    wire=WIRE)
def zero_ip_ids(lab):
    """The server's packets all leave with the IP id 0, as those of Apple's systems do (here the
    router sets it). Its kernel forgets the connection and answers the next text with a RST."""
    lab.nft("add table ip ids", "add chain ip ids post { type filter hook postrouting priority 0; }",
            "add rule ip ids post oifname eth1 ip id set 0")
    lab.server(JS_SERVER, "--echo")
    client = lab.client(JS_CLIENT, URL, "text hello", "message", "sleep 3",
                        "text are you there", "closed")
    wait(1.5)
    lab.forget_connections()
    client.wait(10)


@scenario(
    Case("reboot-same-port-at-server", snapshot=True, at="server",
         truth=[lost_state("client", "client", "network", cites=["first_reset"]),
                BY_CLIENT.judged("client", cause=["normal"])],
         must="The client's host forgot the first connection: it asked for a new one from the same "
              "port, and reset the old one when the server still answered from it. The second one "
              "the client closed with 1000.",
         must_not="A forged reset, or that the server ended the first one."))
def reboot_same_port(lab):
    """The client's kernel forgets its connection, as at a restart. The client comes again from
    the same port; the server still knows the old connection and answers from it, which the
    client's kernel resets. A second later the new connection is there and closes properly."""
    lab.server(JS_SERVER, "--echo")
    command = (RAW_CLIENT, SERVER, "8080", "--source-port", "40000")
    first = lab.client(*command, "text first", "read 60")
    wait(1.5)
    lab.forget_connections("client")
    first.kill()
    lab.run_client(*command, "text second", "read 0.3", "close 1000 bye", "drain")


@scenario(
    Case("refused-port-after-kill-at-client",
         truth=[FIN_BY_SERVER.judged("server", "intermediary", "unknown", cause=ABRUPT,
                                     cites=["first_end"])],
         must="The server ended it with a FIN and without a Close frame. Nothing listened on its port "
              "any more when the client came again: the resets refuse new connections and have "
              "nothing to do with the end.",
         must_not="A forged reset, or that a reset ended the WebSocket."))
def refused_port(lab):
    """The server's process is killed. The client's program comes back three times and meets a
    port where nothing listens, so each SYN is answered with a RST."""
    server = lab.server(RAW_SERVER, "text welcome", "read 60")
    client = lab.client(RAW_CLIENT, SERVER, "8080", "--reconnect", "3", "text hello", "drain", "fin")
    wait(1.5)
    server.kill()
    client.wait()
