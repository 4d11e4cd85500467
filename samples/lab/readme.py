"""The README of a case, from what its scenario says."""

import textwrap

PLACES = {"client": "client", "middle": "middle host (proxy or router)",
          "inner": "inner host (second proxy or router)", "server": "server"}

KEYS = " `keys.log` holds the session's keys, which open this capture only; the report is to do without."


def write(case, story, software):
    parts = [
        f"# {case.name}",
        "## What really happened",
        textwrap.dedent(story).strip(),
        "## How it was made",
        f"By `python3 samples/lab/make.py {case.name}`, with {', '.join(software)}. "
        f"Captured {vantage(case)}.{' ' + case.altered if case.altered else ''}{KEYS if case.opaque else ''}",
        "## The report must say",
        case.must,
        "## It must not claim",
        case.must_not,
    ]
    return "\n\n".join(" ".join(p.split()) if not p.startswith("#") else p for p in parts) + "\n"


def index(cases):
    """The README of the samples folder: what each case is about."""
    lines = ["# Samples", "",
             "Small captures of WebSockets that end in every way we know, made by the programs in",
             "[`lab/`](lab/README.md) with real software. Each folder holds the capture, the true story",
             "(`README.md`) and what a report must say, for the tests (`expect.toml`).", "",
             "| case | what a report must say |", "| --- | --- |"]
    for case in sorted(cases, key=lambda case: case.name):
        lines.append(f"| [`{case.name}`]({case.name}/README.md) | {case.must} |")
    return "\n".join(lines) + "\n"


def vantage(case):
    where = f"at the {PLACES[case.at]}"
    if case.any_interface:
        where += ", on all interfaces (`-i any`)"
    if case.interface:
        where += f", on `{case.interface}`, which faces the server"
    if case.options.get("snaplen"):
        where += f", the first {case.options['snaplen']} bytes of each packet (`-s`)"
    if case.options.get("writer"):
        where += f", by {case.options['writer']}"
    return where
