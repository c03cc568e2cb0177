"""How kernels are compiled.

`_nrt=False`: without numba's reference counting. Every array that is handed from function to function was counted up and
down by an atomic operation at each call and branch: measured, four fifths of the time of decoding a sampled header. A kernel
therefore makes no arrays and takes no slices; one that does is refused when it is compiled.
"""

from __future__ import annotations

from numba import njit

kernel = njit(cache=True, nogil=True, _nrt=False)
inlined = njit(
    cache=True, nogil=True, _nrt=False, forceinline=True
)  # a part of a larger one: a call would cost as much as its work
