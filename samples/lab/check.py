"""Checks every stored case: its expect.toml against a fresh reading by tshark."""

import sys
import tomllib

import expect
import scenarios  # noqa: F401  (registers every scenario)
from cases import SCENARIOS
from make import LARGEST, SAMPLES


def problem(case):
    folder = SAMPLES / case.name
    capture = folder / f"capture{case.suffix}"
    if capture.stat().st_size > LARGEST:
        return "the capture is too large"
    stored = tomllib.loads((folder / "expect.toml").read_text())
    if stored != tomllib.loads(expect.draft(capture, case)):
        return "expect.toml differs from the capture or the scenario"
    return None


def main():
    cases = [case for scenario in SCENARIOS for case in scenario.cases]
    found = {case.name: wrong for case in cases if (wrong := problem(case))}
    for name, wrong in found.items():
        print(f"{name}: {wrong}")
    print(f"{len(cases) - len(found)} of {len(cases)} cases are right")
    sys.exit(bool(found))


main()
