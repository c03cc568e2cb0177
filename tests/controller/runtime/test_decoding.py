"""Which decoder the service gets."""

import sys

import pytest

from controller.collector import ReferenceDecoder
from controller.collector.flowset import TemplateStore
from controller.collector.kernels import KernelDecoder
from controller.runtime.decoding import best_decoder


def test_the_compiled_one() -> None:
    """Where numba works, the kernels."""
    assert isinstance(best_decoder(TemplateStore())[0], KernelDecoder)


def test_the_reference_where_nothing_can_be_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """No numba, or no place for its cache: slower, never down."""
    monkeypatch.setitem(sys.modules, "controller.collector.kernels", None)
    assert isinstance(best_decoder(TemplateStore())[0], ReferenceDecoder)
