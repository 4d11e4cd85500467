"""Connections inside TLS that the report must tell of without keys."""

import versions
from cases import Case, Truth, scenario
from scenarios.common import (
    JS_CLIENT, JS_SERVER, MIDDLE, PY_CLIENT, PY_SERVER, SERVER, wait)
from scenarios.tls import make_certificate

UVICORN, SOCKETIO_SERVER, SOCKETIO_CLIENT = (
    "servers/tls_uvicorn.py", "servers/tls_socketio.js", "clients/tls_socketio.js")
PAGES_SERVER, PAGES_CLIENT = "servers/tls_pages.js", "clients/tls_pages.py"
LIVE, THROUGH = f"wss://{SERVER}/live", f"wss://{MIDDLE}/live"
TLS12 = "TLSv1.2"


def truth(mechanism, closer, party):
    return Truth(mechanism, closer, party, kind="opaque_tls")


OPEN = truth("still_open", "none", ["none"])


def certificate(lab):
    pem = make_certificate(lab)
    lab.software.discard(versions.of_tool("editcap"))
    return pem


def keys(lab):
    return lab.scratch / "keys.log"


def client(lab, url, *steps, options=()):
    return lab.client(JS_CLIENT, "--keylog", keys(lab), *options, url, *steps)


def beats(name, seconds, sender):
    return Case(
        name, truth=[OPEN], opaque=True,
        must=f"An opaque TLS connection, still open, with an inferred heartbeat of the {sender}: one every "
             f"{seconds} seconds, all answered.",
        must_not="That a ping was read, or anything with high confidence but that it is open.")


@scenario(beats("tls13-ws-30s", 30, "server"))
def ws_13(lab):
    """A server on `ws` with the heartbeat of its readme, a ping every 30 seconds, over TLS 1.3. The
    client says hello once and answers the pings; the capture ends after four of them."""
    lab.server(JS_SERVER, "--echo", "--heartbeat", "30", "--tls", certificate(lab))
    client(lab, LIVE, "text hello", "sleep 900")
    wait(124)


@scenario(beats("tls12-ws-30s", 30, "server"))
def ws_12(lab):
    """A server on `ws` with the heartbeat of its readme, a ping every 30 seconds, over TLS 1.2. The
    client says hello once and answers the pings; the capture ends after four of them."""
    lab.server(JS_SERVER, "--echo", "--heartbeat", "30", "--tls", certificate(lab),
               "--max-version", TLS12)
    client(lab, LIVE, "text hello", "sleep 900")
    wait(124)


@scenario(beats("tls13-websockets-20s", 20, "client or server"))
def websockets_13(lab):
    """Python's websockets on both sides at its default settings, over TLS 1.3: each side pings every
    20 seconds, both at nearly the same moment. The capture ends after four rounds."""
    lab.server(PY_SERVER, "--tls", certificate(lab))
    lab.client(PY_CLIENT, LIVE, "--keylog", keys(lab), "text hello", "message", "sleep 900")
    wait(84)


@scenario(beats("tls12-websockets-20s", 20, "server"))
def websockets_12(lab):
    """A server on Python's websockets at its default settings, a ping every 20 seconds, and a client
    that speaks TLS 1.2 at most. The capture ends after four pings."""
    lab.server(PY_SERVER, "--tls", certificate(lab))
    client(lab, LIVE, "text hello", "message", "sleep 900", options=("--max-version", TLS12))
    wait(84)


@scenario(beats("tls13-uvicorn-20s", 20, "server"))
def uvicorn_13(lab):
    """A server on uvicorn at its default settings, a ping every 20 seconds, over TLS 1.3. The client
    says something every seven seconds, which is sent back; the capture ends after four pings."""
    lab.server(UVICORN, certificate(lab))
    client(lab, LIVE, "text-every 7 100")
    wait(84)


@scenario(beats("tls12-uvicorn-20s", 20, "server"))
def uvicorn_12(lab):
    """A server on uvicorn at its default settings, a ping every 20 seconds, and a client that speaks
    TLS 1.2 at most. The capture ends after four pings."""
    lab.server(UVICORN, certificate(lab))
    client(lab, LIVE, "text hello", "message", "sleep 900", options=("--max-version", TLS12))
    wait(84)


def socketio(lab, *versions):
    lab.server(SOCKETIO_SERVER, certificate(lab), keys(lab), *versions)
    lab.client(SOCKETIO_CLIENT, f"wss://{SERVER}")
    wait(104)


@scenario(beats("tls13-socketio-25s", 25, "server"))
def socketio_13(lab):
    """A Socket.IO server and client at their default settings over TLS 1.3: a heartbeat of the
    server inside a message every 25 seconds. The capture ends after four of them."""
    socketio(lab)


@scenario(beats("tls12-socketio-25s", 25, "server"))
def socketio_12(lab):
    """A Socket.IO server and client at their default settings over TLS 1.2: a heartbeat of the
    server inside a message every 25 seconds. The capture ends after four of them."""
    socketio(lab, TLS12)


FIN_AS_SERVER = truth("fin_without_close", "server", ["intermediary"])
FIN_OF_EITHER = truth("fin_without_close", "", ["intermediary"])  # a race behind nginx's close_notify
RST_AS_CLIENT = truth("rst_without_close", "client", ["intermediary"])

IDLE = dict(
    opaque=True,
    must="An opaque TLS connection that was ended after three silent seconds; an idle timeout of something "
         "between the ends is the reading to offer, and a key log would settle it.",
    must_not="That the server or the client closed, with high confidence.")

NGINX = """
daemon off;
pid SCRATCH/nginx.pid;
error_log SCRATCH/nginx-error.log;
events {}
http {
    access_log off;
    client_body_temp_path SCRATCH;
    proxy_temp_path SCRATCH;
    fastcgi_temp_path SCRATCH;
    uwsgi_temp_path SCRATCH;
    scgi_temp_path SCRATCH;
    server {
        listen 80;
        listen 443 ssl;
        ssl_certificate SCRATCH/lab.pem;
        ssl_certificate_key SCRATCH/lab.pem;
        ssl_protocols TLSv1.2 TLSv1.3;
        location / {
            proxy_pass https://%s:443;
            proxy_ssl_protocols TLSv1.3;
            proxy_http_version 1.1;
            proxy_read_timeout 3s;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection "upgrade";
        }
    }
}
""" % SERVER

HAPROXY = f"""
defaults
    mode http
    timeout connect 3s
    timeout client 30s
    timeout server 30s
    timeout tunnel 3s
frontend web
    bind :80
    bind :443 ssl crt SCRATCH/lab.pem ssl-max-ver TLSv1.2
    default_backend app
backend app
    server app {SERVER}:443 ssl verify none ssl-max-ver TLSv1.2
"""


def idle_session(lab, proxy, config):
    pem = certificate(lab)
    lab.proxy(proxy, config)
    lab.server(JS_SERVER, "--echo", "--tls", pem, "--keylog", keys(lab))
    silent = client(lab, THROUGH, "text hello", "message", "sleep 0.5", "text bye", "closed")
    silent.wait(15)
    wait(0.3)


@scenario(
    Case("tls13-opaque-nginx-idle-at-client", truth=[FIN_OF_EITHER], **IDLE),
    Case("tls13-opaque-nginx-idle-at-proxy", at="middle", any_interface=True,
         truth=[FIN_OF_EITHER] * 2, **IDLE),
    Case("tls13-opaque-nginx-idle-at-server", at="server", truth=[FIN_OF_EITHER], **IDLE))
def nginx_idle(lab):
    """nginx with `proxy_read_timeout 3s` ends TLS 1.3 of the client and speaks TLS 1.3 with the server.
    Both ends are quiet and well for three seconds after their last message; then nginx ends both of
    its connections with a close_notify each, which the peers answer with their own and a FIN."""
    idle_session(lab, "nginx", NGINX)


@scenario(
    Case("tls12-opaque-haproxy-idle-at-client", truth=[FIN_AS_SERVER], **IDLE),
    Case("tls12-opaque-haproxy-idle-at-proxy", at="middle", any_interface=True,
         truth=[FIN_AS_SERVER, RST_AS_CLIENT], **IDLE),
    Case("tls12-opaque-haproxy-idle-at-server", at="server", truth=[RST_AS_CLIENT], **IDLE))
def haproxy_idle(lab):
    """HAProxy with `timeout tunnel 3s` ends TLS 1.2 of the client and speaks TLS 1.2 with the server. Both
    ends are quiet and well for three seconds after their last message; then HAProxy ends both
    connections."""
    idle_session(lab, "haproxy", HAPROXY)


NOT_LISTED = dict(
    truth=[], opaque=True,
    must="No WebSocket is listed: nothing in it looks like one. It is counted as opaque TLS. With "
         "`--opaque-tls all` it is listed, without a heartbeat.",
    must_not="That it is a WebSocket, or that there is a heartbeat.")


def pages(lab, *arguments):
    lab.server(PAGES_SERVER, certificate(lab), keys(lab))
    lab.run_client(PAGES_CLIENT, SERVER, *arguments)


@scenario(Case("tls13-not-download", **NOT_LISTED))
def download(lab):
    """An HTTPS client fetches a file that comes in twelve pieces of one size, one a second."""
    pages(lab, "0.2", "/file")


@scenario(Case("tls13-not-keepalive", **NOT_LISTED))
def keepalive(lab):
    """An HTTPS client asks for the same small page every two seconds on one connection, eight times;
    the answers are small and of one size too."""
    pages(lab, "2", *["/status"] * 8)


@scenario(Case("tls13-not-idle", **NOT_LISTED))
def idle(lab):
    """An HTTPS client asks for one small page and keeps the connection; after five seconds the
    server's keep-alive timeout ends it."""
    pages(lab, "6", "/status")


def closed(name, closer, **more):
    return Case(
        name, truth=[truth("not_captured", "", [closer])], opaque=True, **more,
        must=f"An opaque TLS connection that the {closer} ended; that it sent a Close is inferred from sizes and "
             "times, and marked so.",
        must_not="A Close frame: none was read. Nothing with high confidence.")


@scenario(closed("tls13-opaque-close-by-client", "client"))
def close_by_client(lab):
    """The client closes with 1000 over TLS 1.3; the server answers, then both end TCP."""
    lab.server(JS_SERVER, "--echo", "--tls", certificate(lab))
    client(lab, LIVE, "text hello", "message", "sleep 1.3", "close 1000", "closed").wait(15)
    wait(0.3)


@scenario(closed("tls12-opaque-close-by-server", "server"))
def close_by_server(lab):
    """The server closes with 1001 `going away` over TLS 1.2; the client answers, then both end TCP."""
    lab.server(JS_SERVER, "--tls", certificate(lab), "--max-version", TLS12,
               "message", "text welcome", "sleep 1.3", "close 1001 going away")
    client(lab, LIVE, "text hello", "closed").wait(15)
    wait(0.3)


@scenario(Case(
    "tls13-opaque-sigkill", truth=[truth("fin_without_close", "server", ["server"])], opaque=True,
    must="An opaque TLS connection that the server's address ended with a FIN and without a close_notify.",
    must_not="A Close, or an idle timeout with high confidence."))
def sigkill(lab):
    """The server's program is killed with SIGKILL over TLS 1.3; its kernel sends a FIN."""
    server = lab.server(JS_SERVER, "--echo", "--tls", certificate(lab))
    talker = client(lab, LIVE, "text hello", "message", "sleep 0.7", "text more", "message", "closed")
    wait(2.2)
    server.kill()
    talker.wait(15)
    wait(0.3)


@scenario(Case(
    "tls12-opaque-rst", truth=[truth("rst_without_close", "server", ["server"])], opaque=True,
    must="An opaque TLS connection that the server broke off with an RST, with the client's last message "
         "unanswered.",
    must_not="A Close, or a forged RST."))
def reset(lab):
    """The server's program hangs (SIGSTOP) and is then killed with a message of the client unread, over
    TLS 1.2; its kernel sends an RST."""
    server = lab.server(JS_SERVER, "--echo", "--tls", certificate(lab), "--max-version", TLS12)
    talker = client(lab, LIVE, "text hello", "message", "sleep 1", "text are you there", "closed")
    wait(1)
    server.freeze()
    wait(1.4)
    server.kill()
    talker.wait(15)
    wait(0.3)


@scenario(Case(
    "tls13-opaque-ping-unanswered", truth=[truth("fin_without_close", "server", ["server"])], opaque=True,
    must="An opaque TLS connection that the server ended because its heartbeat, inferred, was no longer "
         "answered.",
    must_not="Anything with high confidence."))
def unanswered(lab):
    """A server on `ws` pings every two seconds over TLS 1.3. After four pings the client's program is
    frozen (SIGSTOP) and answers no more; two pings later the server gives it up (`terminate`)."""
    lab.server(JS_SERVER, "--echo", "--heartbeat", "2", "--tls", certificate(lab))
    frozen = client(lab, LIVE, "text hello", "message", "sleep 900")
    wait(9)
    frozen.freeze()
    wait(5.5)


@scenario(Case(
    "tls-opaque-handshake-failed", truth=[truth("tls_alert", "server", ["server"])], opaque=True,
    must="The TLS handshake failed: the server refused the client's version with an alert, so that there "
         "never was a WebSocket.",
    must_not="That a WebSocket was open, or a refused upgrade."))
def handshake_failed(lab):
    """The server speaks TLS 1.3 only, the client 1.2 at most: the server answers with an alert."""
    lab.server(JS_SERVER, "--tls", certificate(lab), "--min-version", "TLSv1.3", "--keylog", keys(lab))
    keys(lab).touch()
    client(lab, LIVE, "closed", options=("--max-version", TLS12)).wait(15)
    wait(0.3)


@scenario(Case(
    "tls13-opaque-untrusted", truth=[truth("fin_without_close", "client", ["client"])], opaque=True,
    must="The TLS handshake failed: the client broke it off with an alert (by its shape) right after the "
         "server's certificate, so that there never was a WebSocket.",
    must_not="That a WebSocket was open."))
def untrusted(lab):
    """The client does not trust the server's certificate and breaks the TLS 1.3 handshake off."""
    lab.server(JS_SERVER, "--tls", certificate(lab))
    client(lab, LIVE, "closed", options=("--verify",)).wait(15)
    wait(0.3)


TALK = "openssl_talk.py"
ARIA = "ECDHE-ECDSA-ARIA256-GCM-SHA384"


@scenario(Case(
    "tls12-opaque-aria", truth=[truth("fin_without_close", "", ["client"])], opaque=True,
    must="An opaque TLS connection; with the keys, too, which are for a cipher suite that is not read: the reason says so.",
    must_not="Frames, or a Close frame that was read."))
def aria(lab):
    """OpenSSL's programs on both sides, which speak WebSocket by hand over TLS 1.2 with ARIA-256-GCM: the
    client says hello, pings and closes normally."""
    pem = certificate(lab)
    lab.software.add(versions.of_tool("openssl"))
    lab.script("server", TALK, "--listen", "wait request", "answer", "wait text hello", "text hello", "wait ping", "pong",
               "wait close 1000 bye", "close 1000 bye", "sleep 0.3", "--", "openssl", "s_server", "-accept", "443",
               "-cert", pem, "-key", pem, "-naccept", "1", "-tls1_2", "-cipher", ARIA, ready="ready")
    lab.run_client(TALK, "request", "wait answer", "text hello", "wait text hello", "ping", "wait pong", "sleep 0.1",
                   "close 1000 bye", "wait close 1000 bye", "sleep 0.1", "--", "openssl", "s_client", "-connect",
                   f"{SERVER}:443", "-quiet", "-no_ign_eof", "-keylogfile", keys(lab), "-servername", "lab",
                   "-tls1_2", "-cipher", ARIA)


@scenario(Case("tls13-opaque-tls-inside", **{
    **NOT_LISTED, "must": NOT_LISTED["must"] + " The reason, with the keys, is that it carries TLS again."}))
def tls_inside(lab):
    """HAProxy ends TLS for the client and passes on what is inside, which is TLS again, with the server:
    `wss` through a tunnel. Inside, OpenSSL's programs speak WebSocket by hand; the client closes normally."""
    pem = certificate(lab)
    lab.software |= {versions.of_tool("openssl"), versions.of_tool("haproxy")}
    tunnel = (f"defaults\n timeout connect 5s\n timeout client 30s\n timeout server 30s\n mode tcp\n"
              f"listen plain\n bind :80\n server s {SERVER}:443\n"
              f"listen tunnel\n bind :443 ssl crt {pem}\n server s {SERVER}:443\n")
    lab.proxy("haproxy", tunnel)
    lab.script("server", TALK, "--listen", "wait request", "answer", "wait text hello", "text hello",
               "wait close 1000 bye", "close 1000 bye", "sleep 0.3", "--", "openssl", "s_server", "-accept", "443",
               "-cert", pem, "-key", pem, ready="ready")
    entrance = "clients/tls_tunnel.py"
    lab.client(entrance, MIDDLE, keys(lab))
    lab.wait_listening("client", 8443)
    lab.run_client(TALK, "request", "wait answer", "text hello", "wait text hello", "sleep 0.1",
                   "close 1000 bye", "wait close 1000 bye", "sleep 0.1", "--", "openssl", "s_client", "-connect",
                   "127.0.0.1:8443", "-quiet", "-no_ign_eof", "-keylogfile", keys(lab), "-servername", "lab")
    wait(0.3)


@scenario(Case(
    "tls13-opaque-unknown-ca", truth=[truth("tls_alert", "", ["client"])], opaque=True,
    must="The TLS handshake failed: the client broke it off with the alert unknown_ca, so that there never was a "
         "WebSocket.",
    must_not="That the server refused anything."))
def unknown_ca(lab):
    """`openssl s_client` that knows no authority, with a server whose certificate none has signed, over TLS 1.3: the
    client sends the alert unknown_ca in plain text, and closes."""
    pem = certificate(lab)
    lab.software.add(versions.of_tool("openssl"))
    lab.script("server", TALK, "--listen", "sleep 3", "--", "openssl", "s_server", "-accept", "443", "-cert", pem,
               "-key", pem, "-naccept", "1", ready="ready")
    lab.run_client(TALK, "sleep 0.5", "--", "openssl", "s_client", "-connect", f"{SERVER}:443", "-quiet",
                   "-no_ign_eof", "-keylogfile", keys(lab), "-servername", "lab", "-verify_return_error")
