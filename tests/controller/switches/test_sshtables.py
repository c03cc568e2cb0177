"""Tables over SSH: rows by the vendor file's patterns or by templates, and one judgement for all of them."""

import pytest

from controller.core.errors import DeviceError
from controller.switches import sshtables
from controller.switches.vendor import load_vendor
from playbooks.facts import NeighbourKind, Verdict

IOS = """          Mac Address Table
-------------------------------------------

Vlan    Mac Address       Type        Ports
----    -----------       --------    -----
 All    0100.0ccc.cccc    STATIC      CPU
  10    0200.0000.0001    DYNAMIC     Gi1/0/1
  10    0200.0000.0002    STATIC      Gi1/0/2
  10    0200.0000.0003    DYNAMIC     Po1
%LINK-3-UPDOWN: Interface GigabitEthernet1/0/7, changed state to up
  10    0200.0000.0004    DYNAMIC     Gi1/0/4
Total Mac Addresses for this criterion: 5
"""
EOS = """          Mac Address Table
------------------------------------------------------------------

Vlan    Mac Address       Type        Ports      Moves   Last Move
----    -----------       ----        -----      -----   ---------
  10    0200.0000.0001    DYNAMIC     Et1        1       0:01:02 ago
  10    0200.0000.0002    STATIC      Cpu
  10    0200.0000.0003    DYNAMIC     Vx1        1       0:01:02 ago
  10    0200.0000.0004    STATIC      Et4
"""


def test_a_line_that_is_none_costs_nothing() -> None:
    """By the template: names in full, the switch's own entries, aggregates and static entries marked; a console message between
    the rows loses none of them."""
    found = sshtables.fdb(load_vendor("cisco_ios"), IOS, {"GigabitEthernet1/0/1": 10101})
    assert [
        (None, None, Verdict.SELF, False, True),
        ("GigabitEthernet1/0/1", 10101, Verdict.PORT, False, False),
        ("GigabitEthernet1/0/2", None, Verdict.PORT, False, True),
        ("Port-channel1", None, Verdict.PORT, True, False),
        ("GigabitEthernet1/0/4", None, Verdict.PORT, False, False),
    ] == [(row.port, row.ifindex, row.verdict, row.lag, row.weak) for row in found]


def test_rows_of_a_vendor_file_are_judged_alike() -> None:
    """By the file's own pattern: a tunnel is no port, and a static entry is weak."""
    found = sshtables.fdb(load_vendor("arista_eos"), EOS, {})
    assert [
        ("Ethernet1", Verdict.PORT, False),
        (None, Verdict.SELF, True),
        (None, Verdict.NO_PORT, False),
        ("Ethernet4", Verdict.PORT, True),
    ] == [(row.port, row.verdict, row.weak) for row in found]


def test_a_layout_that_is_not_known_is_told() -> None:
    """No ports at all would be taken for a switch without any."""
    with pytest.raises(DeviceError, match="show interfaces status"):
        sshtables.ports(load_vendor("cisco_ios"), "nothing that looks like it\n", "", {})


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("B", NeighbourKind.SWITCH), ("B,T", NeighbourKind.PHONE), ("WB", NeighbourKind.AP), ("R", NeighbourKind.ROUTER),
        ("Bridge, Router", NeighbourKind.SWITCH), ("Station Only", NeighbourKind.OTHER),
    ],
)  # fmt: skip
def test_capabilities(said: str, kind: NeighbourKind) -> None:
    """Letters, letters in a row, words."""
    assert kind is sshtables.kind_of(said)
