"""Tables over SSH: rows by the vendor file's patterns or by templates, and one judgement for all of them."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from controller.core.clock import SystemClock
from controller.core.errors import CommandRejected, DeviceError
from controller.switches import sshtables
from controller.switches.ssh import SshDriver
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


ROWS = {
    "hp_comware": """MAC Address      VLAN ID    State            Port/Nickname            Aging
0200-0000-0001   10         Learned          GE1/0/1                  Y
0200-0000-0002   10         Config static    GE1/0/2                  N
""",
    "huawei_vrp": """MAC Address    VLAN/       PEVLAN CEVLAN Port            Type      LSP/LSR-ID
0200-0000-0001 10          -      -      GE0/0/1         dynamic   0/-
0200-0000-0002 10          100    -      GE0/0/2         static    -
0200-0000-0003 10          -      -      -               blackhole -
""",
    "huawei_vrp8": """Flags: * - Backup
BD   : bridge-domain   Age : dynamic MAC learned time in seconds
MAC Address    VLAN/VSI/BD   Learned-From        Type                Age
0200-0000-0001 10/-/-        10GE1/0/1           dynamic          718122
0200-0000-0002 10/-/-        GE1/0/2             static                -
0200-0000-0003 10/-/-        -                   blackhole             -
02-00-00-00-00-04 10/-/-     Eth-Trunk4          sticky                -
0200-0000-0005 -/vs1/13991   10.1.1.1            dynamic              10
""",
    "juniper_junos": """   Vlan                MAC                 MAC      Age    Logical                NH        RTR
   users               02:00:00:00:00:01   D             -   ge-0/0/1.0             0         0
   users               02:00:00:00:00:02   S             -   ge-0/0/2.0             0         0
   users               02:00:00:00:00:03   DR            -   vtep.32769             0         0
""",
    "extreme_exos": """02:00:00:00:00:01         v1(0010) 0069 d m              1
02:00:00:00:00:02         v1(0010) 0000 s m              2
02:00:00:00:00:03         v1(0010) 0000 d mi             CPU
""",
    "zte_zxros": """MAC            VLAN  Stk  Port                       Attr
0200.0000.0001 10    1    gei-0/1/1/1               Dynamic
0200.0000.0002 10    1    gei-0/1/1/2               Static
""",
    "fortinet": """MAC: 02:00:00:00:00:01  VLAN: 10 Port: port1(port-id 1)
  Flags: 0x00010440 [ used hit ]

MAC: 02:00:00:00:00:02  VLAN: 10 Port: port2(port-id 2)
  Flags: 0x00000020 [ static ]
""",
    "mikrotik_routeros": """ 0   D   mac-address=02:00:00:00:00:01 vid=10 interface=ether1 bridge=bridge on-interface=ether1
 1       mac-address=02:00:00:00:00:02 vid=10 interface=ether2 bridge=bridge on-interface=ether2
 2   DL  mac-address=02:00:00:00:00:03 interface=ether3 bridge=bridge on-interface=ether3
""",
}


@pytest.mark.parametrize("name", ROWS)
def test_entries_that_somebody_wrote(name: str) -> None:
    """The first row was learned; the second is an entry of the configuration; the switch's own and others name no port."""
    found = {row.mac[-2:]: row for row in sshtables.fdb(load_vendor(name), ROWS[name], {})}
    assert (Verdict.PORT, False) == (found["01"].verdict, found["01"].weak)
    assert all(row.weak or row.verdict is not Verdict.PORT for mac, row in found.items() if mac != "01")
    assert name == "mikrotik_routeros" or found["02"].weak


def test_the_other_switch_of_a_pair() -> None:
    """What a vPC peer learned is on no port of this one."""
    text = "+   10     0200.0000.0001   dynamic  0         F      F    vPC Peer-Link\n"
    (row,) = sshtables.fdb(load_vendor("cisco_nxos"), text, {})
    assert (Verdict.NO_PORT, None) == (row.verdict, row.port)


def test_junos_without_ages() -> None:
    """Newer releases have a column less before the interface."""
    text = "    v100                02:00:00:00:00:01   D                  ge-0/0/1.0\n"
    (row,) = sshtables.fdb(load_vendor("juniper_junos"), text, {})
    assert ("ge-0/0/1", Verdict.PORT, False) == (row.port, row.verdict, row.weak)


def test_trunks_of_a_fortiswitch() -> None:
    """Whatever their names, which people and FortiLink give them."""
    text = """MAC: 02:00:00:00:00:01  VLAN: 10 Port: port1(port-id 1)
  Flags: 0x00010440 [ used hit dynamic ]

MAC: 02:00:00:00:00:02  VLAN: 10 Trunk: trunk-G6(trunk-id 0)
  Flags: 0x000104c0 [ used hit trunk ]

MAC: 02:00:00:00:00:03  VLAN: 10 Trunk: uplink2(trunk-id 1)
  Flags: 0x000104c0 [ used hit trunk ]

MAC: 02:00:00:00:00:04  VLAN: 4094 Port: internal(port-id 51)
"""
    found = sshtables.fdb(load_vendor("fortinet"), text, {})
    assert [(Verdict.PORT, False), (Verdict.PORT, True), (Verdict.PORT, True), (Verdict.SELF, False)] == [
        (row.verdict, row.lag) for row in found
    ]


def test_names_with_blanks() -> None:
    """RouterOS: `office`, which may be there as well, is not `office printer`."""
    text = """ 0   D   mac-address=02:00:00:00:00:01 vid=10 interface=office printer bridge=bridge on-interface=office printer
 1   D   mac-address=02:00:00:00:00:02 interface=ether2 bridge=bridge
 2   D   mac-address=02:00:00:00:00:03 interface=bonding-core bridge=bridge on-interface=bonding-core
"""
    found = sshtables.fdb(load_vendor("mikrotik_routeros"), text, {})
    assert [("office printer", False), ("ether2", False), ("bonding-core", True)] == [
        (row.port, row.lag) for row in found
    ]


@pytest.mark.parametrize("name", ["aruba_aoscx", "arista_eos", "dell_os10", "zte_zxros"])
def test_a_row_without_a_port(name: str) -> None:
    """It takes nothing of the next row."""
    mac = "0200.0000.000{}" if name in ("arista_eos", "zte_zxros") else "02:00:00:00:00:0{}"
    first, second = mac.format(1), mac.format(2)
    port = {"aruba_aoscx": "1/1/2", "arista_eos": "Et2", "dell_os10": "ethernet1/1/2", "zte_zxros": "gei-0/1/1/2"}[name]
    rows = {
        "aruba_aoscx": f"{first}    10       dynamic\n{second}    10       dynamic                   {port}\n",
        "arista_eos": f"  10    {first}    DYNAMIC\n  10    {second}    DYNAMIC     {port}\n",
        "dell_os10": f"10    {first}    dynamic\n10    {second}    dynamic    {port}\n",
        "zte_zxros": f"{first} 10\n{second} 10    1    {port}               Dynamic\n",
    }
    found = {row.mac[-1]: row.port for row in sshtables.fdb(load_vendor(name), rows[name], {})}
    assert "2" in found
    assert found["2"] is not None
    assert found.get("1") is None


STATUS = {
    "arista_eos": """Port       Name                   Status       Vlan     Duplex Speed  Type            Flags
Et1        x connected 7          disabled     10       full   10G    10GBASE-SR
Et2                               connected    trunk    full   10G    10GBASE-SR
""",
    "cisco_nxos": """Eth1/1        connected 7 room   disabled  10        full    10G     10Gbase-SR
Eth1/2        --                 connected trunk     full    10G     --
""",
    "huawei_vrp8": """Interface                  PHY      Protocol  InUti OutUti   inErrors  outErrors
100GE1/0/1:2               *down    down         0%     0%          0          0
Eth-Trunk1                 up       up           0%  0.01%          0          0
  25GE1/0/3(10G)           up       up           0%  0.01%          0          0
MEth0/0/0                  up       up        0.01%     0%          0          0
25GE1/0/6.3991             up       up           0%     0%          0          0
""",
    "extreme_exos": """1        printer              v10                D     R
2                                                E     NP
3                             (3)                E     A    1000  FULL
""",
    "juniper_junos": """et-0/0/1:0              down  down
et-0/0/1:1              up    up
""",
}


@pytest.mark.parametrize("name", STATUS)
def test_what_a_port_is(name: str) -> None:
    """By its own line, whatever is written in its description and on the next line; channelised ports too."""
    first, *_, last = sshtables.ports(load_vendor(name), STATUS[name], "", {})
    assert ("down", "down") == (str(first.admin), str(first.oper))
    assert ("up", "up") == (str(last.admin), str(last.oper))
    assert last.trunk == (name not in ("juniper_junos", "huawei_vrp8"))  # which have the VLANs in another table


def test_vrp_8_ports() -> None:
    """The port for managing, bundles and sub-interfaces are none; trunks stand in the VLAN table, breakouts under their names."""
    vlans = """Port                    Link Type    PVID  Trunk VLAN List                          Port Description
100GE1/0/1:2            access       10    -                                        trunk 7
25GE1/0/3               trunk        1     1-11
"""
    found = sshtables.ports(load_vendor("huawei_vrp8"), STATUS["huawei_vrp8"], vlans.replace("trunk 7", "bed 7"), {})
    assert [("100GE1/0/1:2", 10, False), ("25GE1/0/3", None, True)] == [(r.name, r.pvid, r.trunk) for r in found]


def test_vrp_8_rows() -> None:
    """A bridge domain or a VSI is no VLAN; a tunnel no port; both notations of a MAC."""
    text = """MAC Address    VLAN/VSI/BD   Learned-From        Type                Age
0200-0000-0001 10/-/-        100GE1/0/2:1        dynamic             665
02-00-00-00-00-02 -/-/10     GigabitEthernet1/0/4 dynamic             10
0200-0000-0003 10/-          Eth-Trunk1          dynamic               -
0200-0000-0004 -/-/10        10.1.1.1            dynamic              10
"""
    found = sshtables.fdb(load_vendor("huawei_vrp8"), text, {})
    assert [("100GE1/0/2:1", 10, False), ("GE1/0/4", None, False), ("Eth-Trunk1", 10, True)] == [
        (row.port, row.vlan, row.lag) for row in found
    ]


@pytest.mark.parametrize(
    ("name", "said", "hears"),
    [
        ("huawei_vrp", "Error: Global LLDP is not enabled.", False),
        ("cisco_nxos", "                ^\n% Invalid command at '^' marker.", False),
        ("dell_os9", "% Error: LLDP is not enabled globally.", False),
        ("huawei_vrp", "Error: Unrecognized command found at '^' position.", True),
        ("huawei_vrp8", "Error: The global LLDP function is not enabled.", False),
    ],
)
def test_a_switch_that_does_not_hear_its_neighbours(name: str, said: str, hears: bool) -> None:
    """Its other tables are read all the same; another refusal is one."""

    class Session:
        def show(self, command: str) -> str:
            raise CommandRejected(str(load_vendor(name).failure_in(said, table=True)), command=command)

    entry = SimpleNamespace(name="sw1")
    driver = SshDriver(cast(Any, entry), load_vendor(name), cast(Any, Session()), SystemClock())
    if hears:
        with pytest.raises(CommandRejected):
            driver.neighbours()
    else:
        assert () == driver.neighbours()
