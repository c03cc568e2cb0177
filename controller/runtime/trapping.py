"""Notifications of switches, led to the inventory."""

from __future__ import annotations

from controller.core.clock import Clock
from controller.core.sites import SwitchFile
from controller.inventory import Inventory
from controller.switches.traps import Sender, TrapConfig, TrapReceiver


def trap_receiver(config: TrapConfig, file: SwitchFile, inventory: Inventory, clock: Clock) -> TrapReceiver:
    """A receiver for the switches that are read over SNMP: they may send what they are read with."""
    senders = (
        Sender(entry.name, tuple({entry.address, entry.agent_address}), entry.snmp)
        for entry in file.switches
        if entry.snmp is not None
    )
    return TrapReceiver(config, senders, inventory.port_changed, inventory.mac_seen, clock)
