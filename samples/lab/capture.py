"""Starts and stops tcpdump or dumpcap inside a namespace."""

import signal
import subprocess
import time

FILTER = "tcp or icmp or icmp6"


class Capture:
    def __init__(self, namespace, path, interface="eth0", snaplen=None, writer="tcpdump"):
        self.namespace, self.path, self.interface = namespace, path, interface
        self.snaplen, self.writer = snaplen, writer
        self.program = None

    def start(self):
        """Returns when packets are really being captured."""
        command = ["ip", "netns", "exec", self.namespace] + self._command()
        self.program = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        signs = ("listening on", "Capturing on")
        for line in self.program.stderr:
            if any(sign in line for sign in signs):
                break
        else:
            raise RuntimeError(f"{self.writer} did not start")
        if self.writer == "dumpcap":
            time.sleep(0.5)  # it announces itself before the socket is open

    def stop(self):
        """Returns when every packet seen is in the file."""
        time.sleep(0.3)
        self.program.send_signal(signal.SIGINT)
        self.program.communicate(timeout=10)

    def _command(self):
        snap = ["-s", str(self.snaplen)] if self.snaplen else []
        if self.writer == "dumpcap":
            return ["dumpcap", "-q", "-i", self.interface, "-f", FILTER, "-w", str(self.path)] + snap
        # The buffer has a slot of the snap length for each packet: the usual 2 MB hold only eight.
        return ["tcpdump", "-U", "--immediate-mode", "-B", "32768", "-n", "-Z", "root", "-i", self.interface,
                "-w", str(self.path)] + snap + [FILTER]
