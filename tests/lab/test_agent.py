"""The bridge agent, on a switch in memory: what it shows, what may be set, and how it speaks with snmpd."""

import io
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from controller.lab.agent.__main__ import serve
from controller.lab.agent.bridge import BridgePort
from controller.lab.agent.mib import PVID, STATIC_EGRESS, Mib, port_numbers, port_octets


@dataclass
class Bridge:
    """As the real one, without a switch behind it."""

    ports: dict[int, BridgePort] = field(
        default_factory=lambda: {
            5: BridgePort(5, "ge1", 4, "u5", 10),
            1: BridgePort(1, "up1", 2, "u1", 0, (10, 20)),
        }
    )
    rows: list[tuple[int, int, str]] = field(default_factory=lambda: [(5, 10, "02:77:00:00:00:01")])
    isolated: frozenset[int] = frozenset({666})

    def refresh(self, *, rows: bool = True) -> bool:
        """Nothing gets old here."""
        return False

    def vlans(self) -> list[int]:
        """Three."""
        return [10, 20, 666]

    def move(self, number: int, vlan: int) -> None:
        """Change the tag."""
        self.ports[number].tag = vlan


def talk(*lines: str) -> list[str]:
    """What is answered to these lines."""
    out = io.StringIO()
    serve(Mib(Bridge()), io.StringIO("".join(f"{line}\n" for line in lines)), out)  # type: ignore[arg-type]
    return out.getvalue().splitlines()


def test_speaks_pass_persist() -> None:
    """PING, a GET that hits, one that does not."""
    pvid = "." + ".".join(map(str, (*PVID, 5)))
    assert ["PONG"] == talk("PING")
    assert [pvid, "gauge", "10"] == talk("get", pvid)
    assert ["NONE"] == talk("get", pvid + ".1")


def test_an_empty_line_ends_nothing() -> None:
    """net-snmp sends one after each octet string that is set; what comes next is answered."""
    egress = "." + ".".join(map(str, (*STATIC_EGRESS, 666)))
    assert ["DONE", "PONG"] == talk("set", egress, 'octet "08 00 00 00"', "", "PING")


def test_a_walk_meets_every_object_once_and_in_order() -> None:
    """GETNEXT from the root to the end."""
    mib = Mib(Bridge())  # type: ignore[arg-type]
    seen, at = [], (1, 3, 6, 1, 2, 1, 17)
    while (found := mib.after(at)) is not None:
        seen.append(found[0])
        at = found[0]
    assert sorted(set(seen)) == seen
    assert (*PVID, 5) in seen


def test_what_may_be_set() -> None:
    """The PVID of an access port within range; not of a trunk, not of a port that is not there, not another object."""
    mib = Mib(Bridge())  # type: ignore[arg-type]
    assert "DONE" == mib.set((*PVID, 5), "gauge", "666")
    assert "666" == (mib.get((*PVID, 5)) or ("", "", ""))[2]
    assert "wrong-value" == mib.set((*PVID, 5), "gauge", "9999")
    assert "wrong-value" == mib.set((*PVID, 1), "gauge", "10")
    assert "no-creation" == mib.set((*PVID, 77), "gauge", "10")
    assert "wrong-type" == mib.set((*PVID, 5), "string", "10")
    assert "not-writable" == mib.set((1, 3, 6, 1, 2, 1, 17, 1, 4, 1, 2, 5), "integer", "3")


def test_static_members_are_kept() -> None:
    """An egress list that was set is what is read; unknown ports and VLANs are refused."""
    mib = Mib(Bridge())  # type: ignore[arg-type]
    assert "DONE" == mib.set((*STATIC_EGRESS, 666), "octet", port_octets({1, 5}).hex(" "))
    assert port_octets({1, 5}).hex(" ") == (mib.get((*STATIC_EGRESS, 666)) or ("", "", ""))[2]
    assert "wrong-value" == mib.set((*STATIC_EGRESS, 666), "octet", port_octets({7}).hex(" "))
    assert "no-creation" == mib.set((*STATIC_EGRESS, 99), "octet", port_octets({5}).hex(" "))


@given(st.sets(st.integers(1, 500)))
def test_port_lists_go_there_and_back(numbers: set[int]) -> None:
    """PortList: any set of ports survives being written and read."""
    assert numbers == port_numbers(port_octets(numbers))
