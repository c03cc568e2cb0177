"""Habits: who talks to what, how often, and what it looks like. Each row is an assumption; docs/evaluation.md gives the reasons.

`per_hour` is per machine in its busiest hour. `usual`: how many servers of the kind a machine has as its own (0 = any of them,
each time anew). `burst`: further connections that follow each one within seconds, on average. Packets and bytes are medians.
"""

from __future__ import annotations

from dataclasses import dataclass

from .connection import ICMP, TCP, UDP
from .kinds import COMPUTERS, WINDOWS_SERVERS, Kind


@dataclass(frozen=True, slots=True)
class Habit:
    """One row."""

    name: str
    clients: tuple[Kind, ...]
    servers: tuple[Kind, ...]
    proto: int
    port: int
    per_hour: float
    rhythm: str
    usual: int = 1
    burst: float = 0.0
    refused: float = 0.0
    packets: tuple[int, int] = (8, 8)
    size: tuple[int, int] = (200, 500)  # octets a packet, out and in
    lasts_s: float = 1.0


_K, _C = Kind, COMPUTERS
_WARD, _DESK = (Kind.CLINICAL,), (Kind.OFFICE, Kind.ADMIN)


def _computers(clients: tuple[Kind, ...], rhythm: str) -> tuple[Habit, ...]:
    """A Windows domain member with a browser, mail, shares and a queue on the print server."""
    return (
        Habit("dns", clients, (_K.DC,), UDP, 53, 22, rhythm, usual=2, burst=0.6, packets=(1, 1), size=(80, 160)),
        Habit("kerberos", clients, (_K.DC,), TCP, 88, 1.5, rhythm, usual=2, burst=1, packets=(5, 4), size=(400, 400)),
        Habit("ldap", clients, (_K.DC,), TCP, 389, 1.2, rhythm, usual=2, packets=(8, 7), lasts_s=10),
        Habit("policy", clients, (_K.DC,), TCP, 445, 0.7, rhythm, usual=2, packets=(40, 40), lasts_s=12),
        Habit("rpc", clients, (_K.DC,), TCP, 135, 0.3, rhythm, usual=2, burst=1.0, packets=(6, 5)),
        Habit("time", clients, (_K.DC,), UDP, 123, 0.3, rhythm, packets=(1, 1), size=(90, 90)),
        Habit("share", clients, (_K.FILE,), TCP, 445, 1.0, rhythm, usual=2, packets=(300, 400), lasts_s=600),
        Habit(
            "proxy", clients, (_K.PROXY,), TCP, 3128, 9, rhythm, burst=2.5, refused=0.001, packets=(14, 18), lasts_s=20
        ),
        Habit("mail", clients, (_K.MAIL,), TCP, 443, 2, rhythm, packets=(20, 20), lasts_s=120),
        Habit("print", clients, (_K.PRINT,), TCP, 445, 0.5, rhythm, packets=(120, 60), lasts_s=8),
        Habit("updates", clients, (_K.WSUS,), TCP, 8530, 0.3, rhythm, packets=(20, 60), lasts_s=5),
        Habit("direct print", clients, (_K.PRINTER,), TCP, 9100, 0.15, rhythm, usual=2, packets=(150, 40), lasts_s=6),
    )


HABITS: tuple[Habit, ...] = (
    *_computers(_WARD, "ward"),
    *_computers(_DESK, "office"),
    Habit("records", _WARD, (_K.BALANCER,), TCP, 443, 10, "ward", burst=1.5, packets=(25, 40), lasts_s=60),
    Habit("images", _WARD, (_K.PACS,), TCP, 443, 0.8, "ward", packets=(200, 2500), size=(80, 1400), lasts_s=40),
    Habit("intranet", _DESK, (_K.BALANCER,), TCP, 443, 4, "office", burst=1.5, packets=(25, 40), lasts_s=60),
    # Windows Delivery Optimization: updates from machines nearby. The service names peers that were on a while ago; some are off.
    Habit(
        "peer updates",
        _C,
        _C,
        TCP,
        7680,
        0.25,
        "office",
        usual=0,
        burst=2,
        packets=(100, 900),
        size=(80, 1400),
        lasts_s=30,
    ),
    # People who know each other: a share or a remote session on a colleague's machine, always the same two.
    Habit(
        "colleague", _DESK, (_K.OFFICE,), TCP, 445, 0.02, "office", usual=2, refused=0.02, packets=(60, 80), lasts_s=120
    ),
    Habit(
        "servers by rdp",
        (_K.ADMIN,),
        WINDOWS_SERVERS,
        TCP,
        3389,
        1.0,
        "office",
        usual=0,
        packets=(900, 1200),
        lasts_s=900,
    ),
    Habit(
        "servers by ssh",
        (_K.ADMIN,),
        (_K.PACS, _K.HL7, _K.PROXY),
        TCP,
        22,
        0.8,
        "office",
        usual=0,
        packets=(80, 70),
        lasts_s=300,
    ),
    Habit(
        "servers by winrm", (_K.ADMIN,), WINDOWS_SERVERS, TCP, 5985, 0.4, "office", usual=0, packets=(30, 30), lasts_s=5
    ),
    Habit(
        "help desk",
        (_K.ADMIN,),
        (_K.CLINICAL, _K.OFFICE),
        TCP,
        3389,
        0.5,
        "office",
        usual=0,
        refused=0.05,
        packets=(500, 700),
        lasts_s=400,
    ),
    Habit("sip", (_K.PHONE,), (_K.CALL,), UDP, 5060, 4, "flat", packets=(2, 2), size=(500, 400)),
    Habit(
        "calls",
        (_K.PHONE,),
        (_K.PHONE,),
        UDP,
        16_400,
        0.6,
        "ward",
        usual=0,
        packets=(6000, 6000),
        size=(214, 214),
        lasts_s=120,
    ),
    Habit("pump reports", (_K.PUMP,), (_K.PUMP_GATEWAY,), TCP, 3613, 6, "flat", packets=(12, 10), lasts_s=4),
    Habit("devices' names", (_K.PUMP, _K.PRINTER), (_K.DC,), UDP, 53, 1, "flat", packets=(1, 1), size=(80, 160)),
    Habit(
        "image store",
        (_K.MODALITY,),
        (_K.PACS,),
        TCP,
        11_112,
        3,
        "ward",
        packets=(4000, 900),
        size=(1400, 70),
        lasts_s=30,
    ),
    Habit("worklist", (_K.MODALITY,), (_K.HL7,), TCP, 104, 6, "ward", packets=(8, 10), lasts_s=1),
    Habit(
        "store commit",
        (_K.PACS,),
        (_K.MODALITY,),
        TCP,
        104,
        6,
        "ward",
        usual=0,
        refused=0.02,
        packets=(8, 7),
        lasts_s=1,
    ),
    Habit("orders", (_K.APP,), (_K.HL7,), TCP, 2575, 40, "ward", packets=(8, 7), lasts_s=1),
    Habit("results", (_K.HL7,), (_K.APP, _K.PACS), TCP, 2575, 40, "ward", usual=0, packets=(8, 7), lasts_s=1),
    Habit("database", (_K.APP,), (_K.DATABASE,), TCP, 1433, 60, "ward", packets=(60, 90), lasts_s=20),
    Habit("health check", (_K.BALANCER,), (_K.APP,), TCP, 443, 360, "flat", usual=0, packets=(6, 5)),
    Habit("forwarded", (_K.BALANCER,), (_K.APP,), TCP, 443, 400, "ward", usual=0, packets=(25, 40), lasts_s=30),
    Habit("replication", (_K.DC,), (_K.DC,), TCP, 135, 6, "flat", burst=2, packets=(40, 40), lasts_s=5),
    Habit(
        "servers' names",
        (*WINDOWS_SERVERS, _K.BALANCER),
        (_K.DC,),
        UDP,
        53,
        60,
        "flat",
        usual=2,
        packets=(1, 1),
        size=(80, 160),
    ),
    Habit("servers' tickets", WINDOWS_SERVERS, (_K.DC,), TCP, 88, 6, "flat", usual=2, packets=(5, 4)),
    Habit(
        "queues",
        (_K.PRINT,),
        (_K.PRINTER,),
        TCP,
        9100,
        30,
        "ward",
        usual=0,
        refused=0.01,
        packets=(300, 60),
        lasts_s=10,
    ),
    Habit(
        "video",
        (_K.RECORDER,),
        (_K.CAMERA,),
        TCP,
        554,
        6,
        "flat",
        usual=0,
        packets=(900, 40_000),
        size=(70, 1300),
        lasts_s=3000,
    ),
    Habit("camera clock", (_K.CAMERA, _K.ACCESS_POINT), (_K.DC,), UDP, 123, 1, "flat", packets=(1, 1), size=(90, 90)),
    Habit(
        "nightly backup",
        (_K.BACKUP,),
        (*WINDOWS_SERVERS, _K.PACS),
        TCP,
        445,
        9,
        "night",
        usual=0,
        burst=1,
        packets=(60_000, 400_000),
        size=(80, 1400),
        lasts_s=1200,
    ),
    Habit(
        "backup agents",
        (_K.BACKUP,),
        (*WINDOWS_SERVERS, _K.PACS),
        TCP,
        6160,
        9,
        "night",
        usual=0,
        packets=(30, 30),
        lasts_s=20,
    ),
    Habit("guest dns", (_K.GUEST,), (_K.DC,), UDP, 53, 30, "ward", burst=1, packets=(1, 1), size=(80, 160)),
    Habit("guest web", (_K.GUEST,), (_K.OUTSIDE,), TCP, 443, 40, "ward", usual=0, packets=(20, 30), lasts_s=30),
    # Windows measures its way to the domain controller before it applies policies.
    Habit("slow link test", _C, (_K.DC,), ICMP, 0, 0.5, "ward", usual=2, packets=(1, 1), size=(74, 74)),
)
