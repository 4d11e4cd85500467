"""A server on uvicorn at its default settings, port 443: tls_uvicorn.py PEM. It echoes text."""

import asyncio
import sys

import uvicorn


async def app(scope, receive, send):
    if scope["type"] != "websocket":
        return
    while True:
        event = await receive()
        if event["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        elif event["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": event["text"]})
        else:
            return


async def main():
    pem = sys.argv[1]
    config = uvicorn.Config(app, host="10.77.2.2", port=443, log_level="warning", lifespan="off",
                            ssl_certfile=pem, ssl_keyfile=pem)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.05)
    print("ready", flush=True)
    await serving


asyncio.run(main())
