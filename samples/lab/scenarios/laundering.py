"""What an event on one leg of a proxy looks like on the other."""

import subprocess

from cases import Case, Truth, Verdict, scenario
from scenarios import configs
from scenarios.common import JS_CLIENT, JS_SERVER, MIDDLE, RAW_CLIENT, RAW_SERVER, wait
from scenarios.hosts import ABRUPT, FIN_BY_CLIENT, lost_state
from scenarios.ends import FIN_BY_SERVER, RST_BY_CLIENT, RST_BY_SERVER
from scenarios.proxies import (
    FIN_BY_PROXY_AS_CLIENT, FIN_BY_PROXY_AS_SERVER, PROXY_URL, RST_BY_PROXY_AS_CLIENT)

CONFIGS = {"nginx": configs.nginx(configs.UPGRADE_HEADERS), "haproxy": configs.haproxy("client 60s, server 60s"),
           "apache2": configs.apache(""), "caddy": configs.caddy()}
NAMES = {"nginx": "nginx", "haproxy": "HAProxy", "apache2": "Apache httpd", "caddy": "Caddy"}
UPSTREAM = ABRUPT + ["upstream_ended"]


def by(party, *causes):
    """The session's verdict, with both legs in sight."""
    return Verdict([party], list(causes) or UPSTREAM)


def seen_at_client(cause=UPSTREAM, truth=FIN_BY_SERVER, **rest):
    """A FIN from the server's address: from here, proxy and server are one."""
    return truth.judged("server", "intermediary", "unknown", cause=cause, at_most="medium", **rest)


def seen_at_server(truth, cause=UPSTREAM, **rest):
    return truth.judged("client", "intermediary", "unknown", cause=cause, at_most="medium", **rest)


def with_both_legs(name, event, truth, session, must, must_not="That the proxy closed on its own."):
    return Case(f"{name}-{event}-at-proxy", at="middle", any_interface=True, truth=truth,
                session=session, must=must, must_not=must_not)


def scenarios_of(names, told):
    """Registers one play for several proxies, each with its cases and its own story."""
    def register(play):
        for name in names:
            def run(lab, name=name):
                play(lab, name)
            run.__doc__ = play.__doc__.replace("PROXY", NAMES[name])
            scenario(*told(name))(run)
        return play
    return register


def backend_fin_cases(name):
    truth = [FIN_BY_SERVER.judged("server", cause=UPSTREAM)] * 2
    yield with_both_legs(name, "backend-fin", truth, by("server"),
                         "The server ended it with a FIN and without a Close frame; the proxy passed "
                         "the end on to the client.")
    if name == "nginx":
        yield Case(f"{name}-backend-fin-at-client", truth=[seen_at_client(cites=["first_end"])],
                   must="The server's address ended it with a FIN and without a Close frame.",
                   must_not="The server or a proxy for certain: from here they are one.")


@scenarios_of(CONFIGS, backend_fin_cases)
def backend_fin(lab, name):
    """The server's application calls `terminate()` a second after its last message. PROXY
    passes the FIN on to the client."""
    lab.proxy(name, CONFIGS[name])
    lab.server(JS_SERVER, "--echo", "sleep 1", "terminate")
    lab.run_client(JS_CLIENT, PROXY_URL, "text hello", "message", "closed")
    wait(0.3)


def backend_reset_cases(name):
    truth = [FIN_BY_SERVER.judged("server", cause=UPSTREAM), RST_BY_SERVER.judged("server", cause=UPSTREAM)]
    yield with_both_legs(name, "backend-rst", truth, by("server"),
                         "The server ended it with a reset; the proxy passed the end on to the client "
                         "as a plain FIN.")
    if name == "haproxy":
        yield Case(f"{name}-backend-rst-at-client", truth=[seen_at_client(cites=["first_end"])],
                   must="The server's address ended it with a FIN and without a Close frame. That does "
                        "not rule out that the server behind a proxy was reset or crashed.",
                   must_not="The server or a proxy for certain: from here they are one.")


@scenarios_of(["haproxy", "apache2", "caddy"], backend_reset_cases)
def backend_reset(lab, name):
    """The server's application aborts the connection (a RST) a second after its last message.
    PROXY turns that into a FIN for the client."""
    lab.proxy(name, CONFIGS[name])
    lab.server(JS_SERVER, "--echo", "sleep 1", "reset")
    lab.run_client(JS_CLIENT, PROXY_URL, "text hello", "message", "closed")
    wait(0.3)


def client_fin_cases(name):
    truth = [FIN_BY_CLIENT.judged("client", cause=UPSTREAM)] * 2
    yield with_both_legs(name, "client-fin", truth, by("client"),
                         "The client ended it with a FIN and without a Close frame; the proxy passed "
                         "the end on to the server. Resets only answer ticks that came too late.")
    if name == "nginx":
        yield Case(f"{name}-client-fin-at-server", at="server",
                   truth=[seen_at_server(FIN_BY_CLIENT, cites=["first_fin"])],
                   must="The client's address, a proxy, ended it with a FIN and without a Close frame. "
                        "Resets only answer ticks that came too late.",
                   must_not="The user's client or the proxy for certain, or a forged reset.")


@scenarios_of(CONFIGS, client_fin_cases)
def client_fin(lab, name):
    """The client's program closes its socket while the server sends a tick each tenth of a second. PROXY
    passes the FIN on to the server."""
    lab.proxy(name, CONFIGS[name])
    lab.server(RAW_SERVER, "every 0.1 12 tick")
    lab.run_client(RAW_CLIENT, MIDDLE, "80", "text hello", "read 0.75", "fin")
    wait(1)


def client_reset_cases(name):
    second = RST_BY_CLIENT if name == "haproxy" else FIN_BY_CLIENT
    truth = [RST_BY_CLIENT.judged("client", cause=UPSTREAM), second.judged("client", cause=UPSTREAM)]
    yield with_both_legs(name, "client-rst", truth, by("client"),
                         "The client ended it with a reset; the proxy passed the end on to the server.")
    if name in ("nginx", "haproxy"):
        what = "reset" if name == "haproxy" else "FIN"
        yield Case(f"{name}-client-rst-at-server", at="server",
                   truth=[seen_at_server(second, cites=["first_end"])],
                   must=f"The client's address ended it with a {what} and without a Close frame.",
                   must_not="The user's client or the proxy for certain, or a forged reset.")


@scenarios_of(CONFIGS, client_reset_cases)
def client_reset(lab, name):
    """The client aborts the connection (a RST) a second after the echo. PROXY passes the end on
    in its own way."""
    lab.proxy(name, CONFIGS[name])
    lab.server(JS_SERVER, "--echo")
    lab.run_client(RAW_CLIENT, MIDDLE, "80", "text hello", "read 1", "rst")
    wait(0.3)


IDLE = ["idle_timeout"]


@scenario(
    with_both_legs("haproxy", "client-timeout",
                   [Truth("still_open", "none", ["none"]).judged("none", cause=["unknown", "normal"]),
                    FIN_BY_PROXY_AS_CLIENT.judged("intermediary", cause=IDLE)],
                   Verdict(["intermediary"], IDLE, at_most="medium"),
                   "The proxy ended the server's leg after three idle seconds, half way only: the "
                   "server did not close, and the client's leg was left as it was.",
                   "That the client or the server closed."),
    Case("haproxy-client-timeout-at-server", at="server",
         truth=[FIN_BY_PROXY_AS_CLIENT.judged("client", "intermediary", "unknown",
                                              cause=IDLE + ABRUPT, at_most="medium")],
         must="The client's address ended its direction with a FIN, three seconds after the last frame; "
              "an idle timeout is a reading to offer.",
         must_not="That the user's client closed, with high confidence."))
def haproxy_client_timeout(lab):
    """HAProxy with `timeout client 3s`, `timeout server 60s` and no `timeout tunnel`. After three
    quiet seconds it ends its connection to the server with a FIN. The server's program does
    not close its own side, so the client hears nothing."""
    lab.proxy("haproxy", configs.haproxy("client 3s, server 60s"))
    lab.server(RAW_SERVER, "text welcome", "read 0.5", "sleep 60")
    lab.client(RAW_CLIENT, MIDDLE, "80", "text hello", "sleep 60")
    wait(6)


@scenario(
    with_both_legs("haproxy", "server-timeout",
                   [FIN_BY_PROXY_AS_SERVER.judged("intermediary", cause=IDLE),
                    RST_BY_PROXY_AS_CLIENT.judged("intermediary", cause=IDLE)],
                   Verdict(["intermediary"], IDLE),
                   "The proxy ended both legs after three idle seconds: neither end spoke before.",
                   "That the client or the server closed."))
def haproxy_server_timeout(lab):
    """HAProxy with `timeout client 60s`, `timeout server 3s` and no `timeout tunnel`. After three
    quiet seconds it resets its connection to the server and ends the client's with a FIN."""
    lab.proxy("haproxy", configs.haproxy("client 60s, server 3s"))
    lab.server(JS_SERVER, "--echo")
    lab.run_client(JS_CLIENT, PROXY_URL, "text hello", "message", "closed")
    wait(0.3)


@scenario(
    with_both_legs("haproxy", "nolinger",
                   [FIN_BY_PROXY_AS_SERVER.judged("intermediary", cause=IDLE),
                    RST_BY_PROXY_AS_CLIENT.judged("intermediary", cause=IDLE)],
                   Verdict(["intermediary"], IDLE),
                   "The proxy ended both legs with resets after three idle seconds: neither end spoke before.",
                   "That the client or the server closed, or forged resets: the proxy's are its own."),
    Case("haproxy-nolinger-at-client",
         truth=[FIN_BY_PROXY_AS_SERVER.judged(
             "intermediary", "server", "unknown", cause=IDLE + ABRUPT, at_most="medium")],
         must="The server's address ended it with a FIN and at once a reset of its own (RST+ACK), three "
              "seconds after the last frame; an idle timeout is a reading to offer.",
         must_not="A forged reset."))
def haproxy_nolinger(lab):
    """HAProxy with `timeout tunnel 3s` and `option nolinger` on both sides. After three quiet
    seconds it resets both connections, the client's after a FIN."""
    lab.proxy("haproxy", configs.haproxy(more="option nolinger"))
    lab.server(JS_SERVER, "--echo")
    lab.run_client(JS_CLIENT, PROXY_URL, "text hello", "message", "closed")
    wait(0.3)


@scenario(
    with_both_legs("haproxy", "tunnel-over-client",
                   [FIN_BY_PROXY_AS_SERVER.judged("intermediary", cause=IDLE),
                    RST_BY_PROXY_AS_CLIENT.judged("intermediary", cause=IDLE)],
                   Verdict(["intermediary"], IDLE),
                   "The proxy ended both legs four seconds after the last frame, and not after two: its "
                   "`timeout tunnel` counts for a WebSocket, not its `timeout client`.",
                   "That the client or the server closed."))
def haproxy_tunnel_over_client(lab):
    """HAProxy with `timeout client 2s`, `timeout server 2s` and `timeout tunnel 4s`: after the
    upgrade only the last counts."""
    lab.proxy("haproxy", configs.haproxy("client 2s, server 2s, tunnel 4s"))
    lab.server(JS_SERVER, "--echo")
    lab.run_client(JS_CLIENT, PROXY_URL, "text hello", "message", "closed")
    wait(0.3)


STOPPED = ["restart", "process_exit", "unknown"]


@scenario(
    with_both_legs("haproxy", "stopped",
                   [FIN_BY_PROXY_AS_SERVER.judged("intermediary", cause=STOPPED),
                    FIN_BY_PROXY_AS_CLIENT.judged("intermediary", cause=STOPPED)],
                   Verdict(["intermediary"], STOPPED),
                   "The proxy ended both legs within a moment, though there was traffic until then.",
                   "That the client or the server closed, or an idle timeout."))
def haproxy_stopped(lab):
    """The server sends a tick every 0.4 seconds. After two seconds HAProxy gets SIGTERM and ends
    both of its connections."""
    proxy = lab.proxy("haproxy", CONFIGS["haproxy"])
    lab.server(JS_SERVER, "text-every 0.4 20")
    client = lab.client(JS_CLIENT, PROXY_URL, "text hello", "closed")
    wait(2)
    proxy.terminate()
    client.wait()


@scenario(
    with_both_legs("apache2", "stopped",
                   [FIN_BY_PROXY_AS_SERVER.judged("intermediary", cause=STOPPED),
                    FIN_BY_PROXY_AS_CLIENT.judged("intermediary", cause=STOPPED)],
                   Verdict(["intermediary"], STOPPED),
                   "The proxy ended both legs within a moment, though there was traffic until then.",
                   "That the client or the server closed, or an idle timeout."))
def apache_stopped(lab):
    """The server sends a tick every 0.4 seconds. Apache's processes are killed, and their
    kernel ends both connections."""
    lab.proxy("apache2", CONFIGS["apache2"])
    lab.server(JS_SERVER, "text-every 0.4 20")
    client = lab.client(JS_CLIENT, PROXY_URL, "text hello", "closed")
    lab.wait_connected()
    wait(1.7)
    lab.kill_processes("middle", "apache2")
    client.wait()


@scenario(
    with_both_legs("haproxy", "hard-stop",
                   [FIN_BY_PROXY_AS_SERVER.judged("intermediary", cause=STOPPED),
                    FIN_BY_PROXY_AS_CLIENT.judged("intermediary", cause=STOPPED)],
                   Verdict(["intermediary"], STOPPED),
                   "The proxy ended both legs within a moment, though there was traffic until then.",
                   "That the client or the server closed, or forged resets: the proxy's are its own."),
    Case("haproxy-hard-stop-at-server", at="server",
         truth=[seen_at_server(FIN_BY_PROXY_AS_CLIENT, STOPPED, cites=["first_end"])],
         must="The client's address ended it without a Close frame, in the middle of traffic: a FIN, "
              "and at once a reset of its own.",
         must_not="The user's client or the proxy for certain, or a forged reset."))
def haproxy_hard_stop(lab):
    """The server sends a tick every 0.4 seconds. HAProxy is told to stop softly, but no longer
    than a second (`hard-stop-after 1s`); then it ends what is still open."""
    proxy = lab.proxy("haproxy", configs.haproxy("client 60s, server 60s", top="hard-stop-after 1s"))
    lab.server(JS_SERVER, "text-every 0.4 20")
    client = lab.client(JS_CLIENT, PROXY_URL, "text hello", "closed")
    wait(1.5)
    proxy.process.send_signal(10)  # SIGUSR1: a soft stop
    client.wait()


def tell_haproxy(lab, command):
    socket = lab.scratch / "haproxy-middle" / "haproxy.sock"
    subprocess.run(["socat", "-", f"UNIX-CONNECT:{socket}"], input=command + "\n", text=True, check=True,
                   stdout=subprocess.DEVNULL)


@scenario(
    with_both_legs("haproxy", "admin-kill",
                   [FIN_BY_PROXY_AS_SERVER.judged("intermediary", cause=STOPPED),
                    FIN_BY_PROXY_AS_CLIENT.judged("intermediary", cause=STOPPED)],
                   Verdict(["intermediary"], STOPPED),
                   "The proxy ended both legs within a moment, though there was traffic until then.",
                   "That the client or the server closed, or forged resets: the proxy's are its own."))
def haproxy_admin_kill(lab):
    """The server sends a tick every 0.4 seconds. An administrator ends the sessions of the
    server in HAProxy (`shutdown sessions server`)."""
    lab.proxy("haproxy", CONFIGS["haproxy"])
    lab.server(JS_SERVER, "text-every 0.4 20")
    client = lab.client(JS_CLIENT, PROXY_URL, "text hello", "closed")
    lab.wait_connected()
    wait(1)
    tell_haproxy(lab, "shutdown sessions server app/app")
    client.wait()


INVENTED = dict(
    must="A Close 1001 came without a mask towards the server and in the server's name towards the "
         "client: an intermediary wrote it when it went away.",
    must_not="That the client or the server closed.")
AWAY = ["going_away", "restart"]


@scenario(
    Case("caddy-stopped-at-proxy", snapshot=True, at="middle", any_interface=True,
         truth=[Truth("close_handshake", "server", ["intermediary"], "server_then_client").judged(
                    "intermediary", cause=AWAY),
                Truth("close_handshake", "client", ["intermediary"], "client_then_server").judged(
                    "intermediary", cause=AWAY, cites=["first_close"])],
         session=Verdict(["intermediary"], AWAY), **INVENTED),
    Case("caddy-stopped-at-server", at="server",
         truth=[Truth("close_handshake", "client", ["intermediary"], "client_then_server").judged(
             "intermediary", cause=AWAY, cites=["first_close"])],
         must="A Close 1001 came from the client's address without a mask: an intermediary wrote it.",
         must_not="That the user's client closed."),
    Case("caddy-stopped-at-client",
         truth=[Truth("close_handshake", "server", ["intermediary"], "server_then_client").judged(
             "intermediary", "server", "unknown", cause=AWAY + ["protocol_error", "unknown"],
             at_most="medium", cites=["first_close"])],
         must="Two Close frames came from the server's direction within a millisecond, 1002 and then "
              "1001: there were two writers, so something stands between client and server.",
         must_not="That the client broke the protocol: all its frames are good."))
def caddy_stopped(lab):
    """Caddy gets SIGTERM and sends a Close 1001 of its own, the same unmasked bytes to both ends.
    The server takes that for a broken protocol and answers with Close 1002, which Caddy still
    carries to the client, just before its own 1001. Then Caddy ends both connections."""
    proxy = lab.proxy("caddy", CONFIGS["caddy"])
    lab.server(JS_SERVER, "--echo")
    client = lab.client(JS_CLIENT, PROXY_URL, "text hello", "message", "closed")
    wait(2)
    proxy.terminate()
    client.wait()
    wait(0.5)


SLOW = dict(
    must="The client stopped reading, and the proxy, which could not send to it for two seconds, "
         "ended it.",
    must_not="That the server closed, or a forged reset: the proxy's is its own.")


@scenario(
    Case("nginx-slow-client-at-server", at="server",
         truth=[Truth("rst_without_close", "client", ["intermediary", "client"]).judged(
             "client", "intermediary", "unknown", cause=["slow_reader", "unknown", "process_exit"])],
         must="The client's address, a proxy, ended it with a reset of its own after its window had "
              "been closed: it could not pass the server's data on.",
         must_not="That the server closed, or a forged reset."))
def nginx_slow_client(lab):
    """The client's program stops reading while the server sends as much as it can. nginx cannot
    write to the client for two seconds (`send_timeout 2s`) and ends both connections, with the
    server's data unread."""
    for place in ("client", "middle", "server"):
        lab.command(place, "sysctl", "-qw", "net.ipv4.tcp_rmem=4096 8192 8192",
                    "net.ipv4.tcp_wmem=4096 8192 8192")
    lab.proxy("nginx", configs.nginx(configs.UPGRADE_HEADERS + " send_timeout 2s;"))
    lab.server(JS_SERVER, "flood 60 1000", "sleep 60")
    lab.client(RAW_CLIENT, MIDDLE, "80", "--receive-buffer", "4096", "sleep 60")
    wait(5)


@scenario(
    with_both_legs("nginx", "backend-lost-state",
                   [FIN_BY_SERVER.judged("server", cause=UPSTREAM + ["lost_state"]),
                    lost_state("server", "server", "network", cites=["first_reset"])],
                   Verdict(["server", "network", "unknown"], UPSTREAM + ["lost_state"]),
                   "The server's host no longer knew the connection and answered the client's text with "
                   "a bare reset; the proxy passed the end on to the client as a plain FIN."),
    Case("nginx-backend-lost-state-at-client", truth=[seen_at_client(cites=["first_end"])],
         must="The server's address ended it with a FIN and without a Close frame, at once after the "
              "client's text.",
         must_not="The server or a proxy for certain: from here they are one."))
def nginx_backend_lost(lab):
    """The server's kernel forgets nginx's connection, as at a restart. The client's next text is
    answered with a RST, and nginx ends the client's connection with a FIN."""
    lab.proxy("nginx", CONFIGS["nginx"])
    lab.server(JS_SERVER, "--echo")
    client = lab.client(JS_CLIENT, PROXY_URL, "text hello", "message", "sleep 2.5",
                        "text are you there", "closed")
    wait(1.5)
    lab.forget_connections()
    client.wait()


@scenario(
    with_both_legs("haproxy", "close",
                   [Truth("close_handshake", "client", ["client"], "client_then_server").judged(
                       "client", cause=["application"])] * 2,
                   by("client", "application"),
                   "The client closed with 4000 `logged out`; its Close went through the proxy and the "
                   "server's answer came back the same way.",
                   "That the proxy closed."))
def haproxy_close(lab):
    """The client closes with its application's own code 4000. HAProxy carries the Close to the
    server and the answer back."""
    lab.proxy("haproxy", CONFIGS["haproxy"])
    lab.server(JS_SERVER, "--echo")
    lab.run_client(JS_CLIENT, PROXY_URL, "text hello", "message", "close 4000 logged out", "closed")
    wait(0.3)


@scenario(
    with_both_legs("varnish", "idle",
                   [FIN_BY_PROXY_AS_SERVER.judged("intermediary", cause=IDLE),
                    FIN_BY_PROXY_AS_CLIENT.judged("intermediary", cause=IDLE)],
                   Verdict(["intermediary"], IDLE),
                   "The proxy ended both legs after three idle seconds: neither end spoke before.",
                   "That the client or the server closed."),
    Case("varnish-idle-at-client", truth=[seen_at_client(IDLE + ABRUPT, FIN_BY_PROXY_AS_SERVER)],
         must="The server's address ended it with a FIN and without a Close frame, three seconds after "
              "the last frame; an idle timeout is a reading to offer.",
         must_not="The server or a proxy for certain: from here they are one."))
def varnish_idle(lab):
    """Varnish pipes the WebSocket (`return (pipe)`) with `pipe_timeout` 3 s. After three quiet
    seconds it ends both connections."""
    lab.proxy("varnishd", configs.varnish())
    lab.server(JS_SERVER, "--echo")
    lab.run_client(JS_CLIENT, PROXY_URL, "text hello", "message", "closed")
    wait(0.3)
