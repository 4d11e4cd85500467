"""An ASGI application: echoes texts, and raises an error when it is told `crash`."""


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await live(receive, send)
    elif scope["type"] == "websocket":
        await echo(receive, send)


async def live(receive, send):
    while True:
        event = await receive()
        await send({"type": event["type"] + ".complete"})
        if event["type"] == "lifespan.shutdown":
            return


async def echo(receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        if event.get("text") == "crash":
            raise RuntimeError("a bug in the application")
        await send({"type": "websocket.send", "text": event.get("text") or ""})
