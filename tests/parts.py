"""Real parts that some tests want: there, or loudly not there."""

import os

import pytest

missing: set[str] = set()


def require_part(name: str, present: bool, why: str) -> None:
    """Go on if the part is there; skip and remember it if not, or fail where CORDON_PARTS=required."""
    if present:
        return
    line = f"{name}: {why}"
    missing.add(line)
    if os.environ.get("CORDON_PARTS") == "required":
        pytest.fail(f"a required part is missing: {line}")
    pytest.skip(f"part missing: {line}")
