"""The packets of a capture as tshark dissects them."""

import subprocess
from collections import defaultdict

FIELDS = {
    "number": "frame.number", "stream": "tcp.stream",
    "src4": "ip.src", "src6": "ipv6.src", "dst4": "ip.dst", "dst6": "ipv6.dst",
    "src_port": "tcp.srcport", "dst_port": "tcp.dstport",
    "syn": "tcp.flags.syn", "ack": "tcp.flags.ack",
    "fin": "tcp.flags.fin", "rst": "tcp.flags.reset",
    "seq": "tcp.seq", "length": "tcp.len", "payload": "tcp.payload",
    "method": "http.request.method", "upgrade": "http.upgrade", "status": "http.response.code",
    "opcodes": "websocket.opcode",
    "codes": "websocket.payload.close.status_code",
    "reasons": "websocket.payload.close.reason",
}
BETWEEN = "\x1f"  # between several values of one field


class Packet:
    def __init__(self, line):
        values = dict(zip(FIELDS, line.split("\t")))
        self.number = int(values["number"])
        self.stream = int(values["stream"])
        self.src = address(values["src4"] or values["src6"], values["src_port"])
        self.dst = address(values["dst4"] or values["dst6"], values["dst_port"])
        self.syn, self.ack, self.fin, self.rst = (
            values[name] in ("1", "True") for name in ("syn", "ack", "fin", "rst"))
        self.seq = int(values["seq"])
        self.payload = bytes.fromhex(values["payload"].replace(":", ""))
        self.cut = len(self.payload) < int(values["length"])
        self.asks_upgrade = bool(values["method"]) and values["upgrade"].lower() == "websocket"
        self.status = int(values["status"]) if values["status"] else None
        self.opcodes = [int(code) for code in split(values["opcodes"])]
        self.codes = [int(code) for code in split(values["codes"])]
        self.reasons = split(values["reasons"])
        if self.cut:
            self.fill_up(int(values["length"]))


    def fill_up(self, length):
        """Stands in for what the snap length cut: zeros, after a head its end."""
        if self.payload.startswith((b"GET ", b"HTTP/1.1 ")):
            self.asks_upgrade = self.payload.startswith(b"GET ")
            self.payload = self.payload.ljust(length - 4, b"\0") + b"\r\n\r\n"
        self.payload = self.payload.ljust(length, b"\0")


def address(ip, port):
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"


def split(value):
    return value.split(BETWEEN) if value else []


def streams(capture, gaps=False):
    """TCP packets by stream, streams in order of their first packet.

    With `gaps`, tshark is not to wait for segments that never come.
    """
    command = ["tshark", "-r", str(capture), "-n", "-Y", "tcp && !icmp", "-T", "fields",
               "-E", f"aggregator={BETWEEN}", "-o", f"tcp.reassemble_out_of_order:{not gaps}",
               "-d", "tcp.port==8080,http"]
    for name in FIELDS.values():
        command += ["-e", name]
    run = subprocess.run(command, capture_output=True, text=True)
    by_stream, newest = defaultdict(list), {}
    for line in run.stdout.splitlines():
        packet = Packet(line)
        ends = frozenset((packet.src, packet.dst))
        older, stream = newest.get(ends, (None, None))
        if packet.stream != stream:
            older, stream = newest[ends] = (stream, packet.stream)
        by_stream[older if is_straggler(packet) and older is not None else stream].append(packet)
    return list(by_stream.values())


def is_straggler(packet):
    """A reset from before its stream's beginning is by the one that had these ports earlier."""
    return packet.rst and packet.seq > 2**31
