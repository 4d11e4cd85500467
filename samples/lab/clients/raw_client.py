"""A client without a library: raw_client.py HOST PORT [options] STEP...

    --source-port N      bind to this port first
    --receive-buffer N   a small buffer, so that a reader that stops is soon full
    --keepalive          TCP keep-alive probes after 1 s, every second
    --user-timeout N     milliseconds after which the kernel gives up (TCP_USER_TIMEOUT)
    --reconnect N        when the connection ends, try again so often, each half second
    --hops N             the TTL of the packets that this socket sends
    --before PATH        plain HTTP requests on the connection before the upgrade
    --no-upgrade         leave the upgrade to a `get` step
"""

import argparse
import contextlib
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
import raw_websocket
from raw_steps import Player


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--source-port", type=int, default=0)
    parser.add_argument("--receive-buffer", type=int)
    parser.add_argument("--keepalive", action="store_true")
    parser.add_argument("--user-timeout", type=int)
    parser.add_argument("--reconnect", type=int, default=0)
    parser.add_argument("--hops", type=int)
    parser.add_argument("--before", action="append", default=[])
    parser.add_argument("--no-upgrade", action="store_true")
    parser.add_argument("steps", nargs="*")
    return parser.parse_intermixed_args()


def connect(options):
    stream = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if options.receive_buffer:
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, options.receive_buffer)
    if options.keepalive:
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
    if options.user_timeout:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, options.user_timeout)
    if options.hops:
        stream.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, options.hops)
    if options.source_port:
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stream.bind(("", options.source_port))
    stream.connect((options.host, options.port))
    return stream


def main():
    options = parse()
    stream = connect(options)
    player = Player(stream, mask=True, host=options.host)
    for path in options.before:
        player.step_get(path)
    if not options.no_upgrade:
        stream.sendall(raw_websocket.upgrade_request(options.host))
        raw_websocket.read_head(stream)
    player.play(options.steps)
    for _ in range(options.reconnect):
        time.sleep(0.5)
        with contextlib.suppress(ConnectionRefusedError):
            connect(options).close()


main()
