"""A server on aiohttp, port 8080: echoes texts; aiohttp_server.py [--heartbeat SECONDS]

`crash` raises an error, `abort` cuts the transport, `leave` returns from the handler.
"""

import argparse

from aiohttp import WSMsgType, web


async def handle(request):
    websocket = web.WebSocketResponse(heartbeat=request.app["heartbeat"])
    await websocket.prepare(request)
    async for message in websocket:
        if message.type != WSMsgType.TEXT:
            continue
        if message.data == "crash":
            raise RuntimeError("a bug in the application")
        if message.data == "abort":
            request.transport.abort()
        if message.data == "leave":
            break
        await websocket.send_str(message.data)
    return websocket


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--heartbeat", type=float)
    app = web.Application()
    app["heartbeat"] = parser.parse_args().heartbeat
    app.add_routes([web.get("/live", handle)])
    web.run_app(app, port=8080, print=lambda *_: print("ready", flush=True))


main()
