"""Object identifiers, by the name their MIB gives them."""

from __future__ import annotations

from .walk import oid

SYS_DESCR = oid("1.3.6.1.2.1.1.1.0")
SYS_OBJECT_ID = oid("1.3.6.1.2.1.1.2.0")
SYS_UPTIME = oid("1.3.6.1.2.1.1.3.0")
SYS_NAME = oid("1.3.6.1.2.1.1.5.0")

# IF-MIB (RFC 2863)
IF_DESCR = oid("1.3.6.1.2.1.2.2.1.2")
IF_TYPE = oid("1.3.6.1.2.1.2.2.1.3")
IF_PHYSICAL = oid("1.3.6.1.2.1.2.2.1.6")
IF_ADMIN = oid("1.3.6.1.2.1.2.2.1.7")
IF_OPER = oid("1.3.6.1.2.1.2.2.1.8")
IF_NAME = oid("1.3.6.1.2.1.31.1.1.1.1")
IF_ALIAS = oid("1.3.6.1.2.1.31.1.1.1.18")
IF_STACK = oid("1.3.6.1.2.1.31.1.2.1.3")  # index: higher ifIndex, lower ifIndex

# ENTITY-MIB (RFC 6933): which physical entity an interface is; the members of a stack each have theirs
ENTITY_OF_IF = oid("1.3.6.1.2.1.47.1.3.2.1.2")
ENTITY_CLASS = oid("1.3.6.1.2.1.47.1.1.1.1.5")

# BRIDGE-MIB (RFC 4188)
BRIDGE_ADDRESS = oid("1.3.6.1.2.1.17.1.1.0")  # dot1dBaseBridgeAddress
TP_FDB_ADDRESS = oid("1.3.6.1.2.1.17.4.3.1.1")
BASE_PORT = oid("1.3.6.1.2.1.17.1.4.1.1")
BASE_PORT_IFINDEX = oid("1.3.6.1.2.1.17.1.4.1.2")
STP_ROOT_PORT = oid("1.3.6.1.2.1.17.2.7")  # dot1dStpRootPort, a scalar
TP_FDB_PORT = oid("1.3.6.1.2.1.17.4.3.1.2")
TP_FDB_STATUS = oid("1.3.6.1.2.1.17.4.3.1.3")

# Q-BRIDGE-MIB (RFC 4363)
Q_FDB_PORT = oid("1.3.6.1.2.1.17.7.1.2.2.1.2")
Q_FDB_STATUS = oid("1.3.6.1.2.1.17.7.1.2.2.1.3")
VLAN_FDB_ID = oid("1.3.6.1.2.1.17.7.1.4.2.1.3")
VLAN_EGRESS = oid("1.3.6.1.2.1.17.7.1.4.3.1.2")
VLAN_UNTAGGED = oid("1.3.6.1.2.1.17.7.1.4.3.1.4")
CURRENT_EGRESS = oid("1.3.6.1.2.1.17.7.1.4.2.1.4")  # dot1qVlanCurrentEgressPorts; index: time mark, VLAN
CURRENT_UNTAGGED = oid("1.3.6.1.2.1.17.7.1.4.2.1.5")
PVID = oid("1.3.6.1.2.1.17.7.1.4.5.1.1")
STATIC_ALLOWED = oid("1.3.6.1.2.1.17.7.1.3.1.1.3")  # index: FID, MAC, receive port (0 = any)
STATIC_STATUS = oid("1.3.6.1.2.1.17.7.1.3.1.1.4")

# IEEE8023-LAG-MIB
LAG_ATTACHED = oid("1.2.840.10006.300.43.1.2.1.1.13")
IF_TYPE_LAG = 161

# Private forwarding tables and VLAN maps
HUAWEI_FDB_PORT = oid("1.3.6.1.4.1.2011.5.25.42.2.1.3.1.4")  # HUAWEI-L2MAM-MIB hwDynFdbPort: an ifIndex
JUNIPER_EX_TAG = oid("1.3.6.1.4.1.2636.3.40.1.5.1.5.1.5")  # JUNIPER-VLAN-MIB jnxExVlanTag, by the FID itself
JUNIPER_L2_TAG = oid("1.3.6.1.4.1.2636.3.48.1.3.1.1.3")  # JUNIPER-L2ALD-MIB jnxL2aldVlanTag
JUNIPER_L2_FID = oid("1.3.6.1.4.1.2636.3.48.1.3.1.1.5")  # jnxL2aldVlanFdbId
TP_LINK = oid("1.3.6.1.4.1.11863")
TP_LINK_PORTS = 49_152  # its FDB counts ports from 1, its interfaces from here

# IP-MIB (RFC 4293)
LOCAL_ADDRESS_IF = oid("1.3.6.1.2.1.4.20.1.2")
ARP_MAC = oid("1.3.6.1.2.1.4.22.1.2")
ARP_TYPE = oid("1.3.6.1.2.1.4.22.1.4")
NEIGHBOUR_MAC = oid("1.3.6.1.2.1.4.35.1.4")
NEIGHBOUR_TYPE = oid("1.3.6.1.2.1.4.35.1.6")

# LLDP-MIB (IEEE 802.1AB)
LLDP_LOCAL_KIND = oid("1.0.8802.1.1.2.1.3.7.1.2")
LLDP_LOCAL_ID = oid("1.0.8802.1.1.2.1.3.7.1.3")
LLDP_LOCAL_DESCR = oid("1.0.8802.1.1.2.1.3.7.1.4")
LLDP_REMOTE_CHASSIS_KIND = oid("1.0.8802.1.1.2.1.4.1.1.4")
LLDP_REMOTE_CHASSIS = oid("1.0.8802.1.1.2.1.4.1.1.5")
LLDP_REMOTE_PORT_KIND = oid("1.0.8802.1.1.2.1.4.1.1.6")
LLDP_REMOTE_PORT = oid("1.0.8802.1.1.2.1.4.1.1.7")
LLDP_REMOTE_NAME = oid("1.0.8802.1.1.2.1.4.1.1.9")
LLDP_REMOTE_DESCR = oid("1.0.8802.1.1.2.1.4.1.1.10")
LLDP_REMOTE_CAPS_SUPPORTED = oid("1.0.8802.1.1.2.1.4.1.1.11")
LLDP_REMOTE_CAPS = oid("1.0.8802.1.1.2.1.4.1.1.12")
LLDP_REMOTE_ADDRESS_IF = oid("1.0.8802.1.1.2.1.4.2.1.3")  # index: ..., address subtype, length, octets

# LLDP-V2-MIB (IEEE 802.1AB-2016): rows by ifIndex and the group address they were sent to
LLDP2_REMOTE = oid("1.3.111.2.802.1.1.13.1.4.1.1")
LLDP2_REMOTE_ADDRESS_IF = oid("1.3.111.2.802.1.1.13.1.4.2.1.3")
LLDP2_COLUMNS = (*((*LLDP2_REMOTE, column) for column in (5, 6, 7, 8, 10, 11, 12, 13)), LLDP2_REMOTE_ADDRESS_IF)

# CISCO-CDP-MIB; index: ifIndex, device index
CDP_ADDRESS_KIND = oid("1.3.6.1.4.1.9.9.23.1.2.1.1.3")
CDP_ADDRESS = oid("1.3.6.1.4.1.9.9.23.1.2.1.1.4")
CDP_DEVICE = oid("1.3.6.1.4.1.9.9.23.1.2.1.1.6")
CDP_PORT = oid("1.3.6.1.4.1.9.9.23.1.2.1.1.7")
CDP_PLATFORM = oid("1.3.6.1.4.1.9.9.23.1.2.1.1.8")
CDP_CAPS = oid("1.3.6.1.4.1.9.9.23.1.2.1.1.9")

# Which VLANs a Cisco has, to ask for each one's view: CISCO-VTP-MIB vtpVlanState, index: domain, VLAN
VTP_VLAN_STATE = oid("1.3.6.1.4.1.9.9.46.1.3.1.1.2")
VM_VLAN = oid("1.3.6.1.4.1.9.9.68.1.2.2.1.2")  # CISCO-VLAN-MEMBERSHIP-MIB vmVlan, by ifIndex: an access port's VLAN

PORT_COLUMNS = (
    IF_DESCR,
    IF_TYPE,
    IF_ADMIN,
    IF_OPER,
    IF_NAME,
    IF_ALIAS,
    BASE_PORT_IFINDEX,
    PVID,
    IF_STACK,
    STP_ROOT_PORT,
    IF_PHYSICAL,
)
VLAN_COLUMNS = (VLAN_EGRESS, VLAN_UNTAGGED)
VLAN_MAPS = (VLAN_FDB_ID, JUNIPER_EX_TAG, JUNIPER_L2_TAG, JUNIPER_L2_FID)
FDB_TABLES = (Q_FDB_PORT, Q_FDB_STATUS, TP_FDB_PORT, TP_FDB_STATUS, HUAWEI_FDB_PORT)
FDB_COLUMNS = (BASE_PORT_IFINDEX, *FDB_TABLES, *VLAN_MAPS, SYS_OBJECT_ID[:-1], IF_STACK, VTP_VLAN_STATE)
LLDP_COLUMNS = (
    LLDP_LOCAL_KIND,
    LLDP_LOCAL_ID,
    LLDP_LOCAL_DESCR,
    LLDP_REMOTE_CHASSIS_KIND,
    LLDP_REMOTE_CHASSIS,
    LLDP_REMOTE_PORT_KIND,
    LLDP_REMOTE_PORT,
    LLDP_REMOTE_NAME,
    LLDP_REMOTE_DESCR,
    LLDP_REMOTE_CAPS_SUPPORTED,
    LLDP_REMOTE_CAPS,
    LLDP_REMOTE_ADDRESS_IF,
    IF_PHYSICAL,
)
# dot1xAuthAuthControlledPortStatus, IEEE8021-PAE-MIB (IEEE 802.1X-2004)
DOT1X_STATUS = (1, 0, 8802, 1, 1, 1, 1, 2, 1, 1, 5)
CDP_COLUMNS = (CDP_ADDRESS_KIND, CDP_ADDRESS, CDP_DEVICE, CDP_PORT, CDP_PLATFORM, CDP_CAPS)
