"""Emulated switches: a real SSH server and a real SNMP agent over one port state."""

from .credentials import Credentials
from .dialects import DIALECTS
from .faults import FAULTS, Fault, Faults
from .site import agent_address, host_ip, host_mac, site_of_lab, switch_of
from .state import EmulatedNeighbour, EmulatedPort, SwitchState, Write
from .switch import EmulatedSwitch

__all__ = [
    "DIALECTS",
    "FAULTS",
    "Credentials",
    "EmulatedNeighbour",
    "EmulatedPort",
    "EmulatedSwitch",
    "Fault",
    "Faults",
    "SwitchState",
    "Write",
    "agent_address",
    "host_ip",
    "host_mac",
    "site_of_lab",
    "switch_of",
]
