"""Addresses and small plays that several scenarios use."""

import time

from topology import DEEP_SERVER, INNER, MIDDLE, SERVER, SERVER6  # noqa: F401  (for the scenarios)

URL = f"ws://{SERVER}:8080/live"
JS_CLIENT, PY_CLIENT, RAW_CLIENT = (
    "clients/ws_client.js", "clients/ws_client.py", "clients/raw_client.py")
JS_SERVER, PY_SERVER, RAW_SERVER = (
    "servers/ws_server.js", "servers/ws_server.py", "servers/raw_server.py")

H2_CLIENT = "clients/h2_client.py"

wait = time.sleep


def listen(lab, *command):
    """Starts a server that does not say when it is ready."""
    program = lab.start("server", *command)
    lab.wait_listening("server", 8080)
    return program
