"""Kinds of machines in a hospital, how many there are of each, and the networks they live in."""

from __future__ import annotations

from enum import IntEnum

DEVELOPMENT_SEEDS = tuple(range(100, 116))  # look at these as often as you like
EVALUATION_SEEDS = tuple(range(9000, 9016))  # figures come from these; nothing is tuned on them


class Kind(IntEnum):
    """What a machine is."""

    DARK = 0  # an address that nobody has
    GROUP = 1  # a multicast or broadcast address
    OUTSIDE = 2  # an address of the Internet
    ROUTER = 3  # the leg of the core router in a network
    CLINICAL = 4
    OFFICE = 5
    ADMIN = 6
    PHONE = 7
    PRINTER = 8
    PUMP = 9
    MODALITY = 10
    CAMERA = 11
    ACCESS_POINT = 12
    GUEST = 13
    DC = 14
    FILE = 15
    PRINT = 16
    PACS = 17
    HL7 = 18
    APP = 19
    BALANCER = 20
    DATABASE = 21
    PROXY = 22
    WSUS = 23
    NMS = 24
    BACKUP = 25
    SCANNER = 26
    PUMP_GATEWAY = 27
    CALL = 28
    RECORDER = 29
    MAIL = 30


# Shares of the end points. Of the order of published hospital inventories: about half are computers, the rest devices that
# can run no agent.
SHARES: dict[Kind, float] = {
    Kind.CLINICAL: 0.32,
    Kind.OFFICE: 0.19,
    Kind.ADMIN: 0.01,
    Kind.PHONE: 0.14,
    Kind.PRINTER: 0.08,
    Kind.PUMP: 0.11,
    Kind.MODALITY: 0.03,
    Kind.CAMERA: 0.04,
    Kind.ACCESS_POINT: 0.03,
    Kind.GUEST: 0.05,
}
# Servers: so many for each started 300 end points.
SERVERS: dict[Kind, int] = {
    Kind.DC: 2,
    Kind.FILE: 2,
    Kind.PRINT: 1,
    Kind.PACS: 1,
    Kind.HL7: 1,
    Kind.APP: 3,
    Kind.BALANCER: 1,
    Kind.DATABASE: 1,
    Kind.PROXY: 1,
    Kind.WSUS: 1,
    Kind.PUMP_GATEWAY: 1,
    Kind.CALL: 1,
    Kind.RECORDER: 1,
    Kind.MAIL: 1,
}
SINGLE: tuple[Kind, ...] = (Kind.NMS, Kind.BACKUP, Kind.SCANNER)  # one a hospital, however large

COMPUTERS = (Kind.CLINICAL, Kind.OFFICE, Kind.ADMIN)
WINDOWS_SERVERS = (Kind.DC, Kind.FILE, Kind.PRINT, Kind.APP, Kind.DATABASE, Kind.WSUS, Kind.MAIL)
ALL_SERVERS = (*SERVERS, *SINGLE)
# The network of each kind: devices and people apart, as most hospitals have it. 10.(20 + network).0.0.
NETWORKS: dict[Kind, int] = {
    **dict.fromkeys(ALL_SERVERS, 0),
    Kind.CLINICAL: 1,
    Kind.OFFICE: 2,
    Kind.ADMIN: 2,
    Kind.PHONE: 3,
    Kind.PRINTER: 4,
    Kind.PUMP: 5,
    Kind.MODALITY: 5,
    Kind.CAMERA: 6,
    Kind.ACCESS_POINT: 6,
    Kind.GUEST: 7,
}
DECLARED: dict[Kind, str] = {Kind.NMS: "nms", Kind.SCANNER: "scanner"}  # what docs tell a site to declare
