"""What a case and its truth are, and the register of all scenarios."""

from dataclasses import dataclass, field
from typing import Callable


@dataclass
class Truth:
    """What really happened to one connection, told by the scenario's author."""

    mechanism: str
    closer: str
    party: list[str]
    close_handshake: str = "none"
    kind: str = "websocket"


@dataclass
class Case:
    """One capture of a scenario and what a report about it owes its reader."""

    name: str
    must: str
    must_not: str
    truth: list[Truth]
    at: str = "client"
    any_interface: bool = False
    suffix: str = ".pcap"
    options: dict = field(default_factory=dict)  # snaplen, writer
    late: bool = False  # the scenario itself starts the capture
    alter: Callable | None = None  # changes the finished file
    altered: str = ""  # says how
    gaps: bool = False  # packets are missing from the file itself
    complete: bool = True
    exit: int = 0


@dataclass
class Scenario:
    play: Callable
    cases: list[Case]
    wire: list[str] | None


SCENARIOS = []


def scenario(*cases, wire=None):
    def register(play):
        SCENARIOS.append(Scenario(play, list(cases), wire))
        return play

    return register
