"""WebSockets on HTTP/2 streams: tshark opens the streams, their bytes are read by hand.

tshark shows no WebSocket frames there, only the HTTP/2 ones.
"""

import subprocess
from collections import defaultdict
from dataclasses import dataclass, field
from types import SimpleNamespace

import frames

FIELDS = ["frame.number", "tcp.stream", "ip.src", "tcp.srcport", "http2.streamid", "http2.type",
          "http2.data.data", "http2.headers.method", "http2.headers.status"]
DATA, HEADERS = "0", "1"


@dataclass
class Stream:
    """A WebSocket on a stream, as far as its expectations need it."""

    client: str
    answer: SimpleNamespace | None = None  # its packet's number, and the status
    frames: list = field(default_factory=list)  # (side, opcode, code, reason, packet)
    data: dict = field(default_factory=lambda: {"client": b"", "server": b""})

    def take(self, side, data, packet):
        self.data[side] += data
        while (parsed := frames.one_frame(self.data[side], 0)) is not None:
            opcode, _, payload, end = parsed
            self.data[side] = self.data[side][end:]
            code = reason = None
            if opcode == 8 and len(payload) >= 2:
                code, reason = int.from_bytes(payload[:2], "big"), payload[2:].decode() or None
            self.frames.append((side, opcode, code, reason, packet))


def read(capture):
    """The WebSockets of each HTTP/2 connection, by the number of its TCP stream."""
    found = defaultdict(dict)
    for line in dissected(capture):
        number, tcp, ip, port, ids, kinds, data, methods, statuses = line.split("\t")
        source, streams = f"{ip}:{port}", found[int(tcp)]
        data, methods, statuses = (iter(value.split("|")) for value in (data, methods, statuses))
        for one, kind in zip(ids.split("|"), kinds.split("|")):
            if kind == HEADERS:
                if one not in streams and next(methods, "") == "CONNECT":
                    streams[one] = Stream(source)
                elif one in streams and not streams[one].answer and (status := next(statuses, "")):
                    streams[one].answer = SimpleNamespace(number=int(number), status=int(status))
            elif kind == DATA and one in streams:
                side = "client" if source == streams[one].client else "server"
                payload = next(data, "").replace("<MISSING>", "")
                streams[one].take(side, bytes.fromhex(payload.replace(":", "")), int(number))
    return {tcp: list(streams.values()) for tcp, streams in found.items() if streams}


def dissected(capture):
    """The packets with HTTP/2, spoken on port 80 in clear or, where that shows nothing, in TLS."""
    command = ["tshark", "-r", str(capture), "-n", "-Y", "http2", "-T", "fields", "-E", "aggregator=|"]
    for name in FIELDS:
        command += ["-e", name]
    for protocol in ("tls", "http2"):
        run = subprocess.run(command + ["-d", f"tcp.port==80,{protocol}"], capture_output=True, text=True)
        if run.stdout:
            return run.stdout.splitlines()
    return []
