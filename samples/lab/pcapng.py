"""Takes what a pcapng file says about the machine out of its blocks."""

import struct

SECTION, INTERFACE = 0x0A0D0D0A, 1
OPTIONS_AT = {SECTION: 24, INTERFACE: 16}
ABOUT_MACHINE = {SECTION: {2, 3}, INTERFACE: {12}}  # hardware, operating system


def forget_machine(path):
    """Rewrites a little-endian pcapng file without hardware and system names."""
    data, out, at = path.read_bytes(), b"", 0
    while at < len(data):
        kind, length = struct.unpack("<II", data[at:at + 8])
        block = data[at:at + length]
        out += without_options(kind, block) if kind in OPTIONS_AT else block
        at += length
    path.write_bytes(out)


def without_options(kind, block):
    start = OPTIONS_AT[kind]
    kept, at = b"", start
    while at < len(block) - 4:
        code, size = struct.unpack("<HH", block[at:at + 4])
        end = at + 4 + (size + 3) // 4 * 4
        if code not in ABOUT_MACHINE[kind]:
            kept += block[at:end]
        at = end
    body = block[8:start] + kept
    length = struct.pack("<I", len(body) + 12)
    return block[:4] + length + body + length
