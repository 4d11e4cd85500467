"""A wire in user space: carries Ethernet frames between two interfaces.

    wire.py --delay 0.02 [--drop to-client:5] [--hold to-client:7:0.015]

`to-client:5` is the fifth TCP segment with payload in that direction.
A dropped segment is lost once; a held one arrives later than its successors.
"""

import argparse
import heapq
import select
import socket
import time

PACKET_OUTGOING = 4


def tcp_payload_length(frame):
    """Payload bytes of an IPv4 TCP frame, 0 for anything else."""
    if frame[12:14] != b"\x08\x00" or frame[23] != 6:
        return 0
    ip_header = (frame[14] & 15) * 4
    total = int.from_bytes(frame[16:18], "big")
    tcp_header = (frame[14 + ip_header + 12] >> 4) * 4
    return total - ip_header - tcp_header


def parse_rules(options):
    drops = {(d, int(n)) for d, n in (rule.split(":") for rule in options.drop)}
    holds = {}
    for rule in options.hold:
        direction, number, seconds = rule.split(":")
        holds[direction, int(number)] = float(seconds)
    return drops, holds


def open_link(name):
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    link.bind((name, 0))
    return link


def carry(delay, drops, holds):
    left, right = open_link("left"), open_link("right")
    routes = {left: (right, "to-server"), right: (left, "to-client")}
    segments = {"to-server": 0, "to-client": 0}
    waiting, order = [], 0
    print("ready", flush=True)
    while True:
        timeout = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        for link in select.select([left, right], [], [], timeout)[0]:
            frame, address = link.recvfrom(65536)
            if address[2] == PACKET_OUTGOING:
                continue
            out, direction = routes[link]
            due = time.monotonic() + delay
            if tcp_payload_length(frame):
                segments[direction] += 1
                which = (direction, segments[direction])
                if which in drops:
                    continue
                due += holds.get(which, 0)
            order += 1
            heapq.heappush(waiting, (due, order, out, frame))
        while waiting and waiting[0][0] <= time.monotonic():
            _, _, out, frame = heapq.heappop(waiting)
            out.send(frame)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--delay", type=float, default=0)
    parser.add_argument("--drop", action="append", default=[])
    parser.add_argument("--hold", action="append", default=[])
    options = parser.parse_args()
    carry(options.delay, *parse_rules(options))


main()
