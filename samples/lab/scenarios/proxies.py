"""Connections through a proxy in the middle host."""

from cases import Case, Truth, scenario
from scenarios import configs
from scenarios.common import (
    JS_CLIENT, JS_SERVER, MIDDLE, SERVER, wait)

PROXY_URL = f"ws://{MIDDLE}/live"

FIN_BY_PROXY_AS_SERVER = Truth("fin_without_close", "server", ["intermediary"])
FIN_BY_PROXY_AS_CLIENT = Truth("fin_without_close", "client", ["intermediary"])
RST_BY_PROXY_AS_CLIENT = Truth("rst_without_close", "client", ["intermediary"])

IDLE_CLIENT = dict(
    must="The server's address ended it with a FIN and without a Close frame, three seconds after "
         "the last frame; an idle timeout is a reading to offer.",
    must_not="That the server or the client closed, with high confidence: seen from the client, the "
             "proxy and the server have one address.")
IDLE_PROXY = dict(
    any_interface=True, at="middle",
    must="The proxy ended both legs after three idle seconds: neither end spoke before. Both legs "
         "are one session (the same Sec-WebSocket-Key).",
    must_not="That the client or the server closed.")
IDLE_SERVER = dict(
    at="server",
    must="The client's address ended it without a Close frame, three seconds after the last frame; "
         "an idle timeout is a reading to offer.",
    must_not="That the user's client closed, with high confidence: this peer is a proxy.")


def idle_session(lab):
    lab.server(JS_SERVER, "--echo")
    client = lab.client(JS_CLIENT, PROXY_URL, "text hello", "message", "sleep 0.5", "text bye", "closed")
    client.wait(15)
    wait(0.3)


@scenario(
    Case("nginx-idle-at-client", truth=[FIN_BY_PROXY_AS_SERVER], **IDLE_CLIENT),
    Case("nginx-idle-at-proxy", truth=[FIN_BY_PROXY_AS_SERVER, FIN_BY_PROXY_AS_CLIENT], **IDLE_PROXY),
    Case("nginx-idle-at-server", truth=[FIN_BY_PROXY_AS_CLIENT], **IDLE_SERVER))
def nginx_idle(lab):
    """nginx with `proxy_read_timeout 3s` between client and server. Both ends are quiet and
    well for three seconds after their last message; then nginx ends both of its connections,
    first the one to the server."""
    lab.proxy("nginx", configs.nginx())
    idle_session(lab)


@scenario(
    Case("haproxy-idle-at-client", truth=[FIN_BY_PROXY_AS_SERVER], **IDLE_CLIENT),
    Case("haproxy-idle-at-proxy", truth=[FIN_BY_PROXY_AS_SERVER, RST_BY_PROXY_AS_CLIENT], **IDLE_PROXY),
    Case("haproxy-idle-at-server", truth=[RST_BY_PROXY_AS_CLIENT], **IDLE_SERVER))
def haproxy_idle(lab):
    """HAProxy with `timeout tunnel 3s` between client and server. Both ends are quiet and well
    for three seconds after their last message; then HAProxy resets its connection to the
    server and ends the client's with a FIN."""
    lab.proxy("haproxy", configs.haproxy())
    idle_session(lab)


@scenario(
    Case("apache-idle-at-client", truth=[FIN_BY_PROXY_AS_SERVER], **IDLE_CLIENT),
    Case("apache-idle-at-proxy", truth=[FIN_BY_PROXY_AS_SERVER, FIN_BY_PROXY_AS_CLIENT], **IDLE_PROXY))
def apache_idle(lab):
    """Apache httpd with `Timeout 3` between client and server. Both ends are quiet and well
    for three seconds after their last message; then Apache ends both of its connections."""
    lab.proxy("apache2", configs.apache())
    idle_session(lab)


@scenario(Case(
    "nginx-heartbeat-open", truth=[Truth("still_open", "none", ["none"])],
    must="Still open when the capture ends: pings every second, all answered.",
    must_not="That anybody closed it."))
def nginx_heartbeat(lab):
    """nginx with `proxy_read_timeout 3s`, and a server that pings every second. The heartbeat
    keeps the connection open for six seconds; the capture ends before the connection does."""
    lab.proxy("nginx", configs.nginx())
    lab.server(JS_SERVER, "--echo", "--heartbeat", "1")
    lab.client(JS_CLIENT, PROXY_URL, "text hello", "message", "sleep 60")
    wait(6.5)


@scenario(
    Case("nginx-backend-killed-at-client",
         truth=[Truth("fin_without_close", "server", ["server"])],
         must="The server's address ended it with a FIN and without a Close frame.",
         must_not="That the proxy did it on its own, with high confidence: it only passed the end on."),
    Case("nginx-backend-killed-at-proxy", at="middle", any_interface=True,
         truth=[Truth("fin_without_close", "server", ["server"]),
                Truth("rst_without_close", "server", ["server"])],
         must="The server ended it: its reset on the server's leg came first, and the proxy passed "
              "the end on as a FIN to the client.",
         must_not="That the proxy closed on its own."))
def nginx_backend_killed(lab):
    """The server program hangs (SIGSTOP) and is then killed with a message unread. Its kernel
    sends a RST to nginx, which passes the end on to the client as a plain FIN."""
    lab.proxy("nginx", configs.nginx())
    server = lab.server(JS_SERVER, "--echo")
    client = lab.client(JS_CLIENT, PROXY_URL, "text hello", "message", "sleep 1",
                        "text are you there", "closed")
    wait(1)
    server.freeze()
    wait(1.5)
    server.kill()
    client.wait(10)


@scenario(Case(
    "nginx-close-at-proxy", at="middle", any_interface=True,
    truth=[Truth("close_handshake", "server", ["server"], "server_then_client")] * 2,
    must="The server closed with 1000 `shift is over`; its Close went through the proxy, and the "
         "client's answer came back the same way.",
    must_not="That the proxy closed."))
def nginx_close(lab):
    """The server closes with 1000 `shift is over`. nginx carries its Close to the client and
    the answer back."""
    lab.proxy("nginx", configs.nginx())
    lab.server(JS_SERVER, "text welcome", "sleep 0.5", "close 1000 shift is over")
    lab.run_client(JS_CLIENT, PROXY_URL, "closed")


@scenario(Case(
    "nginx-stopped-at-proxy", at="middle", any_interface=True,
    truth=[FIN_BY_PROXY_AS_SERVER, FIN_BY_PROXY_AS_CLIENT],
    must="The proxy ended both legs within a moment, though there was traffic until then.",
    must_not="That the client or the server closed, or an idle timeout."))
def nginx_stopped(lab):
    """The server sends a tick every 0.4 seconds. After two seconds nginx gets SIGTERM and ends
    both of its connections with a FIN."""
    proxy = lab.proxy("nginx", configs.nginx())
    lab.server(JS_SERVER, "text-every 0.4 20")
    client = lab.client(JS_CLIENT, PROXY_URL, "text hello", "closed")
    wait(2)
    proxy.terminate()
    client.wait()


@scenario(Case(
    "nginx-idle-three-clients", truth=[FIN_BY_PROXY_AS_SERVER] * 3,
    must="Three connections ended three seconds after their last frame each, at different times "
         "and ages: a shared timeout on the server's side.",
    must_not="That the server or the clients closed, with high confidence."))
def nginx_idle_three(lab):
    """nginx with `proxy_read_timeout 3s` and three clients that came at different times and
    fell silent at different times. Each of them is ended three seconds after its last frame."""
    lab.proxy("nginx", configs.nginx())
    lab.server(JS_SERVER, "--echo")
    clients = []
    for pause in ("0.2", "1.1", "1.7"):
        clients.append(lab.client(JS_CLIENT, PROXY_URL, "text hello", "message", f"sleep {pause}",
                                  "text last", "message", "closed"))
        wait(0.7)
    for client in clients:
        client.wait(15)


def refused(party, closer):
    """The first FIN comes only after the refusal: `closer` sends it."""
    return Truth("refused_upgrade", closer, party, kind="refused_upgrade")


@scenario(Case(
    "refused-426-nginx-no-upgrade", truth=[refused(["intermediary"], "client")],
    must="The upgrade was refused with 426, although the client asked correctly; the answer came "
         "through nginx, which is the first place to look.",
    must_not="That the client forgot to ask, or that a WebSocket was ever open."))
def nginx_bare(lab):
    """nginx is not told to pass the Upgrade header on, so the server receives a plain GET and
    answers 426 Upgrade Required, which nginx carries back to the client."""
    lab.proxy("nginx", configs.nginx("proxy_read_timeout 3s;"))
    lab.server(JS_SERVER, "--echo")
    lab.run_client(JS_CLIENT, PROXY_URL, "closed")
    wait(0.3)


@scenario(Case(
    "refused-502-nginx", truth=[refused(["intermediary"], "client")],
    must="The upgrade was refused with 502 by a gateway: nginx could not reach the server.",
    must_not="That the server's program refused it, or that a WebSocket was ever open."))
def nginx_502(lab):
    """nginx is well, but nothing listens on the server's port, so nginx answers 502."""
    lab.proxy("nginx", configs.nginx())
    lab.run_client(JS_CLIENT, PROXY_URL, "closed")
    wait(0.3)


@scenario(Case(
    "refused-401-by-server", truth=[refused(["server"], "server")],
    must="The upgrade was refused with 401 by the server.",
    must_not="That a WebSocket was ever open."))
def server_401(lab):
    """The server's program refuses the client's upgrade with 401, without any proxy between
    them."""
    lab.server(JS_SERVER, "--refuse", "401")
    lab.run_client(JS_CLIENT, f"ws://{SERVER}:8080/live", "closed")
    wait(0.3)
