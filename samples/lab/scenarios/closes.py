"""Connections that end with Close frames."""

from cases import Case, Truth, scenario
from scenarios.common import (
    JS_CLIENT, JS_SERVER, PY_CLIENT, PY_SERVER, RAW_CLIENT, RAW_SERVER, SERVER, URL, wait)

BY_CLIENT = Truth("close_handshake", "client", ["client"], "client_then_server")
BY_SERVER = Truth("close_handshake", "server", ["server"], "server_then_client")
SERVER_UNANSWERED = Truth("close_unanswered", "server", ["server"], "server_only")
CLIENT_UNANSWERED = Truth("close_unanswered", "client", ["client"], "client_only")


@scenario(Case(
    "close-1000-by-client", truth=[BY_CLIENT],
    must="The client closed, on purpose: Close 1000 with the reason `bye`, answered by the server.",
    must_not="That the side whose FIN comes first ended it: after a Close handshake that says nothing."))
def close_1000_by_client(lab):
    """The client sends two texts, gets both back and closes with 1000 `bye`. The server
    answers the Close, and both end the TCP connection."""
    lab.server(JS_SERVER, "--echo")
    lab.run_client(JS_CLIENT, URL, "text hello", "message", "text again", "message",
                   "sleep 0.3", "close 1000 bye", "closed")


@scenario(Case(
    "close-1000-by-server", at="server", truth=[BY_SERVER],
    must="The server closed, on purpose: Close 1000 `goodbye`, answered by the client.",
    must_not="Any fault: this is a normal end."))
def close_1000_by_server(lab):
    """The server sends one text and half a second later closes with 1000 `goodbye`; the
    client answers."""
    lab.server(JS_SERVER, "text welcome", "sleep 0.5", "close 1000 goodbye")
    lab.run_client(JS_CLIENT, URL, "closed")


@scenario(Case(
    "close-1001-server-sigterm", truth=[BY_SERVER],
    must="The server closed with 1001, going away.",
    must_not="That the client left, or that the server crashed."))
def close_1001_server_sigterm(lab):
    """The server process got SIGTERM, and its handler closed every connection with 1001.
    Messages are compressed (permessage-deflate), as these libraries agree by default."""
    server = lab.server(PY_SERVER)
    client = lab.client(PY_CLIENT, URL, "text hello", "message", "closed")
    wait(1.2)
    server.terminate()
    client.wait()


@scenario(Case(
    "close-1009-too-big", at="server", truth=[BY_SERVER],
    must="The server closed with 1009: the client's message was larger than the server takes.",
    must_not="That the client ended it, though its message was the reason."))
def close_1009_too_big(lab):
    """The client sends a message of 3000 bytes to a server that takes 1024 at most. The
    server refuses it with Close 1009, which the client answers."""
    lab.server(JS_SERVER, "--echo", "--max-payload", "1024")
    lab.run_client(JS_CLIENT, URL, "text small", "message", "binary 3000", "closed")


@scenario(Case(
    "close-1002-unmasked-frame", at="server", truth=[SERVER_UNANSWERED],
    must="The server closed with 1002 after the client's unmasked frame, and did not wait for an "
         "answer; the unmasked frame is a violation by the client.",
    must_not="That an intermediary wrote the unmasked frame, with high confidence."))
def close_1002_unmasked(lab):
    """A client with a bug sends a good text and then one without a mask. The server sends
    Close 1002 and its FIN at once; the client never answers the Close."""
    lab.server(JS_SERVER, "--echo")
    lab.run_client(RAW_CLIENT, SERVER, "8080", "text good", "read 0.3", "unmasked bad", "drain")


@scenario(Case(
    "close-1007-bad-utf8", truth=[SERVER_UNANSWERED],
    must="The server closed with 1007: the client's text was not UTF-8.",
    must_not="That the client ended it, though its text was the reason."))
def close_1007(lab):
    """The client sends a text message with bytes that are not UTF-8. The server closes with
    1007; the client only reads on until the connection ends."""
    lab.server(PY_SERVER, "--close-timeout", "1")
    lab.run_client(RAW_CLIENT, SERVER, "8080", "text good", "read 0.3", "bad-utf8", "drain")


@scenario(Case(
    "close-1008-policy", truth=[BY_SERVER],
    must="The server closed with 1008 `log in first`.",
    must_not="That the client ended it or that the network failed."))
def close_1008(lab):
    """The client speaks before it has logged in. The server closes with 1008 and says why;
    the client answers."""
    lab.server(JS_SERVER, "--login")
    lab.run_client(JS_CLIENT, URL, "text give me the prices", "closed")


@scenario(Case(
    "close-1011-ping-timeout", at="server", truth=[SERVER_UNANSWERED],
    must="The server closed with 1011 because its ping got no pong; the client's host "
         "acknowledged the ping, so the host was reachable and only its program did not answer.",
    must_not="A network failure, or an internal error of the server."))
def close_1011(lab):
    """The client program is stopped (SIGSTOP) while its kernel keeps acknowledging. The
    server pings every second, waits two for the pong, then closes with 1011 `keepalive ping
    timeout` and ends the TCP connection. The program stays stopped to the end."""
    lab.server(PY_SERVER, "--ping-interval", "1", "--ping-timeout", "2", "--close-timeout", "1")
    client = lab.client(JS_CLIENT, URL, "text hello", "message", "closed")
    wait(2.5)
    client.freeze()
    wait(6)


@scenario(Case(
    "close-4001-utf8-reason", truth=[BY_CLIENT],
    must="The client closed with the application's own code 4001 and the reason "
         "`siège déjà pris – 席 🪑`, printed whole.",
    must_not="A protocol error."))
def close_4001(lab):
    """The client's application closes with its own code and a reason that has characters of
    two, three and four bytes."""
    lab.server(JS_SERVER, "--echo")
    lab.run_client(JS_CLIENT, URL, "text hello", "message",
                   "close 4001 siège déjà pris – 席 🪑", "closed")


@scenario(Case(
    "close-empty-by-client", truth=[BY_CLIENT],
    must="The client closed with a Close frame that has no code.",
    must_not="A code of any kind: 1005 never travels on the wire."))
def close_empty(lab):
    """The client closes without code and reason: its Close frame has an empty body. The
    server's answer is empty too."""
    lab.server(JS_SERVER, "--echo")
    lab.run_client(JS_CLIENT, URL, "text hello", "message", "close", "closed")


@scenario(Case(
    "close-unanswered-2s", truth=[CLIENT_UNANSWERED],
    must="The client closed with 1000; the server never answered the Close, and after two seconds "
         "the client ended the TCP connection.",
    must_not="That the server closed, or a network failure: the server's host acknowledged the Close."))
def close_unanswered(lab):
    """The server program is busy and never reads the Close. The client waits two seconds
    for the answer (its close timeout) and then ends the TCP connection by itself."""
    lab.server(RAW_SERVER, "text welcome", "sleep 20")
    lab.run_client(PY_CLIENT, URL, "--close-timeout", "2", "message", "close 1000 done")
    wait(0.5)


@scenario(Case(
    "close-unanswered-30s", at="server", truth=[CLIENT_UNANSWERED],
    must="The client closed with 1001; no answer came for 30 seconds, then the client ended the "
         "TCP connection.",
    must_not="An idle timeout of a proxy, although 30 s is a usual value for one."))
def close_unanswered_node(lab):
    """The server program never reads the Close. The client's library waits its fixed 30
    seconds and then ends the TCP connection by itself."""
    lab.server(RAW_SERVER, "text welcome", "sleep 60")
    client = lab.client(JS_CLIENT, URL, "message", "close 1001 moving on", "closed")
    client.wait()
    wait(0.5)


CROSSING = Truth("close_handshake", "client", ["client", "server"], "simultaneous")


@scenario(
    Case("close-crossing-at-client", truth=[CROSSING],
         must="Both sides closed at the same time: neither Close is an answer, because neither side "
              "had received the other's when it sent its own.",
         must_not="That the server answered the client's Close."),
    Case("close-crossing-at-server", at="server",
         truth=[Truth("close_handshake", "server", ["client", "server"], "simultaneous")],
         must="Both sides closed at the same time; seen here the server's Close comes first, and "
              "the client's does not acknowledge it.",
         must_not="That the client answered the server's Close."),
    wire=["--delay", "0.15"])
def close_crossing(lab):
    """The path takes 150 ms each way. Client and server each send a Close within that time
    of each other, so the two frames cross."""
    lab.server(JS_SERVER, "sleep 0.65", "close 1000 server is done")
    lab.run_client(JS_CLIENT, URL, "sleep 0.5", "close 1000 client is done", "closed")


@scenario(Case(
    "close-then-rst-tail", at="server", truth=[BY_CLIENT],
    must="The client closed with 1001; the server answered. The resets at the end are a consequence: "
         "the answer met a socket that was closed already.",
    must_not="That a reset ended the connection."), wire=["--delay", "0.005"])
def close_rst_tail(lab):
    """The client sends Close 1001 and closes its socket at once, as browsers do when a tab is
    closed. The server's answer finds no socket, and the client's kernel answers with RSTs."""
    lab.server(JS_SERVER, "--echo")
    lab.run_client(RAW_CLIENT, SERVER, "8080", "text hello", "read 0.3", "close 1001", "fin")
    wait(0.5)
