"""A coverage-guided fuzzer of the decoders: `python -m tests.controller.collector.guided -runs=100000`.

Each input is cut into datagrams that come one after the other, so that templates and data meet. The reference is instrumented,
the kernels must say the same.
"""

import inspect
import sys
from types import ModuleType

import atheris

from controller.collector import ReferenceDecoder, flowset, netflow5, packet, reference, sflow
from controller.collector.flowset import normal, options, reader, store, template, times
from controller.collector.kernels import KernelDecoder

from . import datagrams as d
from .both import assert_same

READERS = (flowset, netflow5, packet, reference, sflow, normal, options, reader, store, template, times)
HEADS = (b"\0\0\0\5", b"\0\5", b"\0\x09", b"\0\x0a", b"\0\1", b"")
REFERENCE, KERNELS = ReferenceDecoder(), KernelDecoder(ReferenceDecoder())


def test_one(octets: bytes) -> None:
    """Datagrams of up to 300 octets; state is kept from input to input, as a collector keeps it."""
    fuzzed = atheris.FuzzedDataProvider(octets)
    found = []
    while fuzzed.remaining_bytes() and len(found) < 4:
        head = HEADS[fuzzed.ConsumeIntInRange(0, len(HEADS) - 1)]
        found.append(d.datagram(head + fuzzed.ConsumeBytes(fuzzed.ConsumeIntInRange(0, 300))))
    assert_same(REFERENCE.decode(found), KERNELS.decode(found))


def instrument(module: ModuleType) -> None:
    """Every function and method of a module, in place: the kernels are compiled by then, and compiled code cannot be."""
    for found in vars(module).values():
        for function in (found, *(vars(found).values() if inspect.isclass(found) else ())):
            if inspect.isfunction(function) and function.__module__ == module.__name__:
                atheris.instrument_func(function)


if __name__ == "__main__":
    for each in READERS:
        instrument(each)
    atheris.Setup(sys.argv, test_one)
    atheris.Fuzz()
