"""Which information elements the flowset kernel knows, and where each goes. The order of slots is the order of precedence.

Slots below DIRECT are plain numbers of one column; the others are collected first and weighed against each other when the
record is whole (the rules are those of collector/flowset/normal.py and times.py).
"""

from __future__ import annotations

from controller.collector.flowset.normal import LIMITS, NUMBERS, REVERSE
from detectors.flow import Has

from . import columns as c

WHOLE = 0xFFFF_FFFF_FFFF
PLACE_OF = {name: place for place, name in enumerate((*c.EIGHT, *c.FOUR, *c.TWO, *c.ONE))}
DIRECT = len(NUMBERS)
COLUMN = tuple(c.BLOCK * PLACE_OF[name] for _, name, _ in NUMBERS)
MASK = tuple(0xFFFF_FFFF if name.endswith("_if") else LIMITS.get(name, WHOLE) for _, name, _ in NUMBERS)
BIT = tuple(int(bit) for _, _, bit in NUMBERS)
assert all(bit & int(Has.PROTO) for _, name, bit in NUMBERS if name == "proto")

# Elements of each group, in order of precedence; a slot each.
WEIGHED = (
    *(1, 85, 231, 23, 312),  # bytes
    *(2, 86, 298, 24),  # packets
    *(7, 180, 182),  # source ports
    *(11, 181, 183),  # destination ports
    *(32, 139, 176, 178, 177, 179),  # ICMP: both in one, types, codes
    *(152, 153, 150, 151, 154, 155, 156, 157, 22, 21, 160),  # times
    *(48, 302, 34, 50, 305, 306, 309, 310, 304),  # sampling
)
BYTES, PACKETS, SRC_PORTS, DST_PORTS, ICMP_BOTH = DIRECT, DIRECT + 5, DIRECT + 9, DIRECT + 12, DIRECT + 15
ICMP_TYPES, ICMP_CODES, TIMES, SAMPLING = DIRECT + 17, DIRECT + 19, DIRECT + 21, DIRECT + 32
MILLISECONDS, SECONDS, MICROSECONDS, NANOSECONDS, UPTIME, SYSTEM_INIT = (TIMES + n for n in (0, 2, 4, 6, 8, 10))
SAMPLER_ID, SELECTOR_ID, SAMPLING_INTERVAL, SAMPLER_INTERVAL = (SAMPLING + n for n in range(4))
PACKET_INTERVAL, PACKET_SPACE, SAMPLING_SIZE, SAMPLING_POPULATION, ALGORITHM = (SAMPLING + n for n in range(4, 9))
REVERSE_BYTES, REVERSE_PACKETS = SAMPLING + 9, SAMPLING + 10
PLACED = SAMPLING + 11  # from here on it is the place that is kept, not a number
SRC4, DST4, SRC6, DST6, SECTION = (PLACED + n for n in range(5))
SLOTS = SECTION + 1
assert SLOTS <= 63, "slots are bits of one signed word"

SLOT_OF: dict[tuple[int, int], int] = {(0, element): slot for slot, (element, _, _) in enumerate(NUMBERS)}
SLOT_OF |= {(0, element): DIRECT + n for n, element in enumerate(WEIGHED)}
SLOT_OF |= {(REVERSE, 1): REVERSE_BYTES, (REVERSE, 2): REVERSE_PACKETS}
SLOT_OF |= {(0, element): PLACED + n for n, element in enumerate((8, 12, 27, 28, 315))}
