"""Emulated switches: a real SSH server and a real SNMP agent over one port state."""
