"""Network namespaces: client - middle - server.

    client 10.77.1.2 --- 10.77.1.1 middle 10.77.2.1 --- 10.77.2.2 server
    client fd77:0:0:1::2 -- ...1::1 middle ...2::1 -- ...2::2 server

The middle forwards packets (a router) or runs a proxy. With `wire` options,
a program between middle and server delays, drops or swaps packets. With
`inner`, a second router or proxy stands between the middle and the server:

    middle 10.77.2.1 --- 10.77.2.2 inner 10.77.3.1 --- 10.77.3.2 server
"""

import contextlib
import itertools
import os
import signal
import subprocess
import sys
from pathlib import Path

LAB = Path(__file__).parent
CLIENT, SERVER = "10.77.1.2", "10.77.2.2"
MIDDLE = "10.77.1.1"
INNER, DEEP_SERVER = "10.77.2.2", "10.77.3.2"
CLIENT6, SERVER6 = "fd77:0:0:1::2", "fd77:0:0:2::2"
_numbers = itertools.count()


def sh(command):
    subprocess.run(command, shell=True, check=True, stdout=subprocess.DEVNULL)


class Topology:
    def __init__(self, wire=None, inner=False):
        assert not (wire and inner), "the wire lies between middle and server"
        self.inner = inner
        self.prefix = f"wl{os.getpid()}-{next(_numbers)}"
        self.wire_options = wire
        self.wire_program = None
        self.places = ["client", "middle", "server"]
        self.places += (["wire"] if wire else []) + (["inner"] if inner else [])

    def ns(self, place):
        return f"{self.prefix}-{place}"

    def run(self, place, command):
        sh(f"ip netns exec {self.ns(place)} {command}")

    def __enter__(self):
        try:
            self._build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _build(self):
        for place in self.places:
            sh(f"ip netns add {self.ns(place)}")
            self.run(place, "ip link set lo up")
        self._link(("client", "eth0"), ("middle", "eth1"), "02:77:00:00:01")
        self._address("client", "eth0", 1, 2)
        self._address("middle", "eth1", 1, 1)
        self._neighbours(("client", "eth0"), ("middle", "eth1"), 1, "02:77:00:00:01", "02:77:00:00:01")
        self._route("client", 1)
        if self.inner:
            self._build_inner()
        else:
            self._build_server()
        forwarding = "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1"
        for place in ["middle"] + (["inner"] if self.inner else []):
            self.run(place, forwarding)
        if self.wire_options:
            self._start_wire()

    def _build_inner(self):
        """A second middle host, and the server behind it."""
        self._link(("inner", "eth1"), ("middle", "eth2"), "02:77:00:00:02")
        self._link(("server", "eth0"), ("inner", "eth2"), "02:77:00:00:03")
        self._address("middle", "eth2", 2, 1)
        self._address("inner", "eth1", 2, 2)
        self._address("inner", "eth2", 3, 1)
        self._address("server", "eth0", 3, 2)
        for net, host, router in ((2, ("inner", "eth1"), ("middle", "eth2")),
                                  (3, ("server", "eth0"), ("inner", "eth2"))):
            mac = f"02:77:00:00:0{net}"
            self.run(router[0], f"ip neigh add 10.77.{net}.2 dev {router[1]} lladdr {mac}:0a")
            self.run(host[0], f"ip neigh add 10.77.{net}.1 dev {host[1]} lladdr {mac}:0b")
            self._route(host[0], net)
        self.run("middle", f"ip route add 10.77.3.0/24 via {INNER}")

    def _build_server(self):
        if self.wire_options:
            self._link(("middle", "eth2"), ("wire", "left"), "02:77:00:00:02")
            self._link(("wire", "right"), ("server", "eth0"), "02:77:00:00:03")
        else:
            self._link(("middle", "eth2"), ("server", "eth0"), "02:77:00:00:02")
        self._address("middle", "eth2", 2, 1)
        self._address("server", "eth0", 2, 2)
        server_side = "02:77:00:00:03" if self.wire_options else "02:77:00:00:02"
        self._neighbours(("server", "eth0"), ("middle", "eth2"), 2, server_side, "02:77:00:00:02")
        self._route("server", 2)

    def __exit__(self, *_):
        if self.wire_program:
            self.wire_program.kill()
            self.wire_program.wait()
        for place in self.places:
            self._kill_all(place)
            subprocess.run(["ip", "netns", "del", self.ns(place)], stderr=subprocess.DEVNULL)

    def _kill_all(self, place):
        """Ends what still runs there, such as the workers of a killed proxy."""
        listed = subprocess.run(["ip", "netns", "pids", self.ns(place)], capture_output=True, text=True)
        for pid in listed.stdout.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)

    def _link(self, one, other, mac):
        (place_a, name_a), (place_b, name_b) = one, other
        sh(
            f"ip link add {name_a} address {mac}:0a netns {self.ns(place_a)} type veth "
            f"peer name {name_b} address {mac}:0b netns {self.ns(place_b)}"
        )
        for place, name in (one, other):
            self.run(place, f"ip link set {name} addrgenmode none up")

    def _address(self, place, name, net, host):
        self.run(place, f"ip addr add 10.77.{net}.{host}/24 dev {name}")
        self.run(place, f"ip addr add fd77:0:0:{net}::{host}/64 dev {name} nodad")

    def _neighbours(self, host, router, net, host_mac, router_mac):
        """Fixed neighbour tables: captures start without any address resolution."""
        host_end, router_end = ("0a", "0b") if net == 1 else ("0b", "0a")
        for ip in (f"10.77.{net}.2", f"fd77:0:0:{net}::2"):
            self.run(router[0], f"ip neigh add {ip} dev {router[1]} lladdr {host_mac}:{host_end}")
        for ip in (f"10.77.{net}.1", f"fd77:0:0:{net}::1"):
            self.run(host[0], f"ip neigh add {ip} dev {host[1]} lladdr {router_mac}:{router_end}")

    def _route(self, place, net):
        self.run(place, f"ip route add default via 10.77.{net}.1")
        self.run(place, f"ip -6 route add default via fd77:0:0:{net}::1")

    def _start_wire(self):
        """The wire can carry only frames as a network card would send them."""
        links = [("client", "eth0"), ("middle", "eth1"), ("middle", "eth2"),
                 ("wire", "left"), ("wire", "right"), ("server", "eth0")]
        for place, name in links:
            self.run(place, f"ethtool -K {name} tx off tso off gso off gro off")
        for name in ("left", "right"):
            self.run("wire", f"sysctl -qw net.ipv6.conf.{name}.disable_ipv6=1")
        command = ["ip", "netns", "exec", self.ns("wire"), sys.executable, LAB / "path/wire.py"]
        self.wire_program = subprocess.Popen(command + self.wire_options, stdout=subprocess.PIPE)
        self.wire_program.stdout.readline()  # "ready"
