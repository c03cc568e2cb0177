"""What an SNMP agent can do wrong besides what its switch does wrong (faults.py)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class SnmpFaults:
    """All off by default; each holds until it is set back. `drop` counts down, one answer each."""

    drop: int = 0  # answers lost
    delay_s: float = 0.0
    status: int = 0  # error-status of every answer to a SET
    read_status: int = 0  # and to everything else
    accepts_absent: bool = False  # a SET of what is not there: no error, and NoSuchInstance (snmpsim does so)
    wrong_request_id: bool = False
    garbage: bool = False  # an answer cut in half comes before the right one
    twice: bool = False  # every answer comes twice
    most_octets: int = 1400  # of bindings in an answer to GETBULK
    too_big_over: int = 0  # GETBULK with more repetitions is answered tooBig; 0 = never
    silent_over: int = 0  # and with more of these, not at all
    backwards: bool = False  # GETBULK begins at the first object again and again
    remember: bool = True
    heard: list[int] = field(default_factory=list)  # kinds of PDU that arrived
