"""Checks what the crate depends on: Rust versions, licences, and where the crates come from.

One toolchain cannot prove the minimum Rust version; no dependency may need a later one, and
clippy's `incompatible_msrv` judges our own use of the standard library.
"""

import json
import subprocess
import sys

# A licence expression must allow one of these, or all of them where it says AND.
LICENCES = {
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "bzip2-1.0.6",
}
REGISTRY = "registry+https://github.com/rust-lang/crates.io-index"


def version(text):
    return tuple(int(part) for part in (text.split(".") + ["0", "0"])[:3])


def is_allowed(expression):
    groups = expression.replace("/", " OR ").replace("(", "").replace(")", "").split(" AND ")
    return all(any(one.strip() in LICENCES for one in group.split(" OR ")) for group in groups)


def problems(package, ours):
    needed = package["rust_version"]
    if needed and version(needed) > version(ours):
        yield f"needs Rust {needed}, and rust-version is {ours}"
    if not is_allowed(package["license"] or ""):
        yield f"has the licence {package['license']}, which .ci/dependencies.py does not list"
    if package["source"] != REGISTRY:
        yield f"comes from {package['source']}"


def main():
    command = ["cargo", "metadata", "--format-version", "1", "--locked"]
    metadata = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    own = metadata["resolve"]["root"]
    ours = next(package["rust_version"] for package in metadata["packages"] if package["id"] == own)
    others = [package for package in metadata["packages"] if package["id"] != own]
    found = [
        f"{package['name']} {package['version']} {problem}"
        for package in others
        for problem in problems(package, ours)
    ]
    print("\n".join(found) or f"{len(others)} crates: Rust {ours} or earlier, licences, registry: all fit")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
