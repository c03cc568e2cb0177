"""Labelled flows to units: what should have been found, by whom, in which flows.

Truth are rows labelled `attack` whose type is a scan, a log-in attack or lateral movement; command and control, exfiltration and
the like are no units. Names of types differ from data set to data set:
words in them say the family; where a type is named only `discovery`, or a scan, the shape of the flows says which kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .evaluate import Unit

PORTSCAN, SWEEP, BRUTEFORCE, LATERAL = "portscan", "sweep", "bruteforce", "lateral"
MIXED = "mixed"
# The first that fits. A "directory" attack is a web crawler's.
WORDS: tuple[tuple[str, str | None], ...] = (
    ("directory", None),
    ("discovery", MIXED),
    ("lm_", LATERAL),
    ("lateral", LATERAL),
    ("brute", BRUTEFORCE),
    ("guess", BRUTEFORCE),
    ("spray", BRUTEFORCE),
    ("password", BRUTEFORCE),
    ("scan", SWEEP),
    ("sweep", SWEEP),
    ("nmap", SWEEP),
    ("worm", SWEEP),
    ("mirai", SWEEP),
)
MANY_PORTS = 5  # of one target: a port scan
MANY_TARGETS = 3  # of one source: a sweep
MANY_TIMES = 20  # one service again and again: guesses
FEW_TIMES = 5  # fewer log-ins than this are no attack on a password, whatever their label


def family_of(attack_type: str) -> str | None:
    """Family of a type by its name; None for what is no unit."""
    name = attack_type.lower()
    return next((family for word, family in WORDS if word in name), None)


def units(scenario: str, frame: Any) -> Iterator[Unit]:
    """Units of the attack rows of one scenario (a pandas frame with src_ip, dst_ip, dst_port, attack_type, ts_start)."""
    for attack_type, rows in frame.groupby("attack_type", sort=False):
        family = family_of(str(attack_type))
        if family is None:
            continue
        for kind, part in _kinds(family, rows):
            yield _unit(scenario, kind, str(attack_type), part)


def _kinds(family: str, rows: Any) -> Iterator[tuple[str, Any]]:
    if family == BRUTEFORCE:
        times = rows.groupby(["src_ip", "dst_ip", "dst_port"])["dst_port"].transform("size")
        yield from _each(BRUTEFORCE, rows[times >= FEW_TIMES], ["src_ip", "dst_ip", "dst_port"])
    elif family == LATERAL:
        yield from _each(LATERAL, rows, ["src_ip", "dst_ip"])
    elif family == SWEEP:
        yield from _scans(rows)
    else:
        yield from _mixed(rows)


def _mixed(rows: Any) -> Iterator[tuple[str, Any]]:
    """Guesses where one service is contacted again and again, scans where many are; lateral movement if it is neither."""
    times = rows.groupby(["src_ip", "dst_ip", "dst_port"])["dst_port"].transform("size")
    guesses = _each(BRUTEFORCE, rows[times >= MANY_TIMES], ["src_ip", "dst_ip", "dst_port"])
    found = [*guesses, *_scans(rows[times < MANY_TIMES])]
    yield from found or _each(LATERAL, rows, ["src_ip", "dst_ip"])


def _scans(rows: Any) -> Iterator[tuple[str, Any]]:
    ports = rows.groupby(["src_ip", "dst_ip"])["dst_port"].transform("nunique")
    yield from _each(PORTSCAN, rows[ports >= MANY_PORTS], ["src_ip", "dst_ip"])
    rest = rows[ports < MANY_PORTS]
    targets = rest.groupby(["src_ip"])["dst_ip"].transform("nunique")
    yield from _each(SWEEP, rest[targets >= MANY_TARGETS], ["src_ip"])


def _each(kind: str, rows: Any, by: list[str]) -> Iterator[tuple[str, Any]]:
    for _, part in rows.groupby(by, sort=False):
        yield kind, part


def _unit(scenario: str, family: str, attack_type: str, rows: Any) -> Unit:
    return Unit(
        scenario=scenario,
        family=family,
        attack_type=attack_type,
        src_ip=str(rows["src_ip"].iloc[0]),
        at_ms=np.sort((rows["ts_start"].to_numpy(dtype=float) * 1000).astype(np.int64)),
        targets=frozenset(rows["dst_ip"].astype(str)),
        rows=frozenset(int(label) for label in rows.index),
    )
