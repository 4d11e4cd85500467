"""WebSockets on the streams of an HTTP/2 connection (RFC 8441), most in clear so that each byte can be seen."""

from cases import Case, Truth, scenario
from scenarios.common import H2_CLIENT, JS_SERVER, MIDDLE, SERVER, wait
from scenarios.tls import ALTERED, add_keys, make_certificate

HAPROXY = f"""
defaults
    mode http
    timeout connect 3s
    timeout client 30s
    timeout server 30s
    timeout tunnel 3s
frontend web
    bind :80 proto h2
    default_backend app
backend app
    server app {SERVER}:8080
"""

CLOSED = Truth("close_handshake", "client", ["client"], close_handshake="client_then_server")
RESET = Truth("http2_stream_reset", "client", ["client"])
CUT = Truth("http2_stream_reset", "server", ["intermediary"])


def behind_haproxy(lab, *steps):
    lab.proxy("haproxy", HAPROXY)
    lab.server(JS_SERVER, "--echo")
    lab.run_client(H2_CLIENT, MIDDLE, "80", *steps)
    wait(0.3)


@scenario(Case(
    "http2-close-1000", truth=[CLOSED], snapshot=True,
    must="The client closed with 1000 `bye` on its HTTP/2 stream, and the server answered.",
    must_not="That the end of the stream, or of the connection a second later, was the end of the WebSocket."))
def http2_close(lab):
    """HAProxy takes HTTP/2 from the client and speaks HTTP/1.1 with the server. The client closes on
    purpose, and ends the connection a second later."""
    behind_haproxy(lab, "open /live", "text hello", "message", "sleep 0.3", "close 1000 bye", "message",
                   "closed", "sleep 1", "goaway")


@scenario(Case(
    "http2-idle-at-client", truth=[CUT], snapshot=True,
    must="The stream was ended from the server's address without a Close frame, three seconds after the last "
         "frame, while the connection stayed; an idle timeout is a reading to offer.",
    must_not="That the client or the server closed, with high confidence."))
def http2_idle(lab):
    """HAProxy with `timeout tunnel 3s` between an HTTP/2 client and the server. Both ends are quiet and
    well for three seconds; then HAProxy ends the stream and resets it. The connection stays for a second
    more, until the client ends it."""
    behind_haproxy(lab, "open /live", "text hello", "message", "closed", "sleep 1", "goaway")


@scenario(Case(
    "http2-two-streams", truth=[RESET, CLOSED], snapshot=True,
    must="Two WebSockets on one connection: the client reset the first one's stream (CANCEL), without a Close, "
         "and closed the second with 1000.",
    must_not="That the reset of one stream, or the server, ended the other."))
def http2_two_streams(lab):
    """One HTTP/2 client with two WebSockets on one connection. It gives the first one up, as a browser
    does whose page goes away; the second one goes on and is closed on purpose."""
    behind_haproxy(lab, "open /one", "text hello", "message", "open /two", "text hello", "message", "use 1",
                   "cancel", "use 2", "sleep 0.3", "text still here", "message", "close 1000 done", "message",
                   "closed", "goaway")


@scenario(Case(
    "http2-tls-closed-by-server", suffix=".pcapng", alter=add_keys, altered=ALTERED, gaps=True, snapshot=True,
    truth=[Truth("close_handshake", "server", ["server"], close_handshake="server_then_client")],
    must="With the keys in the file: the server closed with 1001 on the client's HTTP/2 stream inside TLS.",
    must_not="An opaque connection: the keys are there."))
def http2_tls(lab):
    """HAProxy takes HTTP/2 inside TLS 1.3 from the client and speaks HTTP/1.1 with the server. The server
    is told to stop (SIGTERM): it closes with 1001, and the client answers."""
    secure = f"bind :80 ssl crt {make_certificate(lab)} alpn h2"
    lab.proxy("haproxy", HAPROXY.replace("bind :80 proto h2", secure))
    server = lab.server(JS_SERVER, "--echo", "--on-term", "1001")
    client = lab.client(H2_CLIENT, MIDDLE, "80", "--keylog", lab.scratch / "keys.log", "open /live", "text hello",
                        "message", "message", "close 1001", "closed", "goaway")
    wait(1)
    server.terminate()
    client.wait(15)
    wait(0.3)
