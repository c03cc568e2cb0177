"""What the compiled watch remembers: arrays of fixed size, and what is in them.

A contact is 48 octets in two arrays: its key, which is searched for, and the rest, which is looked at once it is found. Times
within it are counted from its first; one that is used for 46 days without a pause counts from its last.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from detectors.event import EVENT
from detectors.watch import RING

from .views import addresses, array

PROBES = 16
MOST_PORTS = 1 << 18  # roles kept; one that finds no room is asked again each time

CONTACT = np.dtype(
    [
        ("at_ms", "i8"),
        ("idle", "u4"),  # last use, in ms after at_ms
        ("level_idle", "u4"),  # when the bucket was filled last, in ms after at_ms
        ("level", "i4"),
        ("via", "u4"),
        ("count", "u2"),
        ("votes", "i2"),
        ("tag", "u2"),  # of the MAC it was opened with, by the first machine of that address
        ("p0", "u2"),
        ("p1", "u2"),
        ("p2", "u2"),
        ("p3", "u2"),
        ("candidate", "u1"),
        ("marks", "u1"),  # state (2 bits), opened (1), quality (3), fired (2)
    ],
    align=True,
)
SOURCE = np.dtype(
    [
        ("hi", "u8"),
        ("lo", "u8"),
        ("twin", "u8"),
        ("mac", "u8"),
        ("last_ms", "i8"),
        ("bad_ms", "i8"),
        ("until_ms", "i8"),  # suspicious at least until then
        ("bad", "i4"),  # two for each contact without an answer, one if it was sampled
        ("bad_then", "i4"),  # when until_ms was set
        ("suspicious", "u1"),
        ("kept", "u1"),  # events in its ring
        ("next", "u1"),  # where the next goes
        ("acting", "u2"),  # its place among those that act, counted from 1; 0 = it does not
    ],
    align=True,
)
KEPT = np.dtype(
    [
        ("at_ms", "i8"),
        ("dst_hi", "u8"),
        ("dst_lo", "u8"),
        ("agent_hi", "u8"),
        ("agent_lo", "u8"),
        ("late", "u4"),  # now_ms, after at_ms
        ("in_if", "u4"),
        ("rate", "u4"),
        ("port", "u2"),
        ("sport", "u2"),
        ("kind", "u1"),
        ("hint", "u1"),
        ("quality", "u1"),
        ("outside", "u1"),
        ("size", "u1"),
        ("mac", "u1"),  # the row carried the MAC of its source
    ],
    align=True,
)
AHEAD = np.dtype(
    [
        ("src_hi", "u8"),
        ("src_lo", "u8"),
        ("dst_hi", "u8"),
        ("dst_lo", "u8"),
        ("key", "u8"),  # of the contact that the row opens
        ("back", "u8"),  # of the one that it may answer
        ("via", "u8"),  # the port of a row that opens something, and how well that was seen
        ("port", "u2"),
        ("sport", "u2"),
        ("verb", "u1"),
        ("kind", "u1"),
        ("hint", "u1"),
        ("size", "u1"),
        ("quality", "u1"),
    ],
    align=True,
)
KEEPS = 16  # rows that were read and not taken yet, at most
ACTING = np.dtype(
    [
        ("since_ms", "i8"),
        ("last_ms", "i8"),  # of its episode, as are fresh and fresh_ms
        ("fresh_ms", "i8"),
        ("told_ms", "i8"),  # when it was told last where it comes in
        ("which", "u4"),  # its record, counted from 1; 0 = free
        ("via", "u4"),
        ("fresh", "i4"),
        ("has_mac", "u1"),  # its MAC was told
        ("changed", "u1"),  # it went on and this was not asked yet
    ],
    align=True,
)
VICTIM = np.dtype(
    [
        ("key", "u8"),  # 0 = free
        ("at_ms", "i8"),
        ("hi", "u8"),
        ("lo", "u8"),
        ("twin", "u8"),
        ("port", "u2"),
        ("kind", "u1"),
    ],
    align=True,
)
MAC = np.dtype(
    [
        ("mac", "u8"),
        ("low", "u8"),
        ("at_ms", "i8"),
        ("until_ms", "i8"),
        ("six_ms", "i8"),  # since when IPv6 addresses are counted: a bit each, and each /64
        ("addresses", "u8"),
        ("nets", "u8"),
    ]
)
BYTE, WORD16, WORD32, WORD64, NUMBER = (np.dtype(name) for name in ("u1", "u2", "u4", "u8", "i8"))
LONGEST = 0xF0000000

# Places in `numbers`.
NOW, TIMEOUT, MEMORY, SILENT, TARGETS, WINDOW, S_TARGETS, S_WINDOW, ROUTER, MOST_SIZE, CALM = range(11)
BUCKETS = 11  # other, blind, login, session, sampled: full and leak each
(
    OUT,
    SOURCES,
    CONTACTS,
    FORWARDED,
    SUSPICIOUS,
    LOST_CONTACTS,
    LOST_SOURCES,
    LOST_MACS,
    CLOCK,
    NEED,
    ROWS,
    DELIVERED,
    WANTED,
    QUIET,
    GO_ON,
    GO_ON_MS,
    WAKE,
    FURTHER,
    CHANGED,
    ACTING_HAND,
    LOST_VICTIMS,
    HELD,  # of OUT, those that can be told with the next
) = range(21, 43)
FRESH = 43  # the bucket of new pairs: full and leak, and then what goes with it
FRESH_MS, FRESH_GAP, FRESH_ALIKE = range(45, 48)
NUMBERS = 48


class State(NamedTuple):
    """Everything the kernel remembers, and what it was told."""

    keys: Any  # of contacts; 0 = free
    contacts: Any
    sources: Any
    rings: Any
    index: Any
    macs: Any
    roles: Any
    ranges: Any  # four words each: first high, first low, last high, last low
    routers: Any
    classes: Any
    web: Any
    numbers: Any
    out: Any
    acting: Any
    victims: Any
    changed: Any  # places of acting sources that went on
    ahead: Any  # what was read of the rows to come
    twins: Any  # 1 by the tag of each MAC that was a second machine of some address: for others no answer is searched twice


SCATTERED = (
    "keys",
    "contacts",
    "index",
    "macs",
    "victims",
)  # used where a hash says: a few hundred rows touch every page
PAGE = 4096


def touch(state: State) -> None:
    """Take the memory of what is scattered. The system gives it zeroed, two MiB at a time, which costs a third of a millisecond:
    the first sources of a network that was quiet would pay for forty of them at each batch."""
    for name in SCATTERED:
        pages = getattr(state, name).view(np.uint8)[::PAGE]
        pages |= 0  # written to, and unchanged


def make(*, sources: int, contacts: int, macs: int, acting: int, victims: int, out: int, told: dict[str, Any]) -> State:
    """Zeroed arrays; memory is only taken as it is used."""
    return State(
        keys=np.zeros(_power(contacts), dtype=WORD64),
        contacts=np.zeros(_power(contacts), dtype=CONTACT),
        sources=np.zeros(sources, dtype=SOURCE),
        rings=np.zeros(sources * RING, dtype=KEPT),
        index=np.zeros(_power(2 * sources), dtype=WORD32),
        macs=np.zeros(_power(2 * macs), dtype=MAC),
        roles=np.zeros(MOST_PORTS, dtype=WORD64),
        numbers=np.zeros(NUMBERS, dtype=NUMBER),
        out=np.zeros(out, dtype=EVENT),
        acting=np.zeros(acting, dtype=ACTING),
        victims=np.zeros(_power(4 * victims), dtype=VICTIM),
        changed=np.zeros(acting, dtype=WORD16),
        ahead=np.zeros(KEEPS, dtype=AHEAD),
        twins=np.zeros(65536, dtype=BYTE),
        **told,
    )


def words_of(state: State) -> Any:
    """The state as a kernel takes it."""
    return addresses(state)


@njit(inline="always")
def state_of(words: Any) -> State:
    """The state in a kernel."""
    return State(
        array(words, 0, WORD64),
        array(words, 1, CONTACT),
        array(words, 2, SOURCE),
        array(words, 3, KEPT),
        array(words, 4, WORD32),
        array(words, 5, MAC),
        array(words, 6, WORD64),
        array(words, 7, WORD64),
        array(words, 8, WORD64),
        array(words, 9, BYTE),
        array(words, 10, BYTE),
        array(words, 11, NUMBER),
        array(words, 12, EVENT),
        array(words, 13, ACTING),
        array(words, 14, VICTIM),
        array(words, 15, WORD16),
        array(words, 16, AHEAD),
        array(words, 17, BYTE),
    )


def _power(least: int) -> Any:
    return max(1 << (least - 1).bit_length(), 2 * PROBES)
