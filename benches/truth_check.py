"""Compares a JSON report of whoclosed with the truth file of the generator."""

import collections
import json

SIDES = ("client", "server")
OPCODES = {"continuation": 0, "text": 1, "binary": 2, "close": 8, "ping": 9, "pong": 10}
KINDS = ("websocket", "websocket_midstream", "refused_upgrade")


class Result:
    """What the comparison found: frames reported, connections compared, and problems by kind."""

    def __init__(self):
        self.frames = collections.Counter()
        self.other = 0
        self.exact = 0
        self.damaged = 0
        self.problems = collections.defaultdict(list)

    def expect(self, kind, who, truth, reported):
        if truth != reported:
            self.problems[kind].append(f"{who}: truth {truth}, reported {reported}")


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def check(report, truth):
    """Compares connection by connection. Where packets are missing from the capture, frames may be
    missing from the report too, but none may be in it that was not sent."""
    result = Result()
    packets = sum(capture["packets"] for capture in report["captures"])
    result.expect("packets", "capture", truth["totals"]["packets"], packets)
    reported = index(report, result)
    for connection in truth["connections"]:
        name = name_of(connection)
        if reported.pop(name[::-1], None) is not None:
            result.problems["client and server exchanged"].append(show(name))
        else:
            compare(result, show(name), connection, reported.pop(name, None))
    for name in reported:
        result.problems["connection that is no WebSocket"].append(show(name))
    result.problems = dict(result.problems)
    return result


def index(report, result):
    """The reported connections by their endpoints; counts their frames on the way."""
    found = {}
    for connection in report["connections"]:
        if connection["kind"] not in KINDS:
            continue
        name = name_of(connection)
        if name in found:
            result.problems["connection reported twice"].append(show(name))
        found[name] = connection
        for side in SIDES:
            frames = connection["frames"][side]
            result.other += frames["other"]
            for opcode in OPCODES:
                result.frames[side, opcode] += frames[opcode]
    return found


def name_of(connection):
    return tuple((connection[side]["ip"], connection[side]["port"]) for side in SIDES)


def show(name):
    return " → ".join(f"{ip} port {port}" for ip, port in name)


def compare(result, who, truth, reported):
    if truth["missing_packets"] > 0:
        result.damaged += 1
        if reported is not None:
            compare_damaged(result, who, truth, reported)
        return
    result.exact += 1
    if reported is None:
        result.problems["connection not reported"].append(who)
        return
    result.expect("kind", who, truth["kind"], reported["kind"])
    for side in SIDES:
        compare_frames(result, f"{who}, {side}", truth["frames"][side], reported["frames"][side])
    compare_closes(result, who, truth["close_frames"], reported["close_frames"])
    result.expect("first end", who, first_end(truth["first_end"]), first_end(reported["tcp_end"]["first"]))
    observed = reported["verdict"]["observed"]
    result.expect("mechanism", who, truth["mechanism"], observed["mechanism"])
    result.expect("closer", who, truth["closer"], observed["closer"])


def compare_frames(result, who, truth, reported):
    for column in (*OPCODES, "messages"):
        result.expect(f"{column} frames" if column in OPCODES else column, who, truth[column], reported[column])
    result.expect("frames of other opcodes", who, 0, reported["other"])
    result.expect("payload bytes", who, truth["payload_bytes"], reported["bytes"])


def compare_closes(result, who, truth, reported):
    """A Close that came out of order may be placed at its own packet or where the hole before it was
    filled."""
    result.expect("Close frames", who, sorted(map(close, truth)), sorted(map(close, reported)))
    for expected in truth:
        allowed = {expected["packet"], expected["delivered_packet"]}
        for found in reported:
            if close(found) == close(expected) and packet(found) not in allowed:
                result.expect("packet of a Close", who, sorted(allowed), packet(found))


def compare_damaged(result, who, truth, reported):
    for side in SIDES:
        for opcode in OPCODES:
            sent, seen = truth["frames"][side][opcode], reported["frames"][side][opcode]
            if seen > sent:
                result.problems["phantom frames"].append(f"{who}, {side} {opcode}: sent {sent}, reported {seen}")
        if reported["frames"][side]["other"]:
            result.problems["phantom frames"].append(f"{who}, {side}: other {reported['frames'][side]['other']}")
    phantoms = [close(found) for found in reported["close_frames"]]
    phantoms = [found for found in phantoms if found not in map(close, truth["close_frames"])]
    result.expect("phantom Close", who, [], phantoms)
    result.expect("first end", who, first_end(truth["first_end"]), first_end(reported["tcp_end"]["first"]))


def close(frame):
    """A Close frame without its place; -1 stands for no code, so that Close frames can be sorted."""
    code = -1 if frame["code"] is None else frame["code"]
    return (frame["from"], code, frame["reason"] or "")


def packet(place):
    """A packet number, given as a number or as file and packet."""
    number = place["packet"]
    return number["packet"] if isinstance(number, dict) else number


def first_end(end):
    return None if end is None else (end["from"], end["by"], packet(end))
