"""Routers that translate, and lose what they knew of a connection; routers that refuse."""

from cases import Case, Truth, scenario
from scenarios.common import JS_CLIENT, JS_SERVER, MIDDLE, SERVER, URL, wait
from scenarios.hosts import SILENCE, WIRE, lost_state

VIP_URL = f"ws://{MIDDLE}:8080/live"
MASQUERADE = ("add table ip nat",
              "add chain ip nat post { type nat hook postrouting priority 100; }",
              "add rule ip nat post oifname eth2 masquerade")
OPEN = Truth("still_open", "none", ["none"]).judged("none", cause=["unknown", "normal"])
FROM_NAT = lost_state("client", "network", "client", at_most="medium", cites=["first_reset"], forged=True)
FROM_SERVER = lost_state("server", "network", "server", at_most="medium", cites=["first_reset"])
NO_ONE = "That the client or the server closed, with high confidence."


def masquerade(lab, *more):
    lab.nft(*MASQUERADE, *more)


def virtual_address(lab, server=SERVER):
    lab.nft("add table ip nat", "add chain ip nat pre { type nat hook prerouting priority -100; }",
            f"add rule ip nat pre iifname eth1 ip daddr {MIDDLE} tcp dport 8080 dnat to {server}")


def forget_translations(lab):
    lab.software.add("conntrack")
    lab.command("middle", "conntrack", "-F")


@scenario(
    Case("nat-lost-server-speaks-at-server", at="server", truth=[FROM_NAT],
         must="The client's address answered the server's text with a bare reset after a quiet time: "
              "the connection was lost there. Its TTL is one higher than the client's, so the box one "
              "hop nearer, a NAT, is likely.",
         must_not=NO_ONE),
    Case("nat-lost-server-speaks-at-client", truth=[FROM_SERVER],
         must="The server's address answered the client's text with a bare reset after a quiet time: "
              "the connection was lost on the way or at the server, which cannot be told from here.",
         must_not=NO_ONE))
def nat_lost_server_speaks(lab):
    """A NAT forgets the connection. The server speaks first: the NAT's own kernel answers it
    with a RST, and the client hears nothing of that. When the client speaks, its text reaches
    a server that has closed, and is answered with a RST too."""
    masquerade(lab)
    lab.server(JS_SERVER, "--echo", "sleep 2.5", "text are you there", "sleep 60")
    client = lab.client(JS_CLIENT, URL, "text hello", "message", "sleep 4", "text here I am", "closed")
    wait(1.5)
    forget_translations(lab)
    client.wait()


@scenario(
    Case("nat-lost-picked-up-at-server", at="server", truth=[OPEN],
         must="Still open: the talk went on as if nothing had been.",
         must_not="That anybody closed it."))
def nat_picked_up(lab):
    """A NAT forgets the connection, but the client speaks first: the NAT takes the connection up
    again (`nf_conntrack_tcp_loose`) under the same port, and nobody notices."""
    masquerade(lab)
    lab.server(JS_SERVER, "--echo")
    lab.client(JS_CLIENT, URL, "text hello", "message", "sleep 2", "text here I am", "message", "sleep 60")
    wait(1.5)
    forget_translations(lab)
    wait(3)


@scenario(
    Case("nat-strict-at-client", truth=[FROM_SERVER],
         must="The server's address answered the client's text with a bare reset after a quiet time: "
              "the connection was lost on the way or at the server, which cannot be told from here.",
         must_not=NO_ONE),
    Case("nat-strict-at-server", at="server",
         truth=[FROM_NAT],
         must="A text reached the server from the client's private address, untranslated, and was "
              "refused as unknown. The connection under the NAT's address was then answered with a "
              "reset from there: the NAT had lost it.",
         must_not=NO_ONE))
def nat_strict(lab):
    """A NAT forgets the connection and takes up no unknown ones (`nf_conntrack_tcp_loose=0`). The
    client's next text passes it untranslated; the server's kernel knows no connection with
    that address and answers with a RST. Later the server speaks, and the NAT resets it."""
    lab.command("middle", "sysctl", "-qw", "net.netfilter.nf_conntrack_tcp_loose=0")
    masquerade(lab)
    lab.server(JS_SERVER, "--echo", "sleep 4", "text are you there", "sleep 60")
    client = lab.client(JS_CLIENT, URL, "text hello", "message", "sleep 2", "text here I am", "closed")
    wait(1.5)
    forget_translations(lab)
    client.wait()
    wait(2)


@scenario(
    Case("nat-drops-invalid-at-client", truth=[SILENCE],
         must="The client's text was never acknowledged and is sent again until the capture ends: the "
              "path went dark after a quiet time.",
         must_not=NO_ONE))
def nat_drops_invalid(lab):
    """A NAT with a firewall forgets the connection, takes up no unknown ones, and drops what it
    calls invalid. The client's next text is sent again and again."""
    lab.command("middle", "sysctl", "-qw", "net.netfilter.nf_conntrack_tcp_loose=0")
    masquerade(lab, "add chain ip nat forward { type filter hook forward priority 0; }",
               "add rule ip nat forward ct state invalid drop")
    lab.server(JS_SERVER, "--echo")
    lab.client(JS_CLIENT, URL, "text hello", "message", "sleep 2", "text here I am", "sleep 60")
    wait(1.5)
    forget_translations(lab)
    wait(8)


@scenario(
    Case("vip-lost-at-server", at="server",
         truth=[lost_state("client", "network", "client", cites=["first_reset"])],
         must="The client's own host answered the server's text with a bare reset: it knew no such "
              "connection, after a quiet time. A lost address translation between them is as likely "
              "as a lost client.",
         must_not="A forged reset: TTL and delay are the client's."),
    Case("vip-lost-at-client",
         truth=[Truth("still_open", "none", ["network", "none"]).judged(
             "none", "network", "unknown", cause=["unknown", "normal", "lost_state"])],
         must="The WebSocket to the virtual address is still open here. A text came from an address "
              "that this host has no connection with, and was answered with a reset.",
         must_not="That the client closed."))
def vip_lost(lab):
    """The server stands behind a virtual address, and the router forgets the translation. The
    server's next text arrives under its own address; the client's kernel knows no connection
    with that one and answers with a RST. The client's own socket stays open."""
    virtual_address(lab)
    lab.server(JS_SERVER, "--echo", "sleep 2.5", "text are you there", "sleep 60")
    lab.client(JS_CLIENT, VIP_URL, "text hello", "message", "sleep 60")
    wait(1.5)
    lab.nft("flush chain ip nat pre")
    forget_translations(lab)
    wait(2.5)


@scenario(
    Case("vip-moved-at-client", truth=[FROM_SERVER],
         must="The server's address answered the client's text with a bare reset after a quiet time: "
              "behind it no one knew the connection. A restart and a re-pointed address look alike.",
         must_not="A forged reset, or that the server's program closed just then."),
    wire=WIRE)
def vip_moved(lab):
    """The virtual address is pointed to another server while the connection is quiet. The new
    one knows nothing of it and answers the client's next text with a RST; the old one hears
    nothing."""
    lab.command("server", "ip", "addr", "add", "10.77.2.3/24", "dev", "eth0")
    lab.command("middle", "ip", "neigh", "add", "10.77.2.3", "dev", "eth2", "lladdr", "02:77:00:00:03:0b")
    virtual_address(lab)
    lab.server(JS_SERVER, "--echo")
    client = lab.client(JS_CLIENT, VIP_URL, "text hello", "message", "sleep 2.5", "text here I am", "closed")
    wait(1.5)
    lab.nft("delete table ip nat")
    virtual_address(lab, "10.77.2.3")
    forget_translations(lab)
    client.wait()


@scenario(
    Case("reject-rule-at-client",
         truth=[Truth("rst_without_close", "server", ["injector", "network"], forged=True).judged(
             "injector", "network", cause=["firewall_reset", "lost_state"], cites=["first_reset"])],
         must="The reset bears the server's address, but came in far less than the path's round trip "
              "and with a TTL that no packet of the server has: a box near the client refused the text.",
         must_not="That the server closed."),
    Case("reject-rule-at-server", at="server", truth=[SILENCE],
         must="The server's ticks go unacknowledged and are sent again until the capture ends.",
         must_not="That the client or the server closed."),
    wire=["--delay", "0.02"])
def reject_rule(lab):
    """A new rule on the router, one hop from the client and 20 ms from the server, rejects what
    the client sends, with a RST in the server's name. The server hears nothing of it; what it
    still sends is answered by a client that has closed, and that answer is rejected too."""
    lab.server(JS_SERVER, "text-every 0.5 20")
    client = lab.client(JS_CLIENT, URL, "text hello", "sleep 2", "text here I am", "closed")
    wait(1.2)
    lab.drop_everything(rule="iifname eth1 ip protocol tcp reject with tcp reset")
    client.wait()
    wait(4)


@scenario(
    Case("address-lost-at-server", snapshot=True, at="server", findings=["half_open_duplicates"],
         truth=[SILENCE, OPEN],
         must="The first connection went dark: the server's ticks are not acknowledged. A client of "
              "the same address has come again meanwhile, so the server holds two.",
         must_not="That the client closed the first connection."))
def address_lost(lab):
    """A phone behind a NAT changes its network: its address is taken away and another one given.
    What the old connection has to say never leaves the host; the server sends its ticks again
    and again. A second later the application comes again, from the NAT's same address."""
    masquerade(lab)
    lab.server(JS_SERVER, "--echo", "text-every 0.5 40")
    lab.client(JS_CLIENT, URL, "text hello", "sleep 60")
    wait(2.2)
    for change in ("addr del 10.77.1.2/24", "addr add 10.77.1.3/24"):
        lab.command("client", "ip", *change.split(), "dev", "eth0")
    lab.command("client", "ip", "route", "replace", "default", "via", MIDDLE)
    wait(1)
    lab.client(JS_CLIENT, URL, "text hello again", "sleep 60")
    wait(5)
