"""What a case and its truth are, and the register of all scenarios."""

from dataclasses import dataclass, field, replace
from typing import Callable


@dataclass(frozen=True)
class Verdict:
    """What an expert would say of one connection, or of a session, from this capture alone."""

    party: list[str]  # the best answer first; any of them will do
    cause: list[str]
    at_most: str = "high"  # the confidence that the capture allows
    at_least: str = "low"
    cites: tuple = ()  # packets that the evidence must name, in the words of expect.PACKETS
    candidate: str = ""  # a row of the catalogue that must be among the candidates
    disagrees: str = ""  # "PARTY CAUSE CONFIDENCE": what the program says instead, known and open


@dataclass(frozen=True)
class Truth:
    """What really happened to one connection, told by the scenario's author."""

    mechanism: str
    closer: str  # empty where it is a race whose FIN is first
    party: list[str]
    close_handshake: str = "none"
    kind: str = "websocket"
    forged: bool = False  # a reset is not by the host whose address it bears
    verdict: Verdict | None = None

    def judged(self, *party, cause, **rest):
        """The same truth, with what an expert can say of it."""
        causes = [cause] if isinstance(cause, str) else cause
        return replace(self, verdict=Verdict(list(party), causes, **rest))


@dataclass
class Case:
    """One capture of a scenario and what a report about it owes its reader."""

    name: str
    must: str
    must_not: str
    truth: list[Truth]
    at: str = "client"
    any_interface: bool = False
    interface: str = ""  # other than the one that faces the client
    suffix: str = ".pcap"
    options: dict = field(default_factory=dict)  # snaplen, writer
    late: bool = False  # the scenario itself starts the capture
    alter: Callable | None = None  # changes the finished file
    altered: str = ""  # says how
    gaps: bool = False  # packets are missing from the file itself
    complete: bool = True
    exit: int = 0
    findings: tuple = ()  # kinds that the report must list
    session: Verdict | None = None  # of the legs that are one session
    snapshot: bool = False  # whole reports are held, not only these facts
    opaque: bool = False  # TLS of which the report is given no keys; they are kept beside the capture


@dataclass
class Scenario:
    play: Callable
    cases: list[Case]
    wire: list[str] | None
    inner: bool


SCENARIOS = []


def scenario(*cases, wire=None, inner=False):
    def register(play):
        SCENARIOS.append(Scenario(play, list(cases), wire, inner))
        return play

    return register
