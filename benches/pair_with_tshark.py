#!/usr/bin/env python3
"""Runs whoclosed and tshark on one capture in turn, compares their CPU time, and checks the JSON report
against the truth that the generator wrote. Exits with 1 if the report is wrong.
"""

import argparse
import collections
import os
import statistics
import subprocess
import sys
import tempfile

from truth_check import OPCODES, SIDES, check, load

# Runs a command in a process of its own and prints its CPU seconds, wall seconds, peak memory in KiB and
# status. A small parent matters: the peak memory of a program is never shown below that of its parent.
HELPER = """
import os, sys, time
start = time.monotonic()
out = [(os.POSIX_SPAWN_OPEN, 1, sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)]
pid = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ, file_actions=out)
_, status, used = os.wait4(pid, 0)
print(used.ru_utime + used.ru_stime, time.monotonic() - start, used.ru_maxrss, os.waitstatus_to_exitcode(status))
"""

Usage = collections.namedtuple("Usage", "cpu wall rss")

# The formats that whoclosed is asked for; the last one is checked.
FORMATS = ["text", "json"]


def main():
    arguments = parse_arguments()
    truth = load(arguments.truth)
    packets = truth["totals"]["packets"]
    with tempfile.TemporaryDirectory() as folder:
        report, frames = os.path.join(folder, "report.json"), os.path.join(folder, "frames.txt")
        warm(arguments.capture)
        own, tshark = take_turns(arguments, packets, report, frames)
        for form in FORMATS:
            print_figures(form, own[form], tshark, packets)
        try:
            found = load(report)
        except ValueError as error:
            sys.exit(f"{arguments.binary} wrote no JSON report: {error}")
        problems = print_check(found, truth, tshark_opcodes(frames) if tshark else None)
    return 1 if problems else 0


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("capture", help="a capture made by the generator")
    parser.add_argument("truth", help="its truth file")
    parser.add_argument("--binary", default="target/release/whoclosed", help="default: %(default)s")
    parser.add_argument("--runs", type=int, default=5, help="runs of whoclosed (default: %(default)s)")
    parser.add_argument(
        "--tshark-runs",
        type=int,
        default=1,
        help="runs of tshark, which needs about 20 µs per packet; 0 for none (default: %(default)s)",
    )
    parser.add_argument(
        "--out-of-order",
        action="store_true",
        help="let tshark put segments in order first, which it does not do unless asked",
    )
    return parser.parse_args()


def warm(path):
    """Reads the capture once, so that no run waits for the disk."""
    with open(path, "rb") as capture:
        while capture.read(1 << 20):
            pass


def take_turns(arguments, packets, report, frames):
    """Runs the two programs in turn, tshark as often as asked for, and returns their usage per run."""
    own, tshark = {form: [] for form in FORMATS}, []
    for run in range(max(arguments.runs, 1)):
        for form in FORMATS:
            command = [arguments.binary, "--format", form, arguments.capture]
            own[form].append(measure(f"run {run + 1}: whoclosed, {form}", command, report))
        if run < arguments.tshark_runs:
            label = f"run {run + 1}: tshark, about {packets * 20e-6:.0f} s"
            tshark.append(measure(label, tshark_command(arguments), frames))
    return own, tshark


def tshark_command(arguments):
    command = ["tshark", "-r", arguments.capture, "-Y", "websocket", "-T", "fields"]
    if arguments.out_of_order:
        command += ["-o", "tcp.reassemble_out_of_order:TRUE"]
    return command + ["-e", "frame.number", "-e", "websocket.opcode"]


def measure(label, command, output):
    print(f"{label} …", end=" ", file=sys.stderr, flush=True)
    helper = [sys.executable, "-I", "-S", "-c", HELPER, output, *command]
    done = subprocess.run(helper, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"\n{command[0]} could not be run: {done.stderr.strip().splitlines()[-1]}")
    cpu, wall, rss, status = done.stdout.split()
    if status != "0":
        sys.exit(f"\n{command[0]} ended with {status}: {done.stderr.strip()}")
    usage = Usage(float(cpu), float(wall), int(rss))
    print(f"{usage.cpu:.2f} s of CPU", file=sys.stderr)
    return usage


def print_figures(form, own, tshark, packets):
    """Prints a line per run. A run without its own tshark run is set against the last one before it."""
    print(f"{form}:")
    print(f"{'run':>4} {'whoclosed CPU':>14} {'peak memory':>12} {'tshark CPU':>12} {'peak memory':>12} {'ratio':>8}")
    ratios = []
    for number, usage in enumerate(own):
        line = f"{number + 1:>4} {usage.cpu:>12.3f} s {megabytes(usage):>12}"
        if tshark:
            other = tshark[min(number, len(tshark) - 1)]
            ratios.append(other.cpu / max(usage.cpu, 1e-3))
            own_run = "" if number < len(tshark) else " (tshark of an earlier run)"
            line += f" {other.cpu:>10.2f} s {megabytes(other):>12} {ratios[-1]:>8.1f}{own_run}"
        print(line)
    if ratios:
        print(f"ratio of CPU time: {spread(ratios, '.1f')}")
    times = [usage.cpu for usage in own]
    print(f"whoclosed, ns per packet: {spread([time / packets * 1e9 for time in times], '.0f')}")
    print(f"whoclosed, packets per second of CPU: {packets / max(statistics.median(times), 1e-3):,.0f} (median)")
    if tshark:
        median = statistics.median(usage.cpu for usage in tshark)
        print(f"tshark, ns per packet: {median / packets * 1e9:,.0f} (median)")
    print()


def megabytes(usage):
    return f"{usage.rss / 1024:.1f} MiB"


def spread(values, form):
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"min {low:{form}}, median {middle:{form}}, max {high:{form}}"


def tshark_opcodes(path):
    """Counts the opcodes in tshark's output: several in a packet are separated by commas."""
    counts = collections.Counter()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            opcodes = line.rstrip("\n").split("\t")[1]
            counts.update(int(opcode, 0) for opcode in opcodes.split(",") if opcode)
    return counts


def print_check(report, truth, by_tshark):
    result = check(report, truth)
    print(f"{'opcode':<14} {'truth':>10} {'whoclosed':>10} {'tshark':>10}")
    for name, number in OPCODES.items():
        sent = sum(truth["totals"]["frames"][side][name] for side in SIDES)
        seen = sum(result.frames[side, name] for side in SIDES)
        print(f"{name:<14} {sent:>10} {seen:>10} {by_tshark[number] if by_tshark else '-':>10}")
    if by_tshark:
        unknown = sum(count for number, count in by_tshark.items() if number not in OPCODES.values())
        print(f"{'other':<14} {0:>10} {result.other:>10} {unknown:>10}")
    print(f"connections compared exactly: {result.exact}; with packets missing: {result.damaged}")
    for kind, examples in result.problems.items():
        print(f"WRONG, {kind}: {len(examples)}")
        for example in examples[:5]:
            print(f"  {example}")
    if not result.problems:
        print("the report agrees with the truth")
    return result.problems


if __name__ == "__main__":
    sys.exit(main())
