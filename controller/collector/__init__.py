"""UDP datagrams and capture files of export datagrams in, FlowBatch out.

Names are imported when they are asked for: who reads only the section of the configuration needs no compiled decoder.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .capture.file import Capture
    from .config import CollectorConfig
    from .datagram import Datagram, Decoded, Decoder
    from .reference import ReferenceDecoder
    from .udp import Collector

PLACES = {
    "Capture": "capture.file",
    "Collector": "udp",
    "CollectorConfig": "config",
    "Datagram": "datagram",
    "Decoded": "datagram",
    "Decoder": "datagram",
    "ReferenceDecoder": "reference",
}

__all__ = ["Capture", "Collector", "CollectorConfig", "Datagram", "Decoded", "Decoder", "ReferenceDecoder"]


def __getattr__(name: str) -> Any:
    """A public name, from the module that has it."""
    if name not in PLACES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{PLACES[name]}"), name)
