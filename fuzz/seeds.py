#!/usr/bin/env python3
"""Writes the seeds of the fuzz corpus: `python3 fuzz/seeds.py`, from the root of the repository.

Small valid inputs, in the form that the functions in src/fuzzing/ read. Inputs that the fuzzer
found by itself and that are worth keeping stand beside them; they have other names.
"""

import struct
from pathlib import Path

CORPUS = Path("fuzz/corpus")

# Samples that are small and unlike each other.
SAMPLES = [
    "any-interface-at-server/capture.pcap",
    "capture-lossy/capture.pcap",
    "close-1000-by-client/capture.pcap",
    "close-4001-utf8-reason/capture.pcap",
    "close-crossing-at-server/capture.pcap",
    "fragments-with-pings/capture.pcap",
    "http-before-upgrade/capture.pcap",
    "ipv6-close-1000/capture.pcap",
    "midstream-start/capture.pcap",
    "nginx-idle-at-proxy/capture.pcap",
    "pcap-big-endian-ns/capture.pcap",
    "pcapng-by-dumpcap/capture.pcapng",
    "ping-no-pong-terminated/capture.pcap",
    "refused-401-by-server/capture.pcap",
    "rst-forged-at-server/capture.pcap",
    "snaplen-128/capture.pcap",
    "truncated-file/capture.pcap",
]

# As in src/fuzzing/decode.rs.
LINKS = [0, 1, 9, 12, 14, 50, 101, 108, 113, 228, 229, 276]

REQUEST = (
    b"GET /chat?x=1 HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
ANSWER = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)
PLAIN = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
REFUSED = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nVia: 1.1 proxy\r\n\r\nno"
POST = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc"
CONNECT = b"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n\r\n"

KEY = bytes([0x37, 0xFA, 0x21, 0x3D])


def step(side, data):
    """A step of src/fuzzing/steps.rs: bytes of a side."""
    scale = next(scale for scale in range(4) if len(data) >> scale < 256)
    data += b" " * (-len(data) % (1 << scale))
    return bytes([side | scale << 1, len(data) >> scale]) + data


def client(data):
    return step(0, data)


def server(data):
    return step(1, data)


def hole(side, count):
    return bytes([0x80 | side, count - 1])


def frame(first, payload, masked=False):
    bits = 0x80 if masked else 0
    size = len(payload)
    head = bytes([first, bits | size]) if size < 126 else struct.pack(">BBH", first, bits | 126, size)
    if not masked:
        return head + payload
    return head + KEY + bytes(byte ^ KEY[at % 4] for at, byte in enumerate(payload))


def packets(capture):
    """Link type and bytes of each packet of a little-endian pcap."""
    (link,) = struct.unpack_from("<I", capture, 20)
    at = 24
    while at + 16 <= len(capture):
        _, _, size, length = struct.unpack_from("<IIII", capture, at)
        yield link, capture[at + 16 : at + 16 + size], length
        at += 16 + size


def http():
    upgrade = client(REQUEST) + server(ANSWER)
    yield "upgrade", b"\7" + upgrade + server(b"\x81\x01a") + client(frame(0x8A, b"", True))
    yield "early-data", b"\3" + client(REQUEST + frame(0x81, b"hi", True)) + server(ANSWER)
    yield "keep-alive", b"\1" + client(PLAIN) + server(CHUNKED) + upgrade
    yield "refused", b"\5" + client(REQUEST) + server(REFUSED) + upgrade
    yield "body", b"\2" + client(POST) + server(OK) + client(PLAIN)
    yield "tunnel", b"\4" + client(CONNECT) + server(OK) + client(REQUEST)
    yield "hole-in-answer", b"\6" + client(REQUEST) + server(ANSWER[:40]) + hole(1, 99) + server(b"\x89\0")
    yield "hole-in-request", b"\6" + client(REQUEST[:40]) + hole(0, 99) + server(ANSWER)


def http2():
    def frame2(kind, flags, stream, payload=b""):
        return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload

    def field(name, value):
        return bytes([0, len(name)]) + name + bytes([len(value)]) + value

    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame2(4, 0, 0)
    fields = field(b":method", b"CONNECT") + field(b":protocol", b"websocket") + b"\x44\x05/chat" + b"\x87"
    ask, settings = preface + frame2(1, 4, 1, fields), frame2(4, 0, 0, b"\0\x08\0\0\0\1")
    grant = settings + frame2(1, 4, 1, b"\x88")
    talk = frame2(0, 0, 1, frame(0x81, b"Hello"))
    masked = frame2(0, 8, 1, b"\2" + frame(0x88, b"\x03\xe8", True) + b"\0\0")
    opened = client(ask) + server(grant)
    yield "closed", b"\5" + opened + server(talk) + client(masked) + server(frame2(0, 1, 1, b"\x88\0"))
    yield "reset", b"\3" + opened + client(frame2(3, 0, 1, b"\0\0\0\x08")) + server(frame2(7, 0, 0, bytes(8)))
    yield "refused", b"\4" + client(ask) + server(frame2(1, 5, 1, b"\x08\x03403"))
    parts = frame2(1, 0, 1, fields[:9]) + frame2(9, 4, 1, fields[9:])
    yield "continuation", b"\2" + client(preface + parts) + server(grant + talk)
    yield "hole", b"\6" + opened + server(talk[:12]) + hole(1, 3) + server(talk[15:]) + hole(1, 50) + server(talk * 2)


def ws():
    talk = frame(0x81, b"Hello") + frame(0x89, b"ping") + frame(0x82, bytes(300)) + frame(0x88, b"\x03\xe8bye")
    masked = frame(0x81, b"Hello", True) + frame(0x8A, b"ping", True) + frame(0x88, b"\x03\xe9", True)
    fragments = frame(0x01, b"Hel") + frame(0x89, b"") + frame(0x80, b"lo") + frame(0x88, b"")
    odd = frame(0xC1, b"rsv") + frame(0x83, b"reserved") + frame(0x88, b"\x03\xed") + frame(0x81, b"after")
    yield "server", b"\1\2" + server(talk)
    yield "client", b"\0\1" + client(masked)
    yield "fragments", b"\1\3" + server(fragments)
    yield "violations", b"\1\1" + server(odd)
    yield "compressed", b"\3\4" + server(frame(0xC1, b"rsv1 is allowed") + talk)
    yield "midstream", b"\5\4" + server(b"o\x81" + talk * 2)
    yield "hole-in-payload", b"\1\4" + server(talk[:40]) + hole(1, 100) + server(talk[140:])
    yield "hole-and-resync", b"\0\4" + client(masked) + hole(0, 7) + client(masked * 3) + client(masked)
    yield "too-long", b"\1\4" + server(struct.pack(">BBQ", 0x82, 127, 1 << 63) + talk)


def tcp():
    def push(offset, size, kind=0):
        return struct.pack(">BHB", kind, offset + 16, size - 1)

    def ack(offset):
        return struct.pack(">BHB", 0x46, offset + 16, 0)

    yield "in-order", b"".join(push(at, 20) for at in range(0, 200, 20))
    yield "reversed", b"".join(push(at, 20) for at in range(80, -20, -20))
    yield "overlaps", push(0, 30) + push(20, 30, 4) + push(60, 30) + push(40, 60, 4) + push(10, 60)
    yield "hole", push(0, 10) + push(20, 10) + ack(30) * 6 + push(30, 10)
    yield "cut", push(0, 20, 5) + push(40, 20, 5) + push(20, 20) + push(50, 10)
    yield "before-start", push(-10, 20) + push(5, 10)
    yield "bounds", b"".join(push(at, 40) for at in range(50, 900, 50))


def transcript(name):
    """The key lines and the chunks of a session that the unit tests read."""
    keys, chunks = [], []
    for line in Path(f"src/tls/session/transcripts/{name}.txt").read_text().splitlines():
        kind, _, text = line.partition(" ")
        if kind == "key":
            keys.append(text)
        elif kind != "plain":
            chunks.append(("CS".index(kind), bytes.fromhex(text)))
    return keys, chunks


def exact(side, data):
    """Steps that end with the data, without filling it up."""
    while data:
        size = len(data) if len(data) < 256 else len(data) & ~7 if len(data) < 2040 else 2040
        yield step(side, data[:size])
        data = data[size:]


TLS = ["tls12-aes128-gcm", "tls12-cbc-sha256-etm", "tls13-aes128-gcm", "tls13-key-update"]


def tls_records():
    for name in TLS:
        _, chunks = transcript(name)
        steps = [b"".join(exact(side, data)) for side, data in chunks]
        yield name, b"\0\7" + b"".join(steps)
        yield f"{name}-hole", b"\0\7" + b"".join(steps[:-4]) + hole(0, 60) + b"".join(steps[-3:])
        yield f"{name}-one-direction", b"\0\7" + b"".join(s for s, (side, _) in zip(steps, chunks) if side == 1)
        yield f"{name}-midstream", b"\1\7" + b"".join(steps[-5:])
        turned = [b"".join(exact(1 - side, data)) for side, data in chunks[-5:]]
        yield f"{name}-turned", b"\3\7" + b"".join(turned)
    _, chunks = transcript("tls13-aes128-gcm")
    yield "no-tls", b"\0\3" + client(chunks[0][1]) + server(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def tls_handshake():
    for name in TLS + ["tls13-retry", "tls12-resumed"]:
        _, chunks = transcript(name)
        messages = []
        for side, data in chunks[:3]:
            while len(data) > 5 and data[0] == 22:
                size = int.from_bytes(data[3:5], "big")
                messages.append(b"".join(exact(side, data[5 : 5 + size])))
                data = data[5 + size :]
        yield name, b"\x11" + b"".join(messages)


def key_logs():
    keys = "\n".join(transcript("tls13-aes128-gcm")[0] + transcript("tls12-aes128-gcm")[0])
    yield "good", keys.encode()
    yield "odd", f"# comment\r\n\nRSA 00 11\nCLIENT_RANDOM 12 34\n{keys.upper()}\n{keys}\nlast {'x' * 20}".encode()
    yield "repeated", (keys + "\n").encode() * 2
    wrong = keys.replace("0", "1")
    yield "several-per-session", f"{keys}\n{wrong}".encode()


def blocks():
    def block(kind, body):
        size = struct.pack("<I", 12 + len(body))
        return struct.pack("<I", kind) + size + body + size

    interface = block(1, struct.pack("<HHI", 1, 0, 0))
    packet = block(6, struct.pack("<IIIII", 0, 0, 0, 16, 16) + bytes(16))
    line = b"CLIENT_RANDOM 00"
    secrets = block(10, b"KSLT" + struct.pack("<I", len(line)) + line)
    other = block(10, b"LNKW" + struct.pack("<I", len(line)) + line)
    yield "text", b"\1" + line
    yield "blocks", b"\0" + interface + secrets + packet + other + secrets
    yield "many", b"\0" + secrets * 6 + interface + packet + secrets
    yield "stated-too-long", b"\0" + block(10, b"KSLT" + struct.pack("<I", 99) + line) + interface + packet


def main():
    seeds = {"tls_records": dict(tls_records()), "tls_handshake": dict(tls_handshake())}
    seeds |= {"keylog": dict(key_logs()), "dsb": dict(blocks()), "http2": dict(http2())}
    seeds |= {"http_upgrade": dict(http()), "ws_frames": dict(ws()), "tcp_assembler": dict(tcp())}
    captures = {path.split("/")[0]: Path("samples", path).read_bytes() for path in SAMPLES}
    seeds["pipeline"] = {name: data for name, data in captures.items() if len(data) < 6000}
    seeds["capture"] = {name: b"\6\x3f" + data[:900] for name, data in captures.items()}
    seeds["decode"] = {}
    for name, data in captures.items():
        if data[:4] == b"\xd4\xc3\xb2\xa1":
            link, packet, length = list(packets(data))[3]
            cut = min(length - len(packet), 255)
            seeds["decode"][name] = bytes([LINKS.index(link), cut]) + packet
    for target, inputs in seeds.items():
        folder = CORPUS / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in inputs.items():
            (folder / f"seed-{name}").write_bytes(data)


if __name__ == "__main__":
    main()
