"""Which code the service receives and decodes with: the compiled one, or plain Python where nothing can be compiled."""

from __future__ import annotations

import structlog

from controller.collector import ReferenceDecoder
from controller.collector.bulk import Enter, plain_enter
from controller.collector.datagram import Decoder
from controller.collector.flowset import TemplateStore

log = structlog.get_logger(__name__)


def best_decoder(templates: TemplateStore) -> tuple[Decoder, Enter]:
    """Compiled code is cached beside the package or in the user's cache; a service that may write to neither still runs."""
    reference = ReferenceDecoder(templates)
    try:
        from controller.collector.kernels import KernelDecoder, warm_enter

        return KernelDecoder(reference), warm_enter()
    except (
        RuntimeError,
        OSError,
        ImportError,
        KeyError,
    ) as error:  # numba: "cannot cache function", no place to write to
        log.warning("decoding in plain Python, at a hundredth of the speed", error=str(error), do="set NUMBA_CACHE_DIR")
        return reference, plain_enter
