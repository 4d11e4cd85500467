"""A second reading of the WebSocket frames, independent of tshark's dissector.

It also reads streams whose handshake is not in the capture, which tshark does not.
"""

import struct
from dataclasses import dataclass


@dataclass
class Frame:
    source: str
    opcode: int
    masked: bool
    payload: bytes
    packet: int


def read(packets, source):
    """The frames one side sent, from its segments."""
    stream, ends = assemble([p for p in packets if p.src == source and p.payload])
    position = skip_http(stream)
    frames = []
    while (parsed := one_frame(stream, position)) is not None:
        opcode, masked, payload, position = parsed
        packet = next(number for end, number in ends if end >= position)
        frames.append(Frame(source, opcode, masked, payload, packet))
    return frames


def assemble(segments):
    """The stream's bytes, and after each segment how far they reached."""
    if not segments:
        return b"", []
    first = min(packet.seq for packet in segments)
    stream, ends, waiting = b"", [], []
    for packet in segments:
        waiting.append(packet)
        while fitting := next((w for w in waiting if w.seq <= first + len(stream)), None):
            waiting.remove(fitting)
            stream += fitting.payload[first + len(stream) - fitting.seq:]
        ends.append((len(stream), packet.number))
    return stream, ends


def skip_http(stream):
    """Where the WebSocket begins: after the HTTP head with `Upgrade: websocket`."""
    position = 0
    while True:
        end = stream.find(b"\r\n\r\n", position)
        if end < 0:
            return position
        head = stream[position:end].lower()
        position = end + 4
        if b"upgrade: websocket" in head or b"sec-websocket-" in head:
            return position


def one_frame(stream, at):
    if len(stream) < at + 2:
        return None
    opcode, masked, length = stream[at] & 15, bool(stream[at + 1] & 128), stream[at + 1] & 127
    at += 2
    if length >= 126:
        size, code = (2, "!H") if length == 126 else (8, "!Q")
        if len(stream) < at + size:
            return None
        length = struct.unpack(code, stream[at:at + size])[0]
        at += size
    key = b"\0\0\0\0"
    if masked:
        key, at = stream[at:at + 4], at + 4
    if len(stream) < at + length:
        return None
    payload = bytes(byte ^ key[i % 4] for i, byte in enumerate(stream[at:at + length]))
    return opcode, masked, payload, at + length
