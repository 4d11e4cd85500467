"""A WebSocket client on HTTP/2 (RFC 8441), on the package h2: h2_client.py HOST PORT STEP...

    --keylog FILE              speak TLS, and write its secrets to FILE

    open PATH                  ask for a WebSocket on a new stream, wait for the answer
    use N                      the following steps are about the Nth WebSocket, 1 is the first
    text WORDS, ping           send a frame
    message                    wait for a frame that is no ping
    close [CODE REASON]        send a Close
    cancel                     reset the stream (RST_STREAM, CANCEL)
    end                        end the stream (END_STREAM)
    closed                     wait until the peer has ended the stream
    sleep SECONDS              wait; pings are answered meanwhile
    goaway                     say that no more streams will be opened, and end the connection
"""

import argparse
import select
import socket
import ssl
import sys
import time
from pathlib import Path

import h2.config
import h2.connection
import h2.events
from h2.errors import ErrorCodes

sys.path.insert(0, str(Path(__file__).parent.parent))
import raw_websocket as ws

EXTENDED_CONNECT = 8  # SETTINGS_ENABLE_CONNECT_PROTOCOL


class Stream:
    def __init__(self, number):
        self.number, self.status, self.ended = number, None, False
        self.bytes, self.frames = b"", []

    def take(self, data):
        """Keeps the frames that are complete; the server's are not masked."""
        self.bytes += data
        while len(self.bytes) >= 2:
            length, head = self.bytes[1] & 127, 2
            if length == 126:
                length, head = int.from_bytes(self.bytes[2:4], "big"), 4
            if len(self.bytes) < head + length:
                return
            self.frames.append((self.bytes[0] & 15, self.bytes[head:head + length]))
            self.bytes = self.bytes[head + length:]


class Player:
    def __init__(self, host, port, keylog):
        self.host, self.streams, self.stream = host, [], None
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if keylog:
            self.socket = secure(self.socket, keylog)
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        self.h2.initiate_connection()
        self.flush()
        self.wait_for(lambda: self.h2.remote_settings.get(EXTENDED_CONNECT) == 1)

    def flush(self):
        self.socket.sendall(self.h2.data_to_send())

    def wait_for(self, fits, seconds=60):
        end = time.monotonic() + seconds
        while not fits() and (left := end - time.monotonic()) > 0:
            waiting = isinstance(self.socket, ssl.SSLSocket) and self.socket.pending()
            if (waiting or select.select([self.socket], [], [], left)[0]) and not self.receive():
                return

    def receive(self):
        data = self.socket.recv(65536)
        for event in self.h2.receive_data(data) if data else []:
            self.take(event)
        self.flush()
        return bool(data)

    def take(self, event):
        stream = next((s for s in self.streams if s.number == getattr(event, "stream_id", None)), None)
        if stream is None:
            return
        if isinstance(event, h2.events.ResponseReceived):
            stream.status = dict(event.headers)[":status"]
        elif isinstance(event, h2.events.DataReceived):
            self.h2.acknowledge_received_data(event.flow_controlled_length, stream.number)
            stream.take(event.data)
            self.answer_pings(stream)
        elif isinstance(event, (h2.events.StreamEnded, h2.events.StreamReset)):
            stream.ended = True

    def answer_pings(self, stream):
        pings = [payload for opcode, payload in stream.frames if opcode == ws.PING]
        stream.frames = [frame for frame in stream.frames if frame[0] != ws.PING]
        for payload in pings:
            self.h2.send_data(stream.number, ws.frame(ws.PONG, payload, True))

    def send(self, opcode, payload=b""):
        self.h2.send_data(self.stream.number, ws.frame(opcode, payload, True))
        self.flush()

    def step_open(self, path):
        self.stream = Stream(self.h2.get_next_available_stream_id())
        self.streams.append(self.stream)
        self.h2.send_headers(self.stream.number, [
            (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"), (":path", path),
            (":authority", self.host), ("sec-websocket-version", "13"), ("user-agent", "lab")])
        self.flush()
        self.wait_for(lambda: self.stream.status or self.stream.ended)

    def step_use(self, number):
        self.stream = self.streams[int(number) - 1]

    def step_text(self, words):
        self.send(ws.TEXT, words.encode())

    def step_ping(self, _):
        self.send(ws.PING)

    def step_message(self, _):
        self.wait_for(lambda: self.stream.frames)
        self.stream.frames.pop(0)

    def step_close(self, words):
        code, _, reason = words.partition(" ")
        self.send(ws.CLOSE, ws.close_payload(int(code) if code else None, reason))

    def step_cancel(self, _):
        self.h2.reset_stream(self.stream.number, ErrorCodes.CANCEL)
        self.flush()

    def step_end(self, _):
        self.h2.end_stream(self.stream.number)
        self.flush()

    def step_closed(self, _):
        self.wait_for(lambda: self.stream.ended)

    def step_sleep(self, seconds):
        self.wait_for(lambda: False, float(seconds))

    def step_goaway(self, _):
        self.h2.close_connection()
        self.flush()
        self.socket.close()


def secure(stream, keylog):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.keylog_filename = keylog
    context.set_alpn_protocols(["h2"])
    return context.wrap_socket(stream, server_hostname="lab")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--keylog")
    parser.add_argument("steps", nargs="*")
    options = parser.parse_intermixed_args()
    player = Player(options.host, options.port, options.keylog)
    for line in options.steps:
        name, _, words = line.partition(" ")
        getattr(player, "step_" + name)(words)


main()
