"""The steps that the raw programs play on a socket, in order.

    text WORDS, ping, pong, close [CODE REASON]   send a well-formed frame
    unmasked WORDS, bad-utf8                      send a frame that breaks the rules
    get PATH                                      an HTTP request, and read its answer
    sleep SECONDS, read SECONDS                   wait; wait and read what comes
    drain                                         read until the peer ends the connection
    every SECONDS COUNT WORDS                     a text again and again
    shut                                          end the own direction only (a FIN)
    fin, rst                                      close the socket; abort it (SO_LINGER 0)
    fin-no-wait                                   close it, and forget it after the FIN (TCP_LINGER2)
"""

import contextlib
import socket
import struct
import time

import raw_websocket as ws


class Player:
    def __init__(self, stream, mask, host):
        self.stream, self.mask, self.host = stream, mask, host

    def play(self, lines):
        for line in lines:
            name, _, words = line.partition(" ")
            getattr(self, "step_" + name.replace("-", "_"))(words)

    def send(self, opcode, payload, mask=None):
        self.stream.sendall(ws.frame(opcode, payload, self.mask if mask is None else mask))

    def step_text(self, words):
        self.send(ws.TEXT, words.encode())

    def step_ping(self, words):
        self.send(ws.PING, words.encode())

    def step_pong(self, words):
        self.send(ws.PONG, words.encode())

    def step_close(self, words):
        code, _, reason = words.partition(" ")
        self.send(ws.CLOSE, ws.close_payload(int(code) if code else None, reason))

    def step_unmasked(self, words):
        self.send(ws.TEXT, words.encode(), mask=False)

    def step_bad_utf8(self, _):
        self.send(ws.TEXT, b"caf\xe9 \xff\xfe")

    def step_get(self, path):
        request = f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\n\r\n"
        self.stream.sendall(request.encode())
        head = ws.read_head(self.stream).lower()
        if b"content-length: " in head:
            length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
            self.stream.recv(length, socket.MSG_WAITALL)
        elif b"chunked" in head:
            raise ValueError("chunked answers are not read")

    def step_sleep(self, seconds):
        time.sleep(float(seconds))

    def step_read(self, seconds):
        end = time.monotonic() + float(seconds)
        while (left := end - time.monotonic()) > 0:
            self.stream.settimeout(left)
            try:
                if not self.stream.recv(65536):
                    break
            except (TimeoutError, ConnectionError):
                break
        self.stream.settimeout(None)

    def step_drain(self, _):
        try:
            while self.stream.recv(65536):
                pass
        except ConnectionResetError:
            pass

    def step_every(self, words):
        seconds, count, text = words.split(" ", 2)
        with contextlib.suppress(ConnectionError):
            for _ in range(int(count)):
                self.step_text(text)
                time.sleep(float(seconds))

    def step_shut(self, _):
        self.stream.shutdown(socket.SHUT_WR)

    def step_fin_no_wait(self, _):
        self.stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_LINGER2, -1)
        self.stream.close()

    def step_fin(self, _):
        self.stream.close()

    def step_rst(self, _):
        self.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.stream.close()
