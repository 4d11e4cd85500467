#!/usr/bin/env python3
"""An hour's traffic through `whoclosed --follow -`, as fast as it goes: does its memory stay flat?

usage: follow_memory.py WHOCLOSED GENERATE [--size 7000M] [--profile small-frames] [--connections N]

GENERATE is the generator's program (`cargo bench --no-run --bench generate` names it). Prints the resident
set whenever the capture's clock passes one of the minutes, and the totals at the end.
"""

import argparse
import json
import os
import struct
import subprocess
import threading

MINUTES = (1, 5, 10, 20, 30, 40, 50, 60)
PIECE = 1 << 20


def resident(pid):
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024


class Clock:
    """Follows the records of a pcap as they pass by, for their times and number."""

    def __init__(self):
        self.skip = 24
        self.part = b""
        self.first = self.seconds = None
        self.packets = 0

    def feed(self, piece):
        at = 0
        while True:
            step = min(self.skip, len(piece) - at)
            self.skip -= step
            at += step
            if at == len(piece):
                return
            take = 16 - len(self.part)
            self.part += piece[at : at + take]
            at += take
            if len(self.part) < 16:
                return
            self.seconds, _, self.skip, _ = struct.unpack("<IIII", self.part)
            if self.first is None:
                self.first = self.seconds
            self.packets += 1
            self.part = b""

    def minutes(self):
        return 0 if self.first is None else (self.seconds - self.first) / 60


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("whoclosed")
    parser.add_argument("generate")
    parser.add_argument("--size", default="7000M")
    parser.add_argument("--profile", default="small-frames")
    parser.add_argument("--connections", default="1000")
    typed = parser.parse_args()
    source, sink = os.pipe()
    generator = subprocess.Popen(
        [typed.generate, "--profile", typed.profile, "--size", typed.size, "--seed", "1"]
        + ["--connections", typed.connections, "--out", f"/dev/fd/{sink}"],
        pass_fds=[sink],
        stdout=subprocess.DEVNULL,
    )
    os.close(sink)
    follow = subprocess.Popen(
        [typed.whoclosed, "--follow", "--format", "ndjson", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    told = {"lines": 0, "last": b""}

    def read():
        for line in follow.stdout:
            told["lines"] += 1
            told["last"] = line

    reader = threading.Thread(target=read)
    reader.start()
    clock, due = Clock(), list(MINUTES)
    with os.fdopen(source, "rb", buffering=0) as capture:
        while piece := capture.read(PIECE):
            follow.stdin.write(piece)
            clock.feed(piece)
            while due and clock.minutes() >= due[0]:
                minute = due.pop(0)
                print(f"minute {minute:3}: {clock.packets:>11,} packets, {resident(follow.pid):6.1f} MiB", flush=True)
    print(f"end {clock.minutes():6.1f}: {clock.packets:>11,} packets, {resident(follow.pid):6.1f} MiB")
    follow.stdin.close()
    reader.join()
    generator.wait()
    summary = json.loads(told["last"])["summary"]
    print(f"{told['lines'] - 1:,} connections told, {summary['connections']:,} counted; exit {follow.wait()}")


if __name__ == "__main__":
    main()
