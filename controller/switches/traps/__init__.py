"""SNMP notifications of switches: links that change, MACs that are learned and forgotten (v2c and v3)."""

from .config import TrapConfig
from .receiver import Sender, TrapReceiver

__all__ = ["Sender", "TrapConfig", "TrapReceiver"]
