"""Aggregates that a MAC table shows by the name of a member, or by one that people gave: never taken for an edge port.

EXOS: ExtremeXOS command reference, `show ports sharing` (16.2 has a column of flags, 21 and later name it otherwise; stacks have
slots). Open vSwitch: ovs-appctl(8) bond/list. Linux: ip-link(8), types bond and team.
"""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from controller.core.clock import ManualClock
from controller.core.errors import DeviceError
from controller.core.sites import Site, SwitchEntry, SwitchFile
from controller.inventory import Inventory, InventoryConfig
from controller.switches import sshtables
from controller.switches.ssh import SshDriver
from controller.switches.vendor import load_vendor, platforms
from playbooks.facts import Refusal
from playbooks.request import Target

RULE = "=" * 78
HEAD = f"""Load Sharing Monitor
Config    Current Agg      Min    Ld Share   Ld Share  Agg  Link   Link Up
Master    Master  Control  Active Algorithm  Group     Mbr  State  Transitions
{RULE}
"""
FOOT = f"""{RULE}
Link State: A-Active, D-Disabled, R-Ready, NP-Port not present, L-Loopback
Minimum Active: (<) Group is down. # active links less than configured minimum
Load Sharing Algorithm: (L2) Layer 2 address based, (L3) Layer 3 address based
Number of load sharing trunks: 2
"""
DOWN_AND_STATIC = """    14                      <2      L2         14       -     R       0
                                    L2         15       -     A       1
    17     35     Static     1      L2         17       -     R       0
                                    L2         35       Y     A       1
"""
WITH_FLAGS = """  1:1      1:1   Static   1    L2        L     1:1       Y     A       1
                               L2              5:2       Y     A       1
  1:25           Static   1    custom    A     1:25      -     R       0
                               custom          1:26      -     NP      0
"""
LACP = """     1      1    LACP      1   L3_L4     A     1         Y     A      12
                               L3_L4           2         Y     A       3
"""
FDB = """MAC                                       VLAN Name( Tag)  Age  Flags         Port / Virtual Port List
------------------------------------------------------------------------------------------
02:00:00:00:00:01                 v10(0010)  0003  d m         {port}

Flags : d - Dynamic
"""
PORTS = """1                             v10                E     A    1000  FULL
2                             v10                E     A    1000  FULL
3                             v10                E     A    1000  FULL
"""


def aggregated(platform: str, text: str) -> set[str]:
    """Names in that text."""
    return set(sshtables.aggregated(load_vendor(platform), text))


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("", set()),
        (DOWN_AND_STATIC, {"14", "15", "17", "35"}),
        (WITH_FLAGS, {"1:1", "5:2", "1:25", "1:26"}),
        (LACP, {"1", "2"}),
    ],
)
def test_exos(body: str, names: set[str]) -> None:
    """Masters and members, whether the group is up or not; the numbers beside them are no ports."""
    assert names == aggregated("extreme_exos", HEAD + body + FOOT)


@pytest.mark.parametrize("line", ["    14  a new column   14 of 2\n", "   3    3   LACP   1   L2   3\n"])
def test_exos_of_another_layout(line: str) -> None:
    """It must not pass for a switch without aggregates: nothing is located on it."""
    with pytest.raises(DeviceError, match="layout"):
        aggregated("extreme_exos", HEAD + LACP + line + FOOT)


def test_ovs() -> None:
    """The bond and its members; without bonds there is only the head."""
    head = "bond\ttype\trecircID\tmembers\n"
    assert set() == aggregated("ovs", head)
    assert {"up", "eth1", "eth2"} == aggregated("ovs", f"{head}up\tbalance-slb\t0\teth1, eth2\n")


def test_linux() -> None:
    """By its type, whatever it is called."""
    text = (
        "7: uplink: <BROADCAST,MASTER,UP,LOWER_UP> mtu 1500 qdisc noqueue master br0 state UP mode DEFAULT\\    link/ether\n"
        "3: eth1: <BROADCAST,SLAVE,UP,LOWER_UP> mtu 1500 qdisc mq master uplink state UP mode DEFAULT\\    link/ether\n"
    )
    assert {"uplink", "eth1"} == aggregated("linux", text)


def test_elsewhere_a_name_says_it() -> None:
    """Po1, Eth-Trunk1, BAGG1, Trk1, lag1, ae0, Ag1, smartgroup1, Trunk: nothing more is asked. RouterOS: a bond is no port."""
    assert {"extreme_exos", "ovs", "linux"} == {name for name in platforms() if load_vendor(name).reads.lags}


@pytest.mark.parametrize(("port", "refused"), [("1", True), ("2", True), ("3", False)])
def test_a_machine_behind_a_lag(port: str, refused: bool) -> None:
    """Refused as SNMP refuses it by dot3adAgg; the port beside it is an edge port."""
    answers = {
        "show fdb": FDB.format(port=port),
        "show ports no-refresh": PORTS,
        "show ports sharing": HEAD + LACP + FOOT,
        "show switch": "SysName:          sw1\nSystem UpTime:    3 hours 4 minutes 5 seconds\n",
    }
    session = SimpleNamespace(show=lambda command: answers.get(command, ""), close=lambda: None)
    entry = SwitchEntry(name="sw1", site="s", address="192.0.2.1", platform="extreme_exos", via="ssh")
    clock = ManualClock()
    driver = SshDriver(entry, load_vendor("extreme_exos"), cast(Any, session), clock)
    driver._ports._ifindexes = {
        "1": 1001,
        "2": 1002,
        "3": 1003,
    }  # EXOS tells none here; without one nothing is acted on anyway
    file = SwitchFile(sites=(Site(name="s"),), switches=(entry,))
    inventory = Inventory(file, lambda _: driver, InventoryConfig(), clock)
    inventory.refresh()
    found = inventory.locate(Target(mac="02:00:00:00:00:01"))
    assert refused is (Refusal.AGGREGATE in found.refuse)
    assert (port, refused) == (found.port.name if found.port else None, bool(found.refuse))
