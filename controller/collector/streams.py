"""Sequence numbers of export streams, followed datagram by datagram over a whole batch: what never arrived.

A stream is what one exporter numbers on its own: (agent, sub-agent) of sFlow, (exporter, engine) of NetFlow v5, (exporter,
source id) of v9, (exporter, domain) of IPFIX. What the number counts is the protocol's, or the exporter's own idea: v5 of Open
vSwitch counts the last record of a datagram and not the first, some v9 exporters count records, some IPFIX ones messages. So
each plausible meaning is followed, and the one that fits most often is believed; until one does, nothing is called lost.

The functions run compiled or as plain Python: no array is made in them, and every number is made an `int` first.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .heads import IPFIX, SFLOW, V5, V9, agent, head
from .quick import quick, soon

# Columns of a stream; OLD_*: of lanes that were given to another sender.
W0, W1, KIND, ID, X0, X1, DATAGRAMS, RECORDS, OCTETS, FIRST_MS, LAST_MS, HOPS = range(12)
OLD_LOST, OLD_GAPS, OLD_LATE, OLD_RESTARTS, LANES = range(12, 17)
# Of a lane, which is one sender of it: the port, when it was last used, the exporter's clock, what comes next under each of three
# meanings (-1: not known), late ones in a row, options records of the last message (OWED: some exporters do not count them), and
# for each meaning what was counted. PENDING and BOOKED are the ledger's.
PORT, TICK, CLOCK, NEXT, BACK, RUN, PENDING, BOOKED, OWED = 0, 1, 2, 3, 6, 7, 8, 9, 10
FITS, LOST, GAPS, LATE, RESTARTS, LANE_WIDTH = range(11, 29, 3)
MOST_LANES = 4  # processes behind one address that number on their own
WIDTH = LANES + MOST_LANES * LANE_WIDTH
SOON = LANES + 2 * LANE_WIDTH  # as much of a stream as is mostly read
BEFORE, AFTER, MESSAGE = 0, 1, 2  # the number counts records before this datagram, records up to its end, datagrams
FITTED, GAP, TOO_LATE, RESTARTED, UNKNOWN = range(5)
BURST, PER_MS = 65_536, 1_000  # the most that can be lost at once, and for each millisecond of silence
REORDERED = 32_768  # records or datagrams that one may be late by
CLOCK_BACK = 60_000  # of the exporter's clock: it was started anew
ENOUGH_HOPS, ENOUGH_LATE = 3, 3
AHEAD = 6  # datagrams: their headers are asked for so long before they are read, since a batch is larger than the cache
EARLIER = 4  # datagrams: the streams are found so long before they are followed: those of thousands do not fit the cache either
U32, HALF, M31 = 0xFFFF_FFFF, 0x8000_0000, 0x7FFF_FFFF


@quick
def signed(number: int) -> int:
    """Modulo 2^32, as a signed number: sequence numbers and uptimes wrap."""
    low = number & U32
    return low - 0x1_0000_0000 if low & HALF else low


@quick
def note(bulk: Any, records: Any, agents: Any, table: Any, of: Any) -> None:
    """Follow every datagram of a batch. `bulk` = data, starts, ends, exporters as words, ports, received_ms. `records` = data
    records of each datagram, -1 where that is not known, and those of them that gave no row. `agents` = room for addresses, as
    octets and as words. `table` = streams, index, used (streams, datagrams of streams that had no place). `of` = the stream of
    each datagram, -1 for none."""
    data, starts, ends, exporters, ports, received_ms = bulk
    streams, _, used = table
    for begun in range(len(ends) + EARLIER):
        if begun < len(ends):
            if begun + AHEAD < len(ends):
                soon(data, int(starts[begun + AHEAD]))
            of[begun] = i = stream_of(bulk, agents, table, begun)
            if i >= 0:
                for k in range(0, SOON, 8):
                    soon(streams, i * WIDTH + k)
        d = begun - EARLIER
        if d < 0:
            continue
        i, at, end = int(of[d]), int(starts[d]), int(ends[d])
        if i < 0:
            used[1] += 1
            continue
        kind, place, _, sequence, clock = head(data, at, end)
        now_ms, count, silent = int(received_ms[d]), int(records[d, 0]), int(records[d, 1])
        streams[i, X0], streams[i, X1] = exporters[d, 0], exporters[d, 1]
        streams[i, DATAGRAMS] += 1
        streams[i, RECORDS] += max(count, 0)
        streams[i, OCTETS] += end - at
        streams[i, LAST_MS] = now_ms
        if streams[i, FIRST_MS] == 0:
            streams[i, FIRST_MS] = now_ms
        if place:
            seen = sequence, count, silent, clock, int(np.int64(ports[d])), now_ms
            if kind != SFLOW or not in_step(streams, i, seen):
                follow(streams, i, kind, seen)


@quick
def stream_of(bulk: Any, agents: Any, table: Any, d: int) -> int:
    """The stream of a datagram, -1 if there is no place for it; its device goes to `agents`."""
    data, starts, ends, exporters, _, _ = bulk
    octets, words = agents
    streams, index, used = table
    kind, _, number, _, _ = head(data, int(starts[d]), int(ends[d]))
    words[d, 0], words[d, 1] = exporters[d, 0], exporters[d, 1]
    if kind == SFLOW:
        agent(data, int(starts[d]), octets, d)
    return int(find(streams, index, used, (int(words[d, 0]), int(words[d, 1]), kind, number)))


@quick
def find(streams: Any, index: Any, used: Any, key: Any) -> int:
    """The stream of a key, a new one if there is room; -1 if there is none. Places that a clearing emptied hold 0."""
    last = len(index) - 1
    place = (key[0] & M31) * 0x9E37_79B1 + ((key[0] >> 32) & M31) * 0x45EB_CA77 + (key[1] & M31) * 0x42B2_AE3D
    place += ((key[1] >> 32) & M31) * 0x27D4_EB2F + (key[2] * 0x1656_67B1 ^ key[3]) * 0x1F35_7AE1
    place = (place ^ (place >> 29)) & last
    while index[place]:
        i = int(index[place]) - 1
        same = streams[i, W0] == key[0] and streams[i, W1] == key[1]
        if same and streams[i, KIND] == key[2] and streams[i, ID] == key[3]:
            return i
        place = (place + 1) & last
    i = int(used[0])
    if i >= (len(streams) if key[2] else len(streams) // 2):  # what is no export at all never takes every place
        return -1
    used[0] = i + 1
    index[place] = i + 1
    for k in range(4):
        streams[i, W0 + k] = key[k]
    return i


@quick
def follow(streams: Any, i: int, kind: int, seen: Any) -> None:
    """One datagram of a stream: what it says under each meaning of the number. `seen` = sequence, records,
    those without a row, clock, port, now."""
    sequence, count, silent, clock, port, now_ms = seen
    first, last = meanings(kind)
    lane, fresh = lane_of(streams, i, kind, (sequence, count, port))
    if fresh:
        clear(streams, i, lane, kind)
        streams[i, lane + CLOCK] = clock
    best = best_of(streams, i, lane, kind)
    ahead = signed(clock - int(streams[i, lane + CLOCK]))
    room = BURST + PER_MS * max(now_ms - int(streams[i, lane + TICK]), 0)
    outcome = UNKNOWN
    for h in range(first, last + 1):
        if kind == V9 and h == AFTER:
            continue
        if kind == IPFIX and h == MESSAGE and count < 0:  # single records would pass for messages
            streams[i, lane + NEXT + h] = -1
            continue
        found = under(streams, i, lane, (h, sequence, count, silent, ahead, room))
        if h == best:
            outcome = found
    if outcome != TOO_LATE:
        streams[i, lane + RUN] = 0
        streams[i, lane + CLOCK] = clock
    elif late_again(streams, i, lane, sequence, 1 if best == MESSAGE else max(count, 0)):
        streams[i, lane + RESTARTS + best] += 1
        for h in range(3):
            streams[i, lane + NEXT + h] = -1
        streams[i, lane + CLOCK] = clock
    streams[i, lane + PORT], streams[i, lane + TICK], streams[i, lane + OWED] = port, now_ms, max(silent, 0)


@quick
def in_step(streams: Any, i: int, seen: Any) -> bool:
    """The usual case of a number with one meaning, MESSAGE, at little cost: it is what the lane of its port expects.
    Done is then what `follow` would have done; else nothing is."""
    sequence, _, silent, clock, port, now_ms = seen
    for n in range(MOST_LANES):
        lane = LANES + n * LANE_WIDTH
        if streams[i, lane + TICK] and streams[i, lane + NEXT + MESSAGE] == sequence:
            if streams[i, lane + PORT] != port or signed(clock - int(streams[i, lane + CLOCK])) < -CLOCK_BACK:
                return False
            streams[i, lane + FITS + MESSAGE] += 1
            streams[i, lane + NEXT + MESSAGE] = (sequence + 1) & U32
            streams[i, lane + RUN], streams[i, lane + CLOCK] = 0, clock
            streams[i, lane + TICK], streams[i, lane + OWED] = now_ms, max(silent, 0)
            return True
    return False


@quick
def clear(streams: Any, i: int, lane: int, kind: int) -> None:
    """Give a lane to another sender; what was counted in it stays with the stream."""
    best = best_of(streams, i, lane, kind)
    streams[i, OLD_LOST] += streams[i, lane + BOOKED]
    streams[i, OLD_GAPS] += streams[i, lane + GAPS + best]
    streams[i, OLD_LATE] += streams[i, lane + LATE + best]
    streams[i, OLD_RESTARTS] += streams[i, lane + RESTARTS + best]
    for k in range(LANE_WIDTH):
        streams[i, lane + k] = 0
    for h in range(3):
        streams[i, lane + NEXT + h] = -1


@quick
def best_of(streams: Any, i: int, lane: int, kind: int) -> int:
    """The meaning that fitted most often; the standard's if none is ahead."""
    if kind == SFLOW:
        return MESSAGE
    best = MESSAGE if kind == V9 else BEFORE
    for h in range(3):
        if streams[i, lane + FITS + h] > streams[i, lane + FITS + best]:
            best = h
    return best


@quick
def meanings(kind: int) -> Any:
    """First and last of the meanings that a protocol's number may have. The first is the standard's, but for v9."""
    if kind == SFLOW:
        return MESSAGE, MESSAGE
    if kind == V5:
        return BEFORE, AFTER
    return BEFORE, MESSAGE


@quick
def lane_of(streams: Any, i: int, kind: int, seen: Any) -> Any:
    """(place of the lane, whether it is new). The one that expects this number, else the one of the port; a port that was not
    seen before is a process of its own, unless this exporter is known to change its port as it goes."""
    sequence, count, port = seen
    own, oldest, newest = -1, LANES, LANES
    for n in range(MOST_LANES):
        lane = LANES + n * LANE_WIDTH
        if streams[i, lane + TICK]:
            best = best_of(streams, i, lane, kind)
            start = (sequence - max(count, 0)) & U32 if best == AFTER else sequence
            if streams[i, lane + NEXT + best] == start and (own < 0 or streams[i, lane + PORT] == port):
                if streams[i, lane + PORT] != port and streams[i, HOPS] < ENOUGH_HOPS:
                    streams[i, HOPS] += 1
                return lane, False
            if streams[i, lane + PORT] == port:
                own = lane
        if streams[i, lane + TICK] < streams[i, oldest + TICK]:
            oldest = lane
        if streams[i, lane + TICK] > streams[i, newest + TICK]:
            newest = lane
    if own >= 0:
        return own, False
    if streams[i, HOPS] >= ENOUGH_HOPS:
        return newest, False
    return oldest, True


@quick
def under(streams: Any, i: int, lane: int, what: Any) -> int:
    """What a datagram is if its number has the meaning `h`; counted for that meaning alone."""
    h, sequence, count, silent, ahead, room = what
    size = 1 if h == MESSAGE else count
    start = sequence if h != AFTER else (sequence - count) & U32
    after = sequence if h == AFTER else (sequence + size) & U32 if size >= 0 else -1
    expected = int(streams[i, lane + NEXT + h])
    if expected < 0 or (h == AFTER and count < 0):
        streams[i, lane + NEXT + h] = after
        return UNKNOWN
    off = signed(start - expected)
    if off < 0 and h != MESSAGE and off == -(silent if h == AFTER else int(streams[i, lane + OWED])):
        off = 0  # options records that this exporter does not count
    if off == 0 and ahead >= -CLOCK_BACK:
        streams[i, lane + FITS + h] += 1
        streams[i, lane + NEXT + h] = after
        return FITTED
    if ahead >= -CLOCK_BACK and 0 < off <= room:
        streams[i, lane + LOST + h] += off
        streams[i, lane + GAPS + h] += 1
        streams[i, lane + NEXT + h] = after
        return GAP
    if -CLOCK_BACK <= ahead <= 0 and -REORDERED <= off < 0:
        streams[i, lane + LATE + h] += 1
        if off != -size:  # a doubled one fills no gap
            streams[i, lane + LOST + h] -= min(int(streams[i, lane + LOST + h]), max(size, 0))
        return TOO_LATE
    streams[i, lane + RESTARTS + h] += 1
    streams[i, lane + NEXT + h] = after
    return RESTARTED


@quick
def late_again(streams: Any, i: int, lane: int, sequence: int, size: int) -> bool:
    """Late ones that follow each other are not late: the exporter counts anew."""
    in_a_row = streams[i, lane + RUN] > 0 and streams[i, lane + BACK] == sequence
    streams[i, lane + RUN] = int(streams[i, lane + RUN]) + 1 if in_a_row else 1
    streams[i, lane + BACK] = (sequence + size) & U32
    return bool(streams[i, lane + RUN] > ENOUGH_LATE)
