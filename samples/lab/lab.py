"""What a scenario works with: programs in places, captures, and path changes."""

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
    def __init__(self, wire=None):
        self.topology = Topology(wire)
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

    def proxy(self, name, config):
        """Starts nginx, haproxy or apache in the middle and waits for its port 80."""
        self.software.add(versions.of_tool(name))
        path = self.scratch / f"{name}.conf"
        path.write_text(config.replace("SCRATCH", str(self.scratch)))
        commands = {
            "nginx": ["nginx", "-p", self.scratch, "-c", path],
            "haproxy": ["haproxy", "-q", "-f", path],
            "apache2": ["apache2", "-D", "FOREGROUND", "-d", self.scratch, "-f", path],
        }
        program = self.start("middle", *commands[name])
        self._wait_listening("middle", 80)
        return program

    def drop_everything(self):
        """From now on the router forwards nothing, in silence."""
        self.nft("add table inet lab",
                 "add chain inet lab forward { type filter hook forward priority 0; policy drop; }")

    def nft(self, *commands):
        for command in commands:
            self.command("middle", "nft", command)

    def capture(self, name, place, any_interface=False, suffix=".pcap", **options):
        interface = "any" if any_interface else ("eth1" if place == "middle" else "eth0")
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

    def _wait_listening(self, place, port):
        ns = self.topology.ns(place)
        for _ in range(100):
            table = subprocess.run(["ip", "netns", "exec", ns, "ss", "-Hltn", f"sport = {port}"],
                                   capture_output=True, text=True).stdout
            if table.strip():
                return
            time.sleep(0.05)
        raise RuntimeError(f"nothing listens on port {port}: {self.output()}")
