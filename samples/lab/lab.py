"""What a scenario works with: programs in places, captures, and path changes."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import versions
from capture import Capture
from topology import LAB, Topology

LAUNCHERS = {".js": ["node"], ".py": [sys.executable]}


class Program:
    """A process in a namespace. Freezing it stops the program, not its kernel."""

    def __init__(self, command, log):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)

    def wait_line(self, word):
        for line in self.process.stdout:
            if line.strip() == word:
                return
        raise RuntimeError(f"program ended before it said {word!r}")

    def wait(self, timeout=60):
        self.process.wait(timeout)

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def terminate(self):
        self.process.terminate()

    def kill(self):
        self.process.kill()
        self.process.wait()


class Lab:
    def __init__(self, wire=None, inner=False):
        self.topology = Topology(wire, inner)
        self.folder = tempfile.TemporaryDirectory(prefix="whoclosed-lab-")
        self.scratch = Path(self.folder.name)
        self.log = open(self.scratch / "programs.log", "w+")
        self.programs, self.captures, self.software = [], {}, set()

    def __enter__(self):
        self.topology.__enter__()
        return self

    def __exit__(self, *_):
        for program in self.programs:
            if program.process.poll() is None:
                program.kill()
        self.topology.__exit__()
        self.log.close()
        self.folder.cleanup()

    def command(self, place, *command):
        """Runs a system command in a place and waits for it."""
        words = ["ip", "netns", "exec", self.topology.ns(place), *map(str, command)]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)

    def start(self, place, *command, ready=None):
        words = ["ip", "netns", "exec", self.topology.ns(place), *map(str, command)]
        program = Program(words, self.log)
        self.programs.append(program)
        if ready:
            program.wait_line(ready)
        return program

    def script(self, place, path, *arguments, ready=None):
        self.software |= versions.of_script(path)
        launcher = LAUNCHERS[Path(path).suffix]
        return self.start(place, *launcher, LAB / path, *arguments, ready=ready)

    def server(self, path, *arguments):
        return self.script("server", path, *arguments, ready="ready")

    def client(self, path, *arguments):
        return self.script("client", path, *arguments)

    def run_client(self, path, *arguments):
        self.client(path, *arguments).wait()

    def proxy(self, name, config, place="middle"):
        """Starts a proxy, in the middle where nothing else is said, and waits for its port 80."""
        self.software.add(versions.of_tool(name))
        folder = self.scratch / f"{name}-{place}"
        folder.mkdir()
        self.scratch.chmod(0o755)  # varnish reads its configuration as a user of its own
        path = folder / "proxy.conf"
        path.write_text(config.replace("SCRATCH", str(folder)))
        commands = {
            "nginx": ["nginx", "-p", folder, "-c", path],
            "haproxy": ["haproxy", "-q", "-f", path],
            "apache2": ["apache2", "-D", "FOREGROUND", "-d", folder, "-f", path],
            "caddy": ["env", f"HOME={folder}", "caddy", "run", "--adapter", "caddyfile", "--config", path],
            "varnishd": ["varnishd", "-F", "-n", folder, "-a", ":80", "-f", path, "-p", "pipe_timeout=3"],
        }
        program = self.start(place, *commands[name])
        self.wait_listening(place, 80)
        return program

    def drop_everything(self, place="middle", rule=""):
        """From now on the router forwards nothing, in silence; with a rule, not what it matches."""
        policy = "accept" if rule else "drop"
        self.nft("add table inet lab", "add chain inet lab forward "
                 f"{{ type filter hook forward priority 0; policy {policy}; }}", place=place)
        if rule:
            self.nft(f"add rule inet lab forward {rule}", place=place)

    def let_everything_pass(self, place="middle"):
        self.nft("delete table inet lab", place=place)

    def nft(self, *commands, place="middle"):
        for command in commands:
            self.command(place, "nft", command)

    def forget_connections(self, place="server"):
        """The kernel of a place loses its established TCP connections and says nothing."""
        self.wait_connected(place)
        self.nft("add table inet mute", "add chain inet mute out "
                 "{ type filter hook output priority 0; policy drop; }", place=place)
        self.command(place, "ss", "-tK", "state", "established")
        self.nft("delete table inet mute", place=place)

    def capture(self, name, place, interface="", suffix=".pcap", **options):
        interface = interface or ("eth1" if place in ("middle", "inner") else "eth0")
        path = self.scratch / f"{name}{suffix}"
        capture = Capture(self.topology.ns(place), path, interface, **options)
        capture.start()
        self.captures[name] = capture
        self.software.add(versions.of_tool(capture.writer))

    def stop_captures(self):
        for capture in self.captures.values():
            capture.stop()

    def output(self):
        self.log.flush()
        return (self.scratch / "programs.log").read_text()

    def kill_processes(self, place, program, chosen=lambda command: True):
        """Kills (SIGKILL) the processes of this program whose command line is chosen."""
        pids = subprocess.run(["ip", "netns", "pids", self.topology.ns(place)], capture_output=True, text=True)
        for pid in pids.stdout.split():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
                if Path(command.split(" ")[0]).name == program and chosen(command):
                    os.kill(int(pid), signal.SIGKILL)

    def wait_listening(self, place, port):
        self._wait_socket(place, "listening", f"sport = {port}")

    def wait_connected(self, place="client", count=1):
        self._wait_socket(place, "established", count=count)

    def _wait_socket(self, place, state, *port, count=1):
        command = ["ip", "netns", "exec", self.topology.ns(place), "ss", "-Htn", "state", state, *port]
        for _ in range(200):
            sockets = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
            if len(sockets) >= count:
                return
            time.sleep(0.05)
        raise RuntimeError(f"no {state} socket {port} at the {place}: {self.output()}")
