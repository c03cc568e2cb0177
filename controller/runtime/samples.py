"""Where the recordings are: beside the packages in a checkout, inside `controller` in an installed wheel."""

from __future__ import annotations

from pathlib import Path

import controller
from controller.core.errors import NotFound

PACKAGE = Path(controller.__file__).parent


def sample(name: str) -> Path:
    """A recording by its name."""
    for folder in (PACKAGE / "sample_flows", PACKAGE.parent / "sample_flows"):
        path = folder / f"{name}.pcap"
        if path.exists():
            return path
    raise NotFound(f"there is no recording {name}")
