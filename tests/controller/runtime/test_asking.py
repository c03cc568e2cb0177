"""Which switches a request by hand reads: one where the service proved it moments ago, all of them where anything is in doubt."""

import pytest

from controller.core.sites import SwitchFile
from controller.runtime.asking import switches_to_read
from controller.store import endpoints, open_store
from controller.store.endpoints import Sighting

NOW_MS = 10_000_000
MAC = "02:00:00:00:00:01"
ALL = ["sw1", "sw2"]
FILE = SwitchFile.model_validate(
    {
        "sites": [{"name": "s"}],
        "switches": [
            {"name": name, "site": "s", "address": f"192.0.2.{n}", "snmp": {"community": "env:X"}}
            for n, name in enumerate(ALL, start=1)
        ],
    }
)
AT_PORT = {"switch": "sw1", "port": "ge1"}


def asked(
    target: dict[str, str], *seen: tuple[str, int], file: SwitchFile = FILE, ip: str | None = "10.0.0.1"
) -> list[str]:
    """Names of switches, after sightings of the MAC: (switch, so many seconds ago)."""
    store = open_store("sqlite://")
    with store.transaction() as tx:
        for switch, ago_s in seen:
            endpoints.see(tx, Sighting(MAC, NOW_MS - ago_s * 1000, ip=ip, switch=switch, port="ge1", ifindex=1))
    with store.reading() as connection:
        return switches_to_read(connection, file, target, now_ms=NOW_MS, stale_s=60)


@pytest.mark.parametrize("target", [{"mac": MAC}, AT_PORT, {"mac": MAC, **AT_PORT}])
def test_one_switch_that_the_service_saw(target: dict[str, str]) -> None:
    """At one edge port for minutes, and a moment ago still."""
    assert ["sw1"] == asked(target, ("sw1", 300), ("sw1", 5))


@pytest.mark.parametrize(
    ("target", "seen"),
    [
        ({"mac": MAC}, []),
        ({"mac": MAC}, [("sw1", 300), ("sw1", 61)]),
        ({"mac": MAC}, [("sw1", 30), ("sw1", 5)]),
        ({"mac": MAC}, [("sw1", 300), ("sw2", 40), ("sw1", 5)]),
        ({"mac": MAC, "switch": "sw2", "port": "ge1"}, [("sw1", 300), ("sw1", 5)]),
        ({"mac": MAC, "ip": "10.0.0.1"}, [("sw1", 300), ("sw1", 5)]),
        ({"mac": MAC}, [("gone", 300), ("gone", 5)]),
        ({"switch": "sw1", "port": "up1"}, [("sw1", 300), ("sw1", 5)]),
    ],
    ids=["never", "stale", "new", "moving", "elsewhere", "address", "unknown-switch", "uplink"],
)
def test_every_switch_in_doubt(target: dict[str, str], seen: list[tuple[str, int]]) -> None:
    """Never or long ago, just arrived, claimed by two switches, or an address: whatever is not settled is read everywhere."""
    assert ALL == asked(target, *seen)


def test_every_switch_for_what_only_routers_tell() -> None:
    """A MAC without an address, or with many, may be a gateway's; where an address is protected, any MAC may have it."""
    seen = ("sw1", 300), ("sw1", 5)
    assert ALL == asked({"mac": MAC}, *seen, ip=None)
    protected = {**FILE.model_dump(), "protected": [{"ip": "10.1.8.0/24", "why": "clinical gateways"}]}
    assert ALL == asked(AT_PORT, *seen, file=SwitchFile.model_validate(protected))
