"""Timeouts and heartbeats at the values that people meet."""

from cases import Case, Truth, Verdict, scenario
from scenarios import configs
from scenarios.common import (
    DEEP_SERVER, INNER, JS_CLIENT, JS_SERVER, MIDDLE, PY_CLIENT, PY_SERVER, RAW_CLIENT, RAW_SERVER, SERVER,
    URL, wait)
from scenarios.ends import FIN_BY_SERVER
from scenarios.laundering import ABRUPT, IDLE, UPSTREAM, seen_at_client, with_both_legs
from scenarios.proxies import (
    FIN_BY_PROXY_AS_CLIENT, FIN_BY_PROXY_AS_SERVER, PROXY_URL)

OPEN = Truth("still_open", "none", ["none"]).judged("none", cause=["unknown", "normal"])
ONE_ADDRESS = "The server or a proxy for certain: from here they are one."


def idle_at_client(seconds, candidate="", **rest):
    """The proxy's FIN, where the value fits a timer that the reader may know."""
    return dict(
        truth=[FIN_BY_PROXY_AS_SERVER.judged("intermediary", "server", "unknown", cause=IDLE, at_most="medium",
                                             candidate=candidate, cites=["first_end"], **rest)],
        must=f"The server's address ended it with a FIN and without a Close frame, {seconds} seconds after "
             "the last frame: an idle timeout.",
        must_not=ONE_ADDRESS)


def idle_at_server(truth, seconds, candidate=""):
    return dict(
        at="server",
        truth=[truth.judged("intermediary", "client", "unknown", cause=IDLE, at_most="medium",
                            candidate=candidate, cites=["first_end"])],
        must=f"The client's address, a proxy by the headers of the request, ended it {seconds} seconds "
             "after the last frame: an idle timeout.",
        must_not="That the user's client closed, with high confidence: this peer is a proxy.")


def quiet_session(lab):
    lab.server(JS_SERVER, "--echo")
    client = lab.client(JS_CLIENT, PROXY_URL, "text hello", "message", "closed")
    client.wait(150)
    wait(0.3)


@scenario(Case("nginx-60s-at-client", **idle_at_client(60, "nginx-proxy-read-timeout")))
def nginx_default(lab):
    """nginx as it comes, so with `proxy_read_timeout 60s`, and two quiet ends."""
    lab.proxy("nginx", configs.nginx(configs.UPGRADE_HEADERS))
    quiet_session(lab)


@scenario(
    Case("alb-60s-at-client", **idle_at_client(60, "aws-alb-idle-timeout")),
    Case("alb-60s-at-server", snapshot=True, **idle_at_server(FIN_BY_PROXY_AS_CLIENT, 60, "aws-alb-idle-timeout")))
def alb(lab):
    """A stand-in for an AWS Application Load Balancer: nginx with its idle timeout of 60 s and
    the headers that it adds (`X-Amzn-Trace-Id` and others to the request, the stickiness cookie
    to the answer). How a real one ends its legs is not known here."""
    lab.proxy("nginx", configs.nginx(configs.UPGRADE_HEADERS + """
            proxy_set_header X-Amzn-Trace-Id Root=1-67891233-abcdef012345678912345678;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Port 80;
            proxy_set_header X-Forwarded-Proto http;
            proxy_pass_header Server;
            add_header Set-Cookie "AWSALB=abcdefghijkl; Path=/" always;
    """))
    lab.server(JS_SERVER, "--echo", "--server", "live-app")
    lab.client(JS_CLIENT, PROXY_URL, "text hello", "message", "closed").wait(150)
    wait(0.3)


@scenario(
    Case("cloudflare-100s-at-client", **idle_at_client(100, "cloudflare-proxy-read-timeout")),
    Case("cloudflare-100s-at-server", **idle_at_server(FIN_BY_PROXY_AS_CLIENT, 100, "cloudflare-proxy-read-timeout")))
def cloudflare(lab):
    """A stand-in for Cloudflare: nginx with an idle timeout of 100 s and the headers that
    Cloudflare adds (`CF-Ray`, `CF-Connecting-IP` to the request; `Server` and `CF-RAY` to the
    answer). How a real one ends its legs is not known here."""
    lab.proxy("nginx", configs.nginx(configs.UPGRADE_HEADERS + """
            proxy_read_timeout 100s;
            proxy_set_header CF-Ray 8f1a2b3c4d5e6f70-FRA;
            proxy_set_header CF-Connecting-IP $remote_addr;
            proxy_set_header CF-Visitor '{"scheme":"http"}';
            proxy_pass_header Server;
            add_header CF-RAY 8f1a2b3c4d5e6f70-FRA always;
    """))
    lab.server(JS_SERVER, "--echo", "--server", "cloudflare")
    lab.client(JS_CLIENT, PROXY_URL, "text hello", "message", "closed").wait(150)
    wait(0.3)


def heartbeat(seconds):
    return (JS_CLIENT, "--ping-every", str(seconds), PROXY_URL, "text hello", "message", "closed")


@scenario(Case(
    "heartbeat-58s-of-60s-at-client", truth=[OPEN],
    must="Still open after more than two minutes: the client's pings, one each 58 s, keep it below a "
         "timeout of 60 s, but only just.",
    must_not="That anybody closed it."))
def heartbeat_58(lab):
    """nginx with its 60 s, and a client that pings every 58 s. The capture ends before the
    connection does."""
    lab.proxy("nginx", configs.nginx(configs.UPGRADE_HEADERS))
    lab.server(JS_SERVER, "--echo")
    lab.client(*heartbeat(58))
    wait(125)


@scenario(Case(
    "heartbeat-60s-of-60s-at-client",
    truth=[FIN_BY_PROXY_AS_SERVER.judged("intermediary", "server", "unknown", cause=IDLE, at_most="medium")],
    must="The server's address ended it 60 seconds after the last answer, at the very moment when the "
         "client's next ping was due: a heartbeat as long as the timeout is a race.",
    must_not="That the ping or its missing answer ended it, or that the client did."))
def heartbeat_60(lab):
    """nginx with its 60 s, and a client that pings every 60 s. The two timers race, and nginx's,
    which began a moment earlier, wins."""
    lab.proxy("nginx", configs.nginx(configs.UPGRADE_HEADERS))
    lab.server(JS_SERVER, "--echo")
    lab.client(*heartbeat(60)).wait(200)
    wait(0.3)


@scenario(Case(
    "heartbeat-slower-than-timeout-at-client", snapshot=True, findings=("heartbeat_too_slow",),
    truth=[FIN_BY_PROXY_AS_SERVER.judged("intermediary", "server", "unknown", cause=IDLE, at_most="medium",
                                         cites=["first_end"])],
    must="The server's address ended it three seconds after the last frame, while the client's pings "
         "come each five seconds: the heartbeat is slower than the timeout and cannot help.",
    must_not="A missed heartbeat: every ping was answered."))
def heartbeat_too_slow(lab):
    """nginx with `proxy_read_timeout 3s` and a client that pings every five seconds. Texts keep
    the connection open for eleven seconds; when they stop, nginx ends it before the next ping."""
    lab.proxy("nginx", configs.nginx())
    lab.server(JS_SERVER, "--echo")
    lab.client(JS_CLIENT, "--ping-every", "5", PROXY_URL, "text-every 1.5 7", "closed").wait(30)
    wait(0.3)


@scenario(
    with_both_legs("keepalive-stops", "nginx",
                   [FIN_BY_PROXY_AS_SERVER.judged("intermediary", cause=IDLE),
                    FIN_BY_PROXY_AS_CLIENT.judged("intermediary", cause=IDLE)],
                   Verdict(["intermediary"], IDLE),
                   "The proxy ended both legs after three seconds without data: the client's TCP "
                   "keep-alive probes end at the proxy's kernel and do not count.",
                   "That the client or the server closed, or that the probes are data."))
def keepalive_stops(lab):
    """nginx with `proxy_read_timeout 3s`, and a client whose kernel sends a TCP keep-alive probe
    each second. nginx's kernel answers them; nginx never sees them."""
    lab.proxy("nginx", configs.nginx())
    lab.server(JS_SERVER, "--echo")
    lab.run_client(RAW_CLIENT, MIDDLE, "80", "--keepalive", "text hello", "drain", "fin")
    wait(0.3)


def stacked(outer, inner):
    """Two proxies, and at which of them the truth lies: leg 1, leg 2, leg 3."""
    def play(lab):
        lab.proxy("nginx", configs.nginx(f"{configs.UPGRADE_HEADERS} proxy_read_timeout {outer}s;", f"{INNER}:80"))
        lab.proxy("nginx", configs.nginx(f"{configs.UPGRADE_HEADERS} proxy_read_timeout {inner}s;",
                                         f"{DEEP_SERVER}:8080"), "inner")
        quiet_session(lab)
    return play


SMALLEST = ("The proxy ended both legs after {0} idle seconds: neither side spoke before. Of several "
            "timeouts on the way the smallest counts.")
PASSED_ON = FIN_BY_PROXY_AS_SERVER.judged("server", "intermediary", cause=UPSTREAM + IDLE)
FROM_LEFT = FIN_BY_PROXY_AS_CLIENT.judged("client", "intermediary", cause=UPSTREAM + IDLE)


@scenario(
    Case("ingress-edge-4s-at-edge", at="middle", any_interface=True,
         truth=[FIN_BY_PROXY_AS_SERVER.judged("intermediary", cause=IDLE),
                FIN_BY_PROXY_AS_CLIENT.judged("intermediary", cause=IDLE)],
         session=Verdict(["intermediary"], IDLE), must=SMALLEST.format("four"),
         must_not="That the client or the server closed."),
    Case("ingress-edge-4s-at-ingress", at="inner", any_interface=True, truth=[FROM_LEFT, FROM_LEFT],
         session=Verdict(["client", "intermediary"], UPSTREAM + IDLE),
         must="The peer on the client's side of this proxy ended it after four idle seconds, and this "
              "proxy passed the end on to the server.",
         must_not="That this proxy closed on its own, or the server."),
    inner=True)
def edge_is_first(lab):
    """Two nginx in a row, as an edge before a Kubernetes ingress: the edge has
    `proxy_read_timeout 4s`, the ingress 8 s. Both ends are quiet and well; the edge ends its two
    connections after four seconds, and the ingress passes that on to the server."""
    stacked(4, 8)(lab)


@scenario(
    Case("ingress-inner-4s-at-client", **idle_at_client("four")),
    Case("ingress-inner-4s-at-edge", at="middle", any_interface=True, truth=[PASSED_ON, PASSED_ON],
         session=Verdict(["server", "intermediary"], UPSTREAM + IDLE),
         must="The peer on the server's side of this proxy ended it after four idle seconds, and this "
              "proxy passed the end on to the client.",
         must_not="That this proxy closed on its own, or the client."),
    Case("ingress-inner-4s-at-ingress", at="inner", any_interface=True,
         truth=[FIN_BY_PROXY_AS_SERVER.judged("intermediary", cause=IDLE),
                FIN_BY_PROXY_AS_CLIENT.judged("intermediary", cause=IDLE)],
         session=Verdict(["intermediary"], IDLE), must=SMALLEST.format("four"),
         must_not="That the client or the server closed."),
    inner=True)
def ingress_is_first(lab):
    """Two nginx in a row, as an edge before a Kubernetes ingress: the edge has
    `proxy_read_timeout 8s`, the ingress 4 s. Both ends are quiet and well; the ingress ends its
    two connections after four seconds, and the edge passes that on to the client."""
    stacked(8, 4)(lab)


@scenario(
    Case("heartbeat-stops-at-gateway-at-proxy", at="middle", any_interface=True,
         truth=[Truth("close_handshake", "server", ["intermediary", "server"], "server_then_client").judged(
                    "server", "intermediary", "unknown", cause=["bad_gateway", "internal_error", "upstream_ended"]),
                FIN_BY_PROXY_AS_SERVER.judged("server", "intermediary", "unknown", cause=IDLE, at_most="medium")],
         must="The client's pings are answered each second by the gateway, which does not pass them on: "
              "on the leg behind it nothing was said for three seconds, and that leg was ended first. "
              "The gateway then closed the client's with 1014.",
         must_not="That the client closed, or a missed heartbeat: every ping was answered."),
    inner=True)
def gateway(lab):
    """A gateway that ends the WebSocket on both of its sides (node `ws`) answers the client's pings
    itself. Behind it, nginx with `proxy_read_timeout 3s` hears nothing and ends that leg; the
    gateway closes the client's with 1014."""
    lab.proxy("nginx", configs.nginx(to=f"{DEEP_SERVER}:8080"), "inner")
    lab.server(JS_SERVER, "--echo")
    lab.script("middle", "servers/gateway.js", f"ws://{INNER}/live", ready="ready")
    lab.client(JS_CLIENT, "--ping-every", "1", f"ws://{MIDDLE}:8080/live", "text hello", "message",
               "closed").wait(30)
    wait(0.3)


@scenario(Case(
    "lifetime-three-at-client", findings=("shared_lifetime",),
    truth=[FIN_BY_SERVER.judged("server", "intermediary", "unknown",
                                cause=["lifetime_limit", "process_exit", "unknown"], at_most="medium")] * 3,
    must="Three connections with lively traffic ended at the same age of eleven seconds: a limit on "
         "their lifetime, on the server's side.",
    must_not="An idle timeout: there was traffic until the end."))
def lifetime(lab):
    """The server ends each connection when it is eleven seconds old, whatever is said on it.
    Three clients came at different times and send a text each 0.8 seconds."""
    lab.server(JS_SERVER, "--echo", "sleep 11", "terminate")
    clients = []
    for _ in range(3):
        clients.append(lab.client(JS_CLIENT, URL, "text-every 0.8 30", "closed"))
        wait(4)
    for client in clients:
        client.wait()


@scenario(
    Case("ping-timeout-path-dark-at-server", at="server",
         truth=[Truth("silence", "none", ["network"]).judged(
             "network", "unknown", cause=["path_lost", "missed_heartbeat"])],
         must="The server's ping was never acknowledged, not even by the client's kernel, and was sent "
              "again until the capture ends: the path or the client's host was gone.",
         must_not="That the client's program hung, or an internal error of the server."),
    Case("ping-timeout-path-dark-at-client",
         truth=[Truth("still_open", "none", ["network", "none"]).judged(
             "none", "network", "unknown", cause=["unknown", "normal", "path_lost"])],
         must="Nothing ended it here: the server's pings, one each second, stop, and no end follows.",
         must_not="That the client or the server closed."))
def ping_timeout_dark(lab):
    """The server pings each second and waits two for the pong. The router begins to drop
    everything. The server's program gives up and closes with 1011, but its kernel still sends
    the ping again and again, and what comes after it never leaves."""
    lab.server(PY_SERVER, "--ping-interval", "1", "--ping-timeout", "2", "--close-timeout", "1")
    lab.client(JS_CLIENT, URL, "text hello", "message", "sleep 60")
    lab.wait_connected()
    wait(2.5)
    lab.drop_everything()
    wait(7)


@scenario(Case(
    "close-unanswered-10s-at-client",
    truth=[Truth("close_unanswered", "client", ["client"], "client_only").judged(
        "client", cause=["going_away"], cites=["first_close"])],
    must="The client closed with 1001; no answer came for ten seconds, the close timeout of Python's "
         "websockets, then the client ended the TCP connection.",
    must_not="An idle timeout of a proxy."))
def close_unanswered_10(lab):
    """The server program is busy and never reads the Close. The client's library waits its usual
    ten seconds and then ends the TCP connection by itself."""
    lab.server(RAW_SERVER, "text welcome", "sleep 40")
    lab.run_client(PY_CLIENT, URL, "message", "close 1001 moving on")
    wait(0.5)


@scenario(
    Case("is-alive-terminate-at-client",
         truth=[FIN_BY_SERVER.judged("server", "intermediary", "unknown",
                                     cause=["missed_heartbeat"], cites=["last_ping", "first_end"])],
         must="The server's last ping got no pong from this client, which was acknowledged by its kernel; "
              "one heartbeat later the server's address ended it with a FIN.",
         must_not="A network failure or an idle timeout."),
    Case("is-alive-terminate-at-proxy", at="middle", any_interface=True,
         truth=[FIN_BY_SERVER.judged("server", cause=["missed_heartbeat", "upstream_ended"])] * 2,
         session=Verdict(["server"], ["missed_heartbeat", "upstream_ended"]),
         must="The server ended it: its last ping got no pong. The proxy passed pings and end on.",
         must_not="That the proxy closed on its own, or a network failure."))
def is_alive(lab):
    """The usual heartbeat of the node `ws` readme, behind nginx: the server pings every 1.5 seconds
    and terminates what has not ponged since. The client's program hangs (SIGSTOP) after the
    first pong."""
    lab.proxy("nginx", configs.nginx(configs.UPGRADE_HEADERS))
    lab.server(JS_SERVER, "--echo", "--heartbeat", "1.5")
    client = lab.client(JS_CLIENT, PROXY_URL, "text hello", "message", "closed")
    lab.wait_connected()
    wait(2)
    client.freeze()
    wait(4)


@scenario(Case(
    "redeploy-three-clients-at-client", snapshot=True, findings=("mass_disconnect",),
    truth=[Truth("close_handshake", "server", ["server"], "server_then_client").judged(
        "server", "intermediary", cause=["going_away", "restart"], cites=["first_close"])] * 3 + [OPEN] * 3,
    must="Three connections were closed with 1001 at the same moment; all three clients were back within "
         "a second, on connections that are still open: a redeploy.",
    must_not="Three separate causes, or an idle timeout."))
def redeploy(lab):
    """nginx before a server that is redeployed: at SIGTERM it closes all with 1001, a new one is
    started, and the three clients come again."""
    lab.proxy("nginx", configs.nginx(configs.UPGRADE_HEADERS))
    server = lab.server(JS_SERVER, "--echo", "--on-term", "1001")
    clients = [lab.client(JS_CLIENT, PROXY_URL, "text hello", "message", "closed") for _ in range(3)]
    lab.wait_connected(count=3)
    wait(1)
    server.terminate()
    for client in clients:
        client.wait()
    server.wait()
    lab.server(JS_SERVER, "--echo")
    for _ in range(3):
        lab.client(JS_CLIENT, PROXY_URL, "text hello again", "message", "sleep 60")
    lab.wait_connected(count=3)
    wait(1)
