"""How the arrays of the compiled reader are laid out."""

from __future__ import annotations

from typing import Any

Ints = Any  # arrays of int64 and of uint8; what indexing them gives is numba's to type
Octets = Any
Span = tuple[int, int]  # first octet, and the one behind the last
MALFORMED, LOOPS = -1, -2  # in place of a number of bindings
# Columns of `rows`: how many arcs, kind of value, number or first octet, octet behind the last, tag.
ARCS, KIND, FIRST, LAST, TAG = 0, 1, 2, 3, 4
NUMBER, STRING, OTHER = 0, 1, 2
# Columns of `state`: rows, arcs, first octet of the last instance, octet behind it, ended, arcs of every row (0 = uneven),
# kind of every value (-1 = uneven), octets of the column's prefix.
COUNT, FILLED, TAIL, TAIL_END, ENDED, WIDTH, KINDS, SIZE = 0, 1, 2, 3, 4, 5, 6, 7
LONGEST = 0x7F - 4  # octets of a name whose binding has lengths of one octet
