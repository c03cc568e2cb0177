"""MAC tables as the manuals of other makers show them: templates where there are some, else line by line."""

import pytest

from controller.switches.cli.macs import mac_table

SAMPLES = {
    "aruba_aoscx": """MAC age-time            : 300 seconds
Number of MAC addresses : 2

MAC Address          VLAN     Type                      Port
--------------------------------------------------------------
00:50:56:96:50:3c    10       dynamic                   1/1/1
00:50:56:96:7b:f0    20       port-access-security      lag1
""",
    "juniper_junos": """
MAC flags (S - static MAC, D - dynamic MAC, L - locally learned, P - Persistent static
           SE - statistics enabled, NM - non configured MAC, R - remote PE MAC, O - ovsdb MAC)


Ethernet switching table : 2 entries, 2 learned
Routing instance : default-switch
   Vlan                MAC                 MAC      Age    Logical                NH        RTR
   name                address             flags           interface              Index     ID
   Vlan100             00:50:56:96:50:3c   D             -   ge-0/0/1.0             0         0
   users               00:50:56:96:50:3d   D             -   ae0.0                  0         0
""",
    "extreme_exos": """MAC                    VLAN Name( Tag)  Age  Flags         Port / Virtual Port List
------------------------------------------------------------------------------------------------------
00:04:96:51:b4:a2                 v1(0100) 0069 d m              1:5
00:04:96:51:b4:a3                 v1(0100) 0069 d m              2
""",
    "dell_powerconnect": """Aging time is 300 Sec

      Vlan            Mac Address           Port         Type
------------------ ------------------ ---------------- ----------
        1           00:11:22:33:44:55       g1         dynamic
        1           00:11:22:33:44:56       0          self
""",
    "brocade_fastiron": """Total active entries from all ports = 2
MAC-Address     Port           Type          Index  VLAN
0000.0300.0000  1/1/1          Dynamic       1232   10
0000.0300.0001  lg1          Dynamic       1233   10
""",
    "ruckus_fastiron": """Total active entries from all ports = 2
MAC-Address     Port           Type          VLAN
cc4e.24b4.0000  1/1/1          Dynamic          10
cc4e.24b4.0001  1/2/1          Dynamic          10
""",
    "broadcom_icos": """
VLAN ID  MAC Address         Interface              IfIndex  Status
-------  ------------------  ---------------------  -------  ------------
1        00:11:22:33:44:55   0/1                    1        Learned
1        00:11:22:33:44:56   CPU Interface:  0/5/1  465      Management
""",
    "alcatel_aos": """Legend: Mac Address: * = address not valid,

   Domain    Vlan/SrvcId[ISId/vnId]              Mac Address           Type          Operation          Interface
------------+----------------------+-------------------+------------------+-------------+-------------------------
      VLAN                     100    00:11:22:33:44:55         dynamic       bridging                  1/1/13
      VLAN                     100    00:11:22:33:44:56         dynamic       bridging                     0/1
""",
    "mikrotik_routeros": """ 0   D   mac-address=00:11:22:33:44:55 vid=10 interface=ether2 bridge=bridge1 on-interface=ether2
 1   DL  mac-address=00:11:22:33:44:56 interface=bridge1 bridge=bridge1 on-interface=bridge1
""",
    "dell_os10": """VlanId        Mac Address         Type        Interface
10            00:11:22:33:44:55   dynamic     ethernet1/1/3
10            00:11:22:33:44:56   dynamic     port-channel1
""",
    "fortinet": """MAC: 00:11:22:33:44:55  VLAN: 10 Port: port3(port-id 3)
""",
    "ubiquiti_edgeswitch": """VLAN ID  MAC Address         Interface              IfIndex  Status
-------  ------------------  ---------------------  -------  ------------
1        00:11:22:33:44:55   0/1                    1        Learned
1        00:11:22:33:44:56   3/1                    66        Management
""",
    "zte_zxros": """MAC            VLAN  Stk  Port                       Attr
0011.2233.4455 10    1    gei-0/1/1/3               Dynamic
""",
    "eltex": """Aging time is 300 sec

   Vlan          Mac Address         Port       Type
------------ --------------------- ---------- ----------
     1         a8:f9:4b:00:00:01    gi1/0/1    dynamic
     1         a8:f9:4b:00:00:02       0       self
""",
    "dlink_ds": """
VID  VLAN Name                        MAC Address       Port Type
---- -------------------------------- ----------------- ---- ---------------
1    default                          00-11-22-33-44-55 5    Dynamic
1    default                          00-11-22-33-44-56 CPU  Self
""",
    "linux": """00:11:22:33:44:55 dev eth1 vlan 10 master br0
00:11:22:33:44:56 dev br0 self permanent
""",
    "juniper_ex": """Ethernet-switching table: 3 unicast entries
  VLAN              MAC address       Type         Age Interfaces
  default           *                 Flood          - All-members
  default           00:00:05:00:00:03 Learn          0 ge-0/0/2.0
  v10               00:00:5e:00:01:09 Static         - Router
""",
    "zte_zxr10": """MAC              VLAN  PORT                 From      Time
------------------------------------------------------------
0011.2233.4455   100   gei_1/3              Dynamic   0:01:22:33
""",
    "hp_procurve": """ Status and Counters - Address Table - 3

  MAC Address   VLANs
  ------------- ------------
  001122-334455 10
""",
    "allied_telesis_awplus": """VLAN port             mac            fwd
1    unknown          0000.cd28.0752 forward static
1    port1.0.3        0030.846e.bac7 forward dynamic
""",
    "arista_eos": """          Mac Address Table
------------------------------------------------------------------

Vlan    Mac Address       Type        Ports      Moves   Last Move
----    -----------       ----        -----      -----   ---------
 10     0011.2233.4455    DYNAMIC     Vx1        1       0:01:02 ago
 10     0011.2233.4456    DYNAMIC     Et3        1       0:01:02 ago
Total Mac Addresses for this criterion: 2
""",
}
# Last octet of the MAC, VLAN, port as shown, verdict
EXPECTED = {
    "aruba_aoscx": [("3c", 10, "1/1/1", "port"), ("f0", 20, "lag1", "port")],
    "juniper_junos": [("3c", 100, "ge-0/0/1.0", "port"), ("3d", None, "ae0.0", "port")],
    "extreme_exos": [("a2", 100, "1:5", "port"), ("a3", 100, "2", "port")],
    "dell_powerconnect": [("55", 1, "g1", "port"), ("56", 1, "0", "self")],
    "brocade_fastiron": [("00", 10, "1/1/1", "port"), ("01", 10, "lg1", "port")],
    "ruckus_fastiron": [("00", 10, "1/1/1", "port"), ("01", 10, "1/2/1", "port")],
    "broadcom_icos": [("55", 1, "0/1", "port"), ("56", 1, "CPU", "self")],
    "alcatel_aos": [("55", 100, "1/1/13", "port"), ("56", 100, "0/1", "port")],
    "mikrotik_routeros": [("55", 10, "ether2", "port"), ("56", None, "bridge1", "self")],
    "dell_os10": [("55", 10, "ethernet1/1/3", "port"), ("56", 10, "port-channel1", "port")],
    "fortinet": [("55", 10, "port3", "port")],
    "ubiquiti_edgeswitch": [("55", 1, "0/1", "port"), ("56", 1, "3/1", "self")],
    "zte_zxros": [("55", 10, "gei-0/1/1/3", "port")],
    "eltex": [("01", 1, "gi1/0/1", "port"), ("02", 1, "0", "self")],
    "dlink_ds": [("55", 1, "5", "port"), ("56", 1, "CPU", "self")],
    "linux": [("55", 10, "eth1", "port"), ("56", None, "br0", "self")],
    "juniper_ex": [("03", None, "ge-0/0/2.0", "port"), ("09", None, "Router", "self")],
    "zte_zxr10": [("55", 100, "gei_1/3", "port")],
    "hp_procurve": [("55", None, "", "no-port")],  # the port was asked for and is not shown: 10 is the VLAN
    "allied_telesis_awplus": [("52", 1, "unknown", "no-port"), ("c7", 1, "port1.0.3", "port")],
    "arista_eos": [("55", 10, "Vx1", "no-port"), ("56", 10, "Et3", "port")],  # behind a tunnel
}


@pytest.mark.parametrize("platform", SAMPLES)
def test_tables_of_other_makers(platform: str) -> None:
    """Every machine with its VLAN and port; the switch's own addresses are its own."""
    rows = mac_table(platform, SAMPLES[platform]).rows
    assert EXPECTED[platform] == [(row.mac[-2:], row.vlan, row.port, str(row.verdict)) for row in rows]
