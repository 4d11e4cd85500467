"""Connections with unusual traffic, and paths that lose and reorder packets."""

from cases import Case, Truth, scenario
from scenarios.closes import BY_CLIENT, BY_SERVER
from scenarios.common import (
    JS_CLIENT, JS_SERVER, PY_CLIENT, PY_SERVER, RAW_CLIENT, RAW_SERVER, SERVER, SERVER6, URL, wait)

STILL_OPEN = Truth("still_open", "none", ["none"])


@scenario(Case(
    "fragments-with-pings", truth=[BY_CLIENT],
    must="One text message in four fragments, with three pings between them, each answered; then "
         "the client closed with 1000.",
    must_not="A protocol error: control frames may stand between fragments."))
def fragments(lab):
    """The client sends a text message in four fragments with a ping after each of the first
    three. The server answers each ping at once and echoes the whole message."""
    lab.server(JS_SERVER, "--echo")
    lab.run_client(JS_CLIENT, URL, "fragments one two three four", "message", "sleep 0.2",
                   "close 1000 bye", "closed")


@scenario(Case(
    "ipv6-close-1000", truth=[BY_SERVER],
    must="The server closed with 1000 `good night`, over IPv6.",
    must_not="Any fault: this is a normal end."))
def ipv6(lab):
    """The same as a normal close by the server, over IPv6."""
    lab.server(JS_SERVER, "--echo", "sleep 0.6", "close 1000 good night")
    lab.run_client(JS_CLIENT, f"ws://[{SERVER6}]:8080/live", "text hello", "message", "closed")


@scenario(Case(
    "large-message", at="server", truth=[BY_CLIENT],
    must="A message of 30,000 bytes came whole, in segments larger than the network's packets; "
         "then the client closed with 1000.",
    must_not="A slow reader or loss."))
def large_message(lab):
    """The server sends one message of 30,000 bytes. Captured where it is sent, so segments are
    larger than the MSS (segmentation offload). Then the client closes."""
    lab.server(JS_SERVER, "long-text 30000")
    lab.run_client(JS_CLIENT, URL, "message", "sleep 0.3", "close 1000 got it", "closed")


@scenario(Case(
    "two-websockets-and-http",
    truth=[BY_CLIENT, Truth("fin_without_close", "client", ["client"])],
    must="Two WebSockets: the first closed by the client with 1000, the second ended by the client "
         "with a FIN and no Close. The plain HTTP connection is no WebSocket.",
    must_not="A third WebSocket, or one verdict for both."))
def two_and_http(lab):
    """Two WebSocket clients at the same time, and between them a plain HTTP request on a
    connection of its own. The first client closes with 1000, the second exits."""
    lab.server(JS_SERVER, "--echo")
    first = lab.client(JS_CLIENT, URL, "text first", "message", "sleep 1.5", "close 1000 bye", "closed")
    wait(0.5)
    lab.run_client(RAW_CLIENT, SERVER, "8080", "--no-upgrade", "get /status", "fin")
    lab.run_client(JS_CLIENT, URL, "text second", "message", "sleep 0.2", "exit")
    first.wait()


@scenario(Case(
    "port-reuse", truth=[Truth("rst_without_close", "client", ["client"]), BY_CLIENT],
    must="Two connections on the same addresses and ports: the first ended by the client's reset, "
         "the second closed by the client with 1000.",
    must_not="One connection, or that the reset ended the second."))
def port_reuse(lab):
    """A client bound to port 40000 aborts its connection with a RST, and a new one from the
    same port to the same server closes properly half a second later."""
    lab.server(JS_SERVER, "--echo")
    command = (RAW_CLIENT, SERVER, "8080", "--source-port", "40000")
    lab.run_client(*command, "text first", "read 0.3", "rst")
    wait(0.5)
    lab.run_client(*command, "text second", "read 0.3", "close 1000 bye", "drain")


@scenario(Case(
    "first-frame-with-101", truth=[BY_CLIENT],
    must="The server's first text is in the same segment as its 101; the client closed with 1000.",
    must_not="An unparsed stretch, or a missing first frame."))
def first_frame(lab):
    """The server writes its 101 answer and its first text frame at once, so that both travel in
    one segment. Then the client closes and the server answers."""
    lab.server(RAW_SERVER, "--send-with-101", "welcome", "read 0.6", "close 1000", "fin")
    lab.run_client(RAW_CLIENT, SERVER, "8080", "sleep 0.3", "text hello", "sleep 0.2",
                   "close 1000 bye", "drain")


@scenario(Case(
    "http-before-upgrade", truth=[BY_SERVER],
    must="Two ordinary HTTP requests, then the upgrade on the same connection; the server closed "
         "with 1000.",
    must_not="That the 200 answers belong to the upgrade."))
def http_before(lab):
    """The client asks for `/status` twice on a keep-alive connection, and then upgrades the same
    connection. The server closes with 1000 and the client answers."""
    lab.server(JS_SERVER, "--echo", "sleep 0.6", "close 1000 enough")
    lab.run_client(RAW_CLIENT, SERVER, "8080", "--before", "/status", "--before", "/status",
                   "text hello", "read 0.9", "close 1000 enough", "drain")


@scenario(Case(
    "server-stop-three-clients", at="server", truth=[BY_SERVER] * 3,
    must="The server closed three connections with 1001 at the same moment: one cause for all.",
    must_not="Three separate causes, or an idle timeout."))
def server_stop_three(lab):
    """Three clients of one server, which gets SIGTERM: its handler closes all of them with 1001
    at once."""
    server = lab.server(PY_SERVER)
    clients = []
    for name in ("one", "two", "three"):
        clients.append(lab.client(JS_CLIENT, URL, f"text hello from {name}", "message", "closed"))
        wait(0.4)
    wait(0.5)
    server.terminate()
    for client in clients:
        client.wait()


LOSS_MUST = ("The server closed with 1000 after twelve ticks. Lost segments were sent again and "
             "late ones put in order, so every frame was read.")
LOSS_MUST_NOT = "That loss ended the connection, or more frames than were sent."


@scenario(
    Case("loss-at-client", truth=[BY_SERVER], must=LOSS_MUST, must_not=LOSS_MUST_NOT),
    Case("loss-at-server", at="server", truth=[BY_SERVER], must=LOSS_MUST, must_not=LOSS_MUST_NOT),
    wire=["--delay", "0.01", "--drop", "to-client:4", "--drop", "to-client:5",
          "--hold", "to-client:9:0.05", "--drop", "to-server:3"])
def loss(lab):
    """A path of 10 ms each way that loses two of the server's ticks in a row and the client's
    second text once each, and carries one tick 50 ms late, behind its successor. TCP repairs
    all of it; then the server closes."""
    lab.server(JS_SERVER, "text-every 0.03 12", "sleep 0.5", "close 1000 all ticks sent")
    lab.run_client(JS_CLIENT, URL, "text hello", "sleep 0.1", "text lost once", "closed")


@scenario(Case(
    "deflate-close-1000", truth=[BY_CLIENT],
    must="Compressed messages (permessage-deflate) in both directions; the client closed with 1000.",
    must_not="A violation for the reserved bit: the extension was agreed on."))
def deflate(lab):
    """Both libraries agree on permessage-deflate, so texts are compressed. The client closes."""
    lab.server(PY_SERVER)
    lab.run_client(PY_CLIENT, URL, "text " + "hello " * 30, "message", "text again", "message",
                   "sleep 0.2", "close 1000 done")
