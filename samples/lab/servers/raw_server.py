"""A server without a library, port 8080: plays the steps on each connection in turn.

    raw_server.py [--send-with-101 TEXT] [--no-answer] [--never-accept] STEP...

With `--no-answer` it plays the steps without reading the request; with `--never-accept` it
leaves every connection to the kernel.
"""

import argparse
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
import raw_websocket
from raw_steps import Player


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--send-with-101", default="")
    parser.add_argument("--no-answer", action="store_true")
    parser.add_argument("--never-accept", action="store_true")
    parser.add_argument("steps", nargs="*")
    options = parser.parse_intermixed_args()
    listener = socket.create_server(("", 8080))
    print("ready", flush=True)
    if options.never_accept:
        time.sleep(600)
    while True:
        stream, _ = listener.accept()
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if options.no_answer:
            Player(stream, mask=False, host="").play(options.steps)
            continue
        answer = raw_websocket.upgrade_answer(raw_websocket.read_head(stream))
        if options.send_with_101:
            text = options.send_with_101.encode()
            answer += raw_websocket.frame(raw_websocket.TEXT, text, mask=False)
        stream.sendall(answer)
        Player(stream, mask=False, host="").play(options.steps)


main()
