"""Neighbours over SSH where one of them says little: it costs no other its name, its port or its kind.

A computer's network card may send the mandatory TLVs only (IEEE 802.1AB: chassis, port, TTL), beside a switch that sends all.
"""

import pytest

from controller.switches import sshtables
from controller.switches.vendor import load_vendor
from playbooks.facts import NeighbourKind

LITTLE_THEN_MUCH = {
    "arista_eos": """Interface Ethernet1 detected 2 LLDP neighbors:

  Neighbor 0200.0000.0001/0200.0000.0001, age 5 seconds
  - Chassis ID type: MAC address (4)
    Chassis ID     : 0200.0000.0001
  - Port ID type: MAC address(3)
    Port ID     : 0200.0000.0001
  - Time To Live: 120 seconds

  Neighbor 0200.0000.0003/"p", age 5 seconds
    Port ID     : "p"
  - System Name: "phone"
    Enabled Capabilities: Bridge, Telephone

Interface Ethernet2 detected 0 LLDP neighbors:

Interface Ethernet48 detected 1 LLDP neighbors:

  Neighbor 0277.0000.00aa/"Gi1/0/1", age 5 seconds
    Port ID     : "Gi1/0/1"
  - System Name: "core"
  - System Description: "emulated"
  - System Capabilities : Bridge, Router
    Enabled Capabilities: Bridge, Router
""",
    "aruba_aoscx": """Port                           : 1/1/1
Neighbor Entries               : 1
Neighbor Chassis-ID            : 02:00:00:00:00:01
Neighbor Port-ID               : 02:00:00:00:00:01

Port                           : 1/1/48
Neighbor Entries               : 1
Neighbor System-Name           : core
Chassis Capabilities Enabled   : Bridge, Router
Neighbor Port-ID               : Gi1/0/1
""",
    "cisco_nxos": """Chassis id: 0200.0000.0001
Port id: 0200.0000.0001
Local Port id: Eth1/1
Port Description: null
Time remaining: 100 seconds
Management Address: not advertised
Vlan ID: not advertised

Chassis id: 0277.0000.00aa
Port id: Gi1/0/1
Local Port id: Eth1/48
System Name: core
Enabled Capabilities: B, R
""",
    "extreme_exos": """-----------------------------------------------------------------------------
LLDP Port 1 detected 1 neighbor
  Neighbor: (5.1)02:00:00:00:00:01/02:00:00:00:00:01, age 12 seconds
    - Chassis ID type: MAC address (4)
      Chassis ID     : 02:00:00:00:00:01
    - Port ID type: MAC address (3)
      Port ID     : 02:00:00:00:00:01
    - Time To Live: 120 seconds
-----------------------------------------------------------------------------
LLDP Port 48 detected 1 neighbor
  Neighbor: 02:77:00:00:00:aa/"Gi1/0/1", age 12 seconds
      Port ID     : "Gi1/0/1"
    - System Name: "core"
      Enabled Capabilities: "Bridge, Router"
""",
    "hp_comware": """LLDP neighbor-information of port 1[GigabitEthernet1/0/1]:
LLDP agent nearest-bridge:
 LLDP neighbor index : 1
 Chassis type        : MAC address
 Port ID             : 0200-0000-0001
 Time to live        : 121

LLDP neighbor-information of port 48[GigabitEthernet1/0/48]:
LLDP agent nearest-bridge:
 LLDP neighbor index : 1
 Port ID             : Gi1/0/1
 System name         : core
 System capabilities enabled   : Bridge, Router
""",
    "hp_procurve": """ LLDP Remote Device Information Detail

  Local Port   : 1
  ChassisType  : mac-address
  ChassisId    : 020000-000001
  PortType     : mac-address
  PortId       : 020000-000001

------------------------------------------------------------------------------
  Local Port   : 48
  PortId       : Gi1/0/1
  SysName      : core

  System Capabilities Supported  : bridge, router
  System Capabilities Enabled    : bridge, router
""",
    "huawei_vrp": """GigabitEthernet0/0/1 has 1 neighbor(s):

Neighbor index :1
Chassis type   :MAC Address
Port ID        :0200-0000-0001
Expired time   :100s

GigabitEthernet0/0/2 has 0 neighbor(s)

GigabitEthernet0/0/48 has 1 neighbor(s):

Neighbor index :1
Port ID        :Gi1/0/1
System name    :core
System capabilities enabled    :bridge router
""",
    "huawei_vrp8": """10GE1/0/1 has 1 neighbor(s):

Neighbor index                     :1
Chassis type                       :MAC Address
Port ID                            :0200-0000-0001
Expired time                       :100s

10GE1/0/48 has 1 neighbor(s):

Neighbor index                     :1
Port ID subtype                    :Interface Name
Port ID                            :Gi1/0/1
System name                        :core
System capabilities enabled        :bridge router
""",
    "ruijie_os": """----------------------------------------------------------------------------
LLDP neighbor-information of port [GigabitEthernet 0/1]
----------------------------------------------------------------------------
  Neighbor index                    : 1
  Port ID                           : 0200.0000.0001
----------------------------------------------------------------------------
LLDP neighbor-information of port [GigabitEthernet 0/48]
----------------------------------------------------------------------------
  Neighbor index                    : 1
  Port ID                           : Gi1/0/1
  System name                       : core
  System capabilities enabled       : Bridge, Router
""",
    "juniper_junos": """Local Interface    Parent Interface    Chassis Id          Port info          System Name
ge-0/0/1           -                   02:00:00:00:00:01   02:00:00:00:00:01
ge-0/0/48          -                   02:77:00:00:00:aa   Gi1/0/1            core
""",
    "dell_os6": """Local
Interface RemID   Chassis ID          Port ID           System Name
--------- ------- ------------------- ----------------- -----------------
Gi1/0/1   1       02:00:00:00:00:01   02:00:00:00:00:01
Gi1/0/48  2       02:77:00:00:00:AA   Gi1/0/1           core
""",
    "dell_os9": """ Loc PortID  Rem Host Name   Rem Port Id             Rem Chassis Id
 ---------------------------------------------------------------------
 Te 0/1      -               02:00:00:00:00:01       02:00:00:00:00:01
 Te 0/48     core            Gi1/0/1                 02:77:00:00:00:aa
""",
    "zte_zxros": """Local Intf   Chassis ID     Port ID      Holdtime  System Name
gei-0/1/1/1  0200.0000.0001 0200.0000.0001 120
gei-0/1/1/48 0277.0000.00aa Gi1/0/1      120       core
""",
    "mikrotik_routeros": """ 0   interface=ether1,bridge address4=10.0.0.9 mac-address=02:00:00:00:00:01
 1   interface=ether48,bridge identity=core interface-name=Gi1/0/1 system-caps-enabled=bridge,router
""",
    "fortinet": """ port1   Up  -      120  -   02:00:00:00:00:01  02:00:00:00:00:01
 port48  Up  core   120  BR  -  Gi1/0/1
""",
    "dell_os10": """Loc PortID          Rem Host Name   Rem Port Id             Rem Chassis Id
-----------------------------------------------------------------------------
ethernet1/1/1       Not Advertised  02:00:00:00:00:01       02:00:00:00:00:01
ethernet1/1/48      core            Gi1/0/1                 02:77:00:00:00:aa
""",
}  # fmt: skip


@pytest.mark.parametrize("platform", LITTLE_THEN_MUCH)
def test_each_on_its_own_port(platform: str) -> None:
    """The switch on the last port, by its name, and no name on the first."""
    found = sshtables.neighbours(load_vendor(platform), LITTLE_THEN_MUCH[platform], {})
    assert len(found) >= 2
    last = found[-1]
    assert (True, "core", "Gi1/0/1") == (last.port.endswith("48"), last.system_name, last.port_id)
    assert last.kind in (NeighbourKind.SWITCH, NeighbourKind.ROUTER)
    assert "core" not in {row.system_name for row in found[:-1]}
    assert not any(row.port.endswith("48") for row in found[:-1])


def test_two_neighbours_on_one_port() -> None:
    """A computer behind a phone: both are told."""
    found = sshtables.neighbours(load_vendor("arista_eos"), LITTLE_THEN_MUCH["arista_eos"], {"Ethernet1": 1})
    assert [(1, "", NeighbourKind.OTHER), (1, "phone", NeighbourKind.PHONE)] == [
        (row.ifindex, row.system_name, row.kind) for row in found[:2]
    ]


def test_a_name_without_capabilities() -> None:
    """It may be a switch, and is treated as one; what has no name either is a machine's network card."""
    text = LITTLE_THEN_MUCH["huawei_vrp"].replace("System capabilities enabled    :bridge router\n", "")
    first, last = sshtables.neighbours(load_vendor("huawei_vrp"), text, {})
    assert (NeighbourKind.OTHER, NeighbourKind.SWITCH) == (first.kind, last.kind)
