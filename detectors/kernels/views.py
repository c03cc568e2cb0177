"""Arrays handed to a kernel by their addresses.

numba unboxes each array argument of each call, half a microsecond each; the watch has thirty and is called again after every
row that has something to say. As addresses and lengths in one array they cost nothing. What the addresses point to must be
kept alive by the caller, and have the dtype that the kernel names.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np import arrayobj
from numpy.typing import NDArray

NUMPY: Any = arrayobj  # numba has no types
CODE: Any = cgutils


def _array(_typing: Any, _words: Any, _place: Any, dtype: Any) -> Any:
    found = types.Array(dtype.dtype, 1, "C")

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        words = NUMPY.make_array(signature.args[0])(context, builder, arguments[0])
        at = builder.mul(arguments[1], context.get_constant(types.intp, 2))
        address = builder.load(builder.gep(words.data, [at]))
        size = builder.load(builder.gep(words.data, [builder.add(at, context.get_constant(types.intp, 1))]))
        made = NUMPY.make_array(found)(context, builder)
        width = context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(found.dtype)))
        NUMPY.populate_array(
            made,
            data=builder.inttoptr(address, made.data.type),
            shape=[size],
            strides=[width],
            itemsize=width,
            meminfo=None,
        )
        return made._getvalue()

    return found(types.Array(types.uint64, 1, "C"), types.intp, dtype), build


def _fetch(_typing: Any, row: Any, _place: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        held = NUMPY.make_array(signature.args[0])(context, builder, arguments[0])
        octet, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [octet, number, number, number])
        prefetch = CODE.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        address = builder.bitcast(builder.gep(held.data, [arguments[1]]), octet)
        builder.call(prefetch, [address, number(0), number(1), number(1)])  # to read, keep for a while, data
        return context.get_dummy_value()

    return types.void(row, types.intp), build


# array(words, place, dtype): array number `place` of `words`, flat, of elements of `dtype`.
array: Any = intrinsic(_array)
# fetch(array, place): tell the processor that an element will be wanted soon.
fetch: Any = intrinsic(_fetch)


def addresses(arrays: Iterable[NDArray[Any]]) -> NDArray[np.uint64]:
    """Address and length of each; a wide array counts as a long flat one."""
    words = [word for one in arrays for word in (one.ctypes.data, one.size)]
    return np.array(words, dtype=np.uint64)
