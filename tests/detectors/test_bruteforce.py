"""Guessing: what a full bucket may be acted on for."""

from typing import Any

import pytest

from controller.runtime.catalog import load_catalog
from detectors import bruteforce
from detectors.alert import Endpoint, Response
from detectors.contact import TCP, Burst, Contact
from detectors.source import Source

from . import flows as f


@pytest.mark.parametrize(
    ("port", "changed", "expected"),
    [
        (3306, {}, Response.APPROVE),
        (3306, {"alike": 6}, Response.RECOMMEND),  # an application without a connection pool: questions of all sizes
        (3306, {"alike": 0}, Response.RECOMMEND),  # sizes are not known
        (3306, {"count": 29}, Response.RECOMMEND),
        (902, {}, Response.RECOMMEND),  # nobody knows whether one logs in there
    ],
)
def test_what_a_person_is_asked_for(port: int, changed: dict[str, Any], expected: Response) -> None:
    """Many connections of one size, to a service where one logs in."""
    source = Source(f.packed(f.ip_of(1)), Endpoint(f.ip_of(1), None, None, None), 10)
    contact = Contact((TCP, port, f.packed(f.ip_of(2))), 0)
    source.add(contact)
    source.bursts[contact.key] = Burst(**{"count": 30, "level": 30.0, "at_ms": 0, "alike": 7, **changed})
    assert expected is bruteforce.asks(load_catalog(), source)
