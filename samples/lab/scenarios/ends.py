"""Connections that end without any Close frame."""

from cases import Case, Truth, scenario
from scenarios.common import (
    JS_CLIENT, JS_SERVER, PY_SERVER, RAW_CLIENT, SERVER, URL, wait)

FIN_BY_SERVER = Truth("fin_without_close", "server", ["server"])
RST_BY_SERVER = Truth("rst_without_close", "server", ["server"])
RST_BY_CLIENT = Truth("rst_without_close", "client", ["client"])


@scenario(Case(
    "fin-terminate-idle", truth=[FIN_BY_SERVER],
    must="The server ended it with a FIN and without a Close frame.",
    must_not="A crash, or an intermediary, with high confidence: the packets of all look alike."))
def fin_terminate(lab):
    """The server's application calls `terminate()` one second after the last message. The
    library ends the TCP connection without a Close frame."""
    lab.server(JS_SERVER, "--echo", "sleep 1", "terminate")
    lab.run_client(JS_CLIENT, URL, "text hello", "message", "closed")


@scenario(Case(
    "server-sigkill-idle", at="server", truth=[FIN_BY_SERVER],
    must="The server ended it with a FIN and without a Close frame.",
    must_not="An orderly shutdown: the process was killed, and its kernel sent the FIN."))
def sigkill_idle(lab):
    """The server process is killed (SIGKILL) when it has read everything, so its kernel ends
    the connection with a FIN."""
    server = lab.server(JS_SERVER, "--echo")
    client = lab.client(JS_CLIENT, URL, "text hello", "message", "closed")
    wait(1.5)
    server.kill()
    client.wait()


@scenario(Case(
    "server-sigkill-unread", truth=[RST_BY_SERVER],
    must="The server ended it with a reset of its own (RST+ACK); it left a message unanswered.",
    must_not="A forged reset or a firewall."))
def sigkill_unread(lab):
    """The server program hangs (SIGSTOP), the client sends a text that stays unread in the
    server's kernel, and then the process is killed. Unread data turns the end into a RST."""
    server = lab.server(JS_SERVER, "--echo")
    client = lab.client(JS_CLIENT, URL, "text hello", "message", "sleep 1", "text are you there", "closed")
    wait(1)
    server.freeze()
    wait(1.5)
    server.kill()
    client.wait()


@scenario(Case(
    "rst-linger0-by-client", at="server", truth=[RST_BY_CLIENT],
    must="The client ended it with a reset of its own (RST+ACK), with nothing left unanswered.",
    must_not="A forged reset or a firewall."))
def linger0(lab):
    """The client aborts the connection (SO_LINGER 0 and close) one second after the echo of
    its last message."""
    lab.server(JS_SERVER, "--echo")
    lab.run_client(RAW_CLIENT, SERVER, "8080", "text hello", "read 1", "rst")


@scenario(Case(
    "client-exit-fin", at="server", truth=[Truth("fin_without_close", "client", ["client"])],
    must="The client ended it with a FIN and without a Close frame.",
    must_not="That the client closed with 1001 or 1006: no Close frame travelled."))
def client_exit(lab):
    """The client process exits in the middle of the talk without closing its WebSocket."""
    lab.server(PY_SERVER)
    lab.run_client(JS_CLIENT, URL, "text hello", "message", "sleep 0.5", "exit")
