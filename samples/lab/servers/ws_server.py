"""A server on Python's websockets, port 8080: echoes text; SIGTERM closes all with 1001.

    ws_server.py [--ping-interval 20] [--ping-timeout 20] [--close-timeout 10]
"""

import argparse
import asyncio
import signal

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
    options = parser.parse_args()
    async with serve(echo, "", 8080, **vars(options)) as server:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.close)
        print("ready", flush=True)
        await server.wait_closed()


asyncio.run(main())
