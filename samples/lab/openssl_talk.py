"""A hand-made WebSocket spoken through `openssl s_client` or `s_server`, or over a bare socket:

    openssl_talk.py STEP... -- openssl s_client OPTION...
    openssl_talk.py --listen STEP... -- openssl s_server OPTION...
    openssl_talk.py [--listen] STEP... -- plain HOST PORT
    openssl_talk.py --request FILE        writes what `request` sends, for early data

Steps: `request`, `answer`, `answer-with WORDS` (and a text in the same write), `text WORDS`, `binary LENGTH`, `ping`, `pong`, `close CODE REASON`,
`wait STEP` (for what the other side sends with that step), `command LETTER` (OpenSSL's own, such as K:
update the keys), `sleep SECONDS`. Frames of the one that does not listen are masked.
"""

import base64
import hashlib
import os
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

KEY = "d2hvY2xvc2VkIHNhbXBsZQ=="
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
ACCEPT = base64.b64encode(hashlib.sha1((KEY + GUID).encode()).digest()).decode()
REQUEST = (f"GET /live HTTP/1.1\r\nHost: lab\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode()
ANSWER = (f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          f"Sec-WebSocket-Accept: {ACCEPT}\r\n\r\n").encode()
MASK = bytes([0x5A, 0x3C, 0x96, 0x0F])


def frame(opcode, payload, masked):
    size = len(payload)
    bits = 0x80 if masked else 0
    head = bytes([0x80 | opcode, bits | size]) if size < 126 else struct.pack(">BBH", 0x80 | opcode, bits | 126, size)
    if not masked:
        return head + payload
    return head + MASK + bytes(byte ^ MASK[at % 4] for at, byte in enumerate(payload))


def message(name, words, masked):
    if name == "request":
        return REQUEST
    if name == "answer":
        return ANSWER
    if name == "answer-with":
        return ANSWER + message("text", words, masked)
    if name == "text":
        return frame(1, words.encode(), masked)
    if name == "binary":
        return frame(2, bytes(int(words)), masked)
    if name in ("ping", "pong"):
        return frame(9 if name == "ping" else 10, b"", masked)
    if name == "close":
        code, _, reason = words.partition(" ")
        return frame(8, struct.pack(">H", int(code)) + reason.encode(), masked)
    raise ValueError(f"unknown step {name}")


class Plain:
    def __init__(self, listens, host, port):
        if listens:
            with socket.create_server((host, int(port)), family=socket.AF_INET) as listener:
                print("ready", flush=True)
                self.socket, _ = listener.accept()
        else:
            self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data):
        self.socket.sendall(data)

    def receive(self):
        return self.socket.recv(65536)

    def end(self):
        self.socket.close()


class OpenSsl:
    def __init__(self, listens, command):
        pipe = subprocess.PIPE
        self.program = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
        time.sleep(0.4)
        if listens:
            print("ready", flush=True)

    def send(self, data):
        self.program.stdin.write(data)
        self.program.stdin.flush()

    def receive(self):
        return os.read(self.program.stdout.fileno(), 65536)

    def end(self):
        self.program.stdin.close()
        try:
            self.program.wait(2)
        except subprocess.TimeoutExpired:
            self.program.kill()


def main():
    if sys.argv[1] == "--request":
        Path(sys.argv[2]).write_bytes(REQUEST)
        return
    split = sys.argv.index("--")
    steps, way = sys.argv[1:split], sys.argv[split + 1:]
    listens = steps[0] == "--listen"
    steps = steps[listens:]
    talk = Plain(listens, *way[1:]) if way[0] == "plain" else OpenSsl(listens, way)
    received = b""
    for step in steps:
        name, _, words = step.partition(" ")
        if name == "sleep":
            time.sleep(float(words))
        elif name == "wait":
            name, _, words = words.partition(" ")
            awaited = message(name, words, listens)
            while awaited not in received:
                received += talk.receive() or sys.exit(f"{awaited} did not come")
            received = received[received.index(awaited) + len(awaited):]
        elif name == "command":
            time.sleep(0.3)  # it must not be read together with what was sent before
            talk.send(words.encode() + b"\n")
        else:
            talk.send(message(name, words, not listens))
    talk.end()


main()
