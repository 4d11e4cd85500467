"""A client on Python's websockets: ws_client.py URL [--close-timeout 10] [--keylog FILE] STEP...

Steps: `text WORDS`, `ping`, `message` (wait for one), `sleep SECONDS`,
`close CODE REASON`, `closed` (wait for it).
"""

import argparse
import asyncio
import ssl

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed


async def play(websocket, line):
    name, _, words = line.partition(" ")
    if name == "text":
        await websocket.send(words)
    elif name == "ping":
        await websocket.ping()
    elif name == "message":
        await websocket.recv()
    elif name == "sleep":
        await asyncio.sleep(float(words))
    elif name == "close":
        code, _, reason = words.partition(" ")
        await websocket.close(int(code), reason)
    elif name == "closed":
        await websocket.wait_closed()
    else:
        raise ValueError(f"unknown step {name}")


def trusting(keylog):
    """TLS that trusts any certificate and writes the session's keys."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.keylog_filename = keylog
    return context


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--close-timeout", type=float, default=10)
    parser.add_argument("--keylog")
    parser.add_argument("steps", nargs="*")
    options = parser.parse_intermixed_args()
    secure = trusting(options.keylog) if options.url.startswith("wss:") else None
    websocket = await connect(options.url, ssl=secure, close_timeout=options.close_timeout)
    try:
        for line in options.steps:
            await play(websocket, line)
    except ConnectionClosed:
        pass


asyncio.run(main())
