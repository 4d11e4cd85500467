"""A server on Python's websockets, port 8080 (with --tls port 443): echoes text; SIGTERM closes
all with 1001.

    ws_server.py [--ping-interval 20] [--ping-timeout 20] [--close-timeout 10] [--no-handler] [--tls PEM]

With `--no-handler` SIGTERM ends the process, as it does by default.
"""

import argparse
import asyncio
import signal
import ssl

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed


async def echo(websocket):
    try:
        async for message in websocket:
            await websocket.send(message)
    except ConnectionClosed:
        pass


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ping-interval", type=float, default=20)
    parser.add_argument("--ping-timeout", type=float, default=20)
    parser.add_argument("--close-timeout", type=float, default=10)
    parser.add_argument("--no-handler", action="store_true")
    parser.add_argument("--tls")
    options = vars(parser.parse_args())
    without_handler = options.pop("no_handler")
    secure, port = None, 8080
    if pem := options.pop("tls"):
        secure, port = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), 443
        secure.load_cert_chain(pem)
    async with serve(echo, "", port, ssl=secure, **options) as server:
        if not without_handler:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.close)
        print("ready", flush=True)
        await server.wait_closed()


asyncio.run(main())
