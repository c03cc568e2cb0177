"""Whose port number is believed: sFlow's, and of other protocols only what the collector marked as proven."""

import pytest

from detectors.flow import Has, Version

from . import flows as f


def sweep(version: Version, *, proven: bool) -> list[f.Row]:
    """Twenty addresses that do not answer."""
    rows = [f.tcp(n * 100, 1, 100 + n, version=version) for n in range(20)]
    return [{**row, "has": row["has"] | (int(Has.PORT_PROVEN) if proven else 0)} for row in rows]


@pytest.mark.parametrize(
    ("version", "proven", "port"),
    [(Version.V5, False, None), (Version.V5, True, 101), (Version.IPFIX, True, 101), (Version.SFLOW5, False, 101)],
)
def test_the_port_of_an_alert(version: Version, proven: bool, port: int | None) -> None:
    """NetFlow says who, and where only if its number is proven."""
    assert port == f.first_of(f.alerts(sweep(version, proven=proven))).endpoint.in_if


@pytest.mark.parametrize("proven", [True, False])
def test_uplinks_are_known_by_proven_numbers_alone(proven: bool) -> None:
    """A row that provably came in at an uplink accuses nobody there; an unproven number does not make it one."""
    found = f.alerts(sweep(Version.V9, proven=proven), to=f.engine(roles=lambda *_: "uplink"))
    assert proven == (not found)
