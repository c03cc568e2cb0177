"""What runs beside what in `make test`, which is `pytest -n 2`: two processes at once, each taking a file at a time.

Tests on Kafka stay in one process, so that there is one broker. What takes long comes first, so that the two end together. The
lab counts lost packets: `make test` runs it afterwards, alone, and where it runs with others it comes last. Without `-n` only
the order is as here.
"""

from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent
LONG = (
    "controller/containment/test_crash.py",
    "controller/collector/test_fuzz.py",
    "controller/runtime/test_simulating.py",
)


def scheduler(config: pytest.Config, log: Any) -> Any:
    """A file is done in one process; so is everything on Kafka, and so is the lab. They begin in the order of `order`."""
    from xdist.scheduler import LoadScopeScheduling

    class Halves(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "kafka" if "kafka" in nodeid else "lab" if "tests/lab/" in nodeid else nodeid.partition("::")[0]

    config.option.loadscopereorder = False
    return Halves(config, log)


def order(items: list[pytest.Item]) -> None:
    """Sort tests in place: long files, the others as they were found, the lab."""
    for item in items:
        if item.get_closest_marker("kafka") and "kafka" not in item.nodeid:
            raise pytest.UsageError(f"{item.nodeid} needs `kafka` in its name, to be in one process with the others")
    long = {ROOT / name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: len(LONG) + 1 if ROOT / "lab" in item.path.parents else long.get(item.path, len(LONG)))
