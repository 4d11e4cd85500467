"""Captures that are odd as files: late start, cut, other formats, missing packets."""

import struct
import subprocess

import packets
from cases import Case, Truth, scenario
from pcapng import forget_machine
from scenarios.closes import BY_CLIENT, BY_SERVER
from scenarios.common import JS_CLIENT, JS_SERVER, URL, wait

TALK = ("text hello", "message", "sleep 0.5", "text more", "message", "sleep 0.5",
        "text last", "message", "close 1000 bye", "closed")


@scenario(Case(
    "any-interface-at-server", at="server", any_interface=True, truth=[BY_CLIENT],
    must="The client closed with 1000; the capture is of the `any` device (SLL2).",
    must_not="Anything else than for an Ethernet capture."))
def any_interface(lab):
    """A normal close by the client, captured at the server on all interfaces."""
    lab.server(JS_SERVER, "--echo")
    lab.run_client(JS_CLIENT, URL, *TALK)


MIDSTREAM = "close_handshake", "server", ["server"], "server_then_client", "websocket_midstream"


@scenario(Case(
    "midstream-start", late=True, truth=[Truth(*MIDSTREAM)],
    must="A WebSocket whose handshake is not in the capture: the client is the side whose frames "
         "are masked; the server closed with 1000.",
    must_not="A status, a path or a duration of the whole connection."))
def midstream(lab):
    """The capture was started one second after the connection, between two frames. The server
    then closes and the client answers."""
    lab.server(JS_SERVER, "--echo", "sleep 2.5", "close 1000 good night")
    client = lab.client(JS_CLIENT, URL, "text hello", "message", "sleep 1.6",
                        "text seen in the capture", "message", "ping", "closed")
    wait(1)
    lab.capture("midstream-start", "client")
    client.wait()


def cut_in_last_packet(path):
    """Drops the file's last 40 bytes, as a full disk or a killed tcpdump does."""
    path.write_bytes(path.read_bytes()[:-40])


@scenario(Case(
    "truncated-file", alter=cut_in_last_packet, complete=False,
    truth=[Truth("still_open", "none", ["none"])],
    altered="Afterwards the last 40 bytes of the file were cut off, in the middle of the last packet.",
    must="The file is cut short; as far as it goes, the connection is still open.",
    must_not="That anybody closed it."))
def truncated(lab):
    """Texts every 0.3 seconds, still going on when the capture ends."""
    lab.server(JS_SERVER, "--echo", "text-every 0.3 40")
    lab.client(JS_CLIENT, URL, "text hello", "message", "sleep 60")
    wait(3)


def lose_ticks(path):
    """Removes the packets with the server's third, seventh and eighth tick from the file."""
    lost = [number for number, text in ticks(path) if text in (b"tick 3", b"tick 7", b"tick 8")]
    whole = path.with_suffix(".whole")
    path.rename(whole)
    subprocess.run(["editcap", "-F", "pcap", whole, path, *map(str, lost)], check=True)


def ticks(path):
    for stream in packets.streams(path, gaps=True):
        for packet in stream:
            if packet.payload[2:].startswith(b"tick "):
                yield packet.number, packet.payload[2:]


@scenario(Case(
    "capture-lossy", alter=lose_ticks, gaps=True, truth=[BY_SERVER],
    altered="Afterwards three packets were removed from the file by editcap, as if tcpdump had "
            "dropped them: the segments of the server's third, seventh and eighth tick. The "
            "frames counted in expect.toml are those whose bytes are in the file.",
    must="The server closed with 1000; segments are missing in the capture itself (they were "
         "acknowledged and never sent again).",
    must_not="Loss on the network, or nine messages as all there were."))
def capture_lossy(lab):
    """The server sends twelve ticks, all of which arrive, and closes. The capture misses three
    of the packets."""
    lab.server(JS_SERVER, "text-every 0.05 12", "close 1000 all ticks sent")
    lab.run_client(JS_CLIENT, URL, "text hello", "closed")


@scenario(Case(
    "pcapng-by-dumpcap", suffix=".pcapng", options={"writer": "dumpcap"}, truth=[BY_CLIENT],
    alter=forget_machine,
    altered="Afterwards the names of the processor and the operating system were taken out of its blocks.",
    must="The client closed with 1000; the file is pcapng with nanosecond or microsecond stamps as "
         "its interface block says.",
    must_not="Anything else than for a pcap file."))
def pcapng(lab):
    """A normal close by the client, captured by dumpcap, which writes pcapng."""
    lab.server(JS_SERVER, "--echo")
    lab.run_client(JS_CLIENT, URL, *TALK)


@scenario(Case(
    "snaplen-128", gaps=True, options={"snaplen": 128}, truth=[BY_CLIENT],
    altered="The frames in expect.toml are those whose heads are in the file; the payload of the "
            "two long ones is not.",
    must="The client closed with 1000 `bye`; packets were cut at 128 bytes, so parts of the HTTP "
         "heads and of two long messages are missing.",
    must_not="A refused or missing upgrade for certain, because its headers are cut."))
def snaplen(lab):
    """The client sends a text of 400 bytes, which is echoed, and short ones; then it closes.
    tcpdump keeps only the first 128 bytes of each packet."""
    lab.server(JS_SERVER, "--echo")
    lab.run_client(JS_CLIENT, URL, "text short", "message", "long-text 400", "message",
                   "text short again", "message", "sleep 0.3", "close 1000 bye", "closed")


CUT_MUST = ("The same frames as in `cut-whole`: the server pinged, and closed with 4001 and its reason; packets are "
            "cut, so parts of the HTTP heads and of the long messages are missing.")
CUT_MUST_NOT = "Fewer frames, or other Close codes, than the whole packets show."


@scenario(
    Case("cut-whole", truth=[BY_SERVER], must="The server closed with 4001 and its reason; each side answers pings.",
         must_not="Anything that the two captures cut short do not say."),
    Case("cut-128", gaps=True, options={"snaplen": 128}, truth=[BY_SERVER], must=CUT_MUST, must_not=CUT_MUST_NOT),
    Case("cut-96", gaps=True, options={"snaplen": 96}, truth=[BY_SERVER], must=CUT_MUST, must_not=CUT_MUST_NOT))
def cut_twice(lab):
    """Short and long messages both ways, pings of both sides, and a Close by the server. Three tcpdumps
    watch the same packets: one keeps them whole, the others their first 128 and 96 bytes. Each frame begins
    a segment, so its head is in all three."""
    lab.server(JS_SERVER, "--echo", "--ping-every", "0.4", "sleep 2.2", "close 4001 session moved")
    lab.run_client(JS_CLIENT, "--ping-every", "0.7", URL, "text short", "message", "long-text 400", "message",
                   "sleep 0.2", "binary 30", "message", "long-text 1200", "message", "sleep 0.2",
                   "text last", "message", "closed")


def as_big_endian_nanoseconds(path):
    """The same packets in pcap's other byte order, stamped in nanoseconds."""
    data = path.read_bytes()
    head = struct.unpack("<IHHiIII", data[:24])
    out, at = struct.pack(">IHHiIII", 0xA1B23C4D, *head[1:]), 24
    while at < len(data):
        seconds, micros, kept, length = struct.unpack("<IIII", data[at:at + 16])
        out += struct.pack(">IIII", seconds, micros * 1000, kept, length)
        out += data[at + 16:at + 16 + kept]
        at += 16 + kept
    path.write_bytes(out)


@scenario(Case(
    "pcap-big-endian-ns", alter=as_big_endian_nanoseconds, truth=[BY_CLIENT],
    altered="Afterwards the file was written anew in big-endian order with nanosecond stamps (the "
            "packets are the same).",
    must="The client closed with 1000; times and frames are read rightly from the other byte order.",
    must_not="Anything else than for a usual pcap file."))
def big_endian(lab):
    """A normal close by the client."""
    lab.server(JS_SERVER, "--echo")
    lab.run_client(JS_CLIENT, URL, *TALK)
