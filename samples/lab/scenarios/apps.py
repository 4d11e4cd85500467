"""How application servers and libraries end their WebSockets."""

import sys

import versions
from cases import Case, scenario
from scenarios.closes import BY_CLIENT, BY_SERVER, SERVER_UNANSWERED
from scenarios.common import JS_CLIENT, JS_SERVER, PY_SERVER, RAW_CLIENT, SERVER, URL, listen, wait
from scenarios.ends import FIN_BY_SERVER, RST_BY_SERVER
from scenarios.hosts import ABRUPT, FIN_BY_CLIENT
from topology import LAB

UVICORN = ("-m", "uvicorn", "--host", "0.0.0.0", "--port", "8080",
           "--log-level", "error")
HYPERCORN = ("-m", "hypercorn", "--bind", "0.0.0.0:8080", "--log-level", "error")
AIOHTTP = "servers/aiohttp_server.py"
SOCKETIO_SERVER, SOCKETIO_CLIENT = "servers/socketio_server.js", "clients/socketio_client.js"
SOCKETIO_URL = f"http://{SERVER}:8080"
NO_CRASH = "A crash of the process, or a network failure."


def by_server(*cause, truth=BY_SERVER, **rest):
    return truth.judged("server", "intermediary", cause=list(cause), **rest)


def serve(lab, module, *options):
    """Runs the ASGI application in a server of Python, by the name of its module."""
    name = module[1]
    lab.software |= {versions.of_python(name), versions.of_python("websockets" if name == "uvicorn" else "wsproto")}
    return listen(lab, "env", f"PYTHONPATH={LAB / 'servers'}", sys.executable, *module, *options, "asgi_app:app")


@scenario(Case(
    "uvicorn-ping-timeout-at-server", at="server",
    truth=[SERVER_UNANSWERED.judged("server", cause=["missed_heartbeat"], cites=["first_close", "last_ping"])],
    must="The server closed with 1011 because its ping got no pong; the client's host acknowledged the "
         "ping, so its program did not answer.",
    must_not="A network failure, or an internal error of the server."))
def uvicorn_ping(lab):
    """uvicorn pings every second (`--ws-ping-interval 1`) and waits two for the pong. The client
    program is stopped (SIGSTOP) while its kernel keeps acknowledging."""
    serve(lab, UVICORN, "--ws-ping-interval", "1", "--ws-ping-timeout", "2")
    client = lab.client(JS_CLIENT, URL, "text hello", "message", "closed")
    lab.wait_connected()
    wait(2)
    client.freeze()
    wait(6)


@scenario(Case(
    "uvicorn-stopped-at-client", truth=[by_server("restart", cites=["first_close"])],
    must="The server closed with 1012, service restart.",
    must_not=NO_CRASH))
def uvicorn_stopped(lab):
    """uvicorn gets SIGTERM and closes every WebSocket with 1012."""
    server = serve(lab, UVICORN)
    client = lab.client(JS_CLIENT, URL, "text hello", "message", "closed")
    lab.wait_connected()
    wait(1)
    server.terminate()
    client.wait()


@scenario(Case(
    "uvicorn-crash-at-client",
    truth=[FIN_BY_SERVER.judged("server", "intermediary", "unknown", cause=ABRUPT, cites=["first_end"])],
    must="The server ended it with a FIN and without a Close frame, at once after the client's message.",
    must_not="That the process died for certain, or an idle timeout."))
def uvicorn_crash(lab):
    """The application raises an error on a message. uvicorn lives on, but ends this connection
    without a Close frame."""
    serve(lab, UVICORN)
    lab.run_client(JS_CLIENT, URL, "text hello", "message", "sleep 0.5", "text crash", "closed")


@scenario(Case(
    "hypercorn-stopped-at-client", truth=[by_server("internal_error", cites=["first_close"])],
    must="The server closed with 1011, internal error. That it was stopped is not in the packets.",
    must_not=NO_CRASH))
def hypercorn_stopped(lab):
    """Hypercorn gets SIGTERM. After a second it cuts the application off, and for that it closes
    with 1011."""
    server = serve(lab, HYPERCORN, "--graceful-timeout", "1")
    client = lab.client(JS_CLIENT, URL, "text hello", "message", "closed")
    lab.wait_connected()
    wait(1)
    server.terminate()
    client.wait()


@scenario(Case(
    "aiohttp-heartbeat-at-server", at="server",
    truth=[FIN_BY_SERVER.judged("server", cause=["missed_heartbeat"], cites=["last_ping"])],
    must="The server ended it after its ping got no pong; the client's host acknowledged the ping, so "
         "its program did not answer.",
    must_not="A network failure, or that the server's process died."))
def aiohttp_heartbeat(lab):
    """aiohttp with `heartbeat=2`: a ping after two quiet seconds, and one second for the pong. The
    client program is stopped (SIGSTOP)."""
    lab.server(AIOHTTP, "--heartbeat", "2")
    client = lab.client(JS_CLIENT, URL, "text hello", "message", "closed")
    lab.wait_connected()
    wait(3)
    client.freeze()
    wait(6)


@scenario(Case(
    "aiohttp-crash-at-client",
    truth=[FIN_BY_SERVER.judged("server", "intermediary", "unknown", cause=ABRUPT, cites=["first_end"])],
    must="The server ended it with a FIN and without a Close frame, at once after the client's message.",
    must_not="An idle timeout, or an orderly shutdown."))
def aiohttp_crash(lab):
    """The handler of an aiohttp server raises an error on a message. The process lives on, but
    this connection ends without a Close frame."""
    lab.server(AIOHTTP)
    lab.run_client(JS_CLIENT, URL, "text hello", "message", "sleep 0.5", "text crash", "closed")


@scenario(Case(
    "asyncio-abort-at-client",
    truth=[FIN_BY_SERVER.judged("server", "intermediary", "unknown", cause=ABRUPT, cites=["first_end"])],
    must="The server ended it with a FIN and without a Close frame, at once after the client's message.",
    must_not="A deliberate reset: asyncio's `abort()` is a FIN on the wire."))
def asyncio_abort(lab):
    """The application calls asyncio's `transport.abort()`. Nothing is unread, so its kernel sends
    a FIN."""
    lab.server(AIOHTTP)
    lab.run_client(JS_CLIENT, URL, "text hello", "message", "sleep 0.5", "text abort", "closed")


@scenario(Case(
    "python-sigterm-at-client",
    truth=[FIN_BY_SERVER.judged("server", "intermediary", "unknown", cause=ABRUPT, cites=["first_end"])],
    must="The server ended it with a FIN and without a Close frame, in the middle of a heartbeat that was "
         "answered.",
    must_not="A missed heartbeat or an idle timeout: the last ping was answered."))
def python_sigterm(lab):
    """A server on Python's websockets that does not handle SIGTERM gets it and dies. It had pinged
    each second, and every ping was answered."""
    server = lab.server(PY_SERVER, "--ping-interval", "1", "--no-handler")
    client = lab.client(JS_CLIENT, URL, "text hello", "message", "closed")
    lab.wait_connected()
    wait(2.6)
    server.terminate()
    client.wait()


@scenario(Case(
    "node-reset-at-client",
    truth=[RST_BY_SERVER.judged("server", "intermediary", cause=ABRUPT + ["application"], cites=["first_end"])],
    must="The server ended it with a reset of its own (RST+ACK), with nothing left unanswered.",
    must_not="A forged reset or a firewall."))
def node_reset(lab):
    """The application calls node's `socket.resetAndDestroy()` one second after the echo."""
    lab.server(JS_SERVER, "--echo", "sleep 1.5", "reset")
    lab.run_client(JS_CLIENT, URL, "text hello", "message", "closed")


@scenario(Case(
    "node-paused-terminate-at-client",
    truth=[FIN_BY_SERVER.judged("server", "intermediary", "unknown", cause=ABRUPT + ["missed_heartbeat"],
                                cites=["first_end"])],
    must="The server ended it with a FIN and without a Close frame; the client's last texts were "
         "acknowledged and never answered.",
    must_not="That the server had read everything: node empties the kernel's queue by itself."))
def node_paused(lab):
    """The server's application stops reading (`pause()`), the client sends two texts, and then the
    application calls `terminate()`. node had taken them out of the kernel, so this is a FIN."""
    lab.server(JS_SERVER, "--echo", "sleep 1", "pause", "sleep 2", "terminate")
    lab.run_client(JS_CLIENT, URL, "text hello", "message", "sleep 1.6", "text are you", "sleep 0.3",
                   "text there", "closed")


@scenario(Case(
    "socketio-ping-timeout-at-server", at="server",
    truth=[SERVER_UNANSWERED.judged("server", cause=["missed_heartbeat"], cites=["first_close"])],
    must="The server closed it: its Engine.IO ping was acknowledged by the client's host but never "
         "answered within the pingTimeout that it had announced.",
    must_not="A network failure or an idle timeout."))
def socketio_ping_timeout(lab):
    """Socket.IO with `pingInterval` 2 s and `pingTimeout` 1.5 s, which the server announces. The
    client program is stopped (SIGSTOP); the server sends a Close without a code, and thirty
    seconds later ends the TCP connection."""
    lab.server(SOCKETIO_SERVER, "2", "1.5")
    client = lab.client(SOCKETIO_CLIENT, SOCKETIO_URL, "60")
    lab.wait_connected()
    wait(3)
    client.freeze()
    wait(36)


@scenario(Case(
    "socketio-client-disconnects-at-server", at="server",
    truth=[BY_CLIENT.judged("client", cause=["normal", "application"], cites=["first_close"])],
    must="The client closed it on purpose, with a Close frame that has no code.",
    must_not="A fault of any kind."))
def socketio_client_disconnect(lab):
    """The Socket.IO client's application calls `socket.disconnect()` after a second."""
    lab.server(SOCKETIO_SERVER)
    lab.run_client(SOCKETIO_CLIENT, SOCKETIO_URL, "1", "disconnect")
    wait(0.5)
