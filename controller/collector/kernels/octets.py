"""Numbers and addresses out of octets, in network order: one load and one swap each, at any alignment.

Indexing an array octet by octet costs a test for negative indices each time, and keeps the compiler from joining the loads.
Nothing here checks bounds: the callers do, once for a whole structure.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core.cgutils import raw_memcpy
from numba.extending import intrinsic, overload

from controller.collector.quick import soon

from .compiled import inlined, kernel

MAPPED = 0xFFFF0000  # octets 8 to 11 of an IPv4-mapped address (RFC 4291 section 2.5.5.2), as a little-endian machine loads them


def _loader(bits: int, *, swap: bool) -> Any:
    """A compiled load of so many bits at data[at], as int64."""

    @intrinsic
    def load(typingctx: Any, data: Any, at: Any) -> Any:  # noqa: ARG001 numba's signature
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            array = context.make_array(signature.args[0])(context, builder, args[0])
            word = ir.IntType(bits)
            value = builder.load(builder.bitcast(builder.gep(array.data, [args[1]]), word.as_pointer()))
            value.align = 1
            if swap:
                value = builder.bswap(value)
            return value if bits == 64 else builder.zext(value, ir.IntType(64))

        return types.int64(data, types.intp), codegen

    return load


@intrinsic
def copy(typingctx: Any, to: Any, at: Any, data: Any, start: Any, size: Any) -> Any:  # noqa: ARG001 numba's signature
    """to[at : at + size] = data[start : start + size], of two flat arrays of octets that do not overlap."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        target = context.make_array(signature.args[0])(context, builder, args[0])
        source = context.make_array(signature.args[2])(context, builder, args[2])
        to_pointer, pointer = builder.gep(target.data, [args[1]]), builder.gep(source.data, [args[3]])
        move: Any = raw_memcpy
        move(builder, to_pointer, pointer, args[4], 1)
        return context.get_dummy_value()

    return types.none(to, types.intp, data, types.intp, types.intp), codegen


def _hint(write: int) -> Any:
    """A compiled hint to the processor; a place beyond the end does no harm."""

    @intrinsic
    def hint(typingctx: Any, data: Any, at: Any) -> Any:  # noqa: ARG001 numba's signature
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            array = context.make_array(signature.args[0])(context, builder, args[0])
            word = ir.IntType(32)
            pointer = builder.bitcast(builder.gep(array.data, [args[1]]), ir.IntType(8).as_pointer())
            kind = ir.FunctionType(ir.VoidType(), [pointer.type, word, word, word])
            ask = builder.module.declare_intrinsic("llvm.prefetch", [pointer.type], kind)
            builder.call(ask, [pointer, word(write), word(3), word(1)])
            return context.get_dummy_value()

        return types.none(data, types.intp), codegen

    return hint


prefetch = _hint(0)  # ask for the cache line of data[at], counted in items as if `data` were flat
prefetch_to_write = _hint(1)  # the same of a line that is about to be written


@overload(soon)
def _soon(data: Any, at: Any) -> Any:  # noqa: ARG001 numba looks at the kinds of arguments only
    def ask(data: Any, at: Any) -> None:
        prefetch(data, at)

    return ask


@intrinsic
def lowest(typingctx: Any, bits: Any) -> Any:  # noqa: ARG001 numba's signature
    """The place of the lowest bit that is set, of a number that is not zero."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ARG001
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), codegen


@intrinsic
def put(typingctx: Any, to: Any, at: Any, data: Any, start: Any) -> Any:  # noqa: ARG001 numba's signature
    """to.flat[at] = data[start] of words, cut to the width of `to`. Nothing is tested, so that loops of it become vectors."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        target = context.make_array(signature.args[0])(context, builder, args[0])
        source = context.make_array(signature.args[2])(context, builder, args[2])
        value = builder.load(builder.gep(source.data, [args[3]]))
        width = target.data.type.pointee
        builder.store(builder.trunc(value, width) if width.width < 64 else value, builder.gep(target.data, [args[1]]))
        return context.get_dummy_value()

    return types.none(to, types.intp, data, types.intp), codegen


u8 = _loader(8, swap=False)
u16 = _loader(16, swap=True)
u32 = _loader(32, swap=True)
u64 = _loader(64, swap=True)  # as int64: the same bits
_raw32 = _loader(32, swap=False)
_raw64 = _loader(64, swap=False)


@inlined
def u48(data: Any, at: int) -> Any:
    """A MAC as a number."""
    return (u16(data, at) << 32) | u32(data, at + 2)


@kernel
def number(data: Any, at: int, size: int) -> Any:
    """An unsigned number of 1 to 8 octets (RFC 7011 section 6.2); of a longer field the first 8."""
    if size == 4:
        return u32(data, at)
    if size == 2:
        return u16(data, at)
    if size == 1:
        return u8(data, at)
    if size >= 8:
        return u64(data, at)
    value = u8(data, at)
    for n in range(1, size):
        value = (value << 8) | u8(data, at + n)
    return value


@inlined
def address4(rows: Any, r: int, place: int, data: Any, at: int) -> None:
    """An IPv4 address, mapped, at row `r` of the addresses that begin at `place`; one is two words."""
    rows[place + 2 * r] = 0
    rows[place + 2 * r + 1] = (_raw32(data, at) << 32) | MAPPED


@inlined
def address16(rows: Any, r: int, place: int, data: Any, at: int) -> None:
    """An IPv6 address."""
    rows[place + 2 * r] = _raw64(data, at)
    rows[place + 2 * r + 1] = _raw64(data, at + 8)
