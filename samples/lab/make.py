"""Makes the sample captures again: make.py [--jobs N] [CASE ...]"""

import argparse
import shutil
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor

import expect
import readme
import scenarios  # noqa: F401  (registers every scenario)
import versions
from cases import SCENARIOS
from lab import Lab
from topology import LAB

SAMPLES = LAB.parent
LARGEST = 50_000


def make(scenario):
    with Lab(scenario.wire, scenario.inner) as lab:
        for case in scenario.cases:
            if not case.late:
                start_capture(lab, case)
        scenario.play(lab)
        lab.stop_captures()
        for case in scenario.cases:
            keep(lab, case, scenario)
        output = lab.output()
    return output


def start_capture(lab, case):
    interface = "any" if case.any_interface else case.interface
    lab.capture(case.name, case.at, interface, case.suffix, **case.options)


def keep(lab, case, scenario):
    """Stores the capture of a case beside what is said about it."""
    made = lab.captures[case.name].path
    if case.alter:
        case.alter(made)
    if made.stat().st_size > LARGEST:
        raise ValueError(f"{case.name}: {made.stat().st_size} bytes are too many")
    folder = SAMPLES / case.name
    folder.mkdir(exist_ok=True)
    capture = folder / f"capture{case.suffix}"
    shutil.copyfile(made, capture)
    if case.opaque:
        shutil.copyfile(lab.scratch / "keys.log", folder / "keys.log")
    (folder / "expect.toml").write_text(expect.draft(capture, case))
    software = sorted(lab.software | {versions.of_kernel()})
    (folder / "README.md").write_text(readme.write(case, scenario.play.__doc__, software))


def attempt(scenario):
    names = " ".join(case.name for case in scenario.cases)
    try:
        output = make(scenario)
    except Exception:
        print(f"FAILED {names}\n{traceback.format_exc()}", flush=True)
        return False
    print(f"made {names}\n{output}".rstrip(), flush=True)
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("cases", nargs="*")
    options = parser.parse_args()
    wanted = [s for s in SCENARIOS
              if not options.cases or any(case.name in options.cases for case in s.cases)]
    with ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(attempt, wanted))
    cases = [case for scenario in SCENARIOS for case in scenario.cases]
    (SAMPLES / "README.md").write_text(readme.index(cases))
    sys.exit(not all(results))


if __name__ == "__main__":
    main()
