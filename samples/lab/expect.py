"""Writes expect.toml: the author's truth, and the facts of the packets by tshark.

The facts are checked against a second reading of the frames and against the
truth; a difference is an error, unless the file itself is damaged.
"""

import json

import frames
import multiplexed
import packets

NAMES = {0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}
ORDER = ["text", "binary", "continuation", "ping", "pong", "close"]


class Connection:
    """One TCP stream that carried or tried to carry a WebSocket."""

    def __init__(self, stream):
        self.packets = stream
        self.request = next((p for p in stream if p.asks_upgrade), None)
        self.client, self.server = self._ends()
        self.answer = self._answer()
        self.frames = self._frames_by_tshark()
        if not self.request or any(p.cut for p in stream):
            self.frames = self._frames_by_hand()

    def _ends(self):
        first = self.packets[0]
        if self.request:
            return self.request.src, self.request.dst
        hand = frames.read(self.packets, first.src)
        if hand and hand[0].masked:
            return first.src, first.dst
        return first.dst, first.src

    def _answer(self):
        if not self.request:
            return None
        later = (p for p in self.packets if p.number > self.request.number)
        return next((p for p in later if p.status and p.src == self.server), None)

    def side(self, address):
        return "client" if address == self.client else "server"

    def _frames_by_tshark(self):
        """(side, opcode, code, reason, packet) of each frame in order of sight."""
        found = []
        for packet in self.packets:
            codes, reasons = list(packet.codes), list(packet.reasons)
            for opcode in packet.opcodes:
                code = reason = None
                if opcode == 8 and codes:
                    code = codes.pop(0)
                    reason = reasons.pop(0) if reasons else None
                found.append((self.side(packet.src), opcode, code, reason, packet.number))
        return found

    def _frames_by_hand(self):
        found = []
        for address in (self.client, self.server):
            for frame in frames.read(self.packets, address):
                code = reason = None
                if frame.opcode == 8 and len(frame.payload) >= 2:
                    code = int.from_bytes(frame.payload[:2], "big")
                    reason = frame.payload[2:].decode() or None
                found.append((self.side(address), frame.opcode, code, reason, frame.packet))
        return sorted(found, key=lambda frame: frame[4])

    def readings_agree(self):
        if self.answer and self.answer.status != 101:
            return not self.frames
        key = lambda frame: (frame[4], frame[0], frame[1], str(frame[2]), frame[3] or "")
        return sorted(self.frames, key=key) == sorted(self._frames_by_hand(), key=key)

    def closes(self):
        return [frame for frame in self.frames if frame[1] == 8]

    def first_end(self):
        after = self.answer.number if self.answer else 0
        return next((p for p in self.packets if p.number > after and (p.fin or p.rst)), None)

    def first(self, fits):
        return next(packet for packet in self.packets if fits(packet))

    def frame_packet(self, opcode, which):
        number = [frame[4] for frame in self.frames if frame[1] == opcode][which]
        return self.first(lambda packet: packet.number == number)

    def resets(self):
        return sum(p.rst for p in self.packets)

    def counts(self, side):
        opcodes = [NAMES.get(f[1]) for f in self.frames if f[0] == side]
        return {name: opcodes.count(name) for name in ORDER}


class OfStream(Connection):
    """A WebSocket on an HTTP/2 stream, of which there is one reading only."""

    def __init__(self, stream, segments):
        self.packets, self.client = segments, stream.client
        self.server = next(packet.dst for packet in segments if packet.src == stream.client)
        self.request, self.answer, self.frames = None, stream.answer, stream.frames

    def readings_agree(self):
        return True


class Opaque(Connection):
    """One TCP stream that carried TLS which the report cannot open."""

    def __init__(self, stream):
        self.packets, self.request, self.answer, self.frames = stream, None, None, []
        self.client, self.server = stream[0].src, stream[0].dst

    def readings_agree(self):
        return True


def opaque(capture):
    """The streams that begin with TLS."""
    streams = packets.streams(capture)
    return [Opaque(stream) for stream in streams
            if next((p.payload for p in stream if p.payload), b"").startswith(b"\x16\x03")]


def connections(capture, gaps):
    found, http2 = [], multiplexed.read(capture)
    for stream in packets.streams(capture, gaps):
        if of_http2 := http2.get(stream[0].stream):
            found += [OfStream(one, stream) for one in of_http2]
            continue
        connection = Connection(stream)
        if connection.request or connection.frames and plausible(connection):
            found.append(connection)
    return found


def plausible(connection):
    """Frames read without a handshake: more than one, and known opcodes only."""
    return len(connection.frames) > 1 and all(frame[1] in NAMES for frame in connection.frames)


def draft(capture, case):
    found = opaque(capture) if case.opaque else connections(capture, case.gaps)
    if case.opaque and not case.truth:
        found = []
    if len(found) != len(case.truth):
        raise ValueError(f"{case.name}: {len(found)} connections, not {len(case.truth)}")
    lines = ["# What the report must say about this capture, checked by the tests.",
             f"exit = {case.exit}", f"complete = {toml(case.complete)}"]
    if case.snapshot:
        lines.append("snapshot = true")
    if case.findings:
        lines.append(f"findings = {toml(list(case.findings))}")
    if case.session:
        legs = {"legs": list(range(1, len(found) + 1))}
        lines.append(f"session = {toml(legs | judgement(case.session, found[0]))}")
    for connection, truth in zip(found, case.truth):
        if not case.gaps and not connection.readings_agree():
            raise ValueError(f"{case.name}: the two readings of the frames differ")
        check(case, connection, truth)
        lines += ["", "[[connection]]"] + entry(connection, truth)
    return "\n".join(lines) + "\n"


def check(case, connection, truth):
    """The author's truth must fit what the packets show."""
    seen = "_then_".join(dict.fromkeys(close[0] for close in connection.closes()))
    seen = {"": "none", "client": "client_only", "server": "server_only"}.get(seen, seen)
    fits = truth.close_handshake == seen
    if truth.close_handshake == "simultaneous":
        fits = "_then_" in seen
    if not fits:
        raise ValueError(f"{case.name}: Close frames are {seen}, not {truth.close_handshake}")
    end = connection.first_end()
    if truth.mechanism == "refused_upgrade" and end and connection.side(end.src) != truth.closer:
        raise ValueError(f"{case.name}: the first end act is not the {truth.closer}'s")
    open_but_ended = truth.mechanism == "still_open" and end
    ended_but_open = truth.mechanism.startswith(("fin_", "rst_")) and not end
    if open_but_ended or ended_but_open:
        raise ValueError(f"{case.name}: {truth.mechanism} does not fit the ends seen")


def entry(connection, truth):
    end = connection.first_end()
    values = {"kind": truth.kind, "client": connection.client, "server": connection.server}
    if connection.answer:
        values["status"] = connection.answer.status
    values |= {"mechanism": truth.mechanism,
               "closer": truth.closer or connection.side(end.src), "party": truth.party,
               "close_handshake": truth.close_handshake,
               "close_frames": [close_entry(close) for close in connection.closes()]}
    if end:
        values["first_end"] = {"from": connection.side(end.src),
                               "by": "rst" if end.rst else "fin", "packet": end.number}
    values["resets"] = connection.resets()
    if truth.forged:
        values["forged"] = True
    values["frames"] = {side: connection.counts(side) for side in ("client", "server")}
    if truth.verdict:
        values["verdict"] = judgement(truth.verdict, connection)
    return [f"{name} = {toml(value)}" for name, value in values.items()]


# What `cites` may name: the packets that an expert would point at.
PACKETS = {
    "first_end": lambda connection: connection.first_end(),
    "first_fin": lambda connection: connection.first(lambda packet: packet.fin),
    "first_reset": lambda connection: connection.first(lambda packet: packet.rst),
    "first_close": lambda connection: connection.frame_packet(8, 0),
    "last_ping": lambda connection: connection.frame_packet(9, -1),
    "answer": lambda connection: connection.answer,
}


def judgement(verdict, connection):
    values = {"party": verdict.party, "cause": verdict.cause,
              "at_most": verdict.at_most, "at_least": verdict.at_least}
    if verdict.cites:
        values["cites"] = [PACKETS[name](connection).number for name in verdict.cites]
    if verdict.candidate:
        values["candidate"] = verdict.candidate
    if verdict.disagrees:
        values["disagrees"] = verdict.disagrees
    return values


def close_entry(close):
    side, _, code, reason, packet = close
    entry = {"from": side}
    if code is not None:
        entry["code"] = code
    if reason:
        entry["reason"] = reason
    return entry | {"packet": packet}


def toml(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {toml(part)}" for name, part in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(toml(part) for part in value) + "]"
    return json.dumps(value, ensure_ascii=False)
