"""Missing pongs, dead paths, slow readers and forged resets."""

from cases import Case, Truth, scenario
from scenarios.common import (
    JS_CLIENT, JS_SERVER, RAW_CLIENT, SERVER, URL, wait)

STILL_OPEN = Truth("still_open", "none", ["none"])


@scenario(Case(
    "ping-no-pong-open", truth=[STILL_OPEN],
    must="Still open: the client pings, gets its texts answered, but no ping was ever ponged.",
    must_not="That the connection is dead or that anybody closed it."))
def no_pong_open(lab):
    """The client pings every second. The server's library is told not to answer pings, but it
    echoes texts, so it is alive. The capture ends before the connection does."""
    lab.server(JS_SERVER, "--echo", "--no-pong")
    lab.client(JS_CLIENT, URL, "text hello", "message", "ping", "sleep 1", "ping", "sleep 1",
               "ping", "sleep 1", "text still here", "message", "sleep 60")
    wait(4)


@scenario(Case(
    "ping-no-pong-terminated", at="server", truth=[Truth("fin_without_close", "server", ["server"])],
    must="The server ended it with a FIN: its ping had got no pong. The client's host "
         "acknowledged the ping, so its program, not the path, was silent.",
    must_not="A network failure or an intermediary, with high confidence."))
def no_pong_terminated(lab):
    """The server pings every 1.5 seconds and terminates connections that did not answer since
    the last ping. The client's program sends texts but never a pong."""
    lab.server(JS_SERVER, "--echo", "--heartbeat", "1.5")
    lab.run_client(JS_CLIENT, URL, "--no-pong", "text hello", "message", "sleep 1",
                   "text working", "closed")


@scenario(
    Case("black-hole-at-server", at="server", truth=[Truth("silence", "none", ["network"])],
         must="The server's data goes unacknowledged and is sent again until the capture ends; "
              "nobody closed, the path (or the client's host) went dark.",
         must_not="That the client or the server closed."),
    Case("black-hole-at-client", truth=[Truth("still_open", "none", ["network", "none"])],
         must="Nothing ended it in this capture: the server's ticks, one each half second, stop, "
              "and no end follows.",
         must_not="That the client or the server closed."))
def black_hole(lab):
    """The server sends a tick every half second. After two seconds the router drops every
    packet in both directions without a word; the server sends its unacknowledged data again
    and again until the capture ends. The client has nothing to send and notices nothing."""
    lab.server(JS_SERVER, "--echo", "text-every 0.5 40")
    lab.client(JS_CLIENT, URL, "text hello", "sleep 60")
    wait(2.3)
    lab.drop_everything()
    wait(7)


@scenario(Case(
    "keepalive-gave-up", truth=[Truth("silence", "client", ["network"])],
    must="The path went dark: the client's TCP keep-alive probes got no answer, and the client's "
         "own kernel gave up with a reset.",
    must_not="That the client's program wanted the end, or that the server closed."))
def keepalive_gave_up(lab):
    """An idle connection with TCP keep-alive on the client (a probe each second, three
    attempts). The router begins to drop everything; after three probes without an answer the
    client's kernel ends the connection with a RST."""
    lab.server(JS_SERVER, "--echo")
    lab.client(RAW_CLIENT, SERVER, "8080", "--keepalive", "text hello", "read 30")
    wait(2.6)
    lab.drop_everything()
    wait(5.5)


@scenario(Case(
    "tcp-keepalive-idle", truth=[STILL_OPEN],
    must="Still open: idle since the echo, with TCP keep-alive probes that were answered.",
    must_not="That probes are WebSocket traffic or retransmissions."))
def keepalive_idle(lab):
    """An idle connection with TCP keep-alive on the client, one probe each second, answered by
    the server's kernel. The capture ends before the connection does."""
    lab.server(JS_SERVER, "--echo")
    lab.client(RAW_CLIENT, SERVER, "8080", "--keepalive", "text hello", "read 30")
    wait(5)


FORGED = Truth("rst_without_close", "server", ["injector"])
FIREWALL = ("path/forge_rst.py", "--watch", "eth2", "--word", "forbidden")


@scenario(
    Case("rst-forged-at-client", truth=[FORGED],
         must="The reset that ended it bears the server's address but is not the server's: the "
              "server goes on sending after it, and its TTL is another.",
         must_not="That the server closed. The client's own later reset is a consequence."),
    Case("rst-forged-at-server", at="server",
         truth=[Truth("rst_without_close", "client", ["injector"])],
         must="The client's host answered the server's data with a reset: it no longer knew the "
              "connection. Why cannot be seen from here.",
         must_not="That the client's program closed, with high confidence."),
    wire=["--delay", "0.01"])
def rst_forged(lab):
    """A firewall on the router sees a word it dislikes in the server's message and, a tenth of
    a second later, sends the client a RST in the server's name (TTL 255 at its origin). The
    server knows nothing and sends its next message, which the client's kernel answers with a
    RST."""
    lab.script("middle", *FIREWALL, "--wait", "0.1", ready="ready")
    lab.server(JS_SERVER, "text all is well", "sleep 0.5", "text this is forbidden here",
               "sleep 0.7", "text and this is the next", "sleep 60")
    lab.client(JS_CLIENT, URL, "text hello", "closed")
    wait(3)


@scenario(
    Case("rst-forged-both-at-router", at="middle", any_interface=True,
         truth=[Truth("rst_without_close", "server", ["injector"]).judged(
             "injector", cause="firewall_reset", cites=["first_reset"])],
         must="Two resets left this box within a moment, each in the name of an end that had not sent it: "
              "this box, or one beside it, broke the connection off.",
         must_not="That the client or the server closed."),
    wire=["--delay", "0.01"])
def rst_forged_at_router(lab):
    """The firewall that sends both ends a RST in the other's name, captured on the box itself."""
    rst_forged_both(lab)


@scenario(
    Case("rst-forged-series-at-client",
         truth=[FORGED.judged("injector", cause="firewall_reset", cites=["first_reset"])],
         must="Three resets in the server's name came at once, each a kilobyte further, with a TTL of "
              "their own: no TCP stack sends that. The server goes on sending after them.",
         must_not="That the server closed."),
    wire=["--delay", "0.01"])
def rst_forged_series(lab):
    """A firewall on the router sees a word it dislikes and sends the client three RSTs in the
    server's name, each a kilobyte further. The server knows nothing and sends its next message,
    which the client's kernel answers with a RST."""
    lab.script("middle", *FIREWALL, "--wait", "0.1", "--series", "3", ready="ready")
    lab.server(JS_SERVER, "text all is well", "sleep 0.5", "text this is forbidden here",
               "sleep 0.7", "text and this is the next", "sleep 60")
    lab.client(JS_CLIENT, URL, "text hello", "closed")
    wait(3)


@scenario(
    Case("rst-inexact-then-real-at-client",
         truth=[Truth("rst_without_close", "server", ["server"], forged=True).judged(
             "server", "network", "unknown", cause="lost_state")],
         must="The first reset was not exact and ended nothing: the client's kernel asked with an "
              "acknowledgement, and the answer to that, an exact reset, ended it. The server's host no "
              "longer knew the connection.",
         must_not="That the first reset ended it."),
    wire=["--delay", "0.01"])
def rst_inexact_then_real(lab):
    """The server's kernel has forgotten the connection when a RST in its name, a hundred bytes too
    far, reaches the client. The client's kernel asks the server with an acknowledgement, and
    the server answers with a RST of its own."""
    lab.script("middle", *FIREWALL, "--wait", "2", "--ahead", "100", ready="ready")
    lab.server(JS_SERVER, "text all is well", "sleep 0.5", "text this is forbidden here", "sleep 60")
    client = lab.client(JS_CLIENT, URL, "text hello", "closed")
    lab.wait_connected()
    wait(1.2)
    lab.forget_connections()
    client.wait(20)


@scenario(
    Case("rst-forged-last-packet", truth=[FORGED],
         must="A reset in the server's name ended it, with a TTL that no other packet of the server "
              "has; nothing follows it.",
         must_not="That the server closed, with high confidence."),
    wire=["--delay", "0.01"])
def rst_forged_last_packet(lab):
    """A firewall on the router sees a word it dislikes in the server's message and, a tenth of
    a second later, sends the client a RST in the server's name (TTL 255 at its origin). The
    server knows nothing, but it has nothing more to say."""
    lab.script("middle", *FIREWALL, "--wait", "0.1", ready="ready")
    lab.server(JS_SERVER, "text all is well", "sleep 0.5", "text this is forbidden here", "sleep 60")
    lab.client(JS_CLIENT, URL, "text hello", "closed")
    wait(2.5)


@scenario(
    Case("rst-forged-both-ends", at="server",
         truth=[Truth("rst_without_close", "client", ["injector"])],
         must="A reset in the client's name ended it, with a TTL that no other packet of the client "
              "has.",
         must_not="That the client closed, with high confidence."),
    wire=["--delay", "0.01"])
def rst_forged_both(lab):
    """A firewall on the router sees a word it dislikes in the server's message and sends both
    ends a RST in the other's name (TTL 255 at its origin). Neither end had closed."""
    lab.script("middle", *FIREWALL, "--to", "both", ready="ready")
    lab.server(JS_SERVER, "text all is well", "sleep 0.5", "text this is forbidden here", "sleep 60")
    lab.client(JS_CLIENT, URL, "text hello", "closed")
    wait(2)


@scenario(
    Case("rst-ignored",
         truth=[Truth("close_handshake", "client", ["client"], "client_then_server", forged=True)],
         must="The client closed with 1000. The reset in the middle ended nothing: its sequence "
              "number was not the next one, and both sides went on.",
         must_not="That the reset ended the connection, or that the server sent it."),
    wire=["--delay", "0.01"])
def rst_ignored(lab):
    """A forged RST in the server's name reaches the client with a sequence number 100 bytes
    too far. The client's kernel ignores it, but for an acknowledgement; the talk goes on and
    the client closes a second later."""
    lab.script("middle", *FIREWALL, "--ahead", "100", ready="ready")
    lab.server(JS_SERVER, "--echo", "sleep 0.5", "text this is forbidden here")
    lab.run_client(JS_CLIENT, URL, "text hello", "message", "message", "sleep 0.5",
                   "text still alive", "message", "sleep 0.3", "close 1000 bye", "closed")


@scenario(Case(
    "zero-window-open", at="server", truth=[STILL_OPEN],
    must="Still open, but the client's receive window is zero: its program stopped reading, and "
         "the server can only probe.",
    must_not="That the network failed, or that anybody closed it."))
def zero_window(lab):
    """The client's program stops reading after the first message, with a small receive buffer.
    The server goes on sending until the window is closed and its kernel probes."""
    lab.server(JS_SERVER, "text-every 0.02 8", "flood 20 1000", "sleep 60")
    lab.client(RAW_CLIENT, SERVER, "8080", "--receive-buffer", "4096", "read 0.1", "sleep 60")
    wait(4)


@scenario(Case(
    "slow-reader-killed", at="server", truth=[Truth("rst_without_close", "client", ["client"])],
    must="The client ended it with a reset, after its window had been zero for seconds: it had "
         "stopped reading.",
    must_not="A forged reset or an intermediary."))
def slow_reader_killed(lab):
    """The client's program stops reading until its window is closed. Three seconds later the
    process is killed with unread data, and its kernel sends a RST."""
    lab.server(JS_SERVER, "flood 20 1000", "sleep 60")
    client = lab.client(RAW_CLIENT, SERVER, "8080", "--receive-buffer", "4096", "sleep 60")
    wait(3)
    client.kill()
    wait(0.5)


@scenario(Case(
    "state-lost-rst", truth=[Truth("rst_without_close", "server", ["server"])],
    must="The server's host answered the client's text with a bare reset: it no longer knew the "
         "connection. Which host lost it, and why, cannot be seen from here.",
    must_not="A forged reset, or that the server's program closed just then."))
def state_lost(lab):
    """The server's kernel forgets the connection (`ss -K`) while the router drops all packets,
    as when a host restarts. Two seconds later the path is whole again, the client sends its
    next text, and the server's kernel answers with a RST."""
    lab.server(JS_SERVER, "--echo")
    client = lab.client(JS_CLIENT, URL, "text hello", "message", "sleep 3",
                        "text are you there", "closed")
    wait(1)
    lab.forget_connections()
    client.wait(10)
