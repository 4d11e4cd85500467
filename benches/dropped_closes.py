#!/usr/bin/env python3
"""Which Close codes of a `dropped` capture are told, and which are told that never were?

usage: dropped_closes.py WHOCLOSED CAPTURE TRUTH

Sets whoclosed, tshark and tshark with reassembly of out-of-order segments against the generator's truth,
in one run. A Close code is named by its sender's address and port; it is in the file where its bytes are.
"""

import collections
import json
import subprocess
import sys

FIELDS = ("ip.src", "tcp.srcport", "websocket.payload.close.status_code")


def of_truth(path):
    with open(path) as file:
        connections = json.load(file)["connections"]
    sent, present = collections.Counter(), collections.Counter()
    for connection in connections:
        for close in connection["close_frames"]:
            if close["code"] is not None:
                sender = connection[close["from"]]
                key = (sender["ip"], sender["port"], close["code"])
                sent[key] += 1
                present[key] += close["packet"] is not None
    return sent, present


def of_whoclosed(program, capture):
    text = subprocess.run([program, "--format", "json", capture], capture_output=True, check=True).stdout
    told = collections.Counter()
    for connection in json.loads(text)["connections"]:
        for close in connection["close_frames"]:
            if close["code"] is not None:
                sender = connection[close["from"]]
                told[sender["ip"], sender["port"], close["code"]] += 1
    return told


def of_tshark(capture, *options):
    command = ["tshark", "-r", capture, *options, "-Y", "websocket.payload.close", "-T", "fields"]
    command += [word for field in FIELDS for word in ("-e", field)]
    text = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    told = collections.Counter()
    for line in text.splitlines():
        address, port, codes = line.split("\t")
        for code in filter(None, codes.split(",")):
            told[address, int(port), int(code)] += 1
    return told


def main():
    program, capture, truth = sys.argv[1:]
    sent, present = of_truth(truth)
    readers = {
        "whoclosed": of_whoclosed(program, capture),
        "tshark": of_tshark(capture),
        "tshark, out of order": of_tshark(capture, "-o", "tcp.reassemble_out_of_order:TRUE"),
    }
    print(f"{sent.total():,} Close codes were sent, {present.total():,} are in the file")
    for name, told in readers.items():
        found, phantom = (told & present).total(), (told - sent).total()
        print(f"{name:22}{found:>6,} told ({found / present.total():.1%}), {phantom:,} that never were")
    ours = readers["whoclosed"]
    good = (ours & present).total() >= 0.97 * present.total() and not ours - sent
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
