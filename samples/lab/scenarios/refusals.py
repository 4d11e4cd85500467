"""Upgrades that end as something else, and servers that have no room."""

from cases import Case, Truth, scenario
from scenarios import configs
from scenarios.common import (
    JS_CLIENT, JS_SERVER, MIDDLE, PY_SERVER, RAW_CLIENT, RAW_SERVER, SERVER, URL, wait)
from scenarios.proxies import PROXY_URL
from scenarios.tls import make_certificate

NEVER_OPEN = "That a WebSocket was ever open."


def refused(closer, *parties, says=(), cause="refused", **rest):
    """No WebSocket came about; `closer` sends the first FIN or RST after that."""
    truth = Truth("refused_upgrade", closer, list(parties), kind="refused_upgrade")
    return truth.judged(*(says or parties), cause=cause, **rest)


def at_proxy_address(name, status, why, *parties, closer="client", **rest):
    says = (*parties, "unknown")
    return Case(name, truth=[refused(closer, *parties, says=says, cites=["answer"], **rest)],
                must=f"The upgrade was answered with {status}: {why}", must_not=NEVER_OPEN)


@scenario(at_proxy_address(
    "refused-200-single-page-at-client", 200, "an ordinary page came instead. The path is not routed to "
    "the WebSocket's server, as with a catch-all for a single-page application.", "intermediary", "server"))
def single_page(lab):
    """nginx answers every unknown path with the application's page (`try_files`), so the upgrade
    ends as plain HTTP."""
    (lab.scratch / "index.html").write_text("<!doctype html><title>app</title>\n")
    page = f"location /live {{ root {lab.scratch}; try_files /index.html =404; }}"
    lab.proxy("nginx", configs.nginx(server=page))
    lab.run_client(JS_CLIENT, PROXY_URL, "closed")
    wait(0.3)


@scenario(at_proxy_address(
    "refused-301-to-https-at-client", 301, "the address is to be asked for by TLS, and a WebSocket does "
    "not follow a redirect.", "intermediary", "server"))
def redirect(lab):
    """nginx sends everything on port 80 to `https`."""
    lab.proxy("nginx", configs.nginx(server="location /live { return 301 https://$host$request_uri; }"))
    lab.run_client(JS_CLIENT, PROXY_URL, "closed")
    wait(0.3)


@scenario(at_proxy_address(
    "refused-503-haproxy-at-client", 503, "a gateway had no server to send it to.", "intermediary"))
def haproxy_503(lab):
    """HAProxy is well, but nothing listens on the server's port."""
    lab.proxy("haproxy", configs.haproxy())
    lab.run_client(JS_CLIENT, PROXY_URL, "closed")
    wait(0.3)


@scenario(at_proxy_address(
    "refused-504-nginx-at-client", 504, "a gateway waited two seconds for the server, which took the "
    "connection but did not answer.", "intermediary", "server"))
def nginx_504(lab):
    """The server's program takes the connection and says nothing; nginx waits its
    `proxy_read_timeout` of two seconds and answers 504."""
    lab.proxy("nginx", configs.nginx(configs.UPGRADE_HEADERS + " proxy_read_timeout 2s;"))
    lab.server(RAW_SERVER, "--no-answer", "sleep 60")
    lab.run_client(JS_CLIENT, PROXY_URL, "closed")
    wait(0.3)


@scenario(at_proxy_address(
    "refused-426-apache-no-upgrade-at-client", 426, "the server says that it needs an upgrade, although "
    "the client asked for one: the proxy did not pass it on.", "intermediary", "server"))
def apache_bare(lab):
    """Apache httpd is not told `upgrade=websocket`, so the server receives a plain GET and answers
    426, which Apache carries back."""
    lab.proxy("apache2", configs.apache(upgrade=""))
    lab.server(JS_SERVER, "--echo")
    lab.run_client(JS_CLIENT, PROXY_URL, "closed")
    wait(0.3)


@scenario(at_proxy_address(
    "refused-varnish-no-pipe-at-client", 426, "the server says that it needs an upgrade, although the "
    "client asked for one: the proxy (Varnish by its Via header) did not pass it on.", "intermediary", "server"))
def varnish_bare(lab):
    """Varnish is not told to pipe WebSockets, so the server receives a plain GET and answers 426."""
    lab.proxy("varnishd", configs.varnish(piping=False))
    lab.server(JS_SERVER, "--echo")
    lab.run_client(JS_CLIENT, PROXY_URL, "closed")
    wait(0.3)


@scenario(at_proxy_address(
    "refused-400-plain-to-tls-at-client", 400, "plain HTTP was spoken to a port that wants TLS: the "
    "address should begin with wss.", "client", closer="server", cause="tls_failure"))
def plain_to_tls(lab):
    """The client asks for `ws://` on nginx's TLS port, which answers 400."""
    pem = make_certificate(lab)
    secure = f"listen 443 ssl; ssl_certificate {pem}; ssl_certificate_key {pem};"
    lab.proxy("nginx", configs.nginx(server=secure))
    lab.run_client(JS_CLIENT, f"ws://{MIDDLE}:443/live", "closed")
    wait(0.3)


@scenario(Case(
    "refused-plain-to-tls-node-at-client", truth=[refused("server", "client", says=("client", "unknown"),
                                                          cause="tls_failure", cites=["first_end"])],
    must="The client sent its request in plain text to port 443, where the server speaks TLS: the server hung "
         "up without an answer. The address should begin with wss.",
    must_not=NEVER_OPEN))
def plain_to_tls_node(lab):
    """The client asks for `ws://` on the TLS port of a Node server, which hangs up."""
    lab.server(JS_SERVER, "--tls", make_certificate(lab))
    lab.run_client(JS_CLIENT, f"ws://{SERVER}:443/live", "closed")
    wait(0.3)


def no_keys(lab):
    """A handshake that fails has none."""
    (lab.scratch / "keys.log").touch()


def tls_to_plain(name, says="answered with an HTTP error"):
    truth = Truth("fin_without_close", "server", ["client"], kind="opaque_tls")
    return Case(
        name, opaque=True, truth=[truth.judged("client", cause="tls_failure", at_least="medium", cites=["first_fin"])],
        must=f"The client spoke TLS to a port that speaks plain HTTP: its hello was {says}. The address should "
             "begin with ws, or name the port of TLS.",
        must_not="That a WebSocket was ever open, or that the server is at fault.")


@scenario(tls_to_plain("refused-tls-to-plain-nginx-at-client"))
def tls_to_plain_nginx(lab):
    """The client asks for `wss://` on nginx's plain port, which answers its hello with 400."""
    lab.proxy("nginx", configs.nginx())
    no_keys(lab)
    lab.run_client(JS_CLIENT, f"wss://{MIDDLE}:80/live", "closed")
    wait(0.3)


@scenario(tls_to_plain("refused-tls-to-plain-node-at-client"))
def tls_to_plain_node(lab):
    """The client asks for `wss://` on the plain port of a Node server, which answers its hello with 400."""
    lab.server(JS_SERVER, "--echo")
    no_keys(lab)
    lab.run_client(JS_CLIENT, f"wss://{SERVER}:8080/live", "closed")
    wait(0.3)


@scenario(Case(
    "refused-tls-to-plain-hangs-up-at-client", opaque=True, truth=[
        Truth("fin_without_close", "server", ["client"], kind="opaque_tls").judged(
            "server", "client", "unknown", cause="tls_failure", at_most="medium", cites=["first_end"])],
    must="The TLS handshake was not completed: the server hung up on the client's hello without a word, so "
         "there never was a WebSocket. That the port does not speak TLS is a reading to offer.",
    must_not="That a WebSocket was ever open."))
def tls_to_plain_hangs_up(lab):
    """The client asks for `wss://` on the plain port of a server on Python's websockets, which hangs up on
    its hello."""
    lab.server(PY_SERVER)
    no_keys(lab)
    lab.run_client(JS_CLIENT, f"wss://{SERVER}:8080/live", "closed")
    wait(0.3)


@scenario(at_proxy_address(
    "refused-403-origin-at-client", 403, "the server's program does not take this client.", "server",
    "intermediary"))
def server_403(lab):
    """The server's program refuses the client, as it does for a wrong origin."""
    lab.server(JS_SERVER, "--refuse", "403")
    lab.run_client(JS_CLIENT, URL, "closed")
    wait(0.3)


STALLED = dict(
    must="The server's kernel took the connection and acknowledged the request, but nothing answered it "
         "for three seconds; the client gave up.",
    must_not="That the client is at fault, or a network failure: the request was acknowledged.")


@scenario(Case("exhausted-never-accepted-at-client", late=True,
               truth=[refused("client", "server", says=("server", "unknown"), at_most="medium")], **STALLED))
def never_accepted(lab):
    """The server's program is busy with its one client and accepts nothing more. Its kernel still
    takes the connection; the client gives up after three seconds."""
    lab.server(RAW_SERVER, "sleep 60")
    lab.client(RAW_CLIENT, SERVER, "8080", "text hello", "sleep 60")
    lab.wait_connected()
    wait(0.5)
    lab.capture("exhausted-never-accepted-at-client", "client")
    lab.run_client(JS_CLIENT, "--handshake-timeout", "3", URL, "closed")
    wait(0.3)


@scenario(Case("exhausted-haproxy-queue-at-client", late=True,
               truth=[refused("client", "intermediary", "server", says=("server", "intermediary", "unknown"),
                              at_most="medium")], **STALLED))
def haproxy_full(lab):
    """HAProxy has as many connections as it takes (`maxconn 1`); the next client waits in its
    kernel's queue, and gives up after three seconds."""
    lab.proxy("haproxy", configs.haproxy("client 60s, server 60s", frontend="maxconn 1"))
    lab.server(JS_SERVER, "--echo")
    lab.client(JS_CLIENT, PROXY_URL, "text hello", "sleep 60")
    lab.wait_connected()
    wait(1)
    lab.capture("exhausted-haproxy-queue-at-client", "client")
    lab.run_client(JS_CLIENT, "--handshake-timeout", "3", PROXY_URL, "closed")
    wait(0.3)


@scenario(Case("exhausted-nginx-workers-at-client", late=True, snapshot=True,
               truth=[refused("server", "intermediary", says=("server", "intermediary", "unknown"),
                              at_most="medium", cites=["first_end"])],
               must="The server's address took the connection and ended it at once with a FIN, before the "
                    "client had asked for anything: it has no room. The reset only answers the request.",
               must_not="That the reset ended it, or that a WebSocket was ever open."))
def nginx_full(lab):
    """nginx has no connection left (`worker_connections`): it takes the next client's and closes
    it at once."""
    lab.proxy("nginx", configs.nginx(configs.UPGRADE_HEADERS, events="worker_connections 4;"))
    lab.server(JS_SERVER, "--echo")
    lab.client(JS_CLIENT, PROXY_URL, "text hello", "sleep 60")
    lab.wait_connected()
    wait(1)
    lab.capture("exhausted-nginx-workers-at-client", "client")
    lab.run_client(JS_CLIENT, "--handshake-timeout", "3", PROXY_URL, "closed")
    wait(0.3)


@scenario(Case("listener-closed-at-client",
               truth=[refused("server", "server", says=("server", "intermediary", "unknown"), at_most="medium",
                              cites=["first_end"])],
               must="The server's kernel took the connection and the request, and two seconds later reset "
                    "it: the program never accepted it and then closed its port or died.",
               must_not="A forged reset or a firewall."))
def listener_closed(lab):
    """The server's program listens, but never accepts. When it is killed, its kernel resets the
    connections that waited."""
    server = lab.script("server", "servers/raw_server.py", "--never-accept", ready="ready")
    lab.client(RAW_CLIENT, SERVER, "8080", "text hello")
    lab.wait_connected()
    wait(2)
    server.kill()
    wait(0.5)
