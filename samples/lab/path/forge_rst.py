"""A firewall that resets: watches for a word and then forges TCP resets.

    forge_rst.py --watch eth2 --word forbidden [--to client|both] [--ttl 255] [--ahead 0] [--wait 0]
                 [--series 1]

Runs on the router. When a segment from the server holds the word, a RST in the
server's name goes to the client (with `both`, one in the client's name goes to
the server too). `--ahead 100` puts its sequence number 100 bytes too far, `--wait`
is how many seconds the firewall needs. `--series 3` sends three, each a kilobyte
further, as tools do that guess where the stream will be.
"""

import argparse
import socket
import struct
import time


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def reset_packet(source, target, source_port, target_port, sequence, ttl):
    tcp = struct.pack("!HHIIBBHHH", source_port, target_port, sequence, 0, 5 << 4, 4, 0, 0, 0)
    pseudo = source + target + struct.pack("!BBH", 0, 6, len(tcp))
    tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 0x4D2, 0, ttl, 6, 0, source, target)
    return ip + tcp


def wait_for(link, word):
    """The addresses, ports and sequence numbers around the first segment with the word."""
    while True:
        frame = link.recv(65536)
        if frame[12:14] != b"\x08\x00" or frame[23] != 6 or word not in frame:
            continue
        ip = frame[14:]
        tcp = ip[(ip[0] & 15) * 4:int.from_bytes(ip[2:4], "big")]
        source_port, target_port, sequence, ack = struct.unpack("!HHII", tcp[:12])
        payload = len(tcp) - (tcp[12] >> 4) * 4
        return ip[12:16], ip[16:20], source_port, target_port, sequence + payload, ack


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--watch", required=True)
    parser.add_argument("--word", required=True)
    parser.add_argument("--to", choices=["client", "both"], default="client")
    parser.add_argument("--ttl", type=int, default=255)
    parser.add_argument("--ahead", type=int, default=0)
    parser.add_argument("--wait", type=float, default=0)
    parser.add_argument("--series", type=int, default=1)
    options = parser.parse_args()

    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    link.bind((options.watch, 0))
    out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    print("ready", flush=True)
    server, client, server_port, client_port, next_byte, ack = wait_for(link, options.word.encode())
    time.sleep(options.wait)

    def send(*fields):
        out.sendto(reset_packet(*fields, options.ttl), (socket.inet_ntoa(fields[1]), 0))

    for step in range(options.series):
        send(server, client, server_port, client_port, (next_byte + options.ahead + step * 1024) % 2**32)
    if options.to == "both":
        send(client, server, client_port, server_port, (ack + options.ahead) % 2**32)


main()
